import type { BookingOpened, TicketRef } from "../../domain/booking-events.ts";
import type { Counted, Outcome } from "./table.ts";

/** Tickets of one type, as far as a batch says. Times are RFC 3339 UTC. */
export interface StockChange {
  organizerId: string | null;
  ordinal: number;
  openedAt: string | null;
  saleStartsAt: string | null;
  total: number;
  held: number;
  booked: number;
  firstReservedAt: string | null;
  /** How many more are taken than before the batch, less how many more there are: each time that it was more than ever. */
  readonly taken: Peak[];
  /** The same of those that are booked. */
  readonly bought: Peak[];
}

export interface Peak {
  readonly more: number;
  readonly at: string;
}

/** What a batch says of a booking that was opened before it or in it. */
export interface BookingChange {
  outcome: Outcome | null;
  /** `outcome` counts only for one that is OPEN. */
  ifOpen: boolean;
  endedAt: string | null;
  capturedAt: string | null;
}

export interface AskedRefund {
  readonly refundId: string;
  readonly bookingId: string;
  readonly amount: number;
  readonly askedAt: string;
  readonly cause: string;
  /** Tickets that it is for; null: none in particular. */
  readonly tickets: readonly TicketRef[] | null;
  /** The organizer who gives it; null: whoever it is, it is of all lines. */
  readonly givenBy: string | null;
}

export interface CancelledTickets {
  readonly bookingId: string;
  readonly tickets: readonly TicketRef[];
  readonly at: string;
}

export interface UsedAdmission {
  readonly admissionId: string;
  readonly reservationId: string;
  readonly stream: string;
  readonly at: string;
  readonly tickets: number;
}

/** What a batch of events changes, each row once. */
export interface Batch {
  /** By the inventory's stream, then by slot. */
  readonly counts: Map<string, Map<string, Partial<Record<Counted, number>>>>;
  /** By the inventory's stream. */
  readonly stock: Map<string, StockChange>;
  readonly admissions: UsedAdmission[];
  readonly opened: BookingOpened["data"][];
  /** By booking. */
  readonly bookings: Map<string, BookingChange>;
  readonly cancelled: CancelledTickets[];
  readonly asked: AskedRefund[];
  /** When refunds succeeded, by id. */
  readonly succeeded: Map<string, string>;
}

export const newBatch = (): Batch => ({
  counts: new Map(),
  stock: new Map(),
  admissions: [],
  opened: [],
  bookings: new Map(),
  cancelled: [],
  asked: [],
  succeeded: new Map(),
});

export function stockOf(stream: string, { stock }: Batch): StockChange {
  const known = stock.get(stream);
  if (known !== undefined) return known;
  const change: StockChange = {
    organizerId: null,
    ordinal: 0,
    openedAt: null,
    saleStartsAt: null,
    total: 0,
    held: 0,
    booked: 0,
    firstReservedAt: null,
    taken: [],
    bought: [],
  };
  stock.set(stream, change);
  return change;
}

export function bookingOf(bookingId: string, { bookings }: Batch): BookingChange {
  const known = bookings.get(bookingId);
  if (known !== undefined) return known;
  const change: BookingChange = { outcome: null, ifOpen: false, endedAt: null, capturedAt: null };
  bookings.set(bookingId, change);
  return change;
}

/** Adds to counts of a ticket type, in the quarter of an hour that it happened in. */
export function count(
  stream: string,
  slot: string,
  amounts: Partial<Record<Counted, number>>,
  { counts }: Batch,
): void {
  const slots = counts.get(stream) ?? new Map<string, Partial<Record<Counted, number>>>();
  const known = slots.get(slot) ?? {};
  for (const [name, amount] of Object.entries(amounts) as [Counted, number][])
    known[name] = (known[name] ?? 0) + amount;
  counts.set(stream, slots.set(slot, known));
}
