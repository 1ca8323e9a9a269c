import { randomUUID } from "node:crypto";
import type pg from "pg";
import { type Refused, refuse } from "../domain/decision.ts";
import { inTransaction } from "../postgres/transaction.ts";
import type { Attempts } from "./attempts.ts";
import type { Passwords } from "./passwords.ts";
import type { Role } from "./roles.ts";
import type { Standings } from "./standing.ts";
import { TELL_SESSION_CHANGED } from "./standing-changes.ts";
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

export interface Credentials {
  readonly email: string;
  readonly password: string;
  /** Where the attempt comes from: attempts are limited by address and account together. */
  readonly address: string;
}

export type SignInRefused = Refused<"bad-credentials" | "account-suspended" | "rate-limited">;

export interface Sessions {
  /** Slow on purpose, and as slow for e-mails without an account. @throws Busy */
  signIn(credentials: Credentials): Promise<Session | SignInRefused>;
  /** A new guest each time: an account that buys but can't be signed in to again. */
  signInAsGuest(email: string | null): Promise<Session>;
  /** The token is of no use from now on. */
  signOut(sessionId: string): Promise<void>;
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
const OPEN = "insert into accounts.session (session_id, account_id, expires_at) values ($1, $2, $3)";
const OPEN_AS_GUEST = `
  with guest as (
    insert into accounts.account (account_id, email, roles, guest) values ($2, $4, '{customer}', true)
    returning account_id)
  insert into accounts.session (session_id, account_id, expires_at) select $1, account_id, $3 from guest`;
const END = "delete from accounts.session where session_id = $1";
const DELETE_EXPIRED = `
  delete from accounts.session where session_id in
    (select session_id from accounts.session where expires_at < now() order by expires_at limit $1)`;

export interface SessionsDependencies {
  readonly pool: pg.Pool;
  readonly passwords: Passwords;
  readonly tokens: Tokens;
  readonly standings: Standings;
  readonly attempts: Attempts;
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
    async signIn({ email, password, address }) {
      const attempt = `${address} ${email.toLowerCase()}`;
      const waitSeconds = attempts.begin(attempt);
      if (waitSeconds !== null) return refuse("rate-limited", { retryAfterSeconds: waitSeconds });
      const { rows } = await pool.query<SignInRow>(BY_EMAIL, [email]);
      const account = rows[0];
      const right = await passwords.matches(password, account?.password_hash ?? null);
      if (account === undefined || !right) return refuse("bad-credentials");
      attempts.succeeded(attempt);
      if (account.suspended) return refuse("account-suspended");
      const { sessionId, session } = begin(account.account_id, account.roles);
      await pool.query(OPEN, [sessionId, session.accountId, session.expiresAt]);
      return session;
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

    async deleteExpired(atMost) {
      return (await pool.query(DELETE_EXPIRED, [atMost])).rowCount ?? 0;
    },
  };
}
