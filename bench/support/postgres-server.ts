import { randomBytes } from "node:crypto";
import pg from "pg";
import { startEmbeddedPostgres } from "../../src/embedded/embedded-postgres.ts";

/** The embedded Postgres on a folder of its own. */
export interface BenchPostgres {
  /** Of the server; its own database is nobody's. */
  readonly url: string;
  /** Of an empty database. Starts with a checkpoint, so that no run pays for what the one before it wrote. */
  freshDatabase(): Promise<string>;
  drop(url: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startBenchPostgres(dataDir: string): Promise<BenchPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, log: { debug() {}, info() {}, warn } });
  const administer = (statement: string) => query(server.connectionString, statement);
  return {
    url: server.connectionString,
    async freshDatabase() {
      const name = `bench_${randomBytes(6).toString("hex")}`;
      await administer(`create database ${name}`);
      await administer("checkpoint");
      const url = new URL(server.connectionString);
      url.pathname = `/${name}`;
      return url.href;
    },
    drop: (url) => administer(`drop database ${new URL(url).pathname.slice(1)} with (force)`).then(() => undefined),
    stop: () => server.stop(),
  };
}

/** Connections of a process that has just ended are cut when its database is dropped: that is in order. */
function warn(message: string): void {
  if (!message.includes("terminating connection due to administrator command")) console.warn(message);
}

/** One statement on a connection of its own. */
export async function query<Row extends pg.QueryResultRow>(
  connectionString: string,
  statement: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<Row>(statement, [...values])).rows;
  } finally {
    await client.end();
  }
}
