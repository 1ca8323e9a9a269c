import { remembering } from "../../remembering.ts";

/** Requests of one caller and class in the window that is running. */
export interface Counted {
  /** With the one that was just counted. */
  readonly count: number;
  readonly endsInMs: number;
}

/** Counts requests by caller and class, in windows that begin with the first one. */
export interface RateCounts {
  /**
   * Counts one more. It answers at once, or within a time that a request can wait, and never fails.
   * @param most what is above it is too much, however much it is
   */
  count(key: string, most: number): Counted | Promise<Counted>;
}

/** The counts of this process. */
export interface OwnCounts extends RateCounts {
  count(key: string): Counted;
  /** Takes over what all nodes together have counted. */
  set(key: string, counted: Counted): void;
}

/** At about 200 bytes each; beyond it the least recently seen starts anew. */
const COUNTED_KEYS = 100_000;

interface Window {
  count: number;
  endsAtMs: number;
}

/** @param monotonicMs milliseconds that only grow */
export function createOwnCounts(windowMs: number, monotonicMs: () => number): OwnCounts {
  const windows = remembering<Window>(COUNTED_KEYS);
  return {
    count(key) {
      const nowMs = monotonicMs();
      const window = windows.get(key);
      if (window === undefined || nowMs >= window.endsAtMs) {
        windows.set(key, { count: 1, endsAtMs: nowMs + windowMs });
        return { count: 1, endsInMs: windowMs };
      }
      window.count += 1;
      return { count: window.count, endsInMs: window.endsAtMs - nowMs };
    },
    set(key, { count, endsInMs }) {
      windows.set(key, { count, endsAtMs: monotonicMs() + endsInMs });
    },
  };
}
