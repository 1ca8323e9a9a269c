import type { InventoryEvent } from "../../../src/domain/inventory-events.ts";
import {
  boughtTickets,
  endsAtMs,
  freeTickets,
  heldTickets,
  type RecordedInventory,
  ticketsOf,
  type Waiting,
} from "./recorded-inventory.ts";

/** What an event must not say, of the inventory as it was before and at the time that it bears. */
export function broken(
  event: InventoryEvent,
  before: RecordedInventory,
  next: RecordedInventory,
  atMs: number,
  following: InventoryEvent | undefined,
): readonly string[] {
  return [...oversold(next), ...honoured(event, before, atMs), ...ordered(event, before, atMs, following)];
}

function oversold(state: RecordedInventory): readonly string[] {
  const held = heldTickets(state);
  const booked = boughtTickets(state);
  return held + booked > state.capacity ? [`oversold: ${held} held and ${booked} booked of ${state.capacity}`] : [];
}

/** From its end on a reservation is worth nothing; before, nobody but its owner or its booking ends it. */
function honoured(event: InventoryEvent, { held }: RecordedInventory, atMs: number): readonly string[] {
  const { type, data } = event;
  switch (type) {
    case "ReservationExtended":
    case "ReservationQuantityChanged":
    case "ReservationClaimed":
    case "ReservationConfirmed": {
      const one = held.get(data.reservationId);
      if (one === undefined) return [];
      return [
        ...(endsAtMs(one) <= atMs ? [`${type} ${data.reservationId} ${atMs - endsAtMs(one)} ms after its end`] : []),
        ...(type === "ReservationConfirmed" && one.claim?.booking !== data.bookingId
          ? [`${data.reservationId} confirmed for a booking that had no claim`]
          : []),
        ...(type === "ReservationClaimed" && one.claim !== null ? [`${data.reservationId} claimed twice`] : []),
      ];
    }
    case "ReservationsExpired":
      return data.reservations.flatMap(({ reservationId }) => {
        const one = held.get(reservationId);
        // A claim ends early when its booking comes to nothing.
        if (one === undefined || one.claim !== null || one.expiresAtMs <= atMs) return [];
        return [`${reservationId} expired ${one.expiresAtMs - atMs} ms before its end`];
      });
    default:
      return [];
  }
}

/** Nobody gets tickets that would do for somebody who waits, and of those the oldest is next. */
function ordered(
  event: InventoryEvent,
  before: RecordedInventory,
  atMs: number,
  following: InventoryEvent | undefined,
): readonly string[] {
  const { type, data } = event;
  if (type === "TicketsReserved") {
    const isHeldAgain = following?.type === "ReservationClaimed";
    if (isHeldAgain && before.isClosed) return [];
    return passedOver(before.waiting, before, freeTickets(before), atMs).map(
      ({ entry }) => `${data.reservationId} was given what ${entry} waits for`,
    );
  }
  if (type !== "TicketsOffered") return [];
  const faults: string[] = [];
  let free = freeTickets(before);
  let { waiting } = before;
  for (const { entryId, quantity } of data.offers) {
    const place = waiting.findIndex(({ entry }) => entry === entryId);
    for (const { entry } of passedOver(waiting.slice(0, place), before, free, atMs)) {
      faults.push(`${entryId} was offered what ${entry} waited for before`);
    }
    waiting = waiting.toSpliced(place, 1);
    free -= quantity;
  }
  return faults;
}

/** Those of them for whom so many would do. */
const passedOver = (waiting: readonly Waiting[], state: RecordedInventory, free: number, atMs: number) =>
  waiting.filter(
    ({ account, quantity }) =>
      quantity <= free && (state.maxPerUser === null || ticketsOf(state, account, atMs) + quantity <= state.maxPerUser),
  );
