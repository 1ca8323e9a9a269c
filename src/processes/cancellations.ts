import type { Pool } from "pg";
import { forEachOf } from "../commands/a-few-at-a-time.ts";
import type { Position } from "../eventstore/port.ts";
import { type Lease, LeaseLost, runUnderLease } from "../leases/lease.ts";
import { machineTiming } from "../leases/machine-timing.ts";
import type { Log, Timing } from "../ports.ts";
import { ReadModelBehind } from "../projections/consistent-read.ts";
import type { Page } from "../projections/cursor.ts";
import {
  noteClosed,
  noteDone,
  noteTried,
  noteWalked,
  type OpenCancellation,
  openCancellations,
  waitingBookings,
} from "./cancellation-rows.ts";

export const CANCELLATIONS_LEASE = "cancellations";

export interface CancellationsOptions {
  readonly pool: Pool;
  /** Closes every inventory of a cancelled event, if that is not done. @returns a position behind the last close */
  readonly close: (eventId: string) => Promise<Position>;
  /** Ends what is held in the closed inventories, and their waitlists. */
  readonly empty: (eventId: string) => Promise<void>;
  /**
   * Ids of all bookings that were ever made of the event's tickets, in an order that does not change, from a read model
   * that has passed `minPosition`.
   * @throws ReadModelBehind
   */
  readonly bookingsOf: (
    eventId: string,
    page: { readonly cursor: string | null; readonly limit: number },
    minPosition: Position,
  ) => Promise<Page<string>>;
  /**
   * Cancels all that a booking has of the event, and has a refund recorded; doing it again does nothing more. `later`:
   * it is being paid at the moment.
   */
  readonly cancelForEvent: (bookingId: string, eventId: string) => Promise<"done" | "later">;
  /** The log's last position; see `EventStore.head`. */
  readonly head: () => Promise<Position | null>;
  /** Unique to this start of this process. */
  readonly holder: string;
  readonly log: Log;
  readonly idleMs?: number;
  /** How long a booking that has to wait is left alone. */
  readonly retryMs?: number;
  readonly pageSize?: number;
  /** Of the lease; see {@link LeaseTerms}. */
  readonly validMs?: number;
  readonly renewMs?: number;
  readonly timing?: Timing | undefined;
}

const IDLE_MS = 500;
const RETRY_MS = 2_000;
const PAGE_SIZE = 200;
/** Bookings are streams of their own, whose appends share commits. */
const BOOKINGS_AT_ONCE = 64;
const EVENTS_PER_ROUND = 20;

/**
 * Starts giving the money back for events that are cancelled, in one process at a time: inventories are closed and
 * emptied, then every booking that may have tickets is cancelled, a page of each event in turn. No booking is missed:
 * tickets are booked only before the close, by bookings on record before, and the walk waits for a read model that has
 * passed it. How far it has come is on record after each page; a page that is done twice does no harm.
 */
export function startCancellations(options: CancellationsOptions): { stop(): Promise<void> } {
  const stop = new AbortController();
  const terms = { ...options, name: CANCELLATIONS_LEASE };
  const stopped = runUnderLease(terms, stop.signal, (lease) => seeToAll(options, lease));
  return {
    stop() {
      stop.abort();
      return stopped;
    },
  };
}

async function seeToAll(options: CancellationsOptions, lease: Lease): Promise<void> {
  const { pool, log, idleMs = IDLE_MS, timing = machineTiming } = options;
  for (let after: string | null = null; !lease.signal.aborted; ) {
    const open: readonly OpenCancellation[] = await openCancellations(pool, after, EVENTS_PER_ROUND);
    let moved = false;
    for (const cancellation of open) {
      if (lease.signal.aborted) return;
      try {
        moved = (await seeTo(options, lease, cancellation)) || moved;
      } catch (error) {
        if (error instanceof LeaseLost || lease.signal.aborted) throw error;
        const level = error instanceof ReadModelBehind ? "info" : "warn";
        log[level]({ err: error, eventId: cancellation.eventId }, "a cancelled event has to be seen to again");
      }
    }
    after = open.length < EVENTS_PER_ROUND ? null : (open.at(-1)?.eventId ?? null);
    if (!moved && after === null) await timing.pause(idleMs, lease.signal);
  }
}

/** One step of one cancellation. @returns whether there may be another at once */
async function seeTo(options: CancellationsOptions, lease: Lease, open: OpenCancellation): Promise<boolean> {
  const { pool, close, empty, bookingsOf, head, retryMs = RETRY_MS, pageSize = PAGE_SIZE } = options;
  const { eventId, closedPosition, page: cursor, walked } = open;
  if (closedPosition === null) {
    const position = await close(eventId);
    await empty(eventId);
    await noteClosed(pool, lease, eventId, position);
    return true;
  }
  if (!walked) {
    const page = await bookingsOf(eventId, { cursor, limit: pageSize }, closedPosition);
    const { waiting } = await cancelAll(options, lease, eventId, page.items);
    await noteWalked(pool, lease, eventId, page.next, waiting);
    return true;
  }
  const untried = await waitingBookings(pool, eventId, retryMs, pageSize);
  if (untried.length > 0) {
    const { done, waiting } = await cancelAll(options, lease, eventId, untried);
    await noteTried(pool, lease, eventId, done, waiting);
    return untried.length === pageSize;
  }
  // Done is what the read model shows as done: it has to have seen the last refund that was recorded.
  await bookingsOf(eventId, { cursor, limit: 1 }, (await head()) ?? closedPosition);
  await noteDone(pool, lease, eventId);
  return false;
}

/** What fails waits too: one booking that can't be cancelled keeps no other from it. */
async function cancelAll(
  { cancelForEvent, log }: CancellationsOptions,
  lease: Lease,
  eventId: string,
  bookingIds: readonly string[],
): Promise<{ readonly done: readonly string[]; readonly waiting: readonly string[] }> {
  const done: string[] = [];
  const waiting: string[] = [];
  await forEachOf(bookingIds, BOOKINGS_AT_ONCE, async (bookingId) => {
    lease.signal.throwIfAborted();
    const outcome = await cancelForEvent(bookingId, eventId).catch((error: unknown) => {
      log.warn({ err: error, bookingId, eventId }, "a booking of a cancelled event has to be cancelled later");
      return "later" as const;
    });
    (outcome === "done" ? done : waiting).push(bookingId);
  });
  return { done, waiting };
}
