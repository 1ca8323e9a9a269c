import { Worker } from "node:worker_threads";
import type { LogAddress } from "../../eventstore/open.ts";
import { VERIFYING_HEAP } from "./replay-lanes.ts";
import type { LogVerification, VerifyProgress } from "./verify-log.ts";

/** What a thread is to verify, and with what. */
export interface ThreadWish extends LogAddress {
  /** As of `verifyLog`. */
  readonly workDir: string;
  readonly threads: number;
}

export type ToldByThread = { readonly progress: VerifyProgress } | { readonly result: LogVerification };

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
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData: wish,
    resourceLimits: VERIFYING_HEAP,
  });
  const told = Promise.withResolvers<LogVerification>();
  worker.on("message", (message: ToldByThread) => {
    if ("result" in message) told.resolve(message.result);
    else onProgress?.(message.progress);
  });
  worker.on("error", told.reject);
  worker.on("exit", () => told.reject(new Error("the thread ended without a result")));
  const abort = () => told.reject(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    return await told.promise;
  } finally {
    signal.removeEventListener("abort", abort);
    await worker.terminate();
  }
}
