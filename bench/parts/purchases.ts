import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { createHttpClient } from "../../test/system/http-client.ts";
import { startProduct } from "../../test/system/product.ts";
import { guests, type OnSale, openSale } from "../../test/system/shop.ts";
import { rounded, shown, spreadOf } from "../support/figures.ts";
import type { Bench, Check, Part, PartResult } from "../support/part.ts";
import { processorMicros } from "../support/process-figures.ts";
import { buyUnderLoad, type PurchaseLoadResult } from "../support/purchase-load.ts";
import { hasWrk } from "../support/wrk.ts";

const CONNECTIONS = 64;
const EVENTS = 200;
const CAPACITY = 1_000_000;
const WARM_UP_SECONDS = 3;
const FLOOR = 600;

interface Run extends PurchaseLoadResult {
  /** Processor time of the node for each purchase, with its reservation. */
  readonly processorMicros: number | null;
}

const KINDS = ["many events", "one hot ticket type"] as const;

/** From reservation to ticket: reserve, pay, have tickets, with all processes in one node and the provider beside it. */
export const purchases: Part = {
  name: "purchases",
  about: `reserve, pay by sandbox-ok, PAID with tickets: ${CONNECTIONS} buyers, all processes`,
  async run(bench) {
    if (!hasWrk) throw new Error("this part needs wrk (Debian: apt-get install wrk)");
    const runs: Record<(typeof KINDS)[number], Run[]> = { "many events": [], "one hot ticket type": [] };
    for (let round = 1; round <= bench.options.repeats; round += 1) {
      for (const kind of KINDS) {
        const run = await measure(bench, kind === "many events" ? EVENTS : 1);
        runs[kind].push(run);
        bench.say(`round ${round}: ${kind}: ${rounded(run.paidPerSecond)}/s, p99 ${rounded(run.p99Ms)} ms`);
      }
    }
    return resultOf(runs);
  },
};

async function measure(bench: Bench, events: number): Promise<Run> {
  const postgres = await bench.postgres();
  const databaseUrl = await postgres.freshDatabase();
  const dataDir = await mkdtemp(join(bench.workDir, "product-"));
  const { profileDir } = bench.options;
  const nodeOptions = profileDir === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileDir}`];
  const product = await startProduct({ databaseUrl, dataDir, nodeOptions });
  const client = createHttpClient(product.port, CONNECTIONS);
  try {
    const sales: OnSale[] = [];
    while (sales.length < events) sales.push(await openSale(client, CAPACITY));
    const tokens = await guests(client, CONNECTIONS);
    const load = { port: product.port, sales, tokens, connections: CONNECTIONS, workDir: bench.workDir };
    const warmUp = await buyUnderLoad({ ...load, seconds: WARM_UP_SECONDS });
    const before = await processorMicros(product.pid);
    const result = await buyUnderLoad({ ...load, seconds: bench.options.seconds });
    const after = await processorMicros(product.pid);
    const micros = before === null || after === null ? null : (after - before) / result.paid;
    return { ...result, failed: result.failed + warmUp.failed, processorMicros: micros };
  } finally {
    client.close();
    await product.stop();
    await postgres.drop(databaseUrl);
  }
}

function resultOf(runs: Readonly<Record<(typeof KINDS)[number], readonly Run[]>>): PartResult {
  const spread = (kind: (typeof KINDS)[number], value: (run: Run) => number) => spreadOf(runs[kind].map(value));
  const heading = ["", "paid/s", "p50 ms", "p99 ms", "failed", "CPU µs each"];
  const rows = KINDS.map((kind) => [
    kind,
    shown(spread(kind, (run) => run.paidPerSecond)),
    shown(spread(kind, (run) => run.p50Ms)),
    shown(spread(kind, (run) => run.p99Ms)),
    rounded(spread(kind, (run) => run.failed).max),
    shown(spread(kind, (run) => run.processorMicros ?? 0)),
  ]);
  const rate = (kind: (typeof KINDS)[number]) => spread(kind, (run) => run.paidPerSecond).median;
  const ratio = rate("one hot ticket type") / rate("many events");
  const checks: Check[] = [
    {
      what: "many events: purchases a second",
      figure: rounded(rate("many events")),
      floor: `at least ${FLOOR}`,
      met: rate("many events") >= FLOOR,
    },
    { what: "one hot ticket type, times many events", figure: rounded(ratio), floor: "at least 1", met: ratio >= 0.98 },
  ];
  return { table: [heading, ...rows], checks, measurements: runs };
}
