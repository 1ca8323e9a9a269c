import { randomBytes } from "node:crypto";
import type { Pool } from "pg";

/**
 * Secrets of this installation. They are kept with the data rather than in the settings, because what is made with them
 * (codes on printed tickets) has to stay what it is.
 */
export const CREATE_SECRETS = `
  create table if not exists commands.secrets (
    name text primary key,
    value bytea not null
  );`;

const SECRET_BYTES = 32;

/** The secret of this name, the same on every node; made when it is asked for first. */
export async function openSecret(pool: Pool, name: string): Promise<Buffer> {
  await pool.query("insert into commands.secrets (name, value) values ($1, $2) on conflict do nothing", [
    name,
    randomBytes(SECRET_BYTES),
  ]);
  const { rows } = await pool.query<{ value: Buffer }>("select value from commands.secrets where name = $1", [name]);
  return (rows[0] as { value: Buffer }).value;
}
