import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Queue } from "../../../src/domain/waiting-room/queue.ts";

const queueOf = (...arrivals: readonly (readonly [second: number, people: number])[]): Queue => {
  const queue = new Queue();
  for (const [second, people] of arrivals) queue.set(second, people);
  return queue;
};

describe("how many stand before a rank", () => {
  it("is all of earlier seconds, and a share of its own", () => {
    const queue = queueOf([0, 100], [5, 10]);
    expect(queue.before(0)).toBe(0);
    expect(queue.before(0.25)).toBe(25);
    expect(queue.before(3.9)).toBe(100);
    expect(queue.before(5.5)).toBe(105);
    expect(queue.before(1_000)).toBe(110);
  });

  it("counts anew when more of a second is heard of, in any order", () => {
    const queue = queueOf([9, 4], [2, 3]);
    queue.set(2, 5);
    queue.set(4, 1);
    expect(queue.before(9)).toBe(6);
  });

  it("forgets those who were called, and keeps what lies between ranks", () => {
    const queue = queueOf([0, 100], [5, 10], [6, 1]);
    queue.forgetBefore(5);
    expect(queue.size).toBe(2);
    expect(queue.between(5.5, 7)).toBe(6);
  });

  it("knows when somebody came last", () => {
    expect(queueOf().lastSecond).toBe(-1);
    expect(queueOf([7, 1], [0, 100], [3, 5]).lastSecond).toBe(7);
  });
});

describe("calling so many", () => {
  it("takes a share of a second's lots", () => {
    expect(queueOf([0, 100]).after(0, 25, 1)).toBe(0.25);
    expect(queueOf([0, 100]).after(0.25, 25, 1)).toBe(0.5);
  });

  it("goes on over seconds in which nobody came", () => {
    expect(queueOf([0, 10], [7, 10]).after(0, 15, 8)).toBe(7.5);
  });

  it("goes no further than it may", () => {
    expect(queueOf([0, 10], [7, 10]).after(0, 15, 7)).toBe(7);
    expect(queueOf([0, 10]).after(0, 15, 3)).toBe(3);
    expect(queueOf().after(2, 1, 1)).toBe(2);
  });

  it("calls as many as were asked for, wherever they came, and never goes back", () => {
    const arrivals = fc.array(fc.tuple(fc.nat(50), fc.integer({ min: 0, max: 1_000 })), { maxLength: 30 });
    fc.assert(
      fc.property(
        arrivals,
        fc.array(fc.double({ min: 0, max: 500, noNaN: true }), { maxLength: 20 }),
        (came, calls) => {
          const queue = queueOf(...came);
          const upTo = 51;
          let serving = 0;
          for (const people of calls) {
            const waiting = queue.between(serving, upTo);
            const next = queue.after(serving, people, upTo);
            expect(next).toBeGreaterThanOrEqual(serving);
            expect(queue.between(serving, next)).toBeCloseTo(Math.min(people, waiting), 5);
            serving = next;
          }
        },
      ),
    );
  });
});
