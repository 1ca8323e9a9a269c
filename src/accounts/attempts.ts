import { remembering } from "../remembering.ts";

/** Counts attempts that may be guesses, by a key such as an address. */
export interface Attempts {
  /** Seconds until the next one may go on; null when it may now. */
  waitSeconds(key: string): number | null;
  /** Counts one more, before it is known how it ends, so that many at once don't slip through. */
  count(key: string): void;
  /** One that was counted was no guess. */
  takeBack(key: string): void;
  /** The count starts anew. */
  forget(key: string): void;
}

/** Keys remembered; the least recently used go first. */
const REMEMBERED_KEYS = 100_000;

/**
 * @param most attempts that may fail within a window
 * @param windowMs from the first of them
 */
export function createAttempts(most: number, windowMs: number, nowMs: () => number = Date.now): Attempts {
  const counts = remembering<{ failed: number; readonly sinceMs: number }>(REMEMBERED_KEYS);
  const current = (key: string) => {
    const count = counts.get(key);
    return count === undefined || nowMs() >= count.sinceMs + windowMs ? undefined : count;
  };
  return {
    waitSeconds(key) {
      const count = current(key);
      if (count === undefined || count.failed < most) return null;
      return Math.ceil((count.sinceMs + windowMs - nowMs()) / 1000);
    },
    count(key) {
      const count = current(key);
      if (count === undefined) counts.set(key, { failed: 1, sinceMs: nowMs() });
      else count.failed += 1;
    },
    takeBack(key) {
      const count = current(key);
      if (count !== undefined) count.failed = Math.max(0, count.failed - 1);
    },
    forget(key) {
      counts.delete(key);
    },
  };
}
