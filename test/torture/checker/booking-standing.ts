import type { BookingEvent } from "../../../src/domain/booking-events.ts";

/** A booking after one of its events, as far as its buyer is told of it. */
export interface BookingStanding {
  readonly status: "MISSING" | "PENDING_PAYMENT" | "PAID" | "DECLINED" | "TIMED_OUT" | "CANCELLED";
  /** Tickets that were bought and not cancelled. */
  readonly tickets: number;
  readonly isFree: boolean;
}

export const NO_BOOKING: BookingStanding = { status: "MISSING", tickets: 0, isFree: true };

/** What its buyer is told after the event, by what events mean and nothing else. */
export function standingAfter(before: BookingStanding, event: BookingEvent): BookingStanding {
  const { type, data } = event;
  switch (type) {
    case "BookingOpened": {
      const tickets = data.lines.reduce((sum, { quantity }) => sum + quantity, 0);
      return { status: "PENDING_PAYMENT", tickets, isFree: true };
    }
    case "PaymentRequested":
      return { ...before, isFree: false };
    case "BookingConfirmed":
      return before.isFree ? { ...before, status: "PAID" } : before;
    case "PaymentCaptured": // of one that came to nothing the money is given back
      if (before.status !== "PENDING_PAYMENT") return before;
      return { ...before, status: before.tickets === 0 ? "CANCELLED" : "PAID" };
    case "PaymentDeclined":
      return { ...before, status: "DECLINED" };
    case "BookingTimedOut":
      return { ...before, status: "TIMED_OUT" };
    case "BookingRevived":
      return { ...before, status: "PENDING_PAYMENT" };
    case "BookingWithdrawn":
      return { ...before, status: "CANCELLED" };
    case "TicketsCancelled": {
      const tickets = before.tickets - data.tickets.reduce((sum, { ordinals }) => sum + ordinals.length, 0);
      return { ...before, tickets, status: tickets === 0 ? "CANCELLED" : before.status };
    }
    default:
      return before;
  }
}
