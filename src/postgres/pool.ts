import pg from "pg";
import type { Logger } from "pino";

export interface PoolSettings {
  readonly connectionString: string;
  /** What Postgres shows as `application_name`, and the log beside a broken connection. */
  readonly name: string;
  /** At most so many connections at once. */
  readonly max: number;
  /** A query that waits longer for a connection fails. */
  readonly connectWithinMs?: number;
  /** A database that doesn't answer for this long is as good as away. */
  readonly answerWithinMs?: number;
}

const CONNECT_WITHIN_MS = 5_000;
const ANSWER_WITHIN_MS = 30_000;

/** Connections to Postgres, none of whose errors ends the process: a query that fails by it is told so, the rest is logged. */
export function openPool(settings: PoolSettings, log: Pick<Logger, "warn">): pg.Pool {
  const { connectionString, name, max } = settings;
  const pool = new pg.Pool({
    connectionString,
    max,
    application_name: name,
    connectionTimeoutMillis: settings.connectWithinMs ?? CONNECT_WITHIN_MS,
    query_timeout: settings.answerWithinMs ?? ANSWER_WITHIN_MS,
    keepAlive: true,
  });
  // Of connections that break while nobody uses them; the pool makes new ones.
  pool.on("error", ({ message }) => {
    if (!pool.ending) log.warn({ pool: name, reason: message }, "a connection to Postgres broke");
  });
  // Of those that break in the very moment in which they are handed out, before whoever asked for one can listen: a
  // server that is killed greets and takes leave in one packet, and an `error` that nobody hears ends the process.
  pool.on("connect", (client) => client.on("error", heard));
  return pool;
}

const heard = (): void => undefined;
