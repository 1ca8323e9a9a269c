import type { BookingEvent, BookingOpened } from "../../../src/domain/booking-events.ts";
import type { InventoryEvent } from "../../../src/domain/inventory-events.ts";
import { decode } from "../../../src/eventstore/envelope.ts";
import { bookingStream } from "../../../src/eventstore/streams.ts";
import type { Entry, Journal } from "../journal.ts";
import type { StoreServer } from "../store.ts";

/** What was said of a booking, and is not on record by then. */
export function brokenBookings({ entries }: Journal, server: StoreServer): readonly string[] {
  return entries.flatMap((entry) => {
    const missing = missingOf(entry, server);
    return missing === null ? [] : [`${entry.ask.do} by ${entry.requestId}: granted without ${missing}`];
  });
}

function missingOf({ ask, answer, endedMs }: Entry, { memory, recordedAtMs }: StoreServer): string | null {
  if (answer?.told !== "granted") return null;
  const isRecorded = (booking: string, ...types: readonly string[]): boolean =>
    memory
      .eventsOf(bookingStream(booking))
      .some(({ type, position }) => types.includes(type) && (recordedAtMs[Number(position) - 1] as number) <= endedMs);
  switch (ask.do) {
    case "buy": {
      const { id = "" } = answer.facts;
      if (!isRecorded(id, "BookingOpened")) return "BookingOpened";
      const isPaid = answer.status === "paid" || answer.status === "confirmed";
      return isPaid && !isRecorded(id, "BookingConfirmed") ? "BookingConfirmed" : null;
    }
    case "cancel":
      return isRecorded(ask.booking, "TicketsCancelled", "BookingWithdrawn") ? null : "anything cancelled";
    case "refund":
      return isRecorded(ask.booking, "RefundRequested") ? null : "RefundRequested";
    default:
      return null;
  }
}

/** What no booking's record may say: confirmed without its tickets, or without them while they are kept for it. */
export function brokenPurchases({ log }: StoreServer): readonly string[] {
  const faults: string[] = [];
  const opened = new Map<string, BookingOpened["data"]>();
  /** Reservations that were confirmed, each with the booking that has it. */
  const confirmed = new Set<string>();
  for (const stored of log) {
    const { event, envelope } = decode<BookingEvent | InventoryEvent>(stored);
    const about = (fault: string) => faults.push(`${stored.stream}@${stored.revision}: ${fault}`);
    const booking = opened.get(stored.stream);
    switch (event.type) {
      case "BookingOpened":
        opened.set(stored.stream, event.data);
        break;
      case "ReservationConfirmed":
        confirmed.add(`${event.data.reservationId} ${event.data.bookingId}`);
        break;
      case "BookingConfirmed":
        for (const { reservationId } of booking?.lines ?? []) {
          if (!confirmed.has(`${reservationId} ${booking?.bookingId}`)) about(`confirmed without ${reservationId}`);
        }
        break;
      case "BookingWithdrawn":
        if (event.data.cause === "tickets-gone" && envelope.at < (booking?.expiresAt ?? "")) {
          about("its tickets are gone before its deadline");
        }
        break;
    }
  }
  return faults;
}
