import { createHash } from "node:crypto";
import type { Pool, PoolClient } from "pg";
import { AS_TEXT, type EventRow } from "../eventstore/postgres/reader.ts";
import { tailIn, tailStatement } from "../eventstore/postgres/tail.ts";
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
 * @param hasLog whether events are in this database: then what others wrote comes with the turn, in the same round trip
 */
export const postgresStreamTurns = (pool: Pool, { hasLog }: { readonly hasLog: boolean }): StreamTurns => ({
  async take(stream, after) {
    let client: PoolClient;
    try {
      client = await pool.connect();
    } catch {
      return null; // all are in use, or Postgres is away
    }
    client.on("error", heard);
    try {
      const lock = `${BEGIN} select pg_advisory_xact_lock(${keyOf(stream)});`;
      if (!hasLog || after === null) {
        await client.query(lock);
        return turnBy(client, null);
      }
      const text = `${lock} ${tailStatement(stream, after)}`; // with a snapshot of its own, taken once the lock is held
      // Of several statements there are several results.
      const results = (await client.query({ text, rowMode: "array", types: AS_TEXT })) as unknown as {
        rows: EventRow[];
      }[];
      return turnBy(client, tailIn(stream, results.at(-1)?.rows ?? []));
    } catch {
      await end(client, "rollback");
      return null; // not within the time
    }
  },
});

/** Where sessions begin otherwise, what follows the lock would see what was there before it. */
const BEGIN = `begin isolation level read committed; set local lock_timeout = ${WAIT_MS};
  set local idle_in_transaction_session_timeout = ${LONGEST_TURN_MS};`;

function turnBy(client: PoolClient, tail: Turn["tail"]): Turn {
  let held = true;
  return {
    tail,
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
