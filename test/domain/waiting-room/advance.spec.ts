import { describe, expect, it } from "vitest";
import { advance, type ClassBefore } from "../../../src/domain/waiting-room/advance.ts";
import { Queue } from "../../../src/domain/waiting-room/queue.ts";

const classOf = (share: number, ...arrivals: readonly (readonly [number, number])[]): ClassBefore => {
  const queue = new Queue();
  for (const [second, people] of arrivals) queue.set(second, people);
  return { share, queue, last: { atMs: 0, serving: 0, called: 0 } };
};
const MINUTE = 60_000;
const plenty = { room: 1e9, upTo: 1_000 };

/** A minute of calls, four a second. */
function minuteOf(classes: readonly ClassBefore[], admitPerMinute: number, room = 1e9) {
  let now = classes;
  let pace = { credit: 0, atMs: 0 };
  let called = 0;
  for (let nowMs = 250; nowMs <= MINUTE; nowMs += 250) {
    const step = advance(now, pace, { nowMs, admitPerMinute, room: room - called, upTo: 1_000 });
    pace = step.pace;
    called += step.called;
    now = now.map((one, index) => ({ ...one, last: step.calls[index] as ClassBefore["last"] }));
  }
  return { called, serving: now.map(({ last }) => last.serving), byClass: now.map(({ last }) => last.called) };
}

describe("calling whoever is next", () => {
  it.each([1, 60, 997, 100_000])("calls %i in a minute, within 5 percent", (admitPerMinute) => {
    const { called } = minuteOf([classOf(1, [0, 1_000_000])], admitPerMinute);
    expect(Math.abs(called / admitPerMinute - 1)).toBeLessThan(0.05);
  });

  it("the draw first, by lot, and then those who came later, by the second", () => {
    const { serving } = minuteOf([classOf(1, [0, 100], [3, 50], [9, 1_000])], 200);
    expect(serving[0]).toBeCloseTo(9.05, 6);
  });

  it("calls nobody for whom no ticket is left", () => {
    expect(minuteOf([classOf(1, [0, 1_000])], 600, 40).called).toBeCloseTo(40);
    const step = advance(
      [classOf(1, [0, 10])],
      { credit: 5, atMs: 0 },
      { ...plenty, nowMs: 0, admitPerMinute: 60, room: -3 },
    );
    expect(step.called).toBe(0);
    expect(step.calls[0]?.serving).toBe(0);
  });

  it("gives priority classes their share, and the rest to whoever waits", () => {
    const both = minuteOf([classOf(0.7, [0, 1_000]), classOf(0.3, [0, 1_000])], 100).byClass;
    expect(both[0]).toBeCloseTo(70);
    expect(both[1]).toBeCloseTo(30);
    const few = minuteOf([classOf(0.7, [0, 1_000]), classOf(0.3, [0, 5])], 100).byClass;
    expect(few[0]).toBeCloseTo(95);
    expect(few[1]).toBeCloseTo(5);
  });

  it("nobody is called whose second does not stand yet", () => {
    const step = advance(
      [classOf(1, [0, 10], [5, 10])],
      { credit: 100, atMs: 0 },
      {
        nowMs: 0,
        admitPerMinute: 6_000,
        room: 1e9,
        upTo: 5,
      },
    );
    expect(step.called).toBe(10);
    expect(step.calls[0]?.serving).toBe(5);
  });

  it("calls nobody before the pace lets it, though nobody came for a while before whoever is next", () => {
    const step = advance([classOf(1, [5, 10])], { credit: 0, atMs: 0 }, { ...plenty, nowMs: 0, admitPerMinute: 60 });
    expect(step).toMatchObject({ calls: [{ serving: 0 }], called: 0, goesOn: false });
  });

  it("tells whether any class is called further", () => {
    const called = { ...classOf(1), last: { atMs: 0, serving: plenty.upTo, called: 9 } };
    const at = { ...plenty, nowMs: 0, admitPerMinute: 60 };
    expect(advance([called, classOf(1, [0, 10])], { credit: 1, atMs: 0 }, at).goesOn).toBe(true);
    expect(advance([called, called], { credit: 1, atMs: 0 }, at).goesOn).toBe(false);
  });

  it("where nobody is counted as waiting, whoever is there comes in: unless there is no ticket", () => {
    const free = { ...plenty, nowMs: 0, admitPerMinute: 60 };
    expect(advance([classOf(1, [7, 0])], { credit: 0, atMs: 0 }, free).calls[0]?.serving).toBe(1_000);
    const none = { ...free, room: 0 };
    expect(advance([classOf(1, [7, 0])], { credit: 0, atMs: 0 }, none).calls[0]?.serving).toBe(0);
  });
});
