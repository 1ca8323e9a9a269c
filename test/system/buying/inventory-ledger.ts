import type { InventoryEvent } from "../../../src/domain/inventory-events.ts";

interface Booked {
  readonly bookingId: string;
  readonly quantity: number;
  readonly returned: Set<number>;
}

/** The tickets of one ticket type by its log, with arithmetic of its own: who holds how many, and who has bought which. */
export class InventoryLedger {
  readonly stream: string;
  /** What can't be, in order. */
  readonly violations: string[] = [];
  readonly #held = new Map<string, number>();
  readonly #booked = new Map<string, Booked>();
  #capacity = 0;
  #taken = 0;

  constructor(stream: string) {
    this.stream = stream;
  }

  take(event: InventoryEvent, revision: number): void {
    const wrong = (what: string) => this.violations.push(`${this.stream} at revision ${revision}: ${what}`);
    switch (event.type) {
      case "InventoryOpened":
      case "CapacityChanged":
        this.#capacity = event.data.capacity;
        break;
      case "TicketsReserved":
        this.#hold(event.data.reservationId, event.data.quantity, wrong);
        break;
      case "TicketsOffered":
        for (const { entryId, quantity } of event.data.offers) this.#hold(entryId, quantity, wrong);
        break;
      case "ReservationQuantityChanged": {
        const { reservationId, quantity } = event.data;
        this.#letGo(reservationId, wrong);
        this.#hold(reservationId, quantity, wrong);
        break;
      }
      case "ReservationReleased":
        this.#letGo(event.data.reservationId, wrong);
        break;
      case "ReservationsExpired":
      case "ReservationsWithdrawn":
        for (const { reservationId } of event.data.reservations) this.#letGo(reservationId, wrong);
        break;
      case "ReservationConfirmed": {
        const { reservationId, bookingId } = event.data;
        const quantity = this.#letGo(reservationId, wrong);
        if (this.#booked.has(reservationId)) wrong(`${reservationId} is booked a second time`);
        this.#booked.set(reservationId, { bookingId, quantity, returned: new Set() });
        this.#taken += quantity;
        break;
      }
      case "TicketsReturned": {
        const { reservationId, bookingId, ordinals } = event.data;
        const booked = this.#booked.get(reservationId);
        if (booked?.bookingId !== bookingId) {
          wrong(`${bookingId} gives back of ${reservationId}, which it does not have`);
          break;
        }
        for (const ordinal of ordinals) {
          if (ordinal >= booked.quantity || booked.returned.has(ordinal)) wrong(`${reservationId} gives back too much`);
          booked.returned.add(ordinal);
          this.#taken -= 1;
        }
        break;
      }
    }
    if (this.#taken > this.#capacity) wrong(`oversold: ${this.#taken} of ${this.#capacity}`);
  }

  #hold(reservationId: string, quantity: number, wrong: (what: string) => void): void {
    if (this.#held.has(reservationId)) wrong(`${reservationId} is held a second time`);
    this.#held.set(reservationId, quantity);
    this.#taken += quantity;
  }

  #letGo(reservationId: string, wrong: (what: string) => void): number {
    const quantity = this.#held.get(reservationId);
    if (quantity === undefined) wrong(`${reservationId} ends without being held`);
    this.#held.delete(reservationId);
    this.#taken -= quantity ?? 0;
    return quantity ?? 0;
  }

  /** Tickets that are held, and so are nobody's yet. */
  held(): number {
    return this.#held.values().reduce((sum, quantity) => sum + quantity, 0);
  }

  /** Tickets of a reservation that a booking has now. */
  ticketsOf(reservationId: string, bookingId: string): number {
    const booked = this.#booked.get(reservationId);
    return booked?.bookingId === bookingId ? booked.quantity - booked.returned.size : 0;
  }

  /** Reservations with tickets that are booked, and for whom. */
  *booked(): Iterable<{ readonly reservationId: string; readonly bookingId: string; readonly tickets: number }> {
    for (const [reservationId, { bookingId, quantity, returned }] of this.#booked) {
      if (quantity > returned.size) yield { reservationId, bookingId, tickets: quantity - returned.size };
    }
  }
}
