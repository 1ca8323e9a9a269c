import type { LRUCache } from "lru-cache";
import { remembering } from "../remembering.ts";
import type { InventoryRef } from "./reservations.ts";

/** Reservations that this process made last: about 200 bytes each. */
const MAX_REMEMBERED = 100_000;

/** Where a reservation is kept, and whose it is. */
export interface LocatedReservation extends InventoryRef {
  readonly accountId: string;
}

/**
 * Finds the inventory of a reservation by its id. Those that this process made a moment ago are remembered, so that
 * buying does not have to wait for the read models; where it is never changes, and whether it is still held is for the
 * inventory to say.
 */
export class ReservationLocator {
  readonly #recent: LRUCache<string, LocatedReservation>;
  readonly #find: (reservationId: string) => Promise<LocatedReservation | null>;

  /** @param find asks the read models */
  constructor(find: (reservationId: string) => Promise<LocatedReservation | null>, maxRemembered = MAX_REMEMBERED) {
    this.#recent = remembering(maxRemembered);
    this.#find = find;
  }

  remember(reservationId: string, { eventId, ticketTypeId, accountId }: LocatedReservation): void {
    this.#recent.set(reservationId, { eventId, ticketTypeId, accountId });
  }

  /** null: there is no such reservation. */
  async locate(reservationId: string): Promise<LocatedReservation | null> {
    return this.#recent.get(reservationId) ?? (await this.#find(reservationId));
  }
}
