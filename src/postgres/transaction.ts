import type { Pool, PoolClient } from "pg";

const BEGIN = "begin; set local idle_in_transaction_session_timeout = 5000";

/**
 * Runs the work in one transaction: all of it is committed when it resolves, none of it when it fails.
 *
 * A connection that is lost while it is held fails the query under way or the next one. It also emits `error`, to which
 * the pool listens only while a connection is idle, and an `error` that nobody hears ends the process.
 *
 * @param begin SQL that begins it, with settings that are its own; without, Postgres ends it when it hears nothing for
 *   5 seconds: a process that is frozen in the middle would keep its locks, among them the one on its lease, for which a
 *   takeover waits
 */
export async function inTransaction<Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>,
  begin = BEGIN,
): Promise<Result> {
  const client = await pool.connect();
  client.on("error", heard);
  let broken: Error | undefined;
  try {
    await client.query(begin);
    const result = await work(client);
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback").catch((failure: Error) => {
      broken = failure; // the connection is of no use any more, and the first error says more
    });
    throw error;
  } finally {
    client.release(broken);
    client.off("error", heard); // only now, when the pool listens again
  }
}

/**
 * The same, one at a time over all processes that name the same key, until each has committed: for making what is missing
 * at start, because `create ... if not exists` clashes when two do it at once.
 */
export async function inTurn<Result>(
  pool: Pool,
  key: number,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  for (let deadlocks = 0; ; ) {
    try {
      return await inTransaction(pool, async (client) => {
        await client.query("select pg_advisory_xact_lock($1)", [key]);
        return work(client);
      });
    } catch (error) {
      deadlocks += 1;
      if (!isDeadlock(error) || deadlocks === MOST_DEADLOCKS) throw error;
    }
  }
}

/** Making what is there locks it for a moment, in another order than those who are at work with it. */
const MOST_DEADLOCKS = 10;
const isDeadlock = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "40P01";

const heard = (): void => undefined;
