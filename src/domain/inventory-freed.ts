import type { InventoryEvent } from "./inventory-events.ts";
import { isDue } from "./inventory-lapsing.ts";
import type { OpenedInventory } from "./inventory-state.ts";

/** What events that are decided, though not yet part of the state, make free. */
export interface Freed {
  readonly tickets: number;
  /** Reservations that they end. */
  readonly ids: ReadonlySet<string>;
  /** Seats that they make free, then those that they take; none where tickets are not numbered. */
  readonly seats: readonly number[];
  readonly taken: readonly number[];
  /** Tickets that accounts have no more, those of due reservations apart, which don't count anyway. */
  readonly ofAccount: ReadonlyMap<string, number>;
}

export const NOTHING_FREED: Freed = { tickets: 0, ids: new Set(), seats: [], taken: [], ofAccount: new Map() };

export function freedBy(events: readonly InventoryEvent[], state: OpenedInventory, atMs: number): Freed {
  const { reservations, booked } = state.tables;
  const ids = new Set<string>();
  const ofAccount = new Map<string, number>();
  const seats: number[] = [];
  const taken: number[] = [];
  let tickets = 0;
  const named = (all: readonly string[]) => all.map((id) => state.tables.seats?.plan.seatOf(id) as number);
  const less = (quantity: number, accountId: string | undefined): void => {
    tickets += quantity;
    if (accountId !== undefined) ofAccount.set(accountId, (ofAccount.get(accountId) ?? 0) + quantity);
  };
  const held = (id: string, quantity: number): void => {
    const reservation = reservations.get(id);
    seats.push(...(reservation?.seats ?? []));
    less(quantity, reservation === undefined || isDue(reservation, atMs) ? undefined : reservation.accountId);
  };
  for (const { type, data } of events) {
    switch (type) {
      case "ReservationReleased":
        ids.add(data.reservationId);
        held(data.reservationId, data.quantity);
        break;
      case "ReservationsExpired":
        for (const { reservationId, quantity } of data.reservations) {
          ids.add(reservationId);
          held(reservationId, quantity);
        }
        break;
      case "ReservationQuantityChanged":
        held(data.reservationId, data.previousQuantity - data.quantity);
        taken.push(...named(data.seats ?? []));
        break;
      case "TicketsReturned": {
        const bought = booked.get(data.reservationId);
        less(data.ordinals.length, bought?.accountId);
        if (bought?.seats !== undefined) seats.push(...data.ordinals.map((n) => bought.seats?.[n] as number));
        break;
      }
      case "SeatsUnblocked":
        tickets += data.seats.length;
        seats.push(...named(data.seats));
        break;
      case "CapacityChanged":
        tickets += data.capacity - data.previousCapacity;
        break;
    }
  }
  return { tickets, ids, seats, taken, ofAccount };
}
