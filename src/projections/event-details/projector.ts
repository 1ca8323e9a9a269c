import { eventOfListing, inventoryOf } from "../../eventstore/streams.ts";
import { type FeedEvent, unknownEvent } from "../feed-event.ts";
import type { Projection } from "../projection.ts";
import { type Batch, changeOf, newBatch, typeChangeOf } from "./batch.ts";
import { createTables, EVENTS, TICKET_TYPES } from "./table.ts";
import { statementsFor } from "./writes.ts";

/** Events as their page shows them, and their ticket types. */
export const eventDetails: Projection = {
  name: "event-details",
  version: 6,
  views: [EVENTS, TICKET_TYPES],
  createTables,
  writes(events, generation) {
    const batch = newBatch();
    for (const event of events) {
      applyInventory(event, batch);
      applyListing(event, batch);
    }
    return statementsFor(batch, generation);
  },
};

function applyInventory(feedEvent: FeedEvent, batch: Batch): void {
  const event = feedEvent.inventory()?.event;
  if (event === undefined) return;
  const change = () => typeChangeOf(inventoryOf(feedEvent.stored.stream), batch);
  switch (event.type) {
    case "InventoryOpened":
      batch.ticketTypes.push(event.data);
      return;
    case "TicketTypeTermsChanged": {
      const one = change();
      one.terms = { ...one.terms, ...event.data.changes };
      return;
    }
    case "SalePaused":
    case "SaleResumed":
      change().paused[event.data.scope] = event.type === "SalePaused";
      return;
    case "InventoryRemoved":
      change().isRemoved = true;
      return;
    case "InventoryPublished":
    case "SeatsBlocked":
    case "SeatsUnblocked":
    case "EventTermsChanged":
    case "CapacityChanged":
    case "TicketsReserved":
    case "ReservationExtended":
    case "ReservationReleased":
    case "ReservationsExpired":
    case "ReservationQuantityChanged":
    case "ReservationClaimed":
    case "ClaimReleased":
    case "ReservationConfirmed":
    case "TicketsReturned":
    case "InventoryClosed":
    case "ReservationsWithdrawn":
    case "WaitlistJoined":
    case "TicketsOffered":
    case "WaitlistLeft":
    case "WaitlistEnded":
      return;
    default:
      unknownEvent(event);
  }
}

function applyListing(feedEvent: FeedEvent, batch: Batch): void {
  const recorded = feedEvent.listing();
  if (recorded === null) return;
  const { event, envelope, stored } = recorded;
  const eventId = eventOfListing(stored.stream);
  if (event.type === "ListingCreated") batch.created.set(eventId, { ...event.data, createdAt: envelope.at });
  const change = changeOf(eventId, batch);
  change.version = stored.revision + 1; // every event of a listing is a change of its organizer's
  change.updatedAt = envelope.at;
  switch (event.type) {
    case "ListingCreated": {
      const { draft, code, currency, details } = event.data;
      change.status = draft ? "DRAFT" : "ACTIVE";
      change.paused = false;
      change.code = code;
      change.currency = currency;
      change.details = details;
      return;
    }
    case "ListingPublished":
      change.status = "ACTIVE";
      return;
    case "ListingChanged": {
      const { changes, code = change.code, currency = change.currency } = event.data;
      change.code = code;
      change.currency = currency;
      change.details = { ...change.details, ...changes };
      return;
    }
    case "ListingPaused":
    case "ListingResumed":
      change.paused = event.type === "ListingPaused";
      return;
    case "ListingCancelled":
      change.status = "CANCELLED";
      return;
    case "TicketTypeAdded": // ticket types are as their inventories say
    case "TicketTypeChanged":
    case "TicketTypePaused":
    case "TicketTypeResumed":
    case "TicketTypeCapacityListed":
    case "TicketTypeRemoved":
    case "TicketTypeRestored":
      return;
    default:
      unknownEvent(event);
  }
}
