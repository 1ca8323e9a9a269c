import { Worker } from "node:worker_threads";
import type { EventPage, PackedPage } from "../../eventstore/event-page.ts";
import { VERIFYING_HEAP } from "./replay-lanes.ts";
import { type Sorted, Sorting } from "./sorting.ts";

/** Sorts pages, one after the other. */
export interface Sorter {
  /**
   * Resolves when another page may come.
   * @param page is the sorter's from now on
   * @param hashes of its events
   * @throws what ended it
   */
  take(page: EventPage, hashes: readonly string[]): Promise<void>;
  /** All that was taken is in the files, whose sizes come back. */
  settle(): Promise<Sorted>;
  /** What is under way is given up. */
  close(): Promise<void>;
}

export interface SortingWish {
  readonly dir: string;
  /** Of the files so far, in bytes. */
  readonly sizes: readonly number[];
}

export type SortingMessage = { readonly page: PackedPage; readonly hashes: readonly string[] } | "settle";

/** This thread. */
export function ownSorter({ dir, sizes }: SortingWish): Sorter {
  const sorting = new Sorting(dir, sizes);
  return {
    take: async (page, hashes) => sorting.take(page, hashes),
    settle: async () => sorting.settle(),
    close: async () => sorting.close(),
  };
}

/** Pages of some megabytes that wait for the thread. */
const AHEAD = 2;

/** A thread of its own: whoever reads and hashes does not wait for what is written. */
export function threadSorter(workerData: SortingWish): Sorter {
  const asked: PromiseWithResolvers<Sorted | null>[] = [];
  let failure: unknown = null;
  const worker = new Worker(new URL("./sorting-thread.ts", import.meta.url), {
    workerData,
    resourceLimits: VERIFYING_HEAP,
  });
  const failed = (reason: unknown) => {
    failure ??= reason;
    for (const { reject } of asked.splice(0)) reject(failure);
  };
  worker.on("message", (told: Sorted | null) => asked.shift()?.resolve(told));
  worker.on("error", failed);
  worker.on("exit", () => failed(new Error("the thread that sorts ended in the middle of its work")));
  const ask = (message: SortingMessage, transfer: readonly ArrayBuffer[] = []): Promise<Sorted | null> => {
    const answer = Promise.withResolvers<Sorted | null>();
    answer.promise.catch(() => undefined); // it is asked for in its turn
    if (failure !== null) answer.reject(failure);
    else asked.push(answer);
    worker.postMessage(message, transfer);
    return answer.promise;
  };
  const ahead: Promise<unknown>[] = [];
  return {
    async take(page, hashes) {
      const packed = page.packed();
      ahead.push(ask({ page: packed, hashes }, [packed.bytes.buffer, packed.positions.buffer, packed.bounds.buffer]));
      if (ahead.length > AHEAD) await ahead.shift();
    },
    async settle() {
      ahead.length = 0; // they are answered before
      return (await ask("settle")) as Sorted;
    },
    async close() {
      await worker.terminate(); // its files are closed with it
    },
  };
}
