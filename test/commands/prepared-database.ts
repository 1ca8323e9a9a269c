import pg from "pg";
import { prepareCommands } from "../../src/commands/prepare.ts";
import { freshDatabase } from "../support/postgres.ts";

/** A database of a spec's own with the tables of commands; `close` ends the pool and drops it. */
export async function preparedDatabase(connections: number): Promise<{ pool: pg.Pool; close(): Promise<void> }> {
  const { url, drop } = await freshDatabase();
  const pool = new pg.Pool({ connectionString: url, max: connections });
  await prepareCommands(pool);
  return {
    pool,
    async close() {
      await pool.end();
      await drop();
    },
  };
}
