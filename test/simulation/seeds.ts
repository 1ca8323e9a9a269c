import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Ran } from "./run.ts";

export interface SeedsToRun {
  readonly from: number;
  readonly seeds: number;
  /** Of a bug that is planted in the code first; null: none. */
  readonly bug: string | null;
  /** Threads at work. */
  readonly threads: number;
  /** Told of each that has passed. */
  readonly onPassed?: (ran: Ran) => void;
}

/**
 * Runs seeds on several threads until one fails.
 * @returns of those that fail, the first: the same however many threads there are; null when none does
 */
export async function firstFailure({ from, seeds, bug, threads, onPassed }: SeedsToRun): Promise<Ran | null> {
  let next = from;
  const failed: Ran[] = [];
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL("seeds-worker.ts", import.meta.url), { workerData: { bug } });
    try {
      while (next < from + seeds && failed.length === 0) {
        next += 1;
        const ran = await runOn(worker, next - 1);
        if (ran.faults.length === 0) onPassed?.(ran);
        else failed.push(ran);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(threads, seeds) }, work));
  return failed.sort((a, b) => a.seed - b.seed)[0] ?? null;
}

/** @throws what the worker does */
async function runOn(worker: Worker, seed: number): Promise<Ran> {
  const told = once(worker, "message");
  worker.postMessage(seed);
  const [ran] = (await told) as [Ran];
  return ran;
}
