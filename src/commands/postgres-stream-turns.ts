import { createHash } from "node:crypto";
import type { Pool, PoolClient } from "pg";
import type { StreamTurns, Turn } from "./stream-turns.ts";

/** How many streams a node can have turns for at once; each takes a connection. */
export const TURN_CONNECTIONS = 4;
/** A turn takes a few milliseconds; who waits longer goes on without. */
const WAIT_MS = 500;
/** Whoever is frozen in its turn loses it: Postgres ends its session. */
const LONGEST_TURN_MS = 1_000;

/**
 * Turns by an advisory lock a stream, which Postgres gives in the order in which it is asked for. It is held by a
 * transaction that does nothing else, so that it ends with its process, and by Postgres where that is frozen.
 * @param pool with {@link TURN_CONNECTIONS} connections that nothing else uses
 */
export const postgresStreamTurns = (pool: Pool): StreamTurns => ({
  async take(stream) {
    let client: PoolClient;
    try {
      client = await pool.connect();
    } catch {
      return null; // all are in use, or Postgres is away
    }
    client.on("error", heard);
    try {
      await client.query(`${BEGIN} select pg_advisory_xact_lock(${keyOf(stream)})`);
      return turnBy(client);
    } catch {
      await end(client, "rollback");
      return null; // not within the time
    }
  },
});

const BEGIN = `begin; set local lock_timeout = ${WAIT_MS};
  set local idle_in_transaction_session_timeout = ${LONGEST_TURN_MS};`;

function turnBy(client: PoolClient): Turn {
  let held = true;
  return {
    release() {
      if (held) void end(client, "commit");
      held = false;
    },
  };
}

async function end(client: PoolClient, how: "commit" | "rollback"): Promise<void> {
  const failure = await client.query(how).then(
    () => undefined,
    (error: Error) => error, // the session is over, and the lock with it
  );
  client.release(failure);
  client.off("error", heard);
}

const heard = (): void => undefined;

/** Of the 64 bits of an advisory lock's key; two streams with the same would only wait for each other. */
const keyOf = (stream: string): bigint => createHash("sha256").update(`turn ${stream}`).digest().readBigInt64BE();
