import type { BookingEvent, BookingOpened, PaymentRequested, TicketRef } from "./booking-events.ts";
import type { Decision } from "./decision.ts";

/** Records a purchase whose reservations are all claimed, and that it is going to be paid for. */
export interface OpenBooking {
  readonly type: "OpenBooking";
  readonly booking: BookingOpened["data"];
  /** null for a booking of total 0. */
  readonly payment: Omit<PaymentRequested["data"], "amount"> | null;
}

/** Gives up a purchase that stopped before its booking was recorded; nothing where it was. */
export interface AbandonBooking {
  readonly type: "AbandonBooking";
  readonly bookingId: string;
}

/** What the provider says became of the attempt, when it did not set the money aside. */
export interface NoteNotPaid {
  readonly type: "NoteNotPaid";
  readonly attemptId: string;
  readonly chargeId: string | null;
  readonly outcome: "action-required" | "declined" | "voided";
  /** For `declined`. */
  readonly reason: string;
  /** For `voided`: money had been set aside after the deadline. */
  readonly late?: boolean;
}

/** All tickets are booked, after the money was set aside; or, with `captured`, taken at once. */
export interface ConfirmBooking {
  readonly type: "ConfirmBooking";
  /** null for a booking of total 0. */
  readonly charge: { readonly attemptId: string; readonly chargeId: string; readonly captured: boolean } | null;
}

/** The provider has taken the money. */
export interface NoteCaptured {
  readonly type: "NoteCaptured";
  readonly attemptId: string;
  readonly chargeId: string;
  /** Of the refund, should the booking have come to nothing. */
  readonly refundId: string;
}

export interface TimeOut {
  readonly type: "TimeOut";
}

/** Paid too late, but its tickets are held again. */
export interface Revive {
  readonly type: "Revive";
  readonly attemptId: string;
  readonly chargeId: string;
}

/** Ends it before it is paid. */
export interface Withdraw {
  readonly type: "Withdraw";
  readonly cause: "customer" | "event-cancelled" | "tickets-gone";
}

/** The reservations of a booking that came to nothing were seen to. */
export interface NoteLetGo {
  readonly type: "NoteLetGo";
}

/** Cancels tickets of a paid booking, and promises what the policy gives back. */
export interface CancelTickets {
  readonly type: "CancelTickets";
  readonly cancellationId: string;
  readonly refundId: string;
  /** null: all that are valid. */
  readonly tickets: readonly TicketRef[] | null;
  /** Events that are cancelled: their tickets are refunded in full, whatever the policy says. */
  readonly cancelledEvents: readonly string[];
  /** In minor units, what the buyer was told that he gets; null: whatever it is. */
  readonly expectedTotal: number | null;
}

/** The event is cancelled: what is left of its tickets is, too, and is refunded in full. */
export interface CancelTicketsOfEvent {
  readonly type: "CancelTicketsOfEvent";
  readonly eventId: string;
  readonly cancellationId: string;
  readonly refundId: string;
}

export interface NoteReturned {
  readonly type: "NoteReturned";
  readonly cancellationId: string;
}

/** Money back beyond the policy. */
export interface RequestRefund {
  readonly type: "RequestRefund";
  readonly refundId: string;
  readonly amountMinor: number;
  /** Who gives it, of what was paid for tickets of his own events; absent: an administrator. */
  readonly organizerId?: string;
}

export interface NoteRefunded {
  readonly type: "NoteRefunded";
  readonly refundId: string;
  readonly providerRefundId: string;
}

export type BookingCommand = { readonly atMs: number } & (
  | OpenBooking
  | AbandonBooking
  | NoteNotPaid
  | ConfirmBooking
  | NoteCaptured
  | TimeOut
  | Revive
  | Withdraw
  | NoteLetGo
  | CancelTickets
  | CancelTicketsOfEvent
  | NoteReturned
  | RequestRefund
  | NoteRefunded
);

export type BookingRefusal =
  | "already-exists"
  | "limit-exceeded"
  | "booking-not-found"
  | "booking-not-paid"
  | "payment-in-progress"
  | "ticket-not-found"
  | "ticket-already-cancelled"
  | "refund-changed"
  | "refund-exceeds-payment";

/** One command with its time. */
export type At<Command> = Command & { readonly atMs: number };

export type BookingDecision = Decision<BookingEvent, BookingRefusal>;
