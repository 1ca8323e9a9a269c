import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { LOTS } from "../../src/domain/waiting-room/rank.ts";
import { commitmentTo, lotKeyOf, lotOf, seedOf } from "../../src/waiting-room/draw.ts";

const secret = Buffer.alloc(32, 7);
const eventId = "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f16";
const account = (n: number) => `019f0000-0000-7000-8000-${String(n).padStart(12, "0")}`;

/** How far counts are from even, as chi-square has it. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, one) => sum + one, 0) / counts.length;
  return counts.reduce((sum, one) => sum + (one - expected) ** 2 / expected, 0);
}

describe("the commitment", () => {
  it("is what anybody can compute from the seed", () => {
    const seed = seedOf(secret, eventId, 1, "draw");
    const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
    expect(seed).toMatch(/^[0-9a-f]{64}$/);
    expect(commitmentTo(seed)).toBe(sha256(seed));
    expect(commitmentTo(seed, { source: "drand 1" })).toBe(sha256(`${seed} drand 1`));
  });

  it("is of another seed for each round, event, and kind", () => {
    const other = account(1);
    const seeds = [
      seedOf(secret, eventId, 1, "draw"),
      seedOf(secret, eventId, 2, "draw"),
      seedOf(secret, eventId, 1, "later"),
      seedOf(secret, other, 1, "draw"),
    ];
    expect(new Set(seeds).size).toBe(4);
  });
});

describe("fairness", () => {
  const PEOPLE = 8;
  const RUNS = 2_000;
  /** 99.9 % of fair draws stay below, with 7 degrees of freedom. */
  const MOST = 24.32;

  it("each of eight people is first, second, ... last equally often over many draws", () => {
    const people = Array.from({ length: PEOPLE }, (_, n) => account(n));
    const places = people.map(() => new Array<number>(PEOPLE).fill(0));
    for (let run = 0; run < RUNS; run += 1) {
      const seed = seedOf(secret, eventId, run, "draw");
      const order = people.map((id, n) => ({ n, lot: lotOf(seed, id) })).toSorted((a, b) => a.lot - b.lot);
      for (const [place, { n }] of order.entries()) (places[n] as number[])[place] = (places[n]?.[place] ?? 0) + 1;
    }
    for (const counts of places) expect(chiSquare(counts)).toBeLessThan(MOST);
    for (let place = 0; place < PEOPLE; place += 1) {
      expect(chiSquare(places.map((counts) => counts[place] as number))).toBeLessThan(MOST);
    }
  });

  it("lots of a crowd are spread evenly, in the draw, with a beacon and in later seconds", () => {
    const seed = seedOf(secret, eventId, 1, "draw");
    const draws: readonly ((id: string) => number)[] = [
      (id) => lotOf(seed, id),
      (id) => lotOf(seed, id, "beacon value"),
      (id) => lotOf(lotKeyOf(seed, 17), id),
    ];
    for (const draw of draws) {
      const counts = new Array<number>(8).fill(0);
      for (let n = 0; n < 40_000; n += 1) {
        const part = Math.floor((draw(account(n)) / LOTS) * 8);
        counts[part] = (counts[part] as number) + 1;
      }
      expect(chiSquare(counts)).toBeLessThan(MOST);
    }
  });

  it("a beacon's value makes another draw", () => {
    const seed = seedOf(secret, eventId, 1, "draw");
    expect(lotOf(seed, account(1), "a")).not.toBe(lotOf(seed, account(1), "b"));
    expect(lotOf(seed, account(1), "a")).not.toBe(lotOf(seed, account(1)));
  });
});
