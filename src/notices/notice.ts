import type { Money } from "../domain/money.ts";
import type { Position } from "../eventstore/port.ts";

interface OfBooking {
  readonly bookingId: string;
}

interface OfEntry {
  readonly entryId: string;
}

interface OfOffer extends OfEntry {
  readonly expiresAt: string;
  /** Which ones are offered, where tickets are numbered seats. */
  readonly seats?: readonly string[];
}

/** Tickets that a booking lost, and what is given back for them. */
export interface LostTickets extends OfBooking {
  /** null: all of a booking that was not paid yet. `ordinals`: which of a reservation's tickets, from 0. */
  readonly lines:
    | readonly { readonly reservationId: string; readonly quantity: number; readonly ordinals?: readonly number[] }[]
    | null;
  readonly refund: Money | null;
}

/** What people are told of, and by which ids and amounts the rest is found when it is sent. No personal data. */
export interface NoticeAbout {
  readonly "booking-confirmed": OfBooking;
  /** Paid too late, and the tickets could be taken again. */
  readonly "paid-late": OfBooking;
  /** Paid, but the tickets were not to be had any more: the money goes back. */
  readonly "payment-returned": OfBooking;
  readonly "payment-declined": OfBooking;
  readonly "booking-timed-out": OfBooking;
  readonly "tickets-cancelled": LostTickets;
  readonly "event-cancelled": LostTickets;
  readonly "refund-requested": OfBooking & { readonly amount: Money };
  readonly "refund-succeeded": OfBooking & { readonly refundId: string };
  readonly "tickets-resent": OfBooking;
  readonly "cart-expiring": { readonly cartId: string; readonly expiresAt: string };
  readonly "waitlist-joined": OfEntry & { readonly place: number };
  readonly "offer-made": OfOffer;
  readonly "offer-expiring": OfOffer;
  readonly "offer-lapsed": OfEntry;
  readonly "waitlist-ended": OfEntry & { readonly reason: "event-cancelled" | "event-ended" | "sale-closed" };
  /** Somebody wants to choose a new password. */
  readonly "password-reset": { readonly resetId: string };
  /** It was chosen. */
  readonly "password-changed": { readonly at: string };
  readonly "event-changed": { readonly eventId: string; readonly changed: readonly EventChange[] };
}

export type NoticeKind = keyof NoticeAbout;

/** What people who have tickets need to hear of when it changes. */
export const EVENT_CHANGES = ["name", "startsAt", "endsAt", "venue"] as const;
export type EventChange = (typeof EVENT_CHANGES)[number];

/** One kind of notice with what it is about. */
export type Notice = {
  readonly [Kind in NoticeKind]: { readonly kind: Kind; readonly about: NoticeAbout[Kind] };
}[NoticeKind];

/** A notice that waits in the outbox. */
export type PlannedNotice = Notice & {
  /** A UUID that follows from what the notice is about: planning it again adds nothing. */
  readonly messageId: string;
  /** null: whose the booking is. */
  readonly accountId: string | null;
  /** Sent once the read models have passed this; null: they have. */
  readonly position: Position | null;
  /** RFC 3339 UTC, as all times here. */
  readonly dueAt: string;
  /** Of no use to anybody from then on. */
  readonly until: string;
};
