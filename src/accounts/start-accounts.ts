import type pg from "pg";
import type { AccountMails } from "./account-mails.ts";
import { type Accounts, createAccounts } from "./accounts.ts";
import { type ApiKeys, createApiKeys } from "./api-keys.ts";
import { createAttempts } from "./attempts.ts";
import { type Authenticate, createAuthenticate } from "./authenticate.ts";
import { ensureAdmin } from "./ensure-admin.ts";
import { jwtSecretsOf } from "./jwt-secrets.ts";
import { createKeyUse } from "./key-use.ts";
import { createPasswordResets, type PasswordResets } from "./password-resets.ts";
import { createPasswords } from "./passwords.ts";
import { createResetTokens } from "./reset-tokens.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import { createSignInAttempts } from "./sign-in-attempts.ts";
import { createStandings } from "./standing.ts";
import { followStandingChanges } from "./standing-changes.ts";
import { createTokens } from "./tokens.ts";

/** At about 25 ms a hash, the last of those waiting waits for under 2 seconds. */
const PASSWORD_LIMITS = { atOnce: 2, waiting: 128 };
/** Requests for new passwords from one address: many people may be behind it. */
const MOST_RESETS = 20;
const RESETS_WINDOW_MS = 60 * 60 * 1000;
/** A guest and a session are made for many visitors; what has expired goes in small steps. */
const EXPIRED_EVERY_MS = 60_000;
const EXPIRED_AT_ONCE = 5_000;
/** What was used since is written down by one statement, however much it was used. */
const KEY_USE_EVERY_MS = 30_000;

export interface AccountsConfig {
  /** The pool that queries run on; it stays the caller's to end. */
  readonly pool: pg.Pool;
  /** One of a replica, which is asked how sessions stand while the other is away; null, or not said: there is none. */
  readonly replica?: pg.Pool | null;
  /** For the one connection that listens to other nodes. */
  readonly databaseUrl: string;
  /** As `JWT_SECRET` has it: one, or several by commas. */
  readonly jwtSecret: string;
  /** The first admin, if one is configured. */
  readonly admin: { readonly email: string; readonly password: string } | null;
  readonly mails: AccountMails;
  readonly log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
  };
  /** Wall-clock time in milliseconds since 1970; `Date.now` but for specs. */
  readonly nowMs?: () => number;
}

export interface RunningAccounts {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly passwordResets: PasswordResets;
  readonly apiKeys: ApiKeys;
  readonly authenticate: Authenticate;
  /** Ends what this started; the pool is left open. */
  close(): Promise<void>;
}

/** Starts to listen to other nodes and makes the first admin. Its tables are there. Fails when Postgres can't be reached. */
export async function startAccounts(config: AccountsConfig): Promise<RunningAccounts> {
  const { pool, mails, log, nowMs = Date.now } = config;
  const secrets = jwtSecretsOf(config.jwtSecret);
  const passwords = await createPasswords(PASSWORD_LIMITS);
  const standings = createStandings(pool, config.replica);
  const tokens = createTokens(secrets, nowMs);
  const attempts = createSignInAttempts(nowMs);
  const sessions = createSessions({ pool, passwords, tokens, standings, attempts, nowMs });
  const passwordResets = createPasswordResets({
    pool,
    passwords,
    tokens: createResetTokens(secrets),
    standings,
    mails,
    requests: createAttempts(MOST_RESETS, RESETS_WINDOW_MS, nowMs),
    signIns: attempts,
  });
  const changes = followStandingChanges(config.databaseUrl, standings, log);
  await changes.started;

  if (config.admin !== null && (await ensureAdmin(pool, passwords, config.admin)) === "taken") {
    log.warn({}, "ADMIN_EMAIL belongs to an account that is no admin: it was left as it is");
  }
  const cleaning = setInterval(() => {
    Promise.all([sessions, passwordResets].map((rows) => rows.deleteExpired(EXPIRED_AT_ONCE))).catch((error: unknown) =>
      log.warn({ err: error }, "expired sessions were not deleted; trying again in a minute"),
    );
  }, EXPIRED_EVERY_MS);
  cleaning.unref();
  const keyUse = createKeyUse(pool, nowMs);
  const flushUse = () =>
    keyUse.flush().catch((error: unknown) => log.warn({ err: error }, "the last use of API keys was not written down"));
  const writingUse = setInterval(flushUse, KEY_USE_EVERY_MS);
  writingUse.unref();

  return {
    accounts: createAccounts({ pool, passwords, standings, mails }),
    sessions,
    passwordResets,
    apiKeys: createApiKeys({ pool, standings }),
    authenticate: createAuthenticate(tokens, standings, keyUse),
    async close() {
      clearInterval(cleaning);
      clearInterval(writingUse);
      await flushUse();
      await changes.close();
    },
  };
}
