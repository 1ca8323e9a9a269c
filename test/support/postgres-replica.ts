import { cp, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { chooseAccount } from "../../src/embedded/account.ts";
import { findBinaries } from "../../src/embedded/binaries.ts";
import { clusterDirectory } from "../../src/embedded/cluster.ts";
import { startEmbeddedPostgres } from "../../src/embedded/embedded-postgres.ts";
import { freePort } from "../../src/embedded/free-port.ts";
import { launcher } from "../../src/embedded/launch.ts";
import { listen } from "../../src/embedded/server-output.ts";
import { serverSettings } from "../../src/embedded/settings.ts";

/** A Postgres server and a streaming replica of it. */
export interface PostgresPair {
  readonly primaryUrl: string;
  readonly replicaUrl: string;
  /** The replica receives what comes and shows none of it, until {@link PostgresPair.goOn}. */
  fallBehind(): Promise<void>;
  goOn(): Promise<void>;
  stopPrimary(): Promise<void>;
  startPrimary(): Promise<void>;
  close(): Promise<void>;
}

const SILENT = { debug() {}, info() {}, warn() {} };

/** The replica begins as a copy of the cluster while it stands still. */
export async function startPostgresPair(folder: string): Promise<PostgresPair> {
  const dataDir = join(folder, "primary");
  const open = () => startEmbeddedPostgres({ dataDir, log: SILENT });
  let primary = await open();
  const primaryUrl = primary.connectionString;
  await primary.stop();
  const copy = clusterDirectory(join(folder, "replica"));
  await cp(clusterDirectory(dataDir), copy, { recursive: true, preserveTimestamps: true });
  const replica = await startReplica(clusterDirectory(dataDir), copy, primaryUrl, async () => {
    primary = await open();
  });

  const ask = async (statement: string) => {
    const client = new pg.Client({ connectionString: replica.url });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  return {
    primaryUrl,
    replicaUrl: replica.url,
    fallBehind: () => ask("select pg_wal_replay_pause()"),
    goOn: () => ask("select pg_wal_replay_resume()"),
    stopPrimary: () => primary.stop(),
    async startPrimary() {
      primary = await open();
    },
    async close() {
      await replica.stop();
      await primary.stop();
    },
  };
}

async function startReplica(original: string, copy: string, primaryUrl: string, beforeStart: () => Promise<void>) {
  const { port: primaryPort, username, password, pathname } = new URL(primaryUrl);
  const signal = join(copy, "standby.signal");
  const settings = join(copy, "postgresql.auto.conf");
  await writeFile(signal, "");
  const conninfo = `host=127.0.0.1 port=${primaryPort} user=${username} password=${password}`;
  await writeFile(settings, `${await readFile(settings, "utf8")}\nprimary_conninfo = '${conninfo}'\n`);
  await giveLike(original, copy);
  await beforeStart();

  const binaries = await findBinaries();
  const launch = await launcher(await chooseAccount(copy, SILENT), binaries.postgres, copy);
  const port = await freePort(undefined);
  const args = Object.entries(serverSettings(port)).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = launch(binaries.postgres, ["-D", copy, ...args]);
  const ready = Promise.withResolvers<void>();
  const output = listen(server, (line) => {
    if (line.includes("ready to accept read-only connections")) ready.resolve();
  });
  const failed = output.ended.then((end) => Promise.reject(new Error(`the replica: ${end}: ${output.complaint()}`)));
  failed.catch(() => undefined);
  await Promise.race([ready.promise, failed]);
  return {
    url: `postgres://${username}:${password}@127.0.0.1:${port}${pathname}`,
    async stop() {
      server.kill("SIGINT");
      await output.ended;
    },
  };
}

/** Where tests run as root, Postgres has another user, whose copy has to be his, too. */
async function giveLike(original: string, copy: string): Promise<void> {
  const { uid, gid } = await stat(original);
  if (uid === process.getuid?.()) return;
  const { chown, readdir } = await import("node:fs/promises");
  await chown(copy, uid, gid);
  for (const name of await readdir(copy, { recursive: true })) await chown(join(copy, name), uid, gid);
}
