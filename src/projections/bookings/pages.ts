import { decodeCursor } from "../cursor.ts";
import type { Booking } from "./booking.ts";

export interface PageWish {
  readonly cursor: string | null;
  /** From 1 to 200 for who asks from outside. */
  readonly limit: number;
}

/** A page ends with the booking that comes to so many: each ticket costs whoever shows it some microseconds. */
const TICKETS_OF_A_PAGE = 10_000;

/** How many of these bookings make a page; one with more tickets than a page has is a page of its own. */
export function withinTickets(bookings: readonly Pick<Booking, "lines">[]): number {
  let tickets = 0;
  const last = bookings.findIndex(({ lines }) => {
    tickets += lines.reduce((sum, { quantity }) => sum + quantity, 0);
    return tickets >= TICKETS_OF_A_PAGE;
  });
  return last < 0 ? bookings.length : last + 1;
}

/** Of the last item shown, for the comparison in SQL. */
export function keyOf(cursor: string | null): readonly [Date | null, string | null] {
  if (cursor === null) return [null, null];
  const { createdAtMs, id } = decodeCursor(cursor);
  return [new Date(createdAtMs), id];
}

/** Where a list of bookings goes on after this one. */
export const cursorOf = ({ createdAt, bookingId }: Pick<Booking, "createdAt" | "bookingId">) => ({
  createdAtMs: Date.parse(createdAt),
  id: bookingId,
});
