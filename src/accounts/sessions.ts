import { randomUUID } from "node:crypto";
import type pg from "pg";
import { type Refused, refuse } from "../domain/decision.ts";
import { inTransaction } from "../postgres/transaction.ts";
import type { Passwords } from "./passwords.ts";
import type { Role } from "./roles.ts";
import type { Attempt, SignInAttempts } from "./sign-in-attempts.ts";
import type { Standings } from "./standing.ts";
import { TELL_ACCOUNT_CHANGED, TELL_SESSION_CHANGED } from "./standing-changes.ts";
import type { Tokens } from "./tokens.ts";

/** How long a session stands, from signing in. */
const SESSION_MS = 24 * 60 * 60 * 1000;

export interface Session {
  readonly token: string;
  /** RFC 3339 UTC. */
  readonly expiresAt: string;
  readonly accountId: string;
  readonly roles: readonly Role[];
}

/** An e-mail with a password, and where the attempt comes from. */
export interface Credentials extends Attempt {
  readonly password: string;
}

export type SignInRefused = Refused<"bad-credentials" | "account-suspended" | "rate-limited">;

export interface Sessions {
  /** Slow on purpose, and as slow for e-mails without an account. @throws Busy */
  signIn(credentials: Credentials): Promise<Session | SignInRefused>;
  /** A new guest each time: an account that buys but can't be signed in to again. */
  signInAsGuest(email: string | null): Promise<Session>;
  /** The token is of no use from now on. */
  signOut(sessionId: string): Promise<void>;
  /** No token of the account's sessions is; its API keys are not meant. */
  signOutEverywhere(accountId: string): Promise<void>;
  /** Lets go of rows whose time is over, at most `atMost`; their tokens are refused by their own expiry. */
  deleteExpired(atMost: number): Promise<number>;
}

interface SignInRow {
  readonly account_id: string;
  readonly password_hash: string;
  readonly roles: Role[];
  readonly suspended: boolean;
}

const BY_EMAIL = `
  select account_id, password_hash, roles, suspended
    from accounts.account where lower(email) = lower($1) and not guest`;
/**
 * Only while the password is the one that was found right, which took its time: meanwhile it may have been changed, which
 * ends all sessions. The lock has one wait for the other.
 */
const OPEN = `
  insert into accounts.session (session_id, account_id, expires_at)
  select $1, account_id, $3 from accounts.account
   where account_id = $2 and password_hash = $4 and erased_at is null for share`;
const OPEN_AS_GUEST = `
  with guest as (
    insert into accounts.account (account_id, email, roles, guest) values ($2, $4, '{customer}', true)
    returning account_id)
  insert into accounts.session (session_id, account_id, expires_at) select $1, account_id, $3 from guest`;
const END = "delete from accounts.session where session_id = $1";
const END_ALL = "delete from accounts.session where account_id = $1";
const DELETE_EXPIRED = `
  delete from accounts.session where session_id in
    (select session_id from accounts.session where expires_at < now() order by expires_at limit $1 for update skip locked)`;

export interface SessionsDependencies {
  readonly pool: pg.Pool;
  readonly passwords: Passwords;
  readonly tokens: Tokens;
  readonly standings: Standings;
  readonly attempts: SignInAttempts;
  /** Wall-clock time in milliseconds since 1970. */
  readonly nowMs: () => number;
}

export function createSessions(dependencies: SessionsDependencies): Sessions {
  const { pool, passwords, tokens, standings, attempts, nowMs } = dependencies;

  const begin = (accountId: string, roles: readonly Role[]) => {
    const sessionId = randomUUID();
    const expiresAtMs = nowMs() + SESSION_MS;
    const token = tokens.issue({ sessionId, accountId, expiresAtMs });
    const session: Session = { token, expiresAt: new Date(expiresAtMs).toISOString(), accountId, roles };
    return { sessionId, session };
  };

  return {
    async signIn({ password, ...attempt }) {
      const waitSeconds = attempts.begin(attempt);
      if (waitSeconds !== null) return refuse("rate-limited", { retryAfterSeconds: waitSeconds });
      const { rows } = await pool.query<SignInRow>(BY_EMAIL, [attempt.email]);
      const account = rows[0];
      const right = await passwords.matches(password, account?.password_hash ?? null);
      if (account === undefined || !right) return refuse("bad-credentials");
      attempts.succeeded(attempt);
      if (account.suspended) return refuse("account-suspended");
      const { sessionId, session } = begin(account.account_id, account.roles);
      const opened = await pool.query(OPEN, [sessionId, session.accountId, session.expiresAt, account.password_hash]);
      return opened.rowCount === 1 ? session : refuse("bad-credentials");
    },

    async signInAsGuest(email) {
      const { sessionId, session } = begin(randomUUID(), ["customer"]);
      await pool.query(OPEN_AS_GUEST, [sessionId, session.accountId, session.expiresAt, email]);
      return session;
    },

    async signOut(sessionId) {
      await inTransaction(pool, async (client) => {
        await client.query(END, [sessionId]);
        await client.query(TELL_SESSION_CHANGED, [sessionId]);
      });
      standings.sessionChanged(sessionId);
    },

    async signOutEverywhere(accountId) {
      await inTransaction(pool, async (client) => {
        await client.query(END_ALL, [accountId]);
        await client.query(TELL_ACCOUNT_CHANGED, [accountId]);
      });
      standings.accountChanged(accountId);
    },

    async deleteExpired(atMost) {
      return (await pool.query(DELETE_EXPIRED, [atMost])).rowCount ?? 0;
    },
  };
}
