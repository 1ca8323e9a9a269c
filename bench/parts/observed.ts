import { setTimeout as pause } from "node:timers/promises";
import { createHttpClient } from "../../test/system/http-client.ts";
import { startProduct } from "../../test/system/product.ts";
import { guests, openSale } from "../../test/system/shop.ts";
import { rounded, shown, spreadOf } from "../support/figures.ts";
import { reserveUnderLoad } from "../support/load.ts";
import type { Bench, Part } from "../support/part.ts";
import { query } from "../support/postgres-server.ts";

const CONNECTIONS = 64;
const ACCOUNTS = 1_000;
const CAPACITY = 10_000_000;
const RATE_LIMIT_PER_MINUTE = 1_000_000_000;
const WARM_UP_SECONDS = 3;
const SCRAPE_MS = 1_000;
/** Longer than a standby waits before it looks again. */
const TAKEN_WITHIN_MS = 2_000;
const FLOOR = 0.95;

/** What is done beside selling. */
interface Beside {
  readonly name: string;
  readonly heads: boolean;
  readonly trail: boolean;
  readonly metrics: boolean;
}

const BESIDE: readonly Beside[] = [
  { name: "nothing", heads: false, trail: false, metrics: false },
  { name: "signed heads", heads: true, trail: false, metrics: false },
  { name: "metrics, asked for each second", heads: false, trail: false, metrics: true },
  { name: "heads and metrics", heads: true, trail: false, metrics: true },
  { name: "heads, metrics and the trail", heads: true, trail: true, metrics: true },
];

/**
 * One node under the same load, with more and less of what auditors and operators have of it. Nothing in the product is
 * switched: what is not to run finds its lease in somebody else's hands.
 */
export const observed: Part = {
  name: "observed",
  about: "one hot ticket type, with signed heads, metrics and the trail on and off in turns",
  async run(bench) {
    const databaseUrl = await (await bench.postgres()).freshDatabase();
    const product = await startProduct({
      ...{ databaseUrl, dataDir: bench.workDir, rateLimitPerMinute: RATE_LIMIT_PER_MINUTE },
      roles: "api,projector,processes",
    });
    const client = createHttpClient(product.port, CONNECTIONS);
    const runs = new Map<string, number[]>(BESIDE.map(({ name }) => [name, []]));
    try {
      const sale = await openSale(client, CAPACITY);
      const tokens = await guests(client, ACCOUNTS);
      const target = { port: product.port, ...sale, tokens };
      const load = { ...target, connections: CONNECTIONS, workDir: bench.workDir };
      await reserveUnderLoad({ ...load, seconds: WARM_UP_SECONDS });
      for (let round = 1; round <= bench.options.repeats; round += 1) {
        for (const beside of round % 2 === 1 ? BESIDE : BESIDE.toReversed()) {
          await settle(databaseUrl, beside);
          const scraping = beside.metrics ? scrape(product.port) : null;
          const { createdPerSecond } = await reserveUnderLoad({ ...load, seconds: bench.options.seconds });
          await scraping?.stop().catch((error: unknown) => {
            throw new Error(`${String(error)}\n${product.output()}`);
          });
          runs.get(beside.name)?.push(createdPerSecond);
          bench.say(`round ${round}: beside ${beside.name}: ${rounded(createdPerSecond)}/s`);
        }
      }
      return resultOf(runs, await headsSigned(bench, databaseUrl));
    } finally {
      client.close();
      await product.stop(30_000);
    }
  },
};

async function settle(databaseUrl: string, { heads, trail }: Beside): Promise<void> {
  for (const [lease, isOn] of [
    ["audit-heads", heads],
    ["patient-projector", trail],
  ] as const) {
    const [holder, until] = isOn
      ? ["nobody", "clock_timestamp()"]
      : ["the bench", "clock_timestamp() + interval '1 day'"];
    await query(
      databaseUrl,
      `update processes.leases set epoch = epoch + 1, holder = '${holder}', until = ${until} where name = '${lease}'`,
    );
  }
  await pause(TAKEN_WITHIN_MS);
}

function scrape(port: number): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const scraping = (async () => {
    while (!stopped.signal.aborted) {
      const reply = await fetch(`http://127.0.0.1:${port}/metrics`);
      const text = await reply.text();
      if (reply.status !== 200) throw new Error(`/metrics answers ${reply.status}: ${text}`);
      await pause(SCRAPE_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  })();
  scraping.catch(() => {}); // whoever stops it is told
  return {
    async stop() {
      stopped.abort();
      await scraping;
    },
  };
}

/** Else it was measured without them. */
async function headsSigned(bench: Bench, databaseUrl: string): Promise<number> {
  const [row] = await query<{ count: number }>(databaseUrl, "select count(*)::int as count from audit.heads");
  const count = row?.count ?? 0;
  if (count < bench.options.seconds * bench.options.repeats) throw new Error(`only ${count} heads were signed`);
  return count;
}

function resultOf(runs: ReadonlyMap<string, readonly number[]>, heads: number) {
  const median = (name: string) => spreadOf(runs.get(name) ?? []).median;
  const ratio = (name: string) => median(name) / median("nothing");
  return {
    table: [
      ["beside", "201s/s", "of without"],
      ...BESIDE.map(({ name }) => [name, shown(spreadOf(runs.get(name) ?? [])), rounded(ratio(name))]),
    ],
    checks: [
      {
        what: "with heads and metrics, of without",
        figure: rounded(ratio("heads and metrics")),
        floor: `${FLOOR} or more`,
        met: ratio("heads and metrics") >= FLOOR,
      },
    ],
    measurements: { heads, runs: Object.fromEntries(runs) },
  };
}
