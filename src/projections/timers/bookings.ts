import { type FeedEvent, unknownEvent } from "../feed-event.ts";
import type { Timetable } from "./timetable.ts";

/** Whoever recorded an event goes on by himself; when he has not come further by then, he has crashed. */
const LOOK_MS = 5_000;

/**
 * An event that leaves something to be done asks for a look, the ones that end a booking's work take earlier asks back.
 * Events don't say all that is still open (letting go and voiding, returning and refunding go in either order), so some
 * looks find nothing to do; none is missing.
 */
export function askForBookings(feedEvent: FeedEvent, timetable: Timetable): void {
  const recorded = feedEvent.booking();
  if (recorded === null) return;
  const { event, envelope, stored } = recorded;
  const { stream, position } = stored;
  const askSoon = () => timetable.ask(stream, position, Date.parse(envelope.at) + LOOK_MS);
  switch (event.type) {
    case "BookingOpened":
      timetable.settle(stream);
      askSoon();
      timetable.ask(stream, position, Date.parse(event.data.expiresAt));
      return;
    case "BookingAbandoned":
    case "ReservationsLetGo": // the attempt may still have to be voided
      timetable.settle(stream);
      askSoon();
      return;
    case "BookingConfirmed":
      // Right after BookingOpened, without a PaymentRequested between them: there is nothing to pay.
      if (stored.revision === 1) timetable.settle(stream);
      else askSoon();
      return;
    case "PaymentCaptured": // when the booking came to nothing, a RefundRequested follows and asks again
      timetable.settle(stream);
      return;
    case "PaymentRequested":
    case "PaymentActionRequired":
    case "PaymentAuthorized":
    case "PaymentDeclined":
    case "PaymentVoided":
    case "BookingTimedOut":
    case "BookingRevived":
    case "BookingWithdrawn":
    case "TicketsCancelled":
    case "RefundRequested":
      askSoon();
      return;
    case "CancelledTicketsReturned": // what was cancelled or requested has asked for a look already
    case "RefundSucceeded":
      return;
    default:
      unknownEvent(event);
  }
}
