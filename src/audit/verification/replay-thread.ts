import { parentPort } from "node:worker_threads";
import { ownLane } from "./replay-lanes.ts";
import type { PartToReplay } from "./replay-part.ts";

/** The other side of `threadLane`: replays the files that it is told of, and tells what came of each. */
const lane = ownLane();
parentPort?.on("message", async (wanted: PartToReplay) => {
  parentPort?.postMessage(await lane.replay(wanted));
});
