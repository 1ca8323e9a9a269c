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
