import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import { openEventStore } from "../../eventstore/open.ts";
import { logLines } from "./log-lines.ts";
import type { ThreadWish } from "./log-lines-in-thread.ts";

/** The other side of `logLinesInThread`: sends pieces, so many before it is asked for more. */
const { part, ahead, ...address } = workerData as ThreadWish;
if (parentPort === null) throw new Error("this runs in a thread");
const port = parentPort;

let may = ahead;
port.on("message", () => {
  may += 1;
});
const store = await openEventStore(address);
try {
  for await (const piece of logLines(store)(part)) {
    while (may === 0) await once(port, "message");
    may -= 1;
    port.postMessage(piece, [piece.buffer]);
  }
  port.postMessage(null);
} finally {
  await store.close();
  port.close();
}
