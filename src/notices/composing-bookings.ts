import type { Composed } from "./composing.ts";
import type { BookingFacts, NoticeFacts } from "./facts.ts";
import type { LostTickets, Notice } from "./notice.ts";
import { saidLines, ticketsWithCodes } from "./said-tickets.ts";
import { LETTERS, type Letter, type SaidTickets } from "./texts.ts";

/** How soon a booking is looked at again that is about to be paid; it takes milliseconds but for crashes. */
const SOON_PAID_MS = 5_000;

/**
 * Writes what a notice says of a booking, to whose it is.
 * @throws Error the facts can't be had
 */
export async function composeForBooking(notice: Notice, booking: BookingFacts, facts: NoticeFacts): Promise<Composed> {
  const { bookingId, status, total, expiresAt } = booking;
  const say = (letter: Letter): Composed => ({ accountId: booking.accountId, letter });
  const all = () => saidLines(booking.lines, facts);
  const otherwise = { skip: `the booking is ${status}` };
  switch (notice.kind) {
    case "booking-confirmed":
    case "paid-late":
      if (status === "PENDING_PAYMENT") return { waitMs: SOON_PAID_MS };
      if (status !== "PAID") return otherwise;
      return say(LETTERS[notice.kind]({ bookingId, tickets: await ticketsWithCodes(booking, facts), total }));
    case "tickets-resent":
      if (status !== "PAID") return otherwise;
      return say(LETTERS[notice.kind]({ bookingId, tickets: await ticketsWithCodes(booking, facts) }));
    case "payment-returned":
      return status === "PAID" ? otherwise : say(LETTERS[notice.kind]({ bookingId, tickets: await all(), total }));
    case "payment-declined":
      return status === "DECLINED" ? say(LETTERS[notice.kind]({ bookingId, tickets: await all() })) : otherwise;
    case "booking-timed-out":
      if (status !== "TIMED_OUT") return otherwise;
      return say(LETTERS[notice.kind]({ bookingId, tickets: await all(), expiresAt }));
    case "tickets-cancelled": {
      const { refund } = notice.about;
      return say(LETTERS[notice.kind]({ bookingId, tickets: await lost(notice.about, booking, facts), refund }));
    }
    case "event-cancelled": {
      const { refund, lines } = notice.about;
      const tickets = await lost(notice.about, booking, facts);
      return say(LETTERS[notice.kind]({ bookingId, tickets, refund, paid: lines !== null }));
    }
    case "refund-requested": {
      const { amount } = notice.about;
      return say(LETTERS[notice.kind]({ bookingId, tickets: await all(), amount }));
    }
    case "refund-succeeded": {
      const refund = booking.refunds.find(({ refundId }) => refundId === notice.about.refundId);
      if (refund === undefined) return { skip: "no such refund" };
      return say(LETTERS[notice.kind]({ bookingId, tickets: await all(), amount: refund.amount }));
    }
    default:
      throw new Error(`${notice.kind} is not about a booking`);
  }
}

/** The tickets that a booking lost; all of them where it was not paid. */
async function lost(about: LostTickets, booking: BookingFacts, facts: NoticeFacts): Promise<readonly SaidTickets[]> {
  if (about.lines === null) return saidLines(booking.lines, facts);
  const lines = about.lines.flatMap(({ reservationId, quantity, ordinals }) => {
    const line = booking.lines.find((one) => one.reservationId === reservationId);
    if (line === undefined) return [];
    const { eventId, ticketTypeId } = line;
    const seats = ordinals?.flatMap((ordinal) => line.seats?.[ordinal] ?? []) ?? [];
    return [{ eventId, ticketTypeId, quantity, ...(seats.length > 0 && { seats }) }];
  });
  return saidLines(lines, facts);
}
