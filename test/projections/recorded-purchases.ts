import type { BookingEvent, BookingLine, BookingOpened, TicketRef } from "../../src/domain/booking-events.ts";
import type { CartEvent } from "../../src/domain/cart-events.ts";
import { bookingStream, cartStream } from "../../src/eventstore/streams.ts";
import {
  ANN,
  EVENT,
  type Fact,
  inInventory,
  inListing,
  MORNING,
  NOON,
  PRICE,
  REGULAR,
  reservationId,
  type Where,
} from "./recorded.ts";

/** A booking's id that is easy to tell from others. */
export const bookingId = (number: number): string => `018f0000-0000-7000-8000-2${String(number).padStart(11, "0")}`;
/** Of an attempt, a refund, a cancellation, an entry of a waitlist. */
export const otherId = (number: number): string => `018f0000-0000-7000-8000-3${String(number).padStart(11, "0")}`;
export const CART = "018f0000-0000-7000-8000-0000000000f1";

/** After MORNING, before NOON. */
export const DEADLINE = "2026-03-01T09:15:00.000Z";
export const CLAIMED_UNTIL = "2026-03-01T09:16:00.000Z";

interface OfReservation extends Where {
  readonly quantity?: number;
  readonly accountId?: string;
}

export const quantityChanged = (number: number, from: number, to: number, what: Where = {}): Fact =>
  inInventory(what, {
    type: "ReservationQuantityChanged",
    data: { reservationId: reservationId(number), previousQuantity: from, quantity: to },
  });

export const claimed = (number: number, booking: number, what: OfReservation = {}): Fact =>
  inInventory(what, {
    type: "ReservationClaimed",
    data: {
      reservationId: reservationId(number),
      bookingId: bookingId(booking),
      accountId: what.accountId ?? ANN,
      quantity: what.quantity ?? 1,
      unitPrice: PRICE,
      deadline: DEADLINE,
      claimedUntil: CLAIMED_UNTIL,
    },
  });

export const claimReleased = (
  number: number,
  booking: number,
  what: Where & { expiresAt?: string; declined?: boolean } = {},
): Fact => {
  const { expiresAt = NOON, declined = true } = what;
  const data = { reservationId: reservationId(number), bookingId: bookingId(booking), declined, expiresAt };
  return inInventory(what, { type: "ClaimReleased", data });
};

export const confirmed = (number: number, booking: number, what: OfReservation = {}): Fact =>
  inInventory(what, {
    type: "ReservationConfirmed",
    data: {
      reservationId: reservationId(number),
      bookingId: bookingId(booking),
      accountId: what.accountId ?? ANN,
      quantity: what.quantity ?? 1,
    },
  });

export const returned = (number: number, booking: number, ordinals: readonly number[], what: Where = {}): Fact =>
  inInventory(what, {
    type: "TicketsReturned",
    data: { reservationId: reservationId(number), bookingId: bookingId(booking), ordinals },
  });

export const closed = (what: Where = {}): Fact =>
  inInventory(what, { type: "InventoryClosed", data: { reason: "event-cancelled" } });

/** One ticket each. */
export const withdrawn = (numbers: readonly number[], what: Where = {}): Fact =>
  inInventory(what, {
    type: "ReservationsWithdrawn",
    data: {
      reason: "event-cancelled",
      reservations: numbers.map((number) => ({ reservationId: reservationId(number), quantity: 1 })),
    },
  });

export const joined = (entry: number, what: OfReservation & { place?: number } = {}): Fact =>
  inInventory(what, {
    type: "WaitlistJoined",
    data: {
      entryId: reservationId(entry),
      accountId: what.accountId ?? ANN,
      quantity: what.quantity ?? 1,
      offerTtlSeconds: 3_600,
      place: what.place ?? 1,
    },
  });

export const offered = (entries: readonly number[], what: OfReservation & { expiresAt?: string } = {}): Fact =>
  inInventory(what, {
    type: "TicketsOffered",
    data: {
      unitPrice: PRICE,
      offers: entries.map((entry) => ({
        entryId: reservationId(entry),
        accountId: what.accountId ?? ANN,
        quantity: what.quantity ?? 1,
        expiresAt: what.expiresAt ?? NOON,
      })),
    },
  });

export const leftWaitlist = (entry: number, what: OfReservation = {}): Fact =>
  inInventory(what, {
    type: "WaitlistLeft",
    data: { entryId: reservationId(entry), accountId: what.accountId ?? ANN },
  });

export const waitlistEnded = (entries: readonly number[], what: OfReservation = {}): Fact =>
  inInventory(what, {
    type: "WaitlistEnded",
    data: {
      reason: "event-cancelled",
      entries: entries.map((entry) => ({ entryId: reservationId(entry), accountId: what.accountId ?? ANN })),
    },
  });

export const eventCancelled = (what: Where = {}): Fact => inListing(what, { type: "ListingCancelled", data: {} });

/** An event of a booking's stream. */
export const ofBooking = (number: number, event: BookingEvent, at: string = MORNING): Fact => ({
  stream: bookingStream(bookingId(number)),
  event,
  at,
  key: null,
});

export const line = (number: number, what: Where & { quantity?: number } = {}): BookingLine => ({
  reservationId: reservationId(number),
  eventId: what.eventId ?? EVENT,
  ticketTypeId: what.ticketTypeId ?? REGULAR,
  quantity: what.quantity ?? 1,
  unitPrice: PRICE,
});

/** The first two events of a booking that has a price, or the only one of one that has none. */
export function bookingOpened(
  number: number,
  lines: readonly BookingLine[],
  what: { at?: string; accountId?: string; cartId?: string; free?: boolean } = {},
): readonly Fact[] {
  const { at = MORNING, accountId = ANN, cartId = null, free = false } = what;
  const sum = lines.reduce((amount, { quantity, unitPrice }) => amount + quantity * unitPrice.amount, 0);
  const total = { amount: free ? 0 : sum, currency: "EUR" };
  const data: BookingOpened["data"] = {
    bookingId: bookingId(number),
    accountId,
    cartId,
    lines,
    events: [],
    total,
    createdAt: at,
    expiresAt: DEADLINE,
  };
  const opened = ofBooking(number, { type: "BookingOpened", data }, at);
  if (free) return [opened];
  const requested = { attemptId: otherId(number), provider: "sandbox", method: "sandbox-ok", amount: total };
  return [opened, ofBooking(number, { type: "PaymentRequested", data: requested }, at)];
}

const charge = (number: number) => ({ attemptId: otherId(number), chargeId: `ch_${number}` });

export const authorized = (number: number, at?: string): Fact =>
  ofBooking(number, { type: "PaymentAuthorized", data: charge(number) }, at);
export const actionRequired = (number: number, at?: string): Fact =>
  ofBooking(number, { type: "PaymentActionRequired", data: charge(number) }, at);
export const bookingConfirmed = (number: number, at?: string): Fact =>
  ofBooking(number, { type: "BookingConfirmed", data: {} }, at);
export const captured = (number: number, at?: string): Fact =>
  ofBooking(number, { type: "PaymentCaptured", data: charge(number) }, at);
export const declined = (number: number, at?: string): Fact =>
  ofBooking(number, { type: "PaymentDeclined", data: { ...charge(number), reason: "insufficient-funds" } }, at);
export const voided = (number: number, at?: string): Fact =>
  ofBooking(number, { type: "PaymentVoided", data: charge(number) }, at);
export const timedOut = (number: number, at?: string): Fact =>
  ofBooking(number, { type: "BookingTimedOut", data: {} }, at);
export const revived = (number: number, at?: string): Fact =>
  ofBooking(number, { type: "BookingRevived", data: charge(number) }, at);
export const bookingWithdrawn = (number: number, at?: string): Fact =>
  ofBooking(number, { type: "BookingWithdrawn", data: { cause: "customer" } }, at);
export const letGo = (number: number, at?: string): Fact =>
  ofBooking(number, { type: "ReservationsLetGo", data: {} }, at);
export const abandoned = (number: number, at?: string): Fact =>
  ofBooking(number, { type: "BookingAbandoned", data: { bookingId: bookingId(number) } }, at);

/** @param refundMinor 0: nothing is given back */
export const ticketsCancelled = (
  number: number,
  cancellation: number,
  tickets: readonly TicketRef[],
  refundMinor: number,
  at?: string,
): Fact => {
  const refund =
    refundMinor === 0 ? null : { refundId: otherId(cancellation), amount: { amount: refundMinor, currency: "EUR" } };
  const data = { cancellationId: otherId(cancellation), tickets, cause: "customer", refund } as const;
  return ofBooking(number, { type: "TicketsCancelled", data }, at);
};

export const ticketsBack = (number: number, cancellation: number, at?: string): Fact =>
  ofBooking(number, { type: "CancelledTicketsReturned", data: { cancellationId: otherId(cancellation) } }, at);

export const refundRequested = (number: number, refund: number, amountMinor: number, at?: string): Fact => {
  const amount = { amount: amountMinor, currency: "EUR" };
  const data = { refundId: otherId(refund), amount, cause: "goodwill" } as const;
  return ofBooking(number, { type: "RefundRequested", data }, at);
};

export const refunded = (number: number, refund: number, at?: string): Fact =>
  ofBooking(
    number,
    { type: "RefundSucceeded", data: { refundId: otherId(refund), providerRefundId: `re_${refund}` } },
    at,
  );

const ofCart = (event: CartEvent, { at = MORNING, accountId = ANN }: { at?: string; accountId?: string }): Fact => ({
  stream: cartStream(accountId),
  event,
  at,
  key: null,
});

interface OfCart {
  readonly at?: string;
  readonly accountId?: string;
  readonly cartId?: string;
  readonly expiresAt?: string;
}

export const cartOpened = (what: OfCart = {}): Fact => {
  const { accountId = ANN, cartId = CART, expiresAt = NOON } = what;
  return ofCart({ type: "CartOpened", data: { cartId, accountId, currency: "EUR", expiresAt } }, what);
};
export const cartTouched = (what: OfCart & { ticketTypeId?: string } = {}): Fact => {
  const { cartId = CART, ticketTypeId = REGULAR } = what;
  return ofCart({ type: "CartLineTouched", data: { cartId, eventId: EVENT, ticketTypeId } }, what);
};
export const cartCheckedOut = (booking: number, what: OfCart = {}): Fact =>
  ofCart({ type: "CartCheckedOut", data: { cartId: what.cartId ?? CART, bookingId: bookingId(booking) } }, what);
export const cartReopened = (booking: number, what: OfCart = {}): Fact =>
  ofCart({ type: "CartReopened", data: { cartId: what.cartId ?? CART, bookingId: bookingId(booking) } }, what);
export const cartCompleted = (booking: number, what: OfCart = {}): Fact =>
  ofCart({ type: "CartCompleted", data: { cartId: what.cartId ?? CART, bookingId: bookingId(booking) } }, what);
export const cartCleared = (what: OfCart = {}): Fact =>
  ofCart({ type: "CartCleared", data: { cartId: what.cartId ?? CART } }, what);
export const cartExpired = (what: OfCart = {}): Fact =>
  ofCart({ type: "CartExpired", data: { cartId: what.cartId ?? CART } }, what);
