import type { Pool, PoolClient } from "pg";

/**
 * Runs the work in one transaction: all of it is committed when it resolves, none of it when it fails.
 *
 * A connection that is lost while it is held fails the query under way or the next one. It also emits `error`, to which
 * the pool listens only while a connection is idle, and an `error` that nobody hears ends the process.
 */
export async function inTransaction<Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  client.on("error", heard);
  let broken: Error | undefined;
  try {
    await client.query("begin");
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

const heard = (): void => undefined;
