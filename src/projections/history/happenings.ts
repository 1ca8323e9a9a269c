import type { BookingEvent } from "../../domain/booking-events.ts";
import type { Actor } from "../../eventstore/envelope.ts";
import type { Position } from "../../eventstore/port.ts";
import { accountOfCart, bookingOf, inventoryOf } from "../../eventstore/streams.ts";
import { type FeedEvent, unknownEvent } from "../feed-event.ts";

/** Something that its owner is told happened. */
export interface Happening {
  readonly position: Position;
  readonly at: string;
  readonly type: string;
  /** null: the booking's. */
  readonly accountId: string | null;
  readonly bookingId: string | null;
  readonly cartId: string | null;
  readonly entryId: string | null;
  readonly eventId: string | null;
  readonly actor: Actor;
  readonly data: object;
}

type Subject = Partial<Pick<Happening, "accountId" | "bookingId" | "cartId" | "entryId" | "eventId">>;

/** What an event says for the histories of bookings and accounts; one says several things only of a waitlist. */
export function happeningsOf(feedEvent: FeedEvent): readonly Happening[] {
  return ofBooking(feedEvent) ?? ofCart(feedEvent) ?? ofWaitlist(feedEvent) ?? [];
}

const NOBODY = { accountId: null, bookingId: null, cartId: null, entryId: null, eventId: null };

function happening(
  { envelope, stored }: NonNullable<ReturnType<FeedEvent["booking" | "cart" | "inventory"]>>,
  subject: Subject,
  data: object = {},
): Happening {
  const { at, actor } = envelope;
  return { ...NOBODY, ...subject, position: stored.position, at, type: stored.type, actor, data };
}

function ofBooking(feedEvent: FeedEvent): readonly Happening[] | null {
  const recorded = feedEvent.booking();
  if (recorded === null) return null;
  const { event, stored } = recorded;
  const bookingId = bookingOf(stored.stream);
  if (event.type !== "BookingOpened") return [happening(recorded, { bookingId }, toldOf(event))];
  const { accountId, cartId, lines, total, expiresAt } = event.data;
  return [happening(recorded, { bookingId, accountId, cartId }, { lines, total, expiresAt })];
}

/** Without what is between the provider and us. */
function toldOf(event: Exclude<BookingEvent, { type: "BookingOpened" }>): object {
  switch (event.type) {
    case "PaymentRequested":
      return { method: event.data.method, amount: event.data.amount };
    case "PaymentDeclined":
      return { reason: event.data.reason };
    case "BookingWithdrawn":
      return { cause: event.data.cause };
    case "TicketsCancelled":
      return { tickets: event.data.tickets, cause: event.data.cause, refund: event.data.refund };
    case "RefundRequested":
      return event.data;
    case "RefundSucceeded":
      return { refundId: event.data.refundId };
    case "BookingAbandoned":
    case "PaymentActionRequired":
    case "PaymentAuthorized":
    case "BookingConfirmed":
    case "PaymentCaptured":
    case "PaymentVoided":
    case "BookingTimedOut":
    case "BookingRevived":
    case "ReservationsLetGo":
    case "CancelledTicketsReturned":
      return {};
    default:
      return unknownEvent(event);
  }
}

function ofCart(feedEvent: FeedEvent): readonly Happening[] | null {
  const recorded = feedEvent.cart();
  if (recorded === null) return null;
  const { event, stored } = recorded;
  const accountId = accountOfCart(stored.stream);
  const { cartId } = event.data;
  switch (event.type) {
    case "CartOpened":
      return [happening(recorded, { accountId, cartId }, { expiresAt: event.data.expiresAt })];
    case "CartCheckedOut":
    case "CartReopened":
    case "CartCompleted":
      return [happening(recorded, { accountId, cartId, bookingId: event.data.bookingId })];
    case "CartCleared":
    case "CartExpired":
      return [happening(recorded, { accountId, cartId })];
    case "CartLineTouched": // the reservation tells
      return [];
    default:
      return unknownEvent(event);
  }
}

function ofWaitlist(feedEvent: FeedEvent): readonly Happening[] | null {
  const recorded = feedEvent.inventory();
  if (recorded === null) return null;
  const { event, stored } = recorded;
  switch (event.type) {
    case "WaitlistJoined": {
      const { accountId, entryId, quantity } = event.data;
      const { eventId, ticketTypeId } = inventoryOf(stored.stream);
      return [happening(recorded, { accountId, entryId, eventId }, { ticketTypeId, quantity })];
    }
    case "WaitlistLeft": {
      const { accountId, entryId } = event.data;
      return [happening(recorded, { accountId, entryId, eventId: inventoryOf(stored.stream).eventId })];
    }
    case "WaitlistEnded": {
      const { entries, reason } = event.data;
      const { eventId } = inventoryOf(stored.stream);
      return entries.map((entry) => happening(recorded, { ...entry, eventId }, { reason }));
    }
    case "TicketsOffered": // an offer is a reservation, which tells
    case "InventoryOpened":
    case "InventoryPublished":
    case "SeatsBlocked":
    case "SeatsUnblocked":
    case "InventoryClosed":
    case "InventoryRemoved":
    case "EventTermsChanged":
    case "TicketTypeTermsChanged":
    case "SalePaused":
    case "SaleResumed":
    case "CapacityChanged":
    case "TicketsReserved":
    case "ReservationQuantityChanged":
    case "ReservationExtended":
    case "ReservationClaimed":
    case "ClaimReleased":
    case "ReservationConfirmed":
    case "ReservationReleased":
    case "ReservationsExpired":
    case "ReservationsWithdrawn":
    case "TicketsReturned":
      return null;
    default:
      return unknownEvent(event);
  }
}
