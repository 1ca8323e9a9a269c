import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What was in memory after so many requests, once everything that nobody needs any more was collected. */
export interface HeapSample {
  readonly requests: number;
  /** Objects, and buffers beside the heap. */
  readonly heapBytes: number;
  readonly rssBytes: number;
}

export interface HeapWatch {
  /** Collects garbage, which takes some 100 ms. */
  sample(requests: number): void;
  readonly samples: readonly HeapSample[];
}

export function heapWatch(): HeapWatch {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const samples: HeapSample[] = [];
  return {
    samples,
    sample(requests) {
      collect();
      const { heapUsed, external, rss } = process.memoryUsage();
      samples.push({ requests, heapBytes: heapUsed + external, rssBytes: rss });
    },
  };
}

/** Caches fill in the first part of a run. */
const FIRST_PART = 0.5;

/**
 * How much the heap grows in the later part of a run, in bytes a request: the median of the slopes between any two
 * samples (Theil and Sen), which one that is far off does not move.
 * @returns null: too few samples
 */
export function growthOf(samples: readonly HeapSample[]): number | null {
  const last = samples.at(-1)?.requests ?? 0;
  const later = samples.filter(({ requests }) => requests >= last * FIRST_PART);
  const slopes = later.flatMap((to, i) =>
    later
      .slice(0, i)
      .filter((from) => from.requests < to.requests)
      .map((from) => (to.heapBytes - from.heapBytes) / (to.requests - from.requests)),
  );
  if (later.length < 5) return null;
  return slopes.sort((a, b) => a - b)[slopes.length >> 1] ?? null;
}
