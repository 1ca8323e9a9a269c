import { type FeedEvent, unknownEvent } from "../feed-event.ts";
import type { Projection } from "../projection.ts";
import { free, giveBack, hold, mapChangeOf, newBatch, type SeatBatch, sell } from "./batch.ts";
import { BLOCKS, createTables, MAPS, TAKEN } from "./table.ts";
import { writesFor } from "./writes.ts";

/** Seat maps and which of their seats are not free. */
export const seats: Projection = {
  name: "seats",
  version: 1,
  views: [MAPS, TAKEN, BLOCKS],
  createTables,
  writes(events, generation) {
    const batch = newBatch();
    for (const event of events) apply(event, batch);
    return writesFor(batch, generation);
  },
};

function apply(feedEvent: FeedEvent, batch: SeatBatch): void {
  const recorded = feedEvent.inventory();
  if (recorded === null) return;
  const { event } = recorded;
  const { stream, revision } = feedEvent.stored;
  const change = mapChangeOf(batch, stream);
  change.revision = revision;
  switch (event.type) {
    case "InventoryOpened":
      if (event.data.seatMap !== undefined) change.opened = event.data;
      return;
    case "TicketTypeTermsChanged":
      change.price = event.data.changes.price ?? change.price;
      return;
    case "SeatsBlocked":
    case "SeatsUnblocked":
      for (const seat of event.data.seats) change.blocks.set(seat, event.type === "SeatsBlocked");
      return;
    case "TicketsReserved":
    case "ReservationQuantityChanged":
      hold(batch, event.data.reservationId, stream, event.data.seats);
      return;
    case "TicketsOffered":
      for (const { entryId, seats } of event.data.offers) hold(batch, entryId, stream, seats);
      return;
    case "ReservationConfirmed":
      sell(batch, event.data.reservationId);
      return;
    case "ReservationReleased":
      free(batch, event.data.reservationId);
      return;
    case "ReservationsExpired":
    case "ReservationsWithdrawn":
      for (const { reservationId } of event.data.reservations) free(batch, reservationId);
      return;
    case "TicketsReturned":
      giveBack(batch, event.data.reservationId, event.data.ordinals);
      return;
    case "InventoryPublished":
    case "InventoryClosed":
    case "InventoryRemoved":
    case "EventTermsChanged":
    case "SalePaused":
    case "SaleResumed":
    case "CapacityChanged":
    case "ReservationExtended":
    case "ReservationClaimed": // what is claimed is still held
    case "ClaimReleased":
    case "WaitlistJoined":
    case "WaitlistLeft":
    case "WaitlistEnded":
      return;
    default:
      unknownEvent(event);
  }
}
