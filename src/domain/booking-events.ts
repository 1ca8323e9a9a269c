import type { Seated } from "./inventory-events.ts";
import type { RefundStep } from "./listing-events.ts";
import type { Money } from "./money.ts";

/** One reservation that is bought. */
export interface BookingLine extends Seated {
  readonly reservationId: string;
  readonly eventId: string;
  readonly ticketTypeId: string;
  readonly quantity: number;
  /** Of the first ticket, where there are `prices`. */
  readonly unitPrice: Money;
}

/** What an event said about giving tickets back when they were bought. */
export interface BookedEvent {
  readonly eventId: string;
  readonly organizerId: string;
  readonly startsAt: string | null;
  /** null: in full until `startsAt`. */
  readonly refundPolicy: readonly RefundStep[] | null;
}

/** Some tickets of one reservation, counted from 0. */
export interface TicketRef {
  readonly reservationId: string;
  readonly ordinals: readonly number[];
}

/** All reservations are claimed for this booking; from here on it is either paid for or ends with a cause. */
export interface BookingOpened {
  readonly type: "BookingOpened";
  readonly data: {
    readonly bookingId: string;
    readonly accountId: string;
    /** The cart that was bought; null for reservations of their own. */
    readonly cartId: string | null;
    readonly lines: readonly BookingLine[];
    readonly events: readonly BookedEvent[];
    readonly total: Money;
    /** RFC 3339, as are all times; how old the payment attempt is counts from here. */
    readonly createdAt: string;
    /** Until when it may be paid; it never moves. */
    readonly expiresAt: string;
  };
}

/**
 * A purchase that stopped before its booking was recorded (its process ended) is given up: the first event of a stream,
 * so that the booking can't be opened after all.
 */
export interface BookingAbandoned {
  readonly type: "BookingAbandoned";
  readonly data: { readonly bookingId: string };
}

/** Recorded before the provider is asked; the attempt's id is the key that it is asked with. */
export interface PaymentRequested {
  readonly type: "PaymentRequested";
  readonly data: {
    readonly attemptId: string;
    /** `sandbox` or `stripe`. */
    readonly provider: string;
    /** What the provider calls it. */
    readonly method: string;
    readonly amount: Money;
  };
}

/** The buyer has something to do at the provider, e.g. 3-D Secure. */
export interface PaymentActionRequired {
  readonly type: "PaymentActionRequired";
  readonly data: { readonly attemptId: string; readonly chargeId: string };
}

/** The money is set aside. */
export interface PaymentAuthorized {
  readonly type: "PaymentAuthorized";
  readonly data: { readonly attemptId: string; readonly chargeId: string };
}

/** All of its tickets are booked in their inventories. */
export interface BookingConfirmed {
  readonly type: "BookingConfirmed";
  readonly data: Record<string, never>;
}

/** The money is taken: the booking is paid. */
export interface PaymentCaptured {
  readonly type: "PaymentCaptured";
  readonly data: { readonly attemptId: string; readonly chargeId: string };
}

export interface PaymentDeclined {
  readonly type: "PaymentDeclined";
  readonly data: { readonly attemptId: string; readonly chargeId: string | null; readonly reason: string };
}

/** What was set aside was given back without being taken, or will never be set aside. */
export interface PaymentVoided {
  readonly type: "PaymentVoided";
  readonly data: {
    readonly attemptId: string;
    readonly chargeId: string | null;
    /** Money had been set aside, though too late; absent otherwise. */
    readonly late?: true;
  };
}

/** It was not paid by its `expiresAt`. */
export interface BookingTimedOut {
  readonly type: "BookingTimedOut";
  readonly data: Record<string, never>;
}

/** Paid after the deadline, and the tickets could be taken again. */
export interface BookingRevived {
  readonly type: "BookingRevived";
  readonly data: { readonly attemptId: string; readonly chargeId: string };
}

/** An open booking is withdrawn before it was paid. */
export interface BookingWithdrawn {
  readonly type: "BookingWithdrawn";
  readonly data: {
    /** `tickets-gone`: authorized, but the tickets could not be confirmed. */
    readonly cause: "customer" | "event-cancelled" | "tickets-gone";
  };
}

/** The reservations of a booking that came to nothing are free, or their owner's again. */
export interface ReservationsLetGo {
  readonly type: "ReservationsLetGo";
  readonly data: Record<string, never>;
}

/** Tickets of a paid booking are cancelled. */
export interface TicketsCancelled {
  readonly type: "TicketsCancelled";
  readonly data: {
    readonly cancellationId: string;
    readonly tickets: readonly TicketRef[];
    readonly cause: "customer" | "event-cancelled";
    /** What is given back for them; null when it is nothing. */
    readonly refund: { readonly refundId: string; readonly amount: Money } | null;
  };
}

/** The tickets of a cancellation are back in their inventories. */
export interface CancelledTicketsReturned {
  readonly type: "CancelledTicketsReturned";
  readonly data: { readonly cancellationId: string };
}

/** Money is given back that no cancellation gives back. */
export interface RefundRequested {
  readonly type: "RefundRequested";
  readonly data: {
    readonly refundId: string;
    readonly amount: Money;
    /** `unconfirmed`: taken, though the tickets could not be confirmed. */
    readonly cause: "goodwill" | "unconfirmed";
  };
}

/** The provider has given the money back. */
export interface RefundSucceeded {
  readonly type: "RefundSucceeded";
  readonly data: { readonly refundId: string; readonly providerRefundId: string };
}

export type BookingEvent =
  | BookingOpened
  | BookingAbandoned
  | PaymentRequested
  | PaymentActionRequired
  | PaymentAuthorized
  | BookingConfirmed
  | PaymentCaptured
  | PaymentDeclined
  | PaymentVoided
  | BookingTimedOut
  | BookingRevived
  | BookingWithdrawn
  | ReservationsLetGo
  | TicketsCancelled
  | CancelledTicketsReturned
  | RefundRequested
  | RefundSucceeded;
