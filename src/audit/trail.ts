import { booking } from "../domain/booking.ts";
import type { BookingEvent } from "../domain/booking-events.ts";
import type { Booking } from "../domain/booking-state.ts";
import { listing } from "../domain/listing.ts";
import type { Listing } from "../domain/listing-state.ts";
import { decode } from "../eventstore/envelope.ts";
import { isLastPage } from "../eventstore/pages.ts";
import type { StoredEvent } from "../eventstore/port.ts";
import { bookingStream, inventoryStream, listingStream } from "../eventstore/streams.ts";
import type { ReadAt } from "../projections/consistent-read.ts";
import { InvalidCursor, type Page } from "../projections/cursor.ts";
import type { TrailQueries, TrailWish } from "../projections/trail/queries.ts";
import { type LedgerDependencies, ledgerAt } from "./checkpoints.ts";
import { type Instant, lastEventAt } from "./instant.ts";
import type { InventoryLedger } from "./inventory-ledger.ts";
import { type AuditedEvent, audited, eventsAt } from "./recorded-events.ts";
import { type StateAsOf, stateAsOf } from "./state-as-of.ts";

export interface AuditPage {
  readonly cursor: string | null;
  /** From 1 to 200. */
  readonly limit: number;
}

/** The books of an inventory, and the event that they were last changed by. */
export interface InventoryAsOf {
  readonly ledger: InventoryLedger;
  readonly last: AuditedEvent;
}

export interface BookingTrail extends Page<AuditedEvent> {
  /** Whose events it has tickets of; none of a purchase that was given up before it was recorded. */
  readonly organizerIds: readonly string[];
}

/** What auditors ask of the log. Whether they may is the caller's to check. */
export interface AuditTrail {
  /**
   * Events in the order of the log, found by what they say.
   * @throws ReadModelBehind
   * @throws InvalidCursor
   * @throws StoreUnavailable
   */
  log(
    wish: TrailWish,
    page: AuditPage & { readonly newestFirst: boolean },
    at: Pick<ReadAt, "minPosition">,
  ): Promise<Page<AuditedEvent>>;
  /**
   * The events of one stream, oldest first; null where there is no such stream.
   * @throws InvalidCursor
   * @throws StoreUnavailable
   */
  stream(stream: string, page: AuditPage): Promise<Page<AuditedEvent> | null>;
  /**
   * All that happened to a booking, over all streams: its own, its reservations', its cart's; null where there is none.
   * @throws ReadModelBehind
   * @throws InvalidCursor
   * @throws StoreUnavailable
   */
  booking(bookingId: string, page: AuditPage, at: Pick<ReadAt, "minPosition">): Promise<BookingTrail | null>;
  /**
   * Whose events a booking has tickets of; none where there is no booking.
   * @throws StoreUnavailable
   */
  organizersOf(bookingId: string): Promise<readonly string[]>;
  /**
   * The books of an inventory as of an instant; null where there was none yet.
   * @throws StoreUnavailable
   */
  inventory(eventId: string, ticketTypeId: string, instant: Instant): Promise<InventoryAsOf | null>;
  /**
   * A booking as commands would have decided on it at an instant; null where there was none yet.
   * @throws StoreUnavailable
   */
  bookingState(bookingId: string, instant: Instant): Promise<StateAsOf<Booking> | null>;
  /**
   * The same of what an organizer says of an event: its listing.
   * @throws StoreUnavailable
   */
  listingState(eventId: string, instant: Instant): Promise<StateAsOf<Listing> | null>;
}

const REVISION = /^\d{1,10}$/;

export function auditTrail({ store, pool, trail }: LedgerDependencies & { readonly trail: TrailQueries }): AuditTrail {
  const bookingEvents = (bookingId: string) =>
    store.read(bookingStream(bookingId), { from: 0, direction: "forwards", maxCount: 4_096 });

  return {
    async log(wish, page, at) {
      const { items, next } = await trail.list(wish, page, at);
      return { items: await eventsAt(store, items), next };
    },

    async stream(stream, { cursor, limit }) {
      const from = cursor === null ? 0 : revisionIn(cursor) + 1;
      const found = await store.read(stream, { from, direction: "forwards", maxCount: limit + 1 });
      if (found.length === 0 && from === 0) return null;
      const shown = found.slice(0, limit);
      const isEnd = found.length <= limit && isLastPage(found, limit + 1);
      return { items: shown.map(audited), next: isEnd ? null : cursorAfter(shown.at(-1)) };
    },

    async organizersOf(bookingId) {
      return aboutBooking(bookingId, await bookingEvents(bookingId)).organizerIds;
    },

    async booking(bookingId, page, at) {
      const own = await bookingEvents(bookingId);
      if (own.length === 0) return null;
      const { subjects, organizerIds } = aboutBooking(bookingId, own);
      const { items, next } = await trail.about(subjects, page, at);
      return { items: await eventsAt(store, items), next, organizerIds };
    },

    async inventory(eventId, ticketTypeId, instant) {
      const stream = inventoryStream(eventId, ticketTypeId);
      const last = await lastEventAt(store, stream, instant);
      if (last === null) return null;
      return { ledger: await ledgerAt({ pool, store }, stream, last.revision), last: audited(last) };
    },

    bookingState: (bookingId, instant) => stateAsOf(store, bookingStream(bookingId), booking, instant),
    listingState: (eventId, instant) => stateAsOf(store, listingStream(eventId), listing, instant),
  };
}

/** The booking, what it is of and the cart that it was bought by, as its own stream tells. */
function aboutBooking(bookingId: string, recorded: readonly StoredEvent[]) {
  for (const stored of recorded) {
    const { event } = decode<BookingEvent>(stored);
    if (event.type !== "BookingOpened") continue;
    const { cartId, lines, events } = event.data;
    return {
      subjects: [bookingId, ...(cartId === null ? [] : [cartId]), ...lines.map(({ reservationId }) => reservationId)],
      organizerIds: events.map(({ organizerId }) => organizerId),
    };
  }
  return { subjects: [bookingId], organizerIds: [] };
}

const cursorAfter = (last: StoredEvent | undefined): string | null =>
  last === undefined ? null : Buffer.from(String(last.revision)).toString("base64url");

/** @throws InvalidCursor */
function revisionIn(cursor: string): number {
  const revision = Buffer.from(cursor, "base64url").toString();
  if (!REVISION.test(revision)) throw new InvalidCursor("the cursor is not one that a list gave");
  return Number(revision);
}
