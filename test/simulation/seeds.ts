import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Bug } from "./bugs/planted.ts";
import type { Ran } from "./run.ts";

export interface SeedsToRun {
  readonly from: number;
  readonly seeds: number;
  /** Is planted in the code first; null: none. */
  readonly bug: Bug | null;
  /** Threads at work. */
  readonly threads: number;
  /** So much of its processor's time a run may take, in ms, about; by default more than any does that comes to its end. */
  readonly longestRunMs?: number;
  /** Told of each that has passed. */
  readonly onPassed?: (ran: Ran) => void;
}

/** What must not be came of this seed. */
export interface Failed {
  readonly seed: number;
  readonly faults: readonly string[];
  /** It can be run again, and told: it comes to its end. */
  readonly hasEnded: boolean;
}

/** Runs take some 30 ms. */
const LONGEST_RUN_MS = 20_000;
const LOOK_MS = 500;

/**
 * Runs seeds on several threads until one fails.
 * @returns of those that fail, the first: the same however many threads there are; null when none does
 */
export async function firstFailure(run: SeedsToRun): Promise<Failed | null> {
  const { from, seeds, bug, threads, longestRunMs = LONGEST_RUN_MS, onPassed } = run;
  let next = from;
  const failed: Failed[] = [];
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL("seeds-worker.ts", import.meta.url), { workerData: { bug } });
    try {
      await once(worker, "message"); // it has read the code
      while (next < from + seeds && failed.length === 0) {
        const seed = next;
        next += 1;
        const ran = await runOn(worker, seed, longestRunMs);
        if (ran === null) failed.push(endless(seed, longestRunMs));
        else if (ran.faults.length > 0) failed.push({ seed, faults: ran.faults, hasEnded: true });
        else onPassed?.(ran);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(threads, seeds) }, work));
  return failed.sort((a, b) => a.seed - b.seed)[0] ?? null;
}

const endless = (seed: number, longestRunMs: number): Failed => ({
  seed,
  faults: [`has not come to its end after ${longestRunMs / 1_000} s`],
  hasEnded: false,
});

/**
 * A run that goes round in circles within one task never gives its thread back: only from outside can that be seen. It is the
 * thread's own time that counts: on a busy machine a thread may wait for longer than a run takes.
 * @returns null: it takes too long
 * @throws what the worker does
 */
async function runOn(worker: Worker, seed: number, longestRunMs: number): Promise<Ran | null> {
  const tooLong = new AbortController();
  let before: number | null = null;
  const look = async () => {
    const { user, system } = await worker.cpuUsage();
    const usedMs = (user + system) / 1_000;
    before ??= usedMs;
    if (usedMs - before >= longestRunMs) tooLong.abort();
  };
  const looking = setInterval(() => void look().catch(() => {}), LOOK_MS); // of one that has ended, its own error tells
  worker.postMessage(seed);
  try {
    const [ran] = (await once(worker, "message", { signal: tooLong.signal })) as [Ran];
    return ran;
  } catch (error) {
    if (tooLong.signal.aborted) return null;
    throw error;
  } finally {
    clearInterval(looking);
  }
}
