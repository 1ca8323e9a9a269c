import { expect, it } from "vitest";
import { growthOf, heapWatch } from "./heap.ts";

const samples = (heapAt: (requests: number) => number) =>
  Array.from({ length: 21 }, (_, i) => ({ requests: i * 100, heapBytes: heapAt(i * 100), rssBytes: 0 }));

it("is how fast the heap grows once caches are full, whatever one sample says", () => {
  expect(growthOf(samples((requests) => 5_000 + requests * 7))).toBeCloseTo(7);
  expect(growthOf(samples((requests) => Math.min(requests, 900) * 1_000))).toBe(0);
  expect(growthOf(samples((requests) => (requests === 1_900 ? 1e9 : 5_000 + requests * 7)))).toBeCloseTo(7);
  expect(growthOf(samples(() => 1).slice(0, 6))).toBeNull();
});

it("tells what is kept from what is only not collected yet", () => {
  const keptBytes = (keeps: boolean): number => {
    const watch = heapWatch();
    const kept: unknown[] = [];
    for (let requests = 0; requests <= 2_000; requests += 100) {
      for (let i = 0; i < 100; i += 1) {
        const one = Array.from({ length: 128 }, (_, n) => requests + n + 0.5);
        if (keeps) kept.push(one);
      }
      watch.sample(requests);
    }
    expect(kept).toHaveLength(keeps ? 2_100 : 0);
    return growthOf(watch.samples) as number;
  };
  expect(keptBytes(true)).toBeGreaterThan(900);
  expect(keptBytes(false)).toBeLessThan(100);
});
