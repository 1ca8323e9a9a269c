import { type FeedEvent, unknownEvent } from "../feed-event.ts";
import type { Timetable } from "./timetable.ts";

/** Inventories follow what a listing says: at once, unless whoever changed it has seen to that already. */
export function askForListings(feedEvent: FeedEvent, timetable: Timetable): void {
  const recorded = feedEvent.listing();
  if (recorded === null) return;
  const { event, envelope, stored } = recorded;
  switch (event.type) {
    case "ListingChanged":
    case "TicketTypeCapacityListed":
    case "ListingCancelled":
      timetable.ask(stored.stream, stored.position, Date.parse(envelope.at));
      return;
    case "ListingCreated":
    case "ListingPublished":
      return;
    default:
      unknownEvent(event);
  }
}
