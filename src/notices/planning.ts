import { derivedId } from "../commands/derived-id.ts";
import type { BookingEvent } from "../domain/booking-events.ts";
import type { CartEvent } from "../domain/cart-events.ts";
import type { InventoryEvent } from "../domain/inventory-events.ts";
import type { ListingEvent } from "../domain/listing-events.ts";
import type { RecordedEvent } from "../eventstore/envelope.ts";
import type { Position, StoredEvent } from "../eventstore/port.ts";
import { accountOfCart, bookingOf, eventOfListing } from "../eventstore/streams.ts";
import { FeedEvent } from "../projections/feed-event.ts";
import { EVENT_CHANGES, type EventChange, type Notice, type NoticeKind, type PlannedNotice } from "./notice.ts";

/** What a run of events means for those who are told of it. */
export interface Plan {
  readonly notices: PlannedNotice[];
  readonly announcements: PlannedAnnouncement[];
  /** Reservations that their owners gave back: an offer among them needs no word any more. */
  readonly givenBack: string[];
  /** Reservations that ended before their time, by position: who had an offer among them hears of it now. */
  readonly withdrawn: { readonly reservationId: string; readonly at: string; readonly position: Position }[];
}

/** Something to tell everybody who has tickets of an event. */
export interface PlannedAnnouncement {
  readonly announcementId: string;
  readonly eventId: string;
  readonly changed: readonly EventChange[];
  readonly position: Position;
  readonly dueAt: string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** News that could not be sent for so long is none any more. */
const STALE_MS = 7 * DAY_MS;
/** A booking without a price is confirmed right after it is opened. */
const CONFIRMED_SOON_MS = 1_000;
/** A payment may still come until the claims lapse, 60 s after the deadline; only then is it sure that none did. */
const LATE_PAYMENT_MS = 75_000;
/** Terms below this get no warning. A plain hold never does: it is made in the moment of buying, by somebody at the screen. */
const SHORTEST_WARNED_MS = 5 * MINUTE_MS;
const CART_WARNING_MS = 2 * MINUTE_MS;
const LONGEST_OFFER_WARNING_MS = HOUR_MS;
/** Lapses are on record a moment after their time. */
const LAPSED_MS = 5_000;
/** An organizer who corrects a change within this time sends one mail, not two. */
const ANNOUNCED_AFTER_MS = MINUTE_MS;

const PLANNED_FROM: ReadonlySet<string> = new Set<
  BookingEvent["type"] | CartEvent["type"] | InventoryEvent["type"] | ListingEvent["type"]
>([
  "BookingOpened",
  "BookingRevived",
  "PaymentCaptured",
  "PaymentDeclined",
  "PaymentVoided",
  "BookingTimedOut",
  "BookingWithdrawn",
  "TicketsCancelled",
  "RefundRequested",
  "RefundSucceeded",
  "CartOpened",
  "WaitlistJoined",
  "TicketsOffered",
  "WaitlistEnded",
  "ReservationReleased",
  "ReservationsWithdrawn",
  "ListingChanged",
]);

/** Plans what people are told of these events; the same events give the same plan, ids included. */
export function planOf(events: readonly StoredEvent[]): Plan {
  const plan: Plan = { notices: [], announcements: [], givenBack: [], withdrawn: [] };
  for (const stored of events) {
    if (!PLANNED_FROM.has(stored.type)) continue; // most are of no interest here, and parsing is what costs
    const event = new FeedEvent(stored);
    const booking = event.booking();
    const cart = event.cart();
    const inventory = event.inventory();
    const listing = event.listing();
    if (booking !== null) planBooking(booking, plan);
    else if (cart !== null) planCart(cart, plan);
    else if (inventory !== null) planInventory(inventory, plan);
    else if (listing !== null) planListing(listing, plan);
  }
  return plan;
}

/** The notice's id, from its kind and what it is told once for. */
export const messageIdOf = (kind: NoticeKind, ...once: readonly string[]): string =>
  derivedId(["notice", kind, ...once].join("/"));

function planBooking({ event, envelope, stored }: RecordedEvent<BookingEvent>, plan: Plan): void {
  const bookingId = bookingOf(stored.stream);
  const notice = toldOfBooking(event, bookingId);
  if (notice === null) return;
  plan.notices.push({
    ...notice,
    // A booking is paid once: what plans that first says how.
    messageId: PAID.has(event.type) ? messageIdOf("booking-confirmed", bookingId) : messageIdOf(notice.kind, stored.id),
    accountId: null,
    position: stored.position,
    dueAt: later(envelope.at, AFTER_MS[event.type] ?? 0),
    until: later(envelope.at, STALE_MS),
  });
}

const PAID: ReadonlySet<string> = new Set<BookingEvent["type"]>(["BookingOpened", "BookingRevived", "PaymentCaptured"]);

const AFTER_MS: { readonly [Type in BookingEvent["type"]]?: number } = {
  BookingOpened: CONFIRMED_SOON_MS,
  BookingTimedOut: LATE_PAYMENT_MS,
};

function toldOfBooking(event: BookingEvent, bookingId: string): Notice | null {
  const about = { bookingId };
  switch (event.type) {
    case "BookingOpened":
      return event.data.total.amount === 0 ? { kind: "booking-confirmed", about } : null; // the others once they are paid
    case "PaymentCaptured":
      return { kind: "booking-confirmed", about };
    case "BookingRevived":
      return { kind: "paid-late", about };
    case "PaymentDeclined":
      return { kind: "payment-declined", about };
    case "PaymentVoided":
      return event.data.late === true ? { kind: "payment-returned", about } : null;
    case "BookingTimedOut":
      return { kind: "booking-timed-out", about };
    case "BookingWithdrawn":
      if (event.data.cause === "tickets-gone") return { kind: "payment-returned", about };
      if (event.data.cause === "event-cancelled") {
        return { kind: "event-cancelled", about: { bookingId, lines: null, refund: null } };
      }
      return null; // who did it knows
    case "TicketsCancelled": {
      const { tickets, cause, refund } = event.data;
      const lines = tickets.map(({ reservationId, ordinals }) => ({
        reservationId,
        quantity: ordinals.length,
        ordinals,
      }));
      const kind = cause === "event-cancelled" ? "event-cancelled" : "tickets-cancelled";
      return { kind, about: { bookingId, lines, refund: refund?.amount ?? null } };
    }
    case "RefundRequested":
      if (event.data.cause === "unconfirmed") return { kind: "payment-returned", about };
      return { kind: "refund-requested", about: { bookingId, amount: event.data.amount } };
    case "RefundSucceeded":
      return { kind: "refund-succeeded", about: { bookingId, refundId: event.data.refundId } };
    default:
      return null;
  }
}

function planCart({ event, envelope, stored }: RecordedEvent<CartEvent>, plan: Plan): void {
  if (event.type !== "CartOpened") return;
  const { cartId, expiresAt } = event.data;
  if (termMs(envelope.at, expiresAt) < SHORTEST_WARNED_MS) return;
  plan.notices.push({
    kind: "cart-expiring",
    about: { cartId, expiresAt },
    messageId: messageIdOf("cart-expiring", stored.id),
    accountId: accountOfCart(stored.stream),
    position: stored.position,
    dueAt: later(expiresAt, -CART_WARNING_MS),
    until: expiresAt,
  });
}

function planInventory({ event, envelope, stored }: RecordedEvent<InventoryEvent>, plan: Plan): void {
  const { at } = envelope;
  const { position } = stored;
  const add = (notice: Notice, entryId: string, accountId: string, dueAt: string, until: string) => {
    const messageId = messageIdOf(notice.kind, entryId); // each is told once of an entry
    plan.notices.push({ ...notice, messageId, accountId, position, dueAt, until });
  };
  switch (event.type) {
    case "WaitlistJoined": {
      const { entryId, accountId, place } = event.data;
      add({ kind: "waitlist-joined", about: { entryId, place } }, entryId, accountId, at, later(at, DAY_MS));
      break;
    }
    case "TicketsOffered":
      for (const { entryId, accountId, expiresAt, seats } of event.data.offers) {
        const about = { entryId, expiresAt, ...(seats !== undefined && { seats }) };
        add({ kind: "offer-made", about }, entryId, accountId, at, expiresAt);
        const term = termMs(at, expiresAt);
        if (term >= SHORTEST_WARNED_MS) {
          const warned = later(expiresAt, -Math.min(LONGEST_OFFER_WARNING_MS, term / 4));
          add({ kind: "offer-expiring", about }, entryId, accountId, warned, expiresAt);
        }
        const lapsed = later(expiresAt, LAPSED_MS);
        add({ kind: "offer-lapsed", about: { entryId } }, entryId, accountId, lapsed, later(expiresAt, 2 * DAY_MS));
      }
      break;
    case "WaitlistEnded":
      for (const { entryId, accountId } of event.data.entries) {
        const about = { entryId, reason: event.data.reason };
        add({ kind: "waitlist-ended", about }, entryId, accountId, at, later(at, STALE_MS));
      }
      break;
    case "ReservationReleased":
      plan.givenBack.push(event.data.reservationId);
      break;
    case "ReservationsWithdrawn":
      for (const { reservationId } of event.data.reservations) plan.withdrawn.push({ reservationId, at, position });
      break;
  }
}

function planListing({ event, envelope, stored }: RecordedEvent<ListingEvent>, plan: Plan): void {
  if (event.type !== "ListingChanged") return;
  const { changes } = event.data;
  const changed = EVENT_CHANGES.filter((change) => changes[change] !== undefined);
  if (changed.length === 0) return;
  plan.announcements.push({
    announcementId: stored.id,
    eventId: eventOfListing(stored.stream),
    changed,
    position: stored.position,
    dueAt: later(envelope.at, ANNOUNCED_AFTER_MS),
  });
}

const later = (time: string, ms: number): string => new Date(Date.parse(time) + ms).toISOString();
const termMs = (from: string, to: string): number => Date.parse(to) - Date.parse(from);
