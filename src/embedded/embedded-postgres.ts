import { setTimeout } from "node:timers/promises";
import pg from "pg";
import { chooseAccount } from "./account.ts";
import { findBinaries } from "./binaries.ts";
import { clusterDirectory, ensureCluster, SUPERUSER } from "./cluster.ts";
import { keepDatabaseUrl, keptPort, openDataDirectory } from "./data-directory.ts";
import { freePort } from "./free-port.ts";
import { launcher } from "./launch.ts";
import { endLeftover } from "./leftover.ts";
import type { LauncherLog } from "./log.ts";
import { takeOwnership } from "./ownership.ts";
import { LaunchFailed, launchPostmaster, type Postmaster, type PostmasterParts } from "./postmaster.ts";
import { StartError } from "./start-error.ts";
import { keepRunning } from "./supervision.ts";

const DATABASE = "boxoffice";
const PORTS_TRIED = 5;
const OCCUPIED_FOR_MS = 30_000;
const LOOK_AGAIN_MS = 100;

export interface EmbeddedPostgresOptions {
  /** DATA_DIR: made if missing. The cluster, its password and `database-url` are kept in it. */
  readonly dataDir: string;
  readonly log: LauncherLog;
  /** Settings of the server that differ from `serverSettings`, for data that nobody will miss. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Called once if the server died and could not be brought back: nothing will work any more. */
  readonly onDown?: (error: StartError) => void;
}

export interface EmbeddedPostgres {
  /** The superuser's, with its password: `postgres://boxoffice:...@127.0.0.1:PORT/boxoffice`. Stays the same. */
  readonly connectionString: string;
  /** Ends the server and gives DATA_DIR back; bounded at about half a minute. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts the Postgres that lives in DATA_DIR, making it at the first start, and keeps it running until `stop`. Copes with
 * whatever an earlier start left behind. While it runs no other start can have the same DATA_DIR.
 *
 * Throws StartError, one line for the operator.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log, settings = {} } = options;
  const dataDir = await openDataDirectory(options.dataDir);
  const ownership = takeOwnership(dataDir);
  try {
    const clusterDir = clusterDirectory(dataDir);
    const binaries = await findBinaries();
    const account = await chooseAccount(clusterDir, log);
    const launch = await launcher(account, binaries.postgres, dataDir);
    const password = await ensureCluster({ dataDir, binaries, launch, account });

    const { postmaster, port } = await startOnSomePort(
      { launch, postgres: binaries.postgres, clusterDir, log, settings },
      await keptPort(dataDir),
    );
    const parts = { launch, postgres: binaries.postgres, clusterDir, log, settings, port };
    const connectionString = `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${DATABASE}`;
    try {
      await ensureDatabase(connectionString, dataDir);
      await keepDatabaseUrl(dataDir, connectionString);
    } catch (error) {
      await postmaster.stop();
      throw error;
    }

    const supervision = keepRunning(postmaster, {
      startAgain: () => startWhenFree(parts),
      log,
      onDown: options.onDown,
    });
    let stopped: Promise<void> | undefined;
    return {
      connectionString,
      stop() {
        stopped ??= supervision.stop().finally(() => ownership.release());
        return stopped;
      },
    };
  } catch (error) {
    ownership.release();
    throw asStartError(error, dataDir);
  }
}

/** The disk may fail or fill up at any step: that too is one line for the operator. Faults of the program stay faults. */
function asStartError(error: unknown, dataDir: string): unknown {
  const isSystemError = error instanceof Error && "syscall" in error;
  return isSystemError
    ? new StartError(`DATA_DIR ${dataDir} cannot be used: ${error.message}`, { cause: error })
    : error;
}

/** Another program may take a port between the look and the start, or have taken the one of last time. */
async function startOnSomePort(
  parts: Omit<PostmasterParts, "port">,
  preferred: number | undefined,
): Promise<{ readonly postmaster: Postmaster; readonly port: number }> {
  await endLeftover(parts.clusterDir, parts.log); // it may hold the port
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(attempt === 1 ? preferred : undefined);
    try {
      return { postmaster: await startWhenFree({ ...parts, port }), port };
    } catch (error) {
      if (!(error instanceof LaunchFailed)) throw error;
      if (error.kind === "port-taken" && attempt < PORTS_TRIED) continue;
      throw new StartError(`the embedded Postgres in ${parts.clusterDir} does not start: ${error.message}`, {
        cause: error,
      });
    }
  }
}

/** After a kill the server's last processes may hold its memory for a while yet: waits for them, bounded. */
async function startWhenFree(parts: PostmasterParts): Promise<Postmaster> {
  const until = performance.now() + OCCUPIED_FOR_MS;
  for (let attempt = 1; ; attempt++) {
    await endLeftover(parts.clusterDir, parts.log);
    try {
      return await launchPostmaster(parts);
    } catch (error) {
      if (!(error instanceof LaunchFailed) || error.kind !== "occupied" || performance.now() > until) throw error;
      if (attempt === 10) parts.log.info("Waiting for the last processes of an earlier Postgres to end");
      await setTimeout(LOOK_AGAIN_MS);
    }
  }
}

/** Makes Boxoffice's database at the first start; at every start proves that the kept password is the right one. */
async function ensureDatabase(connectionString: string, dataDir: string): Promise<void> {
  const url = new URL(connectionString);
  url.pathname = "/postgres";
  const client = new pg.Client({ connectionString: url.href, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    const { rowCount } = await client.query("select from pg_database where datname = $1", [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  } catch (error) {
    const wrong = (error as { code?: string }).code === "28P01";
    throw new StartError(
      wrong
        ? `the password in ${dataDir}/postgres-password is not the one that ${dataDir}/postgres was made with: restore that file`
        : `the embedded Postgres in ${dataDir} does not answer: ${(error as Error).message}`,
      { cause: error },
    );
  } finally {
    await client.end().catch(() => {});
  }
}
