import { parentPort, workerData } from "node:worker_threads";
import { EventPage } from "../../eventstore/event-page.ts";
import type { SortingMessage, SortingWish } from "./sorters.ts";
import { Sorting } from "./sorting.ts";

/** The other side of `threadSorter`: null says that a page was taken. */
const { dir, sizes } = workerData as SortingWish;
const sorting = new Sorting(dir, sizes);
parentPort?.on("message", (message: SortingMessage) => {
  if (message === "settle") parentPort?.postMessage(sorting.settle());
  else {
    sorting.take(EventPage.unpacked(message.page), message.hashes);
    parentPort?.postMessage(null);
  }
});
