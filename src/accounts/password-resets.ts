import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import { type Refused, refuse } from "../domain/decision.ts";
import { inTransaction } from "../postgres/transaction.ts";
import type { AccountMails } from "./account-mails.ts";
import type { Attempts } from "./attempts.ts";
import type { Passwords } from "./passwords.ts";
import type { ResetTokens } from "./reset-tokens.ts";
import type { Attempt, SignInAttempts } from "./sign-in-attempts.ts";
import type { Standings } from "./standing.ts";
import { TELL_ACCOUNT_CHANGED } from "./standing-changes.ts";

/** How long a token from a mail stands. */
export const RESET_MINUTES = 60;
/** Mails an hour to one account: who asks more often gets no other, and is not told, as nobody is told what there is. */
const MOST_OPEN = 3;
/** A request takes at least so long, so that the time taken doesn't tell which e-mails have an account. */
const AT_LEAST_MS = 200;

/** Choosing a new password by a token that was mailed. */
export interface PasswordResets {
  /**
   * Has a token mailed to the account with this e-mail, if there is one; guests have no password. When it resolves, the
   * mail will be sent, whatever crashes.
   */
  request(attempt: Attempt): Promise<"taken" | Refused<"rate-limited">>;
  /**
   * Sets the password, once, and ends all sessions of the account and its other tokens.
   * @param address where it comes from
   * @throws Busy
   */
  use(token: string, password: string, address: string): Promise<"done" | Refused<"password-reset-not-found">>;
  /** What a mail says of a reset; null when it was used or its time is over. */
  toMail(resetId: string): Promise<{ readonly token: string; readonly expiresAt: string } | null>;
  /** Lets go of resets whose time is over, at most `atMost`. */
  deleteExpired(atMost: number): Promise<number>;
}

const LOCK_BY_EMAIL = `
  select account_id from accounts.account where lower(email) = lower($1) and not guest for no key update`;
const OPEN = `
  insert into accounts.password_reset (reset_id, account_id, expires_at)
  select $1, $2, now() + make_interval(mins => $3)
   where (select count(*) from accounts.password_reset where account_id = $2 and expires_at > now()) < $4`;
const FIND = `
  select account_id, expires_at from accounts.password_reset where reset_id = $1 and expires_at > now()`;
const LOCK_ACCOUNT = `
  select email from accounts.account where account_id = $1 and erased_at is null and not guest for no key update`;
const USE = "delete from accounts.password_reset where reset_id = $1 and expires_at > now()";
const SET_PASSWORD = "update accounts.account set password_hash = $2 where account_id = $1";
const END_RESETS = "delete from accounts.password_reset where account_id = $1";
const END_SESSIONS = "delete from accounts.session where account_id = $1";
const DELETE_EXPIRED = `
  delete from accounts.password_reset where reset_id in
    (select reset_id from accounts.password_reset where expires_at < now() order by expires_at limit $1
     for update skip locked)`;

export interface PasswordResetsDependencies {
  readonly pool: pg.Pool;
  readonly passwords: Passwords;
  readonly tokens: ResetTokens;
  readonly standings: Standings;
  readonly mails: AccountMails;
  /** Of requests, by address. */
  readonly requests: Attempts;
  readonly signIns: Pick<SignInAttempts, "proven">;
}

export function createPasswordResets(dependencies: PasswordResetsDependencies): PasswordResets {
  const { pool, passwords, tokens, standings, mails, requests, signIns } = dependencies;

  const open = (email: string) =>
    inTransaction(pool, async (client) => {
      const found = await client.query<{ account_id: string }>(LOCK_BY_EMAIL, [email]);
      if (found.rows[0] === undefined) return;
      const reset = { resetId: randomUUID(), accountId: found.rows[0].account_id };
      const opened = await client.query(OPEN, [reset.resetId, reset.accountId, RESET_MINUTES, MOST_OPEN]);
      if (opened.rowCount === 1) await mails.passwordReset(client, reset);
    });

  async function find(resetId: string): Promise<{ readonly account_id: string; readonly expires_at: Date } | null> {
    const { rows } = await pool.query<{ account_id: string; expires_at: Date }>(FIND, [resetId]);
    return rows[0] ?? null;
  }

  /** Sets it, unless somebody was faster. The account is locked first, as by everything that changes one. @returns its e-mail */
  const setPassword = (resetId: string, accountId: string, passwordHash: string) =>
    inTransaction(pool, async (client) => {
      const { rows } = await client.query<{ email: string }>(LOCK_ACCOUNT, [accountId]);
      if (rows[0] === undefined || (await client.query(USE, [resetId])).rowCount !== 1) return null;
      await client.query(SET_PASSWORD, [accountId, passwordHash]);
      await client.query(END_RESETS, [accountId]);
      await client.query(END_SESSIONS, [accountId]);
      await mails.passwordChanged(client, { resetId, accountId });
      await client.query(TELL_ACCOUNT_CHANGED, [accountId]);
      return rows[0].email;
    });

  return {
    async request({ address, email }) {
      const waitSeconds = requests.waitSeconds(address);
      if (waitSeconds !== null) return refuse("rate-limited", { retryAfterSeconds: waitSeconds });
      requests.count(address);
      await Promise.all([open(email), pause(AT_LEAST_MS)]);
      return "taken";
    },

    async use(token, password, address) {
      const resetId = tokens.read(token);
      const found = resetId === null ? null : await find(resetId);
      if (resetId === null || found === null) return refuse("password-reset-not-found");
      const email = await setPassword(resetId, found.account_id, await passwords.hash(password));
      if (email === null) return refuse("password-reset-not-found");
      standings.accountChanged(found.account_id);
      signIns.proven({ address, email });
      return "done";
    },

    async toMail(resetId) {
      const found = await find(resetId);
      return found === null ? null : { token: tokens.of(resetId), expiresAt: found.expires_at.toISOString() };
    },

    async deleteExpired(atMost) {
      return (await pool.query(DELETE_EXPIRED, [atMost])).rowCount ?? 0;
    },
  };
}
