import { LRUCache } from "lru-cache";

/** Counts attempts that may be guesses, by a key such as address and e-mail together. */
export interface Attempts {
  /**
   * Counts one more attempt, before it is known how it ends, so that many at once don't slip through.
   * @returns null when it may go on, else the seconds until the next one may
   */
  begin(key: string): number | null;
  /** The attempt was no guess: the count starts anew. */
  succeeded(key: string): void;
}

/** Keys remembered; the least recently used go first. */
const REMEMBERED_KEYS = 100_000;

/**
 * @param most attempts that may fail in a row within a window
 * @param windowMs from the first of them
 */
export function createAttempts(most: number, windowMs: number, nowMs: () => number = Date.now): Attempts {
  const counts = new LRUCache<string, { failed: number; readonly sinceMs: number }>({ max: REMEMBERED_KEYS });
  return {
    begin(key) {
      const now = nowMs();
      const count = counts.get(key);
      if (count === undefined || now >= count.sinceMs + windowMs) {
        counts.set(key, { failed: 1, sinceMs: now });
        return null;
      }
      if (count.failed >= most) return Math.ceil((count.sinceMs + windowMs - now) / 1000);
      count.failed += 1;
      return null;
    },
    succeeded(key) {
      counts.delete(key);
    },
  };
}
