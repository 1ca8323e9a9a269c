import type { InventoryEvent } from "./inventory-events.ts";
import { isDue } from "./inventory-lapsing.ts";
import type { OpenedInventory } from "./inventory-state.ts";

/** What events that are decided, though not yet part of the state, make free. */
export interface Freed {
  readonly tickets: number;
  /** Reservations that they end. */
  readonly ids: ReadonlySet<string>;
  /** Tickets that accounts have no more, those of due reservations apart, which don't count anyway. */
  readonly ofAccount: ReadonlyMap<string, number>;
}

export const NOTHING_FREED: Freed = { tickets: 0, ids: new Set(), ofAccount: new Map() };

export function freedBy(events: readonly InventoryEvent[], state: OpenedInventory, atMs: number): Freed {
  const { reservations, booked } = state.tables;
  const ids = new Set<string>();
  const ofAccount = new Map<string, number>();
  let tickets = 0;
  const less = (quantity: number, accountId: string | undefined): void => {
    tickets += quantity;
    if (accountId !== undefined) ofAccount.set(accountId, (ofAccount.get(accountId) ?? 0) + quantity);
  };
  const held = (id: string, quantity: number): void => {
    const reservation = reservations.get(id);
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
        break;
      case "TicketsReturned":
        less(data.ordinals.length, booked.get(data.reservationId)?.accountId);
        break;
      case "CapacityChanged":
        tickets += data.capacity - data.previousCapacity;
        break;
    }
  }
  return { tickets, ids, ofAccount };
}
