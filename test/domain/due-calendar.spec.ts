import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DueCalendar } from "../../src/domain/due-calendar.ts";

/** A calendar over a plain Map of ids and when each is due, which counts how often it is asked. */
function calendarOver(live: Map<string, number>) {
  const asked = { times: 0 };
  const calendar = new DueCalendar(
    (id) => {
      asked.times += 1;
      return live.get(id);
    },
    () => live.size,
  );
  const put = (id: string, dueAtMs: number) => {
    live.set(id, dueAtMs);
    calendar.add(id, dueAtMs);
  };
  return { calendar, put, asked };
}

describe("a calendar of what is due", () => {
  it("gives what is due, the oldest first, and by id what is due at the same time", () => {
    const { calendar, put } = calendarOver(new Map());
    put("b", 5_900);
    put("e", 5_100);
    put("a", 5_100);
    put("c", 3_000);
    put("d", 7_000);
    calendar.commit();
    expect([...calendar.due(6_000)]).toEqual(["c", "a", "e", "b"]);
  });

  it("tells by the millisecond", () => {
    const { calendar, put } = calendarOver(new Map());
    put("a", 5_500);
    calendar.commit();
    expect([...calendar.due(5_499)]).toEqual([]);
    expect([...calendar.due(5_500)]).toEqual(["a"]);
  });

  it("forgets what has ended", () => {
    const live = new Map<string, number>();
    const { calendar, put } = calendarOver(live);
    put("a", 1_000);
    put("b", 1_000);
    calendar.commit();
    live.delete("a");
    expect([...calendar.due(1_000)]).toEqual(["b"]);
    calendar.commit();
    expect([...calendar.due(1_000)]).toEqual(["b"]);
  });

  it("finds what has moved where it is now, and only there", () => {
    const { calendar, put } = calendarOver(new Map());
    put("a", 1_000);
    calendar.commit();
    put("a", 5_000);
    calendar.commit();
    expect([...calendar.due(4_999)]).toEqual([]);
    expect([...calendar.due(5_000)]).toEqual(["a"]);
  });

  it("gives what moved away and came back once", () => {
    const { calendar, put } = calendarOver(new Map());
    for (const dueAtMs of [1_000, 5_000, 1_500]) put("a", dueAtMs);
    calendar.commit();
    expect([...calendar.due(9_000)]).toEqual(["a"]);
  });

  it("looks at what was added only when it is committed, and never at what was rolled back", () => {
    const live = new Map<string, number>();
    const { calendar, put } = calendarOver(live);
    put("a", 1_000);
    expect([...calendar.due(2_000)]).toEqual([]);
    calendar.rollback();
    calendar.commit();
    expect([...calendar.due(2_000)]).toEqual([]);
  });

  it("counts what was there already without a commit", () => {
    const { calendar } = calendarOver(new Map([["a", 1_000]]));
    calendar.restore("a", 1_000);
    expect([...calendar.due(1_000)]).toEqual(["a"]);
  });

  it("asks nothing of what is not due", () => {
    const { calendar, put, asked } = calendarOver(new Map());
    for (let i = 0; i < 1_000; i += 1) put(`a${i}`, 60_000 + i);
    calendar.commit();
    asked.times = 0;
    expect([...calendar.due(59_999)]).toEqual([]);
    expect(asked.times).toBe(0);
  });

  it("asks of what is due and of nothing beside it", () => {
    const { calendar, put, asked } = calendarOver(new Map());
    put("due", 1_000);
    for (let i = 0; i < 1_000; i += 1) put(`a${i}`, 60_000 + i);
    calendar.commit();
    asked.times = 0;
    expect([...calendar.due(59_999)]).toEqual(["due"]);
    expect(asked.times).toBe(1);
  });

  it("asks no more of what has ended or moved once its time has come and a commit went over it", () => {
    const live = new Map<string, number>();
    const { calendar, put, asked } = calendarOver(live);
    for (const [id, dueAtMs] of [
      ["ended", 1_000],
      ["moved", 1_001],
      ["ended too", 2_000],
    ] as const)
      put(id, dueAtMs);
    calendar.commit();
    live.delete("ended");
    live.delete("ended too");
    put("moved", 9_000);
    calendar.commit();
    asked.times = 0;
    expect([...calendar.due(8_999)]).toEqual([]);
    expect(asked.times).toBe(0);
  });

  it.each([1_000, 2_000])("looks at the first only when it commits, of %i that wait", (waiting) => {
    const { calendar, put, asked } = calendarOver(new Map());
    for (let i = 0; i < waiting; i += 1) put(`a${i}`, 60_000);
    calendar.commit();
    asked.times = 0;
    calendar.commit();
    expect(asked.times).toBe(1);
  });

  it("looks at each of a wave that has ended once, and not at those who wait behind it", () => {
    const live = new Map<string, number>();
    const { calendar, put, asked } = calendarOver(live);
    for (let i = 0; i < 2_000; i += 1) put(`wave${i}`, 1_000);
    for (let i = 0; i < 1_000; i += 1) put(`a${i}`, 60_000);
    calendar.commit();
    for (let i = 0; i < 2_000; i += 1) live.delete(`wave${i}`);
    asked.times = 0;
    calendar.commit();
    expect(asked.times).toBe(2_000 + 1);
  });

  it("stays within twice what is live, however much has come and gone", () => {
    const live = new Map<string, number>();
    const { calendar, put, asked } = calendarOver(live);
    put("first", 1_000); // its bucket comes first and never empties, so that nothing is dropped at the front
    for (let round = 0; round < 200; round += 1) {
      for (let i = 0; i < 100; i += 1) put(`${round}.${i}`, 100_000 + round * 1_000);
      calendar.commit();
      for (let i = 0; i < 100; i += 1) live.delete(`${round}.${i}`);
    }
    calendar.commit();
    expect(entriesOf(calendar, asked)).toBeLessThanOrEqual(2 * live.size + 1_024);
    expect([...calendar.due(Number.MAX_SAFE_INTEGER)]).toEqual(["first"]);
  });

  it("stays so where the first second was gone over by steps", () => {
    const live = new Map<string, number>();
    const { calendar, put, asked } = calendarOver(live);
    for (let i = 0; i < 2_000; i += 1) put(`wave${i}`, 1_000);
    put("first", 1_000);
    calendar.commit();
    for (let i = 0; i < 2_000; i += 1) {
      live.delete(`wave${i}`);
      if (i % 1_000 === 999) calendar.commit();
    }
    for (let i = 0; i < 2_500; i += 1) put(`gone${i}`, 100_000);
    for (let i = 0; i < 2_500; i += 1) live.delete(`gone${i}`);
    calendar.commit();
    expect(entriesOf(calendar, asked)).toBeLessThanOrEqual(2 * live.size + 1_024);
  });

  it("stays so however often something has moved", () => {
    const { calendar, put, asked } = calendarOver(new Map());
    put("first", 1_000);
    for (let second = 2; second < 3_000; second += 1) put("extended", second * 1_000);
    calendar.commit();
    expect(entriesOf(calendar, asked)).toBeLessThanOrEqual(2 * 2 + 1_024);
    expect([...calendar.due(Number.MAX_SAFE_INTEGER)]).toEqual(["first", "extended"]);
  });
});

/** A look at everything asks once about each entry. */
function entriesOf(calendar: DueCalendar, asked: { times: number }): number {
  asked.times = 0;
  for (const _ of calendar.due(Number.MAX_SAFE_INTEGER));
  return asked.times;
}

const id = fc.nat(7).map((n) => `r${n}`);
const dueAtMs = fc.oneof(fc.integer({ min: 0, max: 6_000 }), fc.constantFrom(0, 999, 1_000, 1_001, 2_000));
const change = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("put" as const), id, dueAtMs, times: fc.constant(1) }) },
  // often enough to make it clean up
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("put" as const), id, dueAtMs, times: fc.integer({ min: 500, max: 2_000 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("end" as const), id }) },
);
const batch = fc.record({ changes: fc.array(change, { maxLength: 8 }), commit: fc.boolean(), atMs: dueAtMs });

it("gives exactly what is due, whatever was added, moved, ended, committed and rolled back", () => {
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 12 }), (batches) => {
      const live = new Map<string, number>();
      const { calendar, put, asked } = calendarOver(live);
      for (const { changes, commit, atMs } of batches) {
        const before = new Map(live);
        for (const one of changes) {
          if (one.do === "end") live.delete(one.id);
          else for (let i = 0; i < one.times; i += 1) put(one.id, one.dueAtMs + (i % 2) * 3_000);
        }
        if (commit) calendar.commit();
        else {
          calendar.rollback();
          live.clear();
          for (const [key, value] of before) live.set(key, value);
        }
        const given = [...calendar.due(atMs)];
        expect(given.toSorted()).toEqual([...live.keys()].filter((key) => (live.get(key) as number) <= atMs).sort());
        const seconds = given.map((key) => Math.floor((live.get(key) as number) / 1_000));
        expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
        expect(entriesOf(calendar, asked)).toBeLessThanOrEqual(2 * live.size + 1_024);
      }
    }),
    { numRuns: 200 },
  );
});
