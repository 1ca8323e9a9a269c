import type { Log } from "../../ports.ts";
import type { Counted, OwnCounts, RateCounts } from "./rate-counts.ts";

/** A connection to where all nodes count. It counts until it fails once; what comes then is another connection. */
export interface CountingLink {
  /** Counts one more. @throws Error the connection is of no use any more */
  count(key: string): Promise<Counted>;
  /** Lets go of it at once; what is asked fails. */
  drop(): void;
}

/**
 * @param signal nobody waits for the connection any more: it is let go of
 * @throws Error there is none to be had now
 */
export type OpenLink = (onLost: (error: unknown) => void, signal: AbortSignal) => Promise<CountingLink>;

export interface SharedCounts extends RateCounts {
  /** Whether other nodes' requests are counted too at present. */
  readonly shared: boolean;
  close(): void;
}

export interface SharedCountsDependencies {
  readonly own: OwnCounts;
  readonly open: OpenLink;
  readonly log: Log;
  /** A request waits for the shared count for as long at most, once; from then on it is counted here. */
  readonly answersWithinMs: number;
  readonly opensWithinMs: number;
  readonly tryAgainAfterMs: number;
}

/**
 * Counts of all nodes together. No request fails or hangs because of them: while they can't be had, each node counts by
 * itself and goes on from what was known; a connection is looked for meanwhile, beside the requests.
 */
export async function openSharedCounts(dependencies: SharedCountsDependencies): Promise<SharedCounts> {
  const { own, open, log, answersWithinMs, opensWithinMs, tryAgainAfterMs } = dependencies;
  let link: CountingLink | null = null;
  let again: NodeJS.Timeout | undefined;
  let closed = false;
  let told = false;

  /** Never fails. */
  async function connect(): Promise<void> {
    const given = new AbortController();
    let opened: CountingLink | null = null;
    const onLost = (error: unknown) => {
      if (opened !== null) lost(opened, error);
    };
    try {
      opened = await inTime(opensWithinMs, open(onLost, given.signal));
    } catch (error) {
      given.abort();
      return lost(null, error);
    }
    if (closed) return opened.drop();
    link = opened;
    if (told) log.info({}, "rate limits are counted together with the other nodes again");
    told = false;
  }

  function lost(which: CountingLink | null, error: unknown): void {
    if (which !== link || closed) return; // one of before, whose end is known
    link?.drop();
    link = null;
    if (!told) log.warn({ err: error }, "Redis does not answer: rate limits are counted by each node until it does");
    told = true;
    again = setTimeout(connect, tryAgainAfterMs);
    again.unref();
  }

  async function countTogether(by: CountingLink, key: string, alone: Counted): Promise<Counted> {
    try {
      const counted = await inTime(answersWithinMs, by.count(key));
      own.set(key, counted);
      return counted;
    } catch (error) {
      lost(by, error);
      return alone;
    }
  }

  await connect();
  return {
    get shared() {
      return link !== null;
    },
    count(key, most) {
      const alone = own.count(key);
      // Whoever is known to have had too much is refused without asking anybody.
      return link === null || alone.count > most ? alone : countTogether(link, key, alone);
    },
    close() {
      closed = true;
      clearTimeout(again);
      link?.drop();
      link = null;
    },
  };
}

/** What comes in time. A turn of the event loop is given to what has arrived and only we did not come to. */
async function inTime<Value>(ms: number, promise: Promise<Value>): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => setImmediate(() => late.reject(new Error(`no answer within ${ms} ms`))), ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
