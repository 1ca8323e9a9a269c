import { type FeedEvent, unknownEvent } from "../feed-event.ts";
import type { Timetable } from "./timetable.ts";

/** Inventories follow what a listing says: at once, unless whoever changed it has seen to that already. */
export function askForListings(feedEvent: FeedEvent, timetable: Timetable): void {
  const recorded = feedEvent.listing();
  if (recorded === null) return;
  const { event, envelope, stored } = recorded;
  switch (event.type) {
    case "ListingPublished": // a ticket type may have been added meanwhile
    case "ListingChanged":
    case "ListingPaused":
    case "ListingResumed":
    case "TicketTypeAdded":
    case "TicketTypeChanged":
    case "TicketTypePaused":
    case "TicketTypeResumed":
    case "TicketTypeCapacityListed":
    case "TicketTypeRemoved":
    case "TicketTypeRestored":
    case "ListingCancelled":
      timetable.ask(stored.stream, stored.position, Date.parse(envelope.at));
      return;
    case "ListingCreated": // its inventories were there before
      return;
    default:
      unknownEvent(event);
  }
}
