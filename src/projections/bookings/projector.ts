import { bookingOf } from "../../eventstore/streams.ts";
import { type FeedEvent, unknownEvent } from "../feed-event.ts";
import type { Projection, Write } from "../projection.ts";
import { BookingChanges } from "./changes.ts";
import { BOOKINGS, createTables, LINES, REFUNDS } from "./table.ts";
import { cancelLines, insertBookings, insertLines, insertRefunds, succeedRefunds, updateBookings } from "./writes.ts";

/** Bookings with their lines and refunds: a batch is at most one statement for each kind of change. */
export const bookings: Projection = {
  name: "bookings",
  version: 2,
  views: [BOOKINGS, LINES, REFUNDS],
  createTables,
  writes(events, generation) {
    const changes = new BookingChanges();
    for (const event of events) apply(event, changes);
    const { opened, changed, cancelledLines, asked, succeeded } = changes;
    const writes: Write[] = [];
    if (opened.size > 0) writes.push(insertBookings(opened, generation), insertLines(opened, generation));
    if (changed.size > 0) writes.push(updateBookings(changed, generation));
    if (cancelledLines.size > 0) writes.push(cancelLines([...cancelledLines.values()], generation));
    if (asked.size > 0) writes.push(insertRefunds(asked, generation));
    if (succeeded.size > 0) writes.push(succeedRefunds(succeeded, generation));
    return writes;
  },
};

function apply(feedEvent: FeedEvent, changes: BookingChanges): void {
  const recorded = feedEvent.booking();
  if (recorded === null) return;
  const { event, envelope, stored } = recorded;
  const { at } = envelope;
  const bookingId = bookingOf(stored.stream);
  switch (event.type) {
    case "BookingOpened":
      changes.open(bookingId, event.data);
      return;
    case "PaymentRequested":
      changes.of(bookingId).payment = "PENDING";
      changes.of(bookingId).attempt = event.data;
      return;
    case "PaymentActionRequired":
      changes.of(bookingId).payment = "REQUIRES_ACTION";
      changes.of(bookingId).chargeId = event.data.chargeId;
      return;
    case "PaymentAuthorized":
      changes.of(bookingId).payment = "PENDING";
      changes.of(bookingId).chargeId = event.data.chargeId;
      return;
    case "BookingConfirmed":
      // Right after BookingOpened, without a PaymentRequested between them: there is nothing to pay.
      if (stored.revision === 1) changes.setStatusIfPending(bookingId, "PAID");
      return;
    case "PaymentCaptured": {
      changes.setStatusIfPending(bookingId, "PAID");
      const change = changes.of(bookingId);
      change.payment = "SUCCEEDED";
      change.chargeId = event.data.chargeId;
      change.capturedAt = at;
      return;
    }
    case "PaymentDeclined":
      changes.setStatusIfPending(bookingId, "DECLINED");
      changes.of(bookingId).payment = "FAILED";
      changes.of(bookingId).chargeId = event.data.chargeId;
      return;
    case "PaymentVoided":
      changes.of(bookingId).payment = "VOIDED";
      changes.of(bookingId).chargeId = event.data.chargeId;
      return;
    case "BookingTimedOut":
      changes.setStatus(bookingId, "TIMED_OUT");
      return;
    case "BookingRevived":
      changes.setStatus(bookingId, "PENDING_PAYMENT");
      changes.of(bookingId).chargeId = event.data.chargeId;
      return;
    case "BookingWithdrawn":
      changes.setStatus(bookingId, "CANCELLED");
      changes.of(bookingId).withdrawnAt = at;
      return;
    case "TicketsCancelled": {
      const { tickets, refund } = event.data;
      changes.cancelTickets(bookingId, tickets, at);
      if (refund !== null) changes.askRefund(bookingId, refund.refundId, refund.amount, at);
      return;
    }
    case "RefundRequested":
      changes.askRefund(bookingId, event.data.refundId, event.data.amount, at);
      return;
    case "RefundSucceeded":
      changes.succeedRefund(event.data.refundId, at);
      return;
    case "BookingAbandoned": // there is no booking of which this would be told
    case "ReservationsLetGo":
    case "CancelledTicketsReturned":
      return;
    default:
      unknownEvent(event);
  }
}
