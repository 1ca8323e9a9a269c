import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { LogAddress } from "../log-address.ts";
import type { LogVerification, VerifyProgress } from "./verify-log.ts";

/** What a thread is to verify, and with what. */
export interface ThreadWish extends LogAddress {
  /** As of `verifyLog`. */
  readonly workDir: string;
  readonly threads: number;
}

export type ToldByThread = { readonly progress: VerifyProgress } | { readonly result: LogVerification };

/** Of its heap. The young part is small: it grows to what it may be, and what outlives it would be copied anyhow. */
const HEAP = { maxYoungGenerationSizeMb: 12, maxOldGenerationSizeMb: 512 };

/**
 * `verifyLog` in a thread of its own, which ends with the signal: the process goes on with what else it does, and the
 * memory that it takes is bounded.
 * @throws what the thread ended with, or what `signal` was aborted with
 */
export async function verifiedInThread(
  wish: ThreadWish,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress?: (progress: VerifyProgress) => void },
): Promise<LogVerification> {
  signal.throwIfAborted();
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: wish, resourceLimits: HEAP });
  const told = Promise.withResolvers<LogVerification>();
  worker.on("message", (message: ToldByThread) => {
    if ("result" in message) told.resolve(message.result);
    else onProgress?.(message.progress);
  });
  worker.on("error", told.reject);
  worker.on("exit", () => told.reject(new Error("the thread ended without a result")));
  const aborted = once(signal, "abort").then(() => {
    throw signal.reason;
  });
  try {
    return await Promise.race([told.promise, aborted]);
  } finally {
    aborted.catch(() => undefined);
    told.promise.catch(() => undefined);
    await worker.terminate();
  }
}
