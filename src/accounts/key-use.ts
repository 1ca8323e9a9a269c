import type pg from "pg";

/** When API keys were used last, to know which of them nobody needs any more. */
export interface KeyUse {
  /** Notes that a key was used now. */
  note(keyId: string): void;
  /** Writes down what was noted; it is a try, and loses what can't be written. */
  flush(): Promise<void>;
}

/** Of all keys together one statement, and no more than so many rows: what is beyond is noted at its next use. */
const MOST_NOTED = 10_000;

/** Rows that another node is writing to are left to it: it says about the same, and nobody waits in a circle. */
const WRITE = `
  with used as (select * from unnest($1::uuid[], $2::timestamptz[]) as row (key_id, at)),
       free as (select key_id from accounts.api_key where key_id = any($1) for no key update skip locked)
  update accounts.api_key k set last_used_at = greatest(k.last_used_at, used.at)
    from used join free using (key_id) where k.key_id = used.key_id`;

/**
 * Keeps the uses of a while in memory, so that a busy key costs no more writes than an idle one. A crash loses the uses
 * since the last flush.
 */
export function createKeyUse(pool: Pick<pg.Pool, "query">, nowMs: () => number): KeyUse {
  let noted = new Map<string, number>();
  return {
    note(keyId) {
      if (noted.size < MOST_NOTED || noted.has(keyId)) noted.set(keyId, nowMs());
    },
    async flush() {
      if (noted.size === 0) return;
      const uses = noted;
      noted = new Map();
      await pool.query(WRITE, [[...uses.keys()], [...uses.values()].map((ms) => new Date(ms))]);
    },
  };
}
