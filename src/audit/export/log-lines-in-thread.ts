import { Worker } from "node:worker_threads";
import type { LogAddress } from "../../eventstore/open.ts";
import { StoreUnavailable } from "../../eventstore/port.ts";
import type { LogLines, LogPart } from "./log-lines.ts";

export interface ThreadWish extends LogAddress {
  readonly part: LogPart;
  /** Pieces that it may send before it is asked for more. */
  readonly ahead: number;
}

/** null: that was all. */
export type ToldByThread = Uint8Array | null;

/** Pieces of about half a megabyte; the thread makes the next while one is on its way to who reads. */
const AHEAD = 4;
/** Of the thread's heap: what is read is soon done with. */
const HEAP = { maxYoungGenerationSizeMb: 48, maxOldGenerationSizeMb: 128 };

/**
 * Lines of the log, made in a thread of their own over a connection of their own: whoever else is served by this process
 * does not wait for them, and their memory is bounded and given back.
 */
export const logLinesInThread = (address: LogAddress): LogLines =>
  async function* (part) {
    const wish: ThreadWish = { ...address, part, ahead: AHEAD };
    const worker = new Worker(new URL("./export-thread.ts", import.meta.url), {
      workerData: wish,
      resourceLimits: HEAP,
    });
    const pieces: ToldByThread[] = [];
    let failure: StoreUnavailable | null = null;
    let wake = Promise.withResolvers<void>();
    worker.on("message", (piece: ToldByThread) => {
      pieces.push(piece);
      wake.resolve();
    });
    const failed = (message: string, cause?: unknown) => {
      failure ??= new StoreUnavailable(message, { cause });
      wake.resolve();
    };
    worker.on("error", (error) => failed("the log could not be read", error));
    worker.on("exit", () => failed("the thread that reads the log has ended"));
    try {
      for (;;) {
        while (pieces.length === 0) {
          if (failure !== null) throw failure;
          await wake.promise;
          wake = Promise.withResolvers();
        }
        const piece = pieces.shift() as ToldByThread;
        if (piece === null) return;
        worker.postMessage("more");
        yield piece;
      }
    } finally {
      await worker.terminate();
    }
  };
