import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { type Haproxy, startHaproxy } from "../../test/system/haproxy.ts";
import { createHttpClient } from "../../test/system/http-client.ts";
import { type Product, startProduct } from "../../test/system/product.ts";
import { guests, type OnSale, openSale } from "../../test/system/shop.ts";
import type { SentKeys } from "./load.ts";
import type { BenchPostgres } from "./postgres-server.ts";
import { askUntilAllAreRecorded } from "./product-contender.ts";
import { reservationsProjected } from "./read-models.ts";

const ACCOUNTS = 1_000;
const CAPACITY = 10_000_000;
const CONNECTIONS = 64;
const RATE_LIMIT_PER_MINUTE = 1_000_000_000;

export interface NodeGroupSettings {
  readonly postgres: BenchPostgres;
  readonly workDir: string;
  readonly nodes: number;
  /** Clients reach them through the HAProxy of `ops/haproxy`. */
  readonly proxied: boolean;
  readonly profileDir: string | null;
}

/** API nodes on one log with one hot ticket type, and a process beside them that projects. */
export interface NodeGroup {
  readonly sale: OnSale;
  readonly tokens: readonly string[];
  /** Where clients go: each of the nodes, or the proxy. */
  readonly entrances: readonly number[];
  readonly nodes: readonly Product[];
  /** Proves that each key has had one effect and that no more was sold than there is. */
  settle(sent: readonly SentKeys[]): Promise<void>;
  stop(): Promise<void>;
}

export async function startNodeGroup(settings: NodeGroupSettings): Promise<NodeGroup> {
  const { postgres, workDir, profileDir } = settings;
  const databaseUrl = await postgres.freshDatabase();
  const dataDir = await mkdtemp(join(workDir, "group-"));
  const common = { databaseUrl, dataDir, rateLimitPerMinute: RATE_LIMIT_PER_MINUTE };
  const nodeOptions = profileDir === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileDir}`];
  const started: Product[] = [];
  let proxy: Haproxy | null = null;
  const stop = async () => {
    await proxy?.stop();
    await Promise.all(started.map((one) => one.stop()));
    await postgres.drop(databaseUrl);
  };
  try {
    for (let node = 1; node <= settings.nodes; node += 1) {
      started.push(await startProduct({ ...common, roles: "api", nodeOptions }));
    }
    const nodes = [...started];
    started.push(await startProduct({ ...common, roles: "projector" }));
    const ports = nodes.map(({ port }) => port);
    if (settings.proxied) proxy = await startHaproxy(ports);
    const entrances = proxy === null ? ports : [proxy.port];
    const client = createHttpClient(entrances[0] as number, CONNECTIONS);
    const sale = await openSale(client, CAPACITY);
    const tokens = await guests(client, ACCOUNTS);
    return {
      sale,
      tokens,
      entrances,
      nodes,
      async settle(sent) {
        const asked = sent.reduce((sum, { count }) => sum + count, 0);
        const log = { databaseUrl, eventStoreUrl: null };
        const { reservationIds } = await askUntilAllAreRecorded(client, log, sale, tokens, sent);
        if (reservationIds.length !== asked) throw new Error(`${reservationIds.length} recorded for ${asked} keys`);
        await reservationsProjected(databaseUrl, sale.ticketTypeId, asked);
        client.close();
      },
      stop,
    };
  } catch (error) {
    const said = [...started.map((one) => one.output()), proxy?.output() ?? ""].join("\n");
    await stop();
    throw new Error(`${String(error)}\n${said}`, { cause: error });
  }
}
