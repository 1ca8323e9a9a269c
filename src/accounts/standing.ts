import { LRUCache } from "lru-cache";
import type pg from "pg";
import type { Caller } from "./caller.ts";
import type { Role } from "./roles.ts";

/** How a session and its account stand: good for a caller, or why not. */
export type Standing = Caller | "session-ended" | "account-suspended";

/** The standing of sessions, remembered until something is said to have changed. */
export interface Standings {
  /** Answers at once when it is remembered. The promise fails when Postgres can't be reached. */
  of(sessionId: string, accountId: string): Standing | Promise<Standing>;
  /** A session has ended. */
  sessionChanged(sessionId: string): void;
  /** Roles, suspension or kind of an account have changed. */
  accountChanged(accountId: string): void;
  /**
   * Whether changes made by other nodes are heard of at present. While they are not, every request asks Postgres;
   * both turns forget everything.
   */
  hearing(hears: boolean): void;
}

/** Sessions at about 300 bytes each. */
const REMEMBERED_SESSIONS = 50_000;

interface StandingRow {
  readonly roles: Role[];
  readonly guest: boolean;
  readonly suspended: boolean;
}

const STANDING = `
  select a.roles, a.guest, a.suspended
    from accounts.session s join accounts.account a using (account_id)
   where s.session_id = $1 and s.account_id = $2 and s.expires_at > now() and a.erased_at is null`;

export function createStandings(pool: pg.Pool): Standings {
  const sessions = new LRUCache<string, Caller>({ max: REMEMBERED_SESSIONS });
  /** Being asked for now: those who come meanwhile share the answer, as long as nothing is heard to change. */
  const asked = new Map<string, Promise<Standing>>();
  let hears = false;
  /** Counts the changes heard of: what was read while one came in may be from before it, and is not remembered. */
  let changes = 0;

  async function load(sessionId: string, accountId: string): Promise<Standing> {
    const before = changes;
    const { rows } = await pool.query<StandingRow>({
      name: "standing",
      text: STANDING,
      values: [sessionId, accountId],
    });
    const [row] = rows;
    if (row === undefined) return "session-ended";
    if (row.suspended) return "account-suspended";
    const caller: Caller = Object.freeze({ accountId, sessionId, roles: row.roles, guest: row.guest });
    if (hears && before === changes) sessions.set(sessionId, caller);
    return caller;
  }

  /** What is being asked for may be answered from before the change: nobody else waits for it from here on. */
  function changed(): void {
    changes += 1;
    asked.clear();
  }

  return {
    of(sessionId, accountId) {
      const caller = sessions.get(sessionId);
      if (caller !== undefined && caller.accountId === accountId) return caller;
      if (!hears) return load(sessionId, accountId);
      const both = `${sessionId} ${accountId}`;
      const shared = asked.get(both);
      if (shared !== undefined) return shared;
      const loading = load(sessionId, accountId).finally(() => {
        if (asked.get(both) === loading) asked.delete(both);
      });
      asked.set(both, loading);
      return loading;
    },
    sessionChanged(sessionId) {
      changed();
      sessions.delete(sessionId);
    },
    accountChanged(accountId) {
      changed();
      // A walk over all sessions is about a millisecond, and accounts change rarely.
      for (const [sessionId, caller] of sessions) if (caller.accountId === accountId) sessions.delete(sessionId);
    },
    hearing(now) {
      hears = now;
      changed();
      sessions.clear();
    },
  };
}
