import type { EventTerms, TicketTypeTerms } from "../../domain/inventory-events.ts";
import { bookingStream, inventoryOf, listingStream } from "../../eventstore/streams.ts";
import { type FeedEvent, unknownEvent } from "../feed-event.ts";
import type { Timetable } from "./timetable.ts";

/** A purchase that has not recorded its booking so long after it claimed a reservation has come to nothing. */
const UNRECORDED_BOOKING_MS = 10_000;
/** An event of so many offers may have had no room for all of them: more may follow at once. */
const FULL_OFFERS = 100;

/** Reservations, claims and offers lapse, an end of sale ends the waitlist, and what is closed empties in portions. */
export function askForInventories(feedEvent: FeedEvent, timetable: Timetable): void {
  const recorded = feedEvent.inventory();
  if (recorded === null) return;
  const { event, envelope, stored } = recorded;
  const { stream, position } = stored;
  const ask = (time: string) => timetable.ask(stream, position, Date.parse(time));
  /**
   * Whether it is what the listing says: who told it may have been slower than another one, and have crashed then. And for
   * fewer tickets an inventory changes before its listing.
   */
  const askListing = () => {
    timetable.ask(listingStream(inventoryOf(stream).eventId), position, Date.parse(envelope.at));
  };
  switch (event.type) {
    case "TicketsReserved":
    case "ReservationExtended":
    case "ClaimReleased": // its own time may have come while it was claimed
      ask(event.data.expiresAt);
      return;
    case "ReservationClaimed": {
      ask(event.data.claimedUntil);
      const booking = bookingStream(event.data.bookingId);
      timetable.ask(booking, position, Date.parse(envelope.at) + UNRECORDED_BOOKING_MS);
      return;
    }
    case "TicketsOffered":
      for (const { expiresAt } of event.data.offers) ask(expiresAt);
      if (event.data.offers.length >= FULL_OFFERS) ask(envelope.at);
      return;
    case "InventoryOpened":
      for (const time of endsOf(event.data.eventTerms, event.data.terms)) ask(time);
      return;
    case "EventTermsChanged":
      for (const time of endsOf(event.data, null)) ask(time);
      ask(event.data.saleStartsAt); // what those who wait for a sale that was put off can be offered then
      askListing();
      return;
    case "TicketTypeTermsChanged": {
      const { saleStartsAt, saleEndsAt } = event.data;
      ask(envelope.at); // somebody who waits may have more tickets now
      ask(saleStartsAt);
      if (saleEndsAt !== null) ask(saleEndsAt);
      askListing();
      return;
    }
    case "SaleResumed":
      ask(envelope.at); // there may be more to offer than went into one decision
      askListing();
      return;
    case "SalePaused":
      askListing();
      return;
    case "InventoryClosed":
      ask(envelope.at);
      return;
    case "CapacityChanged":
      askListing();
      return;
    case "InventoryPublished":
    case "SeatsBlocked":
    case "SeatsUnblocked":
    case "InventoryRemoved":
    case "ReservationReleased":
    case "ReservationsExpired":
    case "ReservationQuantityChanged":
    case "ReservationConfirmed":
    case "TicketsReturned":
    case "ReservationsWithdrawn":
    case "WaitlistJoined":
    case "WaitlistLeft":
    case "WaitlistEnded":
      return;
    default:
      unknownEvent(event);
  }
}

/** When nobody in the waitlist can be offered anything any more. */
function endsOf({ saleEndsAt, endsAt }: EventTerms, ticketType: TicketTypeTerms | null): readonly string[] {
  return [ticketType?.saleEndsAt ?? saleEndsAt, endsAt].filter((time) => time !== null);
}
