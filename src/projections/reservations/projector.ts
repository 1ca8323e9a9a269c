import type { Seated } from "../../domain/inventory-events.ts";
import { type FeedEvent, unknownEvent } from "../feed-event.ts";
import type { Projection, Write } from "../projection.ts";
import { createTables, type RecordedStatus, VIEW } from "./table.ts";
import { type Beginning, forget, insert, type Later, type Made, update, updateEnds } from "./writes.ts";

/** What a batch says about reservations: those that begin in it, and what becomes of those that were there. */
interface Batch {
  readonly made: Map<string, Made>;
  readonly changed: Map<string, Later>;
}

/** Every reservation with where it stands: a batch is one COPY and two UPDATEs, however many it has. */
export const reservations: Projection = {
  name: "reservations",
  version: 3,
  views: [VIEW],
  createTables,
  writes(events, generation) {
    const batch: Batch = { made: new Map(), changed: new Map() };
    for (const event of events) apply(event, batch);
    const { made, changed } = batch;
    const writes: Write[] = [];
    if (made.size > 0) writes.push(forget(made, generation), insert(made, generation));
    // Most changes are ends, which come by the thousand when a sale's reservations lapse: they carry two columns only.
    const ends = [...changed].filter(([, later]) => isOnlyEnd(later));
    const others = [...changed].filter(([, later]) => !isOnlyEnd(later));
    if (ends.length > 0) writes.push(updateEnds(ends, generation));
    if (others.length > 0) writes.push(update(others, generation));
    return writes;
  },
};

function apply(feedEvent: FeedEvent, batch: Batch): void {
  const recorded = feedEvent.inventory();
  if (recorded === null) return;
  const { event, envelope, stored } = recorded;
  const { at } = envelope;
  const made = { at, stream: stored.stream, revision: stored.revision };
  switch (event.type) {
    case "TicketsReserved": {
      const { cartId = null } = event.data;
      begin({ ...event.data, ...made, cartId, keyHash: envelope.keyHash, seated: seatedIn(event.data) }, batch);
      return;
    }
    case "TicketsOffered": {
      const { unitPrice, offers } = event.data;
      for (const { entryId, ...offer } of offers) {
        const own = { reservationId: entryId, unitPrice: offer.unitPrice ?? unitPrice, seated: seatedIn(offer) };
        begin({ ...offer, ...made, ...own, cartId: null, keyHash: null }, batch);
      }
      return;
    }
    case "ReservationQuantityChanged": {
      const later = laterOf(event.data.reservationId, batch);
      later.quantity = event.data.quantity;
      const seated = seatedIn(event.data);
      if (seated !== null) later.seated = { ...seated, unitPrice: event.data.unitPrice };
      return;
    }
    case "ReservationExtended": {
      const later = laterOf(event.data.reservationId, batch);
      later.expiresAt = event.data.expiresAt;
      later.extended = true;
      return;
    }
    case "ReservationClaimed": {
      const { reservationId, bookingId, deadline } = event.data;
      laterOf(reservationId, batch).claim = { bookingId, deadline };
      return;
    }
    case "ClaimReleased": {
      const later = laterOf(event.data.reservationId, batch);
      later.claim = null;
      later.expiresAt = event.data.expiresAt;
      return;
    }
    case "ReservationConfirmed":
      end(event.data.reservationId, "CONFIRMED", at, batch);
      return;
    case "ReservationReleased":
      end(event.data.reservationId, "RELEASED", at, batch);
      return;
    case "ReservationsExpired":
      for (const { reservationId } of event.data.reservations) end(reservationId, "EXPIRED", at, batch);
      return;
    case "ReservationsWithdrawn":
      for (const { reservationId } of event.data.reservations) end(reservationId, "RELEASED", at, batch);
      return;
    case "TicketsReturned": // what becomes of booked tickets is the booking's
    case "InventoryOpened":
    case "InventoryPublished":
    case "SeatsBlocked":
    case "SeatsUnblocked":
    case "InventoryClosed":
    case "InventoryRemoved":
    case "EventTermsChanged":
    case "TicketTypeTermsChanged":
    case "SalePaused":
    case "SaleResumed":
    case "CapacityChanged":
    case "WaitlistJoined":
    case "WaitlistLeft":
    case "WaitlistEnded":
      return;
    default:
      unknownEvent(event);
  }
}

/** An id that is used again, for what was given back before, begins anew. */
function begin(beginning: Beginning, { made, changed }: Batch): void {
  changed.delete(beginning.reservationId);
  made.set(beginning.reservationId, { beginning, ...unchanged() });
}

function end(reservationId: string, status: RecordedStatus, at: string, batch: Batch): void {
  const later = laterOf(reservationId, batch);
  later.status = status;
  later.endedAt = at;
}

function laterOf(reservationId: string, { made, changed }: Batch): Later {
  const known = made.get(reservationId) ?? changed.get(reservationId);
  if (known !== undefined) return known;
  const later = unchanged();
  changed.set(reservationId, later);
  return later;
}

const unchanged = (): Later => ({
  status: null,
  endedAt: null,
  expiresAt: null,
  extended: false,
  quantity: null,
  seated: null,
  claim: undefined,
});

const seatedIn = ({ seats, prices }: Seated): Seated | null =>
  seats === undefined ? null : { seats, ...(prices === undefined ? {} : { prices }) };

const isOnlyEnd = ({ expiresAt, quantity, claim }: Later): boolean =>
  expiresAt === null && quantity === null && claim === undefined; // with seats there is a quantity
