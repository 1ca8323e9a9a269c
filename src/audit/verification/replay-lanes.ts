import { Worker } from "node:worker_threads";
import { type PartToReplay, type ReplayedPart, replayPart } from "./replay-part.ts";

/** Replays files, one after the other. */
export interface ReplayLane {
  /** @throws what ended it */
  replay(wanted: PartToReplay): Promise<ReplayedPart>;
  /** What is under way is given up. */
  close(): Promise<void>;
}

/**
 * Of the heap of each thread that verifies. The young part is small: it grows to what it may be, and what outlives it would
 * be copied anyhow.
 */
export const VERIFYING_HEAP = { maxYoungGenerationSizeMb: 24, maxOldGenerationSizeMb: 512 };

/** This thread. */
export function ownLane(): ReplayLane {
  const closing = new AbortController();
  let before: Promise<unknown> = Promise.resolve();
  return {
    replay(wanted) {
      const replayed = before.then(() => replayPart(wanted, closing.signal));
      before = replayed.catch(() => undefined);
      return replayed;
    },
    async close() {
      closing.abort();
      await before;
    },
  };
}

/** A thread of its own. */
export function threadLane(): ReplayLane {
  const asked: { resolve(replayed: ReplayedPart): void; reject(reason: unknown): void }[] = [];
  const worker = new Worker(new URL("./replay-thread.ts", import.meta.url), { resourceLimits: VERIFYING_HEAP });
  const failed = (reason: unknown) => {
    for (const { reject } of asked.splice(0)) reject(reason);
  };
  worker.on("message", (replayed: ReplayedPart) => asked.shift()?.resolve(replayed));
  worker.on("error", failed);
  worker.on("exit", () => failed(new Error("a thread ended in the middle of its work")));
  return {
    replay(wanted) {
      const replayed = new Promise<ReplayedPart>((resolve, reject) => asked.push({ resolve, reject }));
      worker.postMessage(wanted);
      return replayed;
    },
    async close() {
      await worker.terminate();
    },
  };
}
