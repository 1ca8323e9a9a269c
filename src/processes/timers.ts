import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import { eventOfListing, INVENTORY_PREFIX, inventoryOf, LISTING_PREFIX } from "../eventstore/streams.ts";
import { type Lease, runUnderLease } from "../leases/lease.ts";
import type { Clock, Log } from "../ports.ts";
import { type DueTimers, dueTimers, removeTimers } from "../projections/timers/queries.ts";

export const TIMERS_LEASE = "timers";

export interface TimersOptions {
  /** With room for {@link STREAMS_AT_ONCE} connections at a time. */
  readonly pool: Pool;
  /**
   * Has an inventory put on record that its due reservations lapsed, as many as one event holds; doing it again does no
   * harm. `remaining`: more are due.
   */
  readonly lapse: (eventId: string, ticketTypeId: string) => Promise<{ readonly remaining: boolean }>;
  /** Has an event's inventories go by what its listing says now; doing it again does no harm. */
  readonly bringInventoriesUpToDate: (eventId: string) => Promise<unknown>;
  readonly clock: Clock;
  /** Unique to this start of this process. */
  readonly holder: string;
  readonly log: Log;
  /** How often timers are looked at while nothing is due. */
  readonly idleMs?: number;
  /** How long a stream is left aside after it failed. */
  readonly retryMs?: number;
  /** Of the lease; see {@link LeaseTerms}. */
  readonly validMs?: number;
  readonly renewMs?: number;
}

const IDLE_MS = 250;
const RETRY_MS = 5_000;
const STREAMS_PER_ROUND = 100;
const STREAMS_AT_ONCE = 4;
/** Lapses of one stream before others get their turn; the rest follows in the next round. */
const LAPSES_PER_ROUND = 20;
/** Streams that failed and wait; beyond this many the first of them are tried again at once. */
const MAX_ASIDE = 1_000;

/**
 * Starts seeing to what is due, in one process at a time:
 *
 * - reservations whose time is over are put on record as such. Nothing depends on when: deciders treat what is due as
 *   lapsed, this only makes the record and the counts say so;
 * - inventories are made to go by a listing that changed, in case whoever changed it crashed halfway.
 *
 * A timer only wakes it: what is to be done is found in the streams as they are now, so that an old timer does no harm.
 */
export function startTimers(options: TimersOptions): { stop(): Promise<void> } {
  const stop = new AbortController();
  const terms = { ...options, name: TIMERS_LEASE };
  const stopped = runUnderLease(terms, stop.signal, (lease) => runTimers(options, lease));
  return {
    stop() {
      stop.abort();
      return stopped;
    },
  };
}

async function runTimers(options: TimersOptions, lease: Lease): Promise<void> {
  const aside = new Map<string, number>();
  while (!lease.signal.aborted) {
    const nowMs = options.clock.nowMs();
    for (const [stream, untilMs] of aside) if (untilMs <= nowMs || aside.size > MAX_ASIDE) aside.delete(stream);
    const due = await dueTimers(options.pool, nowMs, { except: [...aside.keys()], limit: STREAMS_PER_ROUND });
    await forEachOf(due, STREAMS_AT_ONCE, async (timers) => {
      if (lease.signal.aborted) return;
      try {
        await seeTo(options, lease, timers);
      } catch (error) {
        options.log.warn({ err: error, stream: timers.stream }, "what is due could not be seen to");
        aside.set(timers.stream, nowMs + (options.retryMs ?? RETRY_MS));
      }
    });
    if (due.length === 0) await sleep(options.idleMs ?? IDLE_MS, undefined, { signal: lease.signal }).catch(() => {});
  }
}

/** Does what is due in the stream, then takes the timers away. */
async function seeTo(options: TimersOptions, lease: Lease, timers: DueTimers): Promise<void> {
  const { pool, lapse, bringInventoriesUpToDate } = options;
  if (timers.stream.startsWith(LISTING_PREFIX)) await bringInventoriesUpToDate(eventOfListing(timers.stream));
  if (timers.stream.startsWith(INVENTORY_PREFIX)) {
    const { eventId, ticketTypeId } = inventoryOf(timers.stream);
    for (let lapses = 1; (await lapse(eventId, ticketTypeId)).remaining; lapses += 1) {
      if (lapses >= LAPSES_PER_ROUND || lease.signal.aborted) return;
    }
  }
  await removeTimers(pool, lease, timers);
}

/** A few at a time, all of them, in order. */
async function forEachOf<Item>(items: readonly Item[], atOnce: number, run: (item: Item) => Promise<void>) {
  const rest = items.values();
  const worker = async () => {
    for (const item of rest) await run(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
