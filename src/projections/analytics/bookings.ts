import { bookingOf as idOf } from "../../eventstore/streams.ts";
import { type FeedEvent, unknownEvent } from "../feed-event.ts";
import { type Batch, bookingOf } from "./batch.ts";
import type { Outcome } from "./table.ts";

/** What an event of a booking says of its sale. */
export function applyBooking(recorded: NonNullable<ReturnType<FeedEvent["booking"]>>, batch: Batch): void {
  const { event, envelope, stored } = recorded;
  const { at, actor } = envelope;
  const bookingId = idOf(stored.stream);
  switch (event.type) {
    case "BookingOpened":
      batch.opened.push(event.data);
      return;
    case "BookingConfirmed":
      // Right after BookingOpened, without a PaymentRequested between them: there is nothing to pay.
      if (stored.revision === 1) endsIfOpen(bookingId, "SOLD", at, batch);
      return;
    case "PaymentCaptured":
      bookingOf(bookingId, batch).capturedAt = at;
      endsIfOpen(bookingId, "SOLD", at, batch);
      return;
    case "PaymentDeclined":
      endsIfOpen(bookingId, "DECLINED", at, batch);
      return;
    case "BookingTimedOut":
      ends(bookingId, "TIMED_OUT", at, batch);
      return;
    case "BookingWithdrawn":
      ends(bookingId, "WITHDRAWN", at, batch);
      return;
    case "BookingRevived":
      ends(bookingId, "OPEN", null, batch);
      return;
    case "TicketsCancelled": {
      const { tickets, refund, cause } = event.data;
      batch.cancelled.push({ bookingId, tickets, at });
      if (refund === null) return;
      const { refundId, amount } = refund;
      batch.asked.push({ refundId, bookingId, amount: amount.amount, askedAt: at, cause, tickets, givenBy: null });
      return;
    }
    case "RefundRequested": {
      const { refundId, amount, cause } = event.data;
      const givenBy = "account" in actor && actor.role === "organizer" ? actor.account : null;
      batch.asked.push({ refundId, bookingId, amount: amount.amount, askedAt: at, cause, tickets: null, givenBy });
      return;
    }
    case "RefundSucceeded":
      batch.succeeded.set(event.data.refundId, at);
      return;
    case "BookingAbandoned":
    case "PaymentRequested":
    case "PaymentActionRequired":
    case "PaymentAuthorized":
    case "PaymentVoided":
    case "ReservationsLetGo":
    case "CancelledTicketsReturned":
      return;
    default:
      unknownEvent(event satisfies never);
  }
}

function ends(bookingId: string, outcome: Outcome, at: string | null, batch: Batch): void {
  Object.assign(bookingOf(bookingId, batch), { outcome, endedAt: at, ifOpen: false });
}

/** Money that is taken for a booking that came to nothing does not make it sold: it is given back. */
function endsIfOpen(bookingId: string, outcome: Outcome, at: string, batch: Batch): void {
  const change = bookingOf(bookingId, batch);
  if (change.outcome !== null && change.outcome !== "OPEN") return;
  if (change.outcome === null) change.ifOpen = true;
  Object.assign(change, { outcome, endedAt: at });
}
