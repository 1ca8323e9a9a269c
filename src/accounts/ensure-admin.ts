import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { Passwords } from "./passwords.ts";

const INSERT = `
  insert into accounts.account (account_id, email, password_hash, name, roles, guest)
  values ($1, $2, $3, 'Administrator', '{customer,admin}', false)
  on conflict (lower(email)) where not guest do nothing`;
const ROLES = "select 'admin' = any(roles) as admin from accounts.account where lower(email) = lower($1) and not guest";

/**
 * Makes the first admin. An account that has the e-mail already is left as it is, password and roles: whoever registered
 * the address beforehand must not become an admin by a restart.
 * @returns `made`, `there` for an admin of before, or `taken` for an account that is no admin
 */
export async function ensureAdmin(
  pool: pg.Pool,
  passwords: Passwords,
  admin: { readonly email: string; readonly password: string },
): Promise<"made" | "there" | "taken"> {
  const before = await pool.query<{ admin: boolean }>(ROLES, [admin.email]);
  if (before.rows[0] !== undefined) return before.rows[0].admin ? "there" : "taken";
  const passwordHash = await passwords.hash(admin.password);
  const inserted = await pool.query(INSERT, [randomUUID(), admin.email, passwordHash]);
  if (inserted.rowCount === 1) return "made";
  return ensureAdmin(pool, passwords, admin); // another node was faster: see what it made
}
