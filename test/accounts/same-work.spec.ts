import type pg from "pg";
import { expect, it } from "vitest";
import type { Passwords } from "../../src/accounts/passwords.ts";
import { createSessions } from "../../src/accounts/sessions.ts";

const ACCOUNT = { account_id: crypto.randomUUID(), password_hash: "a hash", roles: ["customer"], suspended: false };

/** What a sign-in does, in order: queries by their first words, and passwords that are hashed. */
async function workOf(found: readonly object[], right: boolean): Promise<readonly string[]> {
  const work: string[] = [];
  const pool = {
    async query(text: string) {
      work.push(text.trim().split(/\s+/, 1)[0] as string);
      return { rows: found, rowCount: found.length };
    },
  };
  const passwords: Passwords = {
    hash: async () => "",
    async matches(_password, passwordHash) {
      work.push("argon2");
      return right && passwordHash !== null;
    },
  };
  const sessions = createSessions({
    pool: pool as unknown as pg.Pool,
    passwords,
    tokens: { issue: () => "token", read: () => "token-invalid" },
    standings: {} as never,
    attempts: { begin: () => null, succeeded: () => {}, proven: () => {} },
    nowMs: () => 0,
  });
  const outcome = await sessions.signIn({ email: "a@example.org", password: "x", address: "::1" });
  if ("token" in outcome !== (right && found.length > 0)) throw new Error(JSON.stringify(outcome));
  return work;
}

it("a sign-in does the same for an e-mail that nobody has as for a wrong password: one query, one hash", async () => {
  const work = ["select", "argon2"];
  expect(await workOf([], false)).toEqual(work);
  expect(await workOf([], true)).toEqual(work); // whatever the stand-in's hash would say
  expect(await workOf([ACCOUNT], false)).toEqual(work);
  // That an account is suspended is told to who knows its password, to nobody else.
  expect(await workOf([{ ...ACCOUNT, suspended: true }], false)).toEqual(work);
  expect(await workOf([ACCOUNT], true)).toEqual([...work, "insert"]);
});
