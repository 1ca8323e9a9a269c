import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { openEventStoreDB } from "../../src/eventstore/eventstoredb/index.ts";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { createHttpClient, type HttpClient } from "../../test/system/http-client.ts";
import { type Product, startProduct } from "../../test/system/product.ts";
import { type Proof, proveSale } from "../../test/system/proof.ts";
import { expectStatus, guests, type OnSale, openSale, reserve } from "../../test/system/shop.ts";
import type { Contender, RunningContender } from "./contender.ts";
import type { SentKeys } from "./load.ts";
import type { BenchPostgres } from "./postgres-server.ts";
import { openLagMeter, reservationsProjected } from "./read-models.ts";

const ACCOUNTS = 1_000;
const CAPACITY = 10_000_000;
/** Registered, and never reached. */
const RATE_LIMIT_PER_MINUTE = 1_000_000_000;
/** Keys asked for again at first, and at most: those without an answer are among the last. */
const LAST_KEYS = 256;
const CONNECTIONS = 64;

export interface ProductContender {
  readonly name: string;
  readonly postgres: BenchPostgres;
  readonly workDir: string;
  /** Where the projector runs. */
  readonly projector: "in the same process" | "in a process beside" | "stopped";
  readonly eventStoreUrl?: string | null;
  readonly profileDir?: string | null;
}

/** Boxoffice itself, as `src/main.ts`. */
export const product = (options: ProductContender): Contender => ({
  name: options.name,
  start: () => startProductContender(options),
});

async function startProductContender(options: ProductContender): Promise<RunningContender> {
  const { postgres, workDir, projector, eventStoreUrl = null, profileDir = null } = options;
  const databaseUrl = await postgres.freshDatabase();
  const dataDir = await mkdtemp(join(workDir, "product-"));
  const settings = { databaseUrl, dataDir, eventStoreUrl, rateLimitPerMinute: RATE_LIMIT_PER_MINUTE };
  const nodeOptions = profileDir === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileDir}`];
  const roles = projector === "in the same process" ? "api,projector" : "api";
  const products: Product[] = [await startProduct({ ...settings, roles, nodeOptions })];
  if (projector === "in a process beside") products.push(await startProduct({ ...settings, roles: "projector" }));
  const [{ port, pid }] = products as [Product];

  const client = createHttpClient(port, CONNECTIONS);
  /** What went wrong is often said by the product itself. */
  const explained = async <Result>(work: Promise<Result>): Promise<Result> =>
    work.catch((error: unknown) => {
      const said = products.map((one) => one.output()).join("\n");
      throw new Error(`${options.name}: ${String(error)}\n${said}`, { cause: error });
    });
  const sale = await explained(openSale(client, CAPACITY));
  const tokens = await explained(guests(client, ACCOUNTS));
  const projected = projector !== "stopped";
  const lag = projected && eventStoreUrl === null ? await openLagMeter(databaseUrl) : null;
  return {
    target: { port, ...sale, tokens },
    pid,
    async lagMs() {
      if (!projected) return null;
      if (lag !== null) return lag.lagMs();
      const { body } = await client.call("GET", "/health/ready");
      return (body as { projectionLagMs: number | null }).projectionLagMs;
    },
    async settle(sent, created) {
      const asked = sent.reduce((sum, { count }) => sum + count, 0);
      if (created > asked) throw new Error(`${created} answers to ${asked} requests`);
      const asking = askUntilAllAreRecorded(client, { databaseUrl, eventStoreUrl }, sale, tokens, sent);
      const { reservationIds } = await explained(asking);
      if (reservationIds.length !== asked) throw new Error(`${reservationIds.length} recorded for ${asked} keys`);
      if (projected) await reservationsProjected(databaseUrl, sale.ticketTypeId, asked);
    },
    async stop() {
      client.close();
      await lag?.close();
      await Promise.all(products.map((one) => one.stop()));
      await postgres.drop(databaseUrl);
    },
  };
}

/** Where a contender's log is. */
interface Log {
  readonly databaseUrl: string;
  readonly eventStoreUrl: string | null;
}

/** Asks for the last keys again, for more of them while some are missing in the log; each is answered by 201. */
export async function askUntilAllAreRecorded(
  client: HttpClient,
  log: Log,
  sale: OnSale,
  tokens: readonly string[],
  sent: readonly SentKeys[],
): Promise<Proof> {
  const asked = sent.reduce((sum, { count }) => sum + count, 0);
  for (let last = LAST_KEYS; ; last *= 8) {
    for (const { run, count } of sent) {
      const numbers = Array.from({ length: Math.min(last, count) }, (_, index) => count - index);
      await Promise.all(
        numbers.map((number) =>
          expectStatus(201, reserve(client, sale, tokens[number % tokens.length] as string, `${run}-${number}`)),
        ),
      );
    }
    const proof = await proveLog(log, sale);
    if (proof.reservationIds.length >= asked || last >= asked) return proof;
  }
}

async function proveLog({ databaseUrl, eventStoreUrl }: Log, sale: OnSale): Promise<Proof> {
  const store =
    eventStoreUrl === null
      ? await openPostgresEventStore({ connectionString: databaseUrl })
      : await openEventStoreDB({ connectionString: eventStoreUrl });
  try {
    return await proveSale(store, sale);
  } finally {
    await store.close();
  }
}
