import type { TicketCodes } from "../../commands/tickets.ts";
import { priceOf } from "../../domain/pricing.ts";
import type { SoldBooking } from "../../projections/bookings/sold.ts";
import type { Page } from "../../projections/cursor.ts";
import { bookingView } from "../bookings/view.ts";
import type { Cell } from "../conventions/csv.ts";

/** One line a ticket. Amounts are in minor units, times are UTC. */
export const ATTENDEE_COLUMNS = [
  "bookingId",
  "bookingStatus",
  "bookedAt",
  "paidAt",
  "ticketTypeId",
  "ticketType",
  "ticketId",
  "code",
  "ticketStatus",
  "name",
  "email",
  "amount",
  "currency",
  "seat",
] as const;

/** The tickets of bookings, page by page. */
export async function* attendees(
  pageAfter: (cursor: string | null) => Promise<Page<SoldBooking>>,
  nameOfType: (ticketTypeId: string) => string | null,
  codeOf: TicketCodes,
): AsyncGenerator<readonly Cell[], void, undefined> {
  let cursor: string | null = null;
  do {
    const page: Page<SoldBooking> = await pageAfter(cursor);
    for (const booking of page.items) yield* ticketsOf(booking, nameOfType, codeOf);
    cursor = page.next;
  } while (cursor !== null);
}

function* ticketsOf(
  booking: SoldBooking,
  nameOfType: (ticketTypeId: string) => string | null,
  codeOf: TicketCodes,
): Generator<readonly Cell[], void, undefined> {
  const { bookingId, status, createdAt, paidAt, buyer } = booking;
  for (const line of booking.lines) {
    const { tickets } = bookingView({ ...booking, lines: [line] }, codeOf);
    for (const [ordinal, ticket] of tickets.entries()) {
      yield [
        bookingId,
        status,
        createdAt,
        paidAt,
        ticket.ticketTypeId,
        nameOfType(ticket.ticketTypeId),
        ticket.ticketId,
        ticket.code,
        ticket.status,
        buyer.name,
        buyer.email,
        priceOf(line, ordinal).amount,
        line.unitPrice.currency,
        ticket.seat ?? null,
      ];
    }
  }
}
