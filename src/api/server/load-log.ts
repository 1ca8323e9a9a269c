import type { Log } from "../../ports.ts";

/** At most one line in so long. */
const EVERY_MS = 10_000;

/** Tells the operator, now and then, that more comes than can be served. */
export interface LoadLog {
  refused(): void;
  dropped(): void;
  close(): void;
}

export function createLoadLog(log: Log): LoadLog {
  let refused = 0;
  let dropped = 0;
  let timer: NodeJS.Timeout | undefined;

  function tell(): void {
    timer = undefined;
    log.warn({ refused, dropped }, "more comes than can be served: requests were refused, or connections closed");
    refused = 0;
    dropped = 0;
  }
  function later(): void {
    if (timer !== undefined) return;
    timer = setTimeout(tell, EVERY_MS);
    timer.unref();
  }

  return {
    refused() {
      refused += 1;
      later();
    },
    dropped() {
      dropped += 1;
      later();
    },
    close() {
      clearTimeout(timer);
      if (timer !== undefined) tell();
    },
  };
}
