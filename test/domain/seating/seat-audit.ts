import type { InventoryEvent, Seated } from "../../../src/domain/inventory-events.ts";
import type { SeatMap } from "../../../src/domain/seating/seat-map.ts";

/** A ticket's seat and whose it is. */
interface Owner {
  readonly reservationId: string;
  readonly ordinal: number;
}

/**
 * Proves from the log alone that no seat has two owners at any revision, that only seats of the map which are not blocked
 * are given to anybody, and that a booking's tickets are for the seats that were held. It reads the map by itself.
 */
export class SeatAudit {
  /** null: nothing is opened yet, or tickets are not numbered. */
  #seats: Set<string> | null = null;
  readonly #blocked = new Set<string>();
  readonly #owners = new Map<string, Owner>();
  readonly #seatsOf = new Map<string, readonly string[]>();

  /** @throws Error naming the violation */
  take(event: InventoryEvent): void {
    switch (event.type) {
      case "InventoryOpened": {
        const { seatMap, capacity } = event.data;
        if (seatMap === undefined) return;
        this.#open(seatMap);
        const free = (this.#seats?.size ?? 0) - this.#blocked.size;
        if (free !== capacity) throw new Error(`opened with ${capacity} tickets and ${free} seats`);
        return;
      }
      case "SeatsBlocked":
        for (const seat of event.data.seats) {
          this.#known(seat);
          if (this.#owners.has(seat) || this.#blocked.has(seat))
            throw new Error(`${seat} was blocked though it was taken`);
          this.#blocked.add(seat);
        }
        return;
      case "SeatsUnblocked":
        for (const seat of event.data.seats) {
          if (!this.#blocked.delete(seat)) throw new Error(`${seat} was unblocked without being blocked`);
        }
        return;
      case "TicketsReserved":
        this.#own(event.data.reservationId, event.data);
        return;
      case "TicketsOffered":
        for (const offer of event.data.offers) this.#own(offer.entryId, offer);
        return;
      case "ReservationQuantityChanged": {
        const { reservationId, previousSeats } = event.data;
        if (this.#seats === null) return;
        if (previousSeats?.join() !== this.#seatsOf.get(reservationId)?.join()) {
          throw new Error(`${reservationId} had other seats before`);
        }
        this.#free(reservationId);
        this.#own(reservationId, event.data);
        return;
      }
      case "ReservationClaimed": {
        const { reservationId, seats } = event.data;
        if (seats?.join() !== this.#seatsOf.get(reservationId)?.join())
          throw new Error(`${reservationId} claimed other seats`);
        return;
      }
      case "ReservationReleased":
        this.#free(event.data.reservationId);
        return;
      case "ReservationsExpired":
      case "ReservationsWithdrawn":
        for (const { reservationId } of event.data.reservations) this.#free(reservationId);
        return;
      case "TicketsReturned":
        for (const [seat, owner] of [...this.#owners]) {
          const { reservationId, ordinals } = event.data;
          if (owner.reservationId === reservationId && ordinals.includes(owner.ordinal)) this.#owners.delete(seat);
        }
        return;
    }
  }

  /** Seats that somebody has, by reservation. */
  owned(): ReadonlyMap<string, string> {
    return new Map([...this.#owners].map(([seat, { reservationId }]) => [seat, reservationId]));
  }

  isBlocked(seat: string): boolean {
    return this.#blocked.has(seat);
  }

  #open({ sections }: SeatMap): void {
    const seats = new Set<string>();
    for (const section of sections) {
      for (const row of section.rows) {
        const idOf = (seat: string) => `${section.name}-${row.name}-${seat}`;
        for (const seat of listed(row.seats)) seats.add(idOf(seat));
        for (const seat of row.blocked === undefined ? [] : listed(row.blocked)) this.#blocked.add(idOf(seat));
      }
    }
    this.#seats = seats;
  }

  #own(reservationId: string, { seats = [], prices, quantity }: Seated & { readonly quantity: number }): void {
    if (this.#seats === null) {
      if (seats.length > 0) throw new Error(`${reservationId} has seats where there are none`);
      return;
    }
    if (seats.length !== quantity)
      throw new Error(`${reservationId} has ${quantity} tickets for ${seats.length} seats`);
    if (prices !== undefined && prices.length !== quantity)
      throw new Error(`${reservationId} has other prices than tickets`);
    for (const [ordinal, seat] of seats.entries()) {
      this.#known(seat);
      if (this.#blocked.has(seat)) throw new Error(`${seat} was given to ${reservationId} though it is blocked`);
      const owner = this.#owners.get(seat);
      if (owner !== undefined) throw new Error(`${seat} has two owners: ${owner.reservationId} and ${reservationId}`);
      this.#owners.set(seat, { reservationId, ordinal });
    }
    this.#seatsOf.set(reservationId, seats);
  }

  #free(reservationId: string): void {
    for (const seat of this.#seatsOf.get(reservationId) ?? []) {
      if (this.#owners.get(seat)?.reservationId === reservationId) this.#owners.delete(seat);
    }
    this.#seatsOf.delete(reservationId);
  }

  #known(seat: string): void {
    if (this.#seats?.has(seat) !== true) throw new Error(`${seat} is not on the map`);
  }
}

/** `1-3,A` is 1, 2, 3 and A. */
function listed(seats: string): readonly string[] {
  return seats.split(",").flatMap((part) => {
    const [first, last] = part.split("-");
    if (last === undefined) return [part];
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_, n) => String(Number(first) + n));
  });
}
