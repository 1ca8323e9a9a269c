import type pg from "pg";

/** Runs the work in one transaction: all of it is committed when it resolves, none of it when it fails. */
export async function inTransaction<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
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
  }
}
