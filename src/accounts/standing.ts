import type { LRUCache } from "lru-cache";
import type pg from "pg";
import { remembering } from "../remembering.ts";
import type { Caller } from "./caller.ts";
import { inBatches } from "./in-batches.ts";
import type { Role } from "./roles.ts";
import type { Scope } from "./scopes.ts";

/** How a session and its account stand: good for a caller, or why not. */
export type Standing = Caller | "session-ended" | "account-suspended";

/** The same for an API key; `token-invalid`: there is no such key, or not any more. */
export type KeyStanding = Caller | "token-invalid" | "account-suspended";

/** The standing of sessions and API keys, remembered until something is said to have changed. */
export interface Standings {
  /** Answers at once when it is remembered. The promise fails when Postgres can't be reached. */
  of(sessionId: string, accountId: string): Standing | Promise<Standing>;
  /** The same for a key, by its hash. */
  ofKey(keyHash: string): KeyStanding | Promise<KeyStanding>;
  /** A session has ended. */
  sessionChanged(sessionId: string): void;
  /** An API key was revoked. */
  keyChanged(keyId: string): void;
  /** Roles, suspension or kind of an account have changed, or all its sessions or keys have ended. */
  accountChanged(accountId: string): void;
  /**
   * Whether changes made by other nodes are heard of at present. While they are not, every request asks Postgres;
   * both turns forget everything.
   */
  hearing(hears: boolean): void;
}

/** Sessions and keys at about 300 bytes each. */
const REMEMBERED_SESSIONS = 50_000;
const REMEMBERED_KEYS = 10_000;

interface StandingRow {
  readonly account_id: string;
  readonly roles: Role[];
  readonly guest: boolean;
  readonly suspended: boolean;
}

interface KeyRow extends StandingRow {
  readonly key_id: string;
  readonly scopes: Scope[];
}

interface SessionRow extends StandingRow {
  readonly session_id: string;
}

/** A session as a token names it. */
interface NamedSession {
  readonly sessionId: string;
  readonly accountId: string;
}

/**
 * Everybody who comes for the first time is looked up: a crowd by questions for all who come in a turn of the event loop, 128 at
 * most. Of 64 connections with a new session in each request that is 23 a question.
 */
const LOOK_UPS = { underWay: 4, most: 128 };
const STANDINGS = `
  select s.session_id, s.account_id, a.roles, a.guest, a.suspended
    from unnest($1::uuid[], $2::uuid[]) as named (session_id, account_id)
    join accounts.session s on s.session_id = named.session_id and s.account_id = named.account_id
    join accounts.account a on a.account_id = s.account_id
   where s.expires_at > now() and a.erased_at is null`;
const STANDING_OF_KEY = `
  select k.account_id, k.key_id, k.scopes, a.roles, a.guest, a.suspended
    from accounts.api_key k join accounts.account a using (account_id)
   where k.key_hash = $1 and a.erased_at is null`;

/** While the primary does not answer for so long, a replica is asked, where there is one. */
const PRIMARY_WITHIN_MS = 1_000;

/**
 * @param replica of the same database, or null. What it says may be old, but while the primary is away nobody can change
 * what it says either; so whoever may read goes on reading.
 */
export function createStandings(pool: pg.Pool, replica: pg.Pool | null = null): Standings {
  const sessions = remembering<Caller>(REMEMBERED_SESSIONS);
  const keys = remembering<Caller>(REMEMBERED_KEYS);
  /** Being asked for now: those who come meanwhile share the answer, as long as nothing is heard to change. */
  const asked = new Map<string, Promise<Standing | KeyStanding>>();
  let hears = false;
  /** Counts the changes heard of: what was read while one came in may be from before it, and is not remembered. */
  let changes = 0;

  async function rowsOf<Row extends StandingRow>(query: pg.QueryConfig) {
    const asked = pool.query<Row>(query);
    if (replica === null) return { rows: (await asked).rows, mayBeOld: false };
    const tooLong = Promise.withResolvers<null>();
    const timer = setTimeout(tooLong.resolve, PRIMARY_WITHIN_MS, null);
    const answered = await Promise.race([asked, tooLong.promise]).catch(() => null);
    clearTimeout(timer);
    if (answered !== null) return { rows: answered.rows, mayBeOld: false };
    return { rows: (await replica.query<Row>(query)).rows, mayBeOld: true };
  }

  /** Their ids are UUIDs, as tokens are checked for: one that is not would be an error for all that are asked for with it. */
  async function loadSessions(named: readonly NamedSession[]): Promise<readonly Standing[]> {
    const before = changes;
    const { rows, mayBeOld } = await rowsOf<SessionRow>({
      name: "standings",
      text: STANDINGS,
      values: [named.map(({ sessionId }) => sessionId), named.map(({ accountId }) => accountId)],
    });
    const bySession = new Map(rows.map((row) => [row.session_id, row]));
    const remembers = hears && before === changes && !mayBeOld;
    return named.map(({ sessionId, accountId }): Standing => {
      const row = bySession.get(sessionId);
      if (row === undefined || row.account_id !== accountId) return "session-ended";
      if (row.suspended) return "account-suspended";
      const caller = Object.freeze({ accountId, sessionId, apiKey: null, roles: row.roles, guest: row.guest });
      if (remembers) sessions.set(sessionId, caller);
      return caller;
    });
  }
  const loadSession = inBatches(loadSessions, LOOK_UPS);

  async function loadKey(keyHash: string): Promise<KeyStanding> {
    const before = changes;
    const { rows, mayBeOld } = await rowsOf<KeyRow>({
      name: "standing-of-key",
      text: STANDING_OF_KEY,
      values: [keyHash],
    });
    const [row] = rows;
    if (row === undefined) return "token-invalid";
    if (row.suspended) return "account-suspended";
    const { account_id: accountId, key_id: keyId, scopes, roles, guest } = row;
    const caller = Object.freeze({ accountId, sessionId: null, apiKey: { keyId, scopes }, roles, guest });
    if (hears && before === changes && !mayBeOld) keys.set(keyHash, caller);
    return caller;
  }

  /** What is loaded under a name now, or from now on. */
  function shared<Loaded extends Standing | KeyStanding>(name: string, start: () => Promise<Loaded>): Promise<Loaded> {
    if (!hears) return start();
    const underway = asked.get(name);
    if (underway !== undefined) return underway as Promise<Loaded>; // a name is of one kind
    const loading = start().finally(() => {
      if (asked.get(name) === loading) asked.delete(name);
    });
    asked.set(name, loading);
    return loading;
  }

  /** What is being asked for may be answered from before the change: nobody else waits for it from here on. */
  function changed(): void {
    changes += 1;
    asked.clear();
  }

  /** A walk over all is about a millisecond, and accounts and keys change rarely. */
  function forget(callers: LRUCache<string, Caller>, isMeant: (caller: Caller) => boolean): void {
    for (const [name, caller] of callers) if (isMeant(caller)) callers.delete(name);
  }

  return {
    of(sessionId, accountId) {
      const caller = sessions.get(sessionId);
      if (caller !== undefined && caller.accountId === accountId) return caller;
      return shared(`${sessionId} ${accountId}`, () => loadSession({ sessionId, accountId }));
    },
    ofKey: (keyHash) => keys.get(keyHash) ?? shared(`key ${keyHash}`, () => loadKey(keyHash)),
    sessionChanged(sessionId) {
      changed();
      sessions.delete(sessionId);
    },
    keyChanged(keyId) {
      changed();
      forget(keys, ({ apiKey }) => apiKey?.keyId === keyId);
    },
    accountChanged(accountId) {
      changed();
      for (const callers of [sessions, keys]) forget(callers, (caller) => caller.accountId === accountId);
    },
    hearing(now) {
      hears = now;
      changed();
      for (const callers of [sessions, keys]) callers.clear();
    },
  };
}
