import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import type { Clock, Log } from "../commands/ports.ts";
import { INVENTORY_PREFIX, inventoryOf } from "../eventstore/streams.ts";
import { type DueTimers, dueTimers, removeTimers } from "../projections/timers/queries.ts";
import { type Lease, runUnderLease } from "./lease.ts";

export const EXPIRY_LEASE = "expiry";

export interface ExpiryOptions {
  /** With room for {@link STREAMS_AT_ONCE} connections at a time. */
  readonly pool: Pool;
  /**
   * Has an inventory put on record that its due reservations lapsed, as many as one event holds; doing it again does no
   * harm. `remaining`: more are due.
   */
  readonly lapse: (eventId: string, ticketTypeId: string) => Promise<{ readonly remaining: boolean }>;
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
 * Starts seeing to it that reservations whose time is over are put on record as such, in one process at a time. Nothing
 * depends on when: deciders treat what is due as lapsed, this only makes the record and the counts say so.
 */
export function startExpiry(options: ExpiryOptions): { stop(): Promise<void> } {
  const stop = new AbortController();
  const terms = { ...options, name: EXPIRY_LEASE };
  const stopped = runUnderLease(terms, stop.signal, (lease) => runExpiry(options, lease));
  return {
    stop() {
      stop.abort();
      return stopped;
    },
  };
}

async function runExpiry(options: ExpiryOptions, lease: Lease): Promise<void> {
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
        options.log.warn({ err: error, stream: timers.stream }, "due reservations could not be lapsed");
        aside.set(timers.stream, nowMs + (options.retryMs ?? RETRY_MS));
      }
    });
    if (due.length === 0) await sleep(options.idleMs ?? IDLE_MS, undefined, { signal: lease.signal }).catch(() => {});
  }
}

/** Lapses until nothing is due, then takes the timers away. */
async function seeTo({ pool, lapse }: ExpiryOptions, lease: Lease, timers: DueTimers): Promise<void> {
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
