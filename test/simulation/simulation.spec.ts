import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { hunt } from "./bugs/hunt.ts";
import { edited } from "./bugs/plant.ts";
import { BUGS, bugNamed } from "./bugs/planted.ts";
import { simulate } from "./run.ts";
import { firstFailure } from "./seeds.ts";

const SEEDS = 120;
const THREADS = 2;
/** Caught within a few seeds; `npm run simulate -- --bugs` hunts all of them. */
const HUNTED = ["revision check skipped", "unknown outcome decided again", "refusal given before it is durable"];

describe("the write path on a simulated clock, network and store", () => {
  it("breaks none of its promises, whatever fails", { timeout: 60_000 }, async () => {
    const failed = await firstFailure({ from: 1, seeds: SEEDS, bug: null, threads: THREADS });
    expect(failed?.faults, `npm run simulate -- --seed ${failed?.seed}`).toBeUndefined();
  });

  it("goes the same way each time", async () => {
    for (const seed of [5, 6, 7]) {
      const [first, second] = [await simulate(seed), await simulate(seed)];
      expect(second).toEqual(first);
      expect((await simulate(seed + 1)).hash).not.toBe(first.hash);
    }
  });

  it("catches bugs that are planted in the code", { timeout: 60_000 }, async () => {
    for (const name of HUNTED) {
      expect((await hunt(bugNamed(name), 100, THREADS)).seeds, name).not.toBeNull();
    }
  });

  it("has bugs for the code as it is", async () => {
    for (const { edits } of BUGS) {
      const texts = new Map<string, string>();
      for (const edit of edits) {
        const text = texts.get(edit.file) ?? (await readFile(new URL(`../../${edit.file}`, import.meta.url), "utf8"));
        texts.set(edit.file, edited(text, edit));
      }
    }
  });
});
