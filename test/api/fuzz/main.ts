/**
 * Sends requests that are made by chance from the OpenAPI document to a node of its own: right ones and wrong ones in
 * every way. Each reply has to be in the document, none may be our fault (5xx), and each operation has to succeed.
 *
 *   npm run fuzz                                      20,000 requests
 *   npm run fuzz -- --requests 2000 --seed 17         so many, and the same again
 *
 * What fails is told as a line for a shell (curl), as short as it could be made. Postgres is the one that
 * TEST_POSTGRES_URL names, else an embedded one.
 */
import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import { databaseOn } from "../../support/postgres.ts";
import { temporaryPostgres } from "../../support/temporary-postgres.ts";
import { startNode } from "../events-node.ts";
import { type Fuzzed, fuzz } from "./fuzzing.ts";
import { growthOf, type HeapWatch, heapWatch } from "./heap.ts";
import { isFault } from "./judging.ts";
import { heapTold, toldOf } from "./telling.ts";

/** Lines of the log that are kept, so that the log is not what fills the heap. */
const MOST_LOGGED = 2_000;
/** In fewer requests caches have not filled, and say nothing of growth. */
const HEAP_REQUESTS = 50_000;
/**
 * The world grows with the run, and caches keep something of it up to their bounds: measured over 20,000 requests 690 bytes
 * a request, and 370 with every cache of the command side and of accounts at a hundredth of its size. A request that were
 * kept is some kilobytes.
 */
const MOST_GROWTH_BYTES = 1_000;

const { values } = parseArgs({ options: { requests: { type: "string" }, seed: { type: "string" } } });
const requests = wholeNumber("requests", values.requests, 20_000);
const seed = wholeNumber("seed", values.seed, Math.floor(Math.random() * 2 ** 31));

const { url, stop } = await temporaryPostgres();
try {
  const { fuzzed, errors, seconds, heap } = await run(url);
  console.log(`\n${toldOf(fuzzed)}\n`);
  for (const [what, of] of Map.groupBy(errors, kindOf)) {
    console.log(`logged ${of.length} times: ${what}\n${JSON.stringify(of[0]).slice(0, 2_000)}\n`);
  }
  const { findings, neverSucceeded, endedCallers, faults: others } = fuzzed;
  const growth = growthOf(heap.samples);
  const grows = requests >= HEAP_REQUESTS && growth !== null && growth > MOST_GROWTH_BYTES;
  console.log(`${heapTold(heap.samples, growth)}\n`);
  if (grows) console.log(`  the heap grows by more than ${MOST_GROWTH_BYTES} bytes a request`);
  const faults =
    Number(grows) + findings.length + neverSucceeded.length + endedCallers.size + others.length + errors.length;
  console.log(`  ${fuzzed.tally.total.toLocaleString("en")} requests in ${seconds.toFixed(0)} s, ${faults} faults`);
  process.exitCode = faults === 0 ? 0 : 1;
} finally {
  await stop();
}

async function run(
  server: string,
): Promise<{ fuzzed: Fuzzed; errors: readonly Record<string, unknown>[]; seconds: number; heap: HeapWatch }> {
  const roles = new Set(["api", "projector", "processes"] as const);
  const node = await startNode({ roles }, "info", () => databaseOn(server), MOST_LOGGED);
  const bar = new SingleBar({ format: "  {bar} {value} of {total} requests, {eta_formatted} left", hideCursor: true });
  console.log(`  seed ${seed}`);
  bar.start(requests, 0);
  const startMs = performance.now();
  const heap = heapWatch();
  const onProgress = (sent: number) => bar.update(Math.min(sent, requests));
  const fuzzed = await fuzz(node, { requests, seed, onProgress, heap }).finally(() => bar.stop());
  const seconds = (performance.now() - startMs) / 1_000;
  // What went over sockets is told at the end.
  const last = await node.close().then(
    () => [],
    (error: Error) => [{ message: error.message }],
  );
  const errors = [...node.errors, ...last].filter(isFault);
  return { fuzzed, errors, seconds, heap };
}

/** Errors that differ in numbers only are of one kind. */
function kindOf(error: Record<string, unknown>): string {
  const { type = "", message = error.msg } = (error.err ?? {}) as { type?: string; message?: unknown };
  return `${type} ${String(message).replaceAll(/[0-9a-f]{4,}[0-9a-f-]*|\d+/g, "#")}`.slice(0, 200);
}

function wholeNumber(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  console.error(`--${name} takes a whole number from 0 on`);
  process.exit(1);
}
