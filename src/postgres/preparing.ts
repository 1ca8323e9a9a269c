import type { Pool } from "pg";
import { inTurn } from "./transaction.ts";

/** Tables are not there, and this user may not make them. The message is one line for the operator. */
export class NotPrepared extends Error {
  override readonly name = "NotPrepared";

  constructor(missing: readonly string[]) {
    super(`its user may not create what is missing (${missing.join(", ")}): run \`npm run migrate\` as the owner`);
  }
}

/**
 * Whether this user makes tables: the database's owner does, and in small installations that is who runs everything.
 * Users with fewer rights find the tables there, made by `npm run migrate`.
 */
export async function mayPrepare(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ may: boolean }>(
    "select has_database_privilege(current_database(), 'create') as may",
  );
  return rows[0]?.may === true;
}

/**
 * Makes the tables that are missing, in turn with others who name the same key; a user who may not sees whether they are
 * there instead.
 * @param statements SQL that is harmless where they are there; tables as `create table if not exists schema.name`
 * @throws NotPrepared
 */
export async function makeMissing(pool: Pool, key: number, statements: string): Promise<void> {
  if (await mayPrepare(pool)) await inTurn(pool, key, (client) => client.query(statements));
  else await requireTables(pool, statements);
}

/** @throws NotPrepared a table that the statements make is not there */
export async function requireTables(pool: Pool, statements: string): Promise<void> {
  const names = [...statements.matchAll(/create table if not exists (\w+\.\w+)/g)].map(([, name]) => name as string);
  const { rows } = await pool.query<{ name: string }>(
    `select name from unnest($1::text[]) as name
      where not exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                         where n.nspname || '.' || c.relname = name)`,
    [names],
  );
  if (rows.length > 0) throw new NotPrepared(rows.map(({ name }) => name));
}
