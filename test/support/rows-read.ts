import pg, { type Pool } from "pg";

/** A pool of one connection, by which Postgres can be asked what it has read for it. @param options for its session */
export function onlyConnection(connectionString: string, options?: string): Pool {
  const pool = new pg.Pool({ connectionString, max: 1, ...(options !== undefined && { options }) });
  pool.on("error", () => {}); // a connection that is still closing when its database is dropped
  return pool;
}

/**
 * How many rows of a table, or entries of its indexes, are read by what is done meanwhile: Postgres counts them, whatever
 * the plan.
 * @param pool see {@link onlyConnection}; the work is done by it, too: each connection reports what it counted by itself
 * @param table as `schema.name`; not a view
 */
export async function rowsReadBy(pool: Pool, table: string, work: () => Promise<unknown>): Promise<number> {
  if (pool.options.max !== 1) throw new Error("a pool of one connection is needed");
  const before = await rowsRead(pool, table);
  await work();
  return (await rowsRead(pool, table)) - before;
}

async function rowsRead(pool: Pool, table: string): Promise<number> {
  await pool.query("select pg_stat_force_next_flush()");
  const { rows } = await pool.query<{ read: number }>(
    `select (seq_tup_read + coalesce(
         (select sum(idx_tup_read) from pg_stat_user_indexes i where i.relid = t.relid), 0))::float8 as read
       from pg_stat_user_tables t where relid = $1::regclass`,
    [table],
  );
  if (rows[0] === undefined) throw new Error(`Postgres counts nothing of ${table}`);
  return rows[0].read;
}
