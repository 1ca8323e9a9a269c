/** Runs seeds that it is sent, with a bug in the code or without: what came of each is sent back. */
import { parentPort, workerData } from "node:worker_threads";
import { plant } from "./bugs/plant.ts";
import type { Bug } from "./bugs/planted.ts";

const { bug } = workerData as { readonly bug: Bug | null };
if (bug !== null) plant(bug);
const { simulate } = await import("./run.ts"); // only now, with the bug in the product

parentPort?.on("message", (seed: number) => {
  void simulate(seed).then((ran) => parentPort?.postMessage(ran));
});
parentPort?.postMessage("ready");
