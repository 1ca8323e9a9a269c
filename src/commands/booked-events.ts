import type { BookedEvent } from "../domain/booking-events.ts";
import type { Listing } from "../domain/listing.ts";
import { inventoryStream } from "../eventstore/streams.ts";
import type { InventoryRunner } from "./events.ts";
import type { InventoryRef } from "./reservations.ts";

interface EventSources {
  readonly inventories: InventoryRunner;
  readonly findListing: (eventId: string) => Promise<Listing>;
}

/** What each event says about giving tickets back, as its inventories know it: each event once. */
export async function bookedEvents(sources: EventSources, of: readonly InventoryRef[]): Promise<BookedEvent[]> {
  const ofEvents = new Map(of.map((one) => [one.eventId, one]));
  return Promise.all([...ofEvents.values()].map((one) => bookedEvent(sources, one)));
}

async function bookedEvent(
  { inventories, findListing }: EventSources,
  { eventId, ticketTypeId }: InventoryRef,
): Promise<BookedEvent> {
  const said = await inventories.look(
    inventoryStream(eventId, ticketTypeId),
    (state) =>
      state.status === "unopened" ? null : { organizerId: state.organizerId, refunds: state.eventTerms.refunds },
    "first",
  );
  if (said?.refunds !== undefined) {
    const { startsAt, policy: refundPolicy } = said.refunds;
    return { eventId, organizerId: said.organizerId, startsAt, refundPolicy };
  }
  const listing = await findListing(eventId); // it was opened before inventories were told
  if (listing.status === "missing") return { eventId, organizerId: "", startsAt: null, refundPolicy: null };
  const { organizerId, details } = listing;
  return { eventId, organizerId, startsAt: details.startsAt, refundPolicy: details.refundPolicy };
}
