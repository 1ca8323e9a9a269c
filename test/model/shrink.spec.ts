import { expect, it } from "vitest";
import { shrink } from "./shrink.ts";

const numbers = Array.from({ length: 60 }, (_, n) => n);

it("leaves what a failure needs, in its order, and nothing else", async () => {
  const needed = [3, 31, 32, 58];
  const fails = async (some: readonly number[]) => needed.every((one) => some.includes(one));
  expect(await shrink(numbers, fails)).toEqual(needed);
  expect(await shrink(numbers, async () => true)).toEqual([]);
  expect(await shrink(numbers, async (some) => some.length === 60)).toEqual(numbers);
});

it("gives up after so many tries", async () => {
  let tries = 0;
  const endless = Array.from({ length: 5_000 }, (_, n) => n);
  await shrink(endless, async (some) => {
    tries += 1;
    return some.length > 4_000;
  });
  expect(tries).toBeLessThanOrEqual(800);
});
