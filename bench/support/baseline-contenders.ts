import { randomUUID } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { createSigner } from "fast-jwt";
import { freePort } from "../../src/embedded/free-port.ts";
import { startChild } from "../../test/system/child.ts";
import { createHttpClient } from "../../test/system/http-client.ts";
import { JWT_SECRET } from "../../test/system/product.ts";
import type { Contender, RunningContender } from "./contender.ts";
import type { SentKeys } from "./load.ts";
import type { BenchPostgres } from "./postgres-server.ts";
import { startBenchRedis } from "./redis-server.ts";

const ACCOUNTS = 1_000;
const CAPACITY = 100_000_000;

/** A Fastify route that replies a constant: what HTTP alone costs. */
export const bare = (): Contender => ({
  name: "bare Fastify POST",
  start: () => startBaseline("bench/baselines/bare.ts", {}, { counts: false }),
});

/** `SELECT ... FOR UPDATE`, on a database of its own in the same Postgres as the product's. */
export const rowLock = (postgres: BenchPostgres): Contender => ({
  name: "row lock",
  async start() {
    const url = await postgres.freshDatabase();
    const drop = () => postgres.drop(url);
    return startBaseline("bench/baselines/row-lock.ts", { DATABASE_URL: url }, { counts: true, after: drop });
  },
});

/** A Lua script in Redis, `appendfsync always`. */
export const redis = (workDir: string): Contender => ({
  name: "Redis",
  async start() {
    const server = await startBenchRedis(await mkdtemp(join(workDir, "redis-")));
    const after = () => server.stop();
    return startBaseline("bench/baselines/redis.ts", { REDIS_URL: server.url }, { counts: true, after });
  },
});

interface Baseline {
  /** Whether it keeps anything that can be counted. */
  readonly counts: boolean;
  readonly after?: () => Promise<void>;
}

async function startBaseline(
  program: string,
  env: Record<string, string>,
  { counts, after = async () => {} }: Baseline,
): Promise<RunningContender> {
  const port = await freePort(undefined);
  const child = await startChild({ program, env: { ...env, PORT: String(port), JWT_SECRET } });
  const ticketTypeId = randomUUID();
  const client = createHttpClient(port, 4);
  if (counts) await client.call("POST", `/ticket-types/${ticketTypeId}`, { body: { capacity: CAPACITY } });
  return {
    target: { port, eventId: randomUUID(), ticketTypeId, tokens: tokensOf(ACCOUNTS) },
    pid: child.pid,
    lagMs: async () => null,
    async settle(sent, created) {
      if (!counts) return;
      const { count } = (await client.call("GET", "/count")).body as { count: number };
      const asked = askedFor(sent);
      if (count < created || count > asked)
        throw new Error(`${count} recorded, ${created} answered, ${asked} asked for`);
    },
    async stop() {
      client.close();
      await child.stop();
      await after();
    },
  };
}

const askedFor = (sent: readonly SentKeys[]): number => sent.reduce((sum, { count }) => sum + count, 0);

/** With the same claims as the product's, so that they cost as much to check. */
function tokensOf(accounts: number): readonly string[] {
  const sign = createSigner({ key: JWT_SECRET, algorithm: "HS256" });
  const iat = Math.floor(Date.now() / 1000);
  return Array.from({ length: accounts }, () =>
    sign({ sid: randomUUID(), sub: randomUUID(), iat, exp: iat + 24 * 3_600 }),
  );
}
