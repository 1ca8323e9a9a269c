import { type TicketCodes, ticketId } from "../../commands/tickets.ts";
import { cameToNothing } from "../../domain/booking.ts";
import type { TicketRef } from "../../domain/booking-events.ts";
import type { OpenedBooking } from "../../domain/booking-state.ts";
import type { Booking } from "../../projections/bookings/booking.ts";
import { pricedView } from "../conventions/seats.ts";
import type { BookingView } from "./schemas.ts";

/** What its owner is shown of a booking, without what follows from it. */
export type BookingFacts = Omit<Booking, "cartId">;

/** A booking as its owner is shown it. */
export function bookingView(facts: BookingFacts, codeOf: TicketCodes): BookingView {
  const { bookingId, accountId, status, lines, total, createdAt, expiresAt, cancelledAt, payment, refunds } = facts;
  return {
    bookingId,
    accountId,
    eventIds: [...new Set(lines.map(({ eventId }) => eventId))],
    status,
    lines: lines.map((line) => {
      const { reservationId, eventId, ticketTypeId, quantity } = line;
      return { reservationId, eventId, ticketTypeId, quantity, ...pricedView(line) };
    }),
    total,
    createdAt,
    expiresAt,
    cancelledAt,
    payment,
    refunds: [...refunds],
    tickets: facts.hasTickets ? lines.flatMap((line) => ticketsOf(line, facts.cancelledTickets, codeOf)) : [],
  };
}

function ticketsOf(
  { reservationId, ticketTypeId, quantity, seats }: OpenedBooking["lines"][number],
  cancelled: readonly TicketRef[],
  codeOf: TicketCodes,
): BookingView["tickets"] {
  const gone = new Set(
    cancelled.filter((one) => one.reservationId === reservationId).flatMap(({ ordinals }) => ordinals),
  );
  return Array.from({ length: quantity }, (_, ordinal) => {
    const id = ticketId(reservationId, ordinal);
    const seat = seats === undefined ? {} : { seat: seats[ordinal] as string };
    return { ticketId: id, code: codeOf(id), ticketTypeId, ...seat, status: gone.has(ordinal) ? "CANCELLED" : "VALID" };
  });
}

/**
 * A booking as its stream has it, for the answer to a purchase, which must not wait for the read models. What became of
 * it after it was paid is left out: a repetition of the purchase gets what the first one got.
 */
export function factsOf(booking: OpenedBooking): BookingFacts {
  const { bookingId, accountId, lines, total, createdAt, expiresAt } = booking;
  return {
    bookingId,
    accountId,
    lines,
    total,
    createdAt,
    expiresAt,
    status: statusOf(booking),
    cancelledAt: null,
    payment: { status: paymentStatusOf(booking) },
    refunds: [],
    hasTickets: booking.status === "paid",
    cancelledTickets: [],
  };
}

function statusOf(booking: OpenedBooking): BookingView["status"] {
  switch (booking.status) {
    case "open":
    case "confirmed":
      return "PENDING_PAYMENT";
    case "paid":
      return "PAID";
    case "declined":
      return "DECLINED";
    case "timed-out":
      return "TIMED_OUT";
    case "withdrawn":
      return "CANCELLED";
  }
}

function paymentStatusOf(booking: OpenedBooking): BookingView["payment"]["status"] {
  switch (booking.payment?.status) {
    case undefined:
      return "NOT_STARTED";
    case "requested":
    case "authorized":
      return "PENDING";
    case "action-required":
      return cameToNothing(booking) ? "PENDING" : "REQUIRES_ACTION";
    case "captured":
      return "SUCCEEDED";
    case "declined":
      return "FAILED";
    case "voided":
      return "VOIDED";
  }
}
