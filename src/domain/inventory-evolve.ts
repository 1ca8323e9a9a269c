import type { InventoryEvent, InventoryOpened, Seated, TicketsOffered } from "./inventory-events.ts";
import type { HeldReservation, Inventory, OpenedInventory } from "./inventory-state.ts";
import { InventoryTables } from "./inventory-tables.ts";
import type { Money } from "./money.ts";
import { SeatTable } from "./seating/seat-table.ts";
import { planOf } from "./seating/seating-plan.ts";

export function evolve(state: Inventory, event: InventoryEvent): Inventory {
  if (event.type === "InventoryOpened") return openedInventory(event.data);
  if (state.status === "unopened") throw new Error(`${event.type} before InventoryOpened`);
  const { tables } = state;
  switch (event.type) {
    case "InventoryPublished":
      return { ...state, status: "open" };
    case "EventTermsChanged":
      return { ...state, eventTerms: event.data };
    case "TicketTypeTermsChanged": {
      const terms = { ...state.terms, ...event.data.changes };
      if (terms.maxPerUser !== null) tables.countByAccount();
      return { ...state, terms };
    }
    case "SalePaused":
      return { ...state, paused: { ...state.paused, [event.data.scope]: true } };
    case "SaleResumed":
      return { ...state, paused: { ...state.paused, [event.data.scope]: false } };
    case "CapacityChanged":
      return { ...state, capacity: event.data.capacity };
    case "SeatsBlocked":
    case "SeatsUnblocked": {
      const { seats } = event.data;
      const isBlocked = event.type === "SeatsBlocked";
      tables.block(seatsIn(state, seats) ?? [], isBlocked);
      return { ...state, capacity: state.capacity + (isBlocked ? -seats.length : seats.length) };
    }
    case "TicketsReserved": {
      const { reservationId, accountId, quantity, unitPrice, prices, expiresAt, cartId, admission } = event.data;
      if (admission !== undefined) tables.admissions.add(admission.id, Date.parse(admission.expiresAt));
      tables.put(reservationId, {
        accountId,
        quantity,
        unitPrice: shared(unitPrice, state.terms.price),
        prices,
        seats: seatsIn(state, event.data.seats),
        expiresAtMs: Date.parse(expiresAt),
        kind: cartId === undefined ? "plain" : "cart-line",
        extended: false,
        declined: 0,
        claim: null,
      });
      return { ...state, held: state.held + quantity };
    }
    case "ReservationQuantityChanged": {
      const { reservationId, quantity, prices } = event.data;
      const reservation = heldIn(state, reservationId);
      const seats = seatsIn(state, event.data.seats);
      const unitPrice = shared(event.data.unitPrice ?? reservation.unitPrice, state.terms.price);
      const changed = seats === undefined ? { quantity } : { quantity, seats, unitPrice, prices };
      tables.put(reservationId, { ...reservation, ...changed });
      return { ...state, held: state.held + quantity - reservation.quantity };
    }
    case "ReservationExtended": {
      const { reservationId, expiresAt } = event.data;
      const reservation = heldIn(state, reservationId);
      tables.put(reservationId, { ...reservation, expiresAtMs: Date.parse(expiresAt), extended: true });
      return state;
    }
    case "ReservationReleased":
      return without(state, [event.data]);
    case "ReservationsExpired":
    case "ReservationsWithdrawn":
      return without(state, event.data.reservations);
    case "ReservationClaimed": {
      const { reservationId, bookingId, deadline, claimedUntil } = event.data;
      const reservation = heldIn(state, reservationId);
      const claim = { bookingId, deadlineMs: Date.parse(deadline), untilMs: Date.parse(claimedUntil) };
      tables.put(reservationId, { ...reservation, claim });
      return { ...state, claimed: state.claimed + reservation.quantity };
    }
    case "ClaimReleased": {
      const { reservationId, declined } = event.data;
      const reservation = heldIn(state, reservationId);
      tables.put(reservationId, {
        ...reservation,
        declined: reservation.declined + (declined ? 1 : 0),
        claim: null,
      });
      return { ...state, claimed: state.claimed - reservation.quantity };
    }
    case "ReservationConfirmed": {
      const { reservationId, bookingId } = event.data;
      const { quantity, claim } = tables.book(reservationId, bookingId);
      const claimed = state.claimed - (claim === null ? 0 : quantity);
      return { ...state, claimed, held: state.held - quantity, booked: state.booked + quantity };
    }
    case "TicketsReturned": {
      const { reservationId, ordinals } = event.data;
      tables.giveBack(reservationId, ordinals);
      return { ...state, booked: state.booked - ordinals.length };
    }
    case "InventoryClosed":
      return { ...state, status: "closed" };
    case "InventoryRemoved":
      return { ...state, status: "removed", capacity: state.capacity - event.data.capacity };
    case "WaitlistJoined": {
      const { entryId, accountId, quantity, offerTtlSeconds } = event.data;
      tables.waitlist.join({ entryId, accountId, quantity, offerTtlSeconds });
      return state;
    }
    case "TicketsOffered":
      return offered(state, event.data);
    case "WaitlistLeft":
      tables.waitlist.leave(event.data.entryId);
      return state;
    case "WaitlistEnded":
      for (const { entryId } of event.data.entries) tables.waitlist.leave(entryId);
      return state;
    default:
      return event satisfies never;
  }
}

const openedInventory = (data: InventoryOpened["data"]): OpenedInventory => ({
  status: data.draft ? "draft" : "open",
  paused: { event: false, "ticket-type": false },
  eventId: data.eventId,
  ticketTypeId: data.ticketTypeId,
  organizerId: data.organizerId,
  terms: data.terms,
  eventTerms: data.eventTerms,
  capacity: data.capacity,
  held: 0,
  claimed: 0,
  booked: 0,
  tables: new InventoryTables(
    data.terms,
    undefined,
    data.seatMap === undefined ? null : new SeatTable(planOf(data.seatMap)),
  ),
});

/** Seats by their ids. */
function seatsIn({ tables }: OpenedInventory, ids: Seated["seats"]): readonly number[] | undefined {
  if (ids === undefined) return undefined;
  return ids.map((id) => {
    const seat = tables.seats?.plan.seatOf(id);
    if (seat === undefined) throw new Error(`there is no seat ${id}`);
    return seat;
  });
}

/** An offer is a reservation under the entry's id. */
function offered(state: OpenedInventory, { unitPrice: price, offers }: TicketsOffered["data"]): OpenedInventory {
  let { held } = state;
  for (const { entryId, accountId, quantity, expiresAt, prices, ...offer } of offers) {
    state.tables.waitlist.offer(entryId);
    const expiresAtMs = Date.parse(expiresAt);
    const unitPrice = shared(offer.unitPrice ?? price, state.terms.price);
    const seats = seatsIn(state, offer.seats);
    const reservation = { accountId, quantity, unitPrice, prices, seats, expiresAtMs, kind: "offer" } as const;
    state.tables.put(entryId, { ...reservation, extended: false, declined: 0, claim: null });
    held += quantity;
  }
  return { ...state, held };
}

function heldIn(state: OpenedInventory, id: string): HeldReservation {
  const reservation = state.tables.reservations.get(id);
  if (reservation === undefined) throw new Error(`reservation ${id} is not in the inventory`);
  return reservation;
}

/** The inventory without reservations that have ended. */
function without(state: OpenedInventory, ended: readonly { readonly reservationId: string }[]): OpenedInventory {
  let { held, claimed } = state;
  for (const { reservationId } of ended) {
    const { quantity, claim } = state.tables.remove(reservationId);
    held -= quantity;
    if (claim !== null) claimed -= quantity;
  }
  return { ...state, held, claimed };
}

/** One object for all reservations at the ticket type's own price: there may be a million of them. */
function shared(price: Money, own: Money): Money {
  if (price === own) return own;
  return price.amount === own.amount && price.currency === own.currency ? own : price;
}
