import { describe, expect, it } from "vitest";
import { Moments } from "./moments.ts";
import { Sweep } from "./sweep.ts";

/** A stream of numbers, the state after each of which is that number; positions ten apart. */
function wrongOf(numbers: readonly number[], ...asked: readonly [from: bigint, to: bigint | null, wanted: number][]) {
  const sweep = new Sweep(0);
  for (const [index, [from, to, wanted]] of asked.entries()) {
    sweep.ask("s", { from, to, isSo: (state) => state === wanted, attempt: index + 1 });
  }
  sweep.begin();
  for (const [index, number] of numbers.entries()) sweep.move("s", BigInt(10 * (index + 1)), number);
  sweep.end();
  return sweep.unanswered.toSorted();
}

describe("a question about a span of the log", () => {
  it("is answered by the state that it begins with, by one within, and by the last", () => {
    expect(wrongOf([1, 2, 3], [10n, 25n, 1], [10n, 25n, 2], [15n, null, 3])).toEqual([]);
  });

  it("is not answered by what was before, or came after", () => {
    expect(wrongOf([1, 2, 3], [20n, null, 1], [0n, 19n, 2], [10n, 29n, 3], [20n, 25n, 3])).toEqual([1, 2, 3, 4]);
  });

  it("may begin before the first event, and after the last", () => {
    expect(wrongOf([1], [0n, 5n, 0], [99n, null, 1], [99n, null, 0])).toEqual([3]);
  });

  it("is asked of what is nowhere in the log, too", () => {
    const sweep = new Sweep(0);
    sweep.ask("nowhere", { from: 0n, to: null, isSo: (state) => state === 1, attempt: 4 });
    sweep.begin();
    sweep.end();
    expect(sweep.unanswered).toEqual([4]);
  });
});

describe("a moment of clients", () => {
  const moments = new Moments([
    { askedAtMs: 100, seenAtMs: 110, position: 5n },
    { askedAtMs: 200, seenAtMs: 260, position: 9n },
  ]);

  it("has surely behind it what was seen before, and surely not what was not there when it was looked for later", () => {
    expect(moments.spanOf(110, 200)).toEqual({ from: 5n, to: 9n });
    expect(moments.spanOf(109, 100)).toEqual({ from: 0n, to: 5n });
    expect(moments.spanOf(259, 201)).toEqual({ from: 5n, to: null });
    expect(moments.spanOf(260, 260)).toEqual({ from: 9n, to: null });
  });

  it("may be anywhere when nobody looked", () => {
    expect(new Moments([]).spanOf(1, 2)).toEqual({ from: 0n, to: null });
  });
});
