import type { InventoryEvent } from "../../../src/domain/inventory-events.ts";

/** A ticket type as its events tell, with arithmetic of its own. */
export class InventoryAccount {
  readonly stream: string;
  isClosed = false;
  /** Quantities by reservation. */
  readonly held = new Map<string, number>();
  /** Ordinals that are not returned, by reservation. */
  readonly booked = new Map<string, Set<number>>();
  readonly waiting = new Set<string>();
  /** Reservations and entries that ended because the event was called off. */
  withdrawn = 0;
  waitlistEnded = 0;

  constructor(stream: string) {
    this.stream = stream;
  }

  /** @throws Error something is given out that may not be, or ends that was not there */
  take(event: InventoryEvent): void {
    if (this.isClosed && AFTER_CLOSE_NEVER.has(event.type)) throw this.#wrong(`${event.type} after it was closed`);
    switch (event.type) {
      case "TicketsReserved":
        this.held.set(event.data.reservationId, event.data.quantity);
        break;
      case "ReservationReleased":
        this.#end(event.data.reservationId, event.data.quantity);
        break;
      case "ReservationsExpired":
        for (const { reservationId, quantity } of event.data.reservations) this.#end(reservationId, quantity);
        break;
      case "ReservationsWithdrawn":
        for (const { reservationId, quantity } of event.data.reservations) this.#end(reservationId, quantity);
        this.withdrawn += event.data.reservations.length;
        break;
      case "ReservationConfirmed": {
        const { reservationId, quantity } = event.data;
        this.#end(reservationId, quantity);
        this.booked.set(reservationId, new Set(Array(quantity).keys()));
        break;
      }
      case "TicketsReturned":
        for (const ordinal of event.data.ordinals) {
          const left = this.booked.get(event.data.reservationId);
          if (left?.delete(ordinal) !== true) throw this.#wrong(`ticket ${ordinal} came back that was not booked`);
        }
        break;
      case "WaitlistJoined":
        this.waiting.add(event.data.entryId);
        break;
      case "WaitlistEnded":
        for (const { entryId } of event.data.entries) {
          if (!this.waiting.delete(entryId)) throw this.#wrong(`${entryId} ended and did not wait`);
          this.waitlistEnded += 1;
        }
        break;
      case "InventoryClosed":
        this.isClosed = true;
        break;
    }
  }

  #end(reservationId: string, quantity: number): void {
    if (this.held.get(reservationId) !== quantity) throw this.#wrong(`${reservationId} gave back what it had not`);
    this.held.delete(reservationId);
  }

  /** Tickets that somebody has. */
  get bookedTickets(): number {
    return [...this.booked.values()].reduce((sum, left) => sum + left.size, 0);
  }

  /** @throws Error it is not closed, or something of it is left */
  proveEmpty(): void {
    if (!this.isClosed) throw this.#wrong("it was not closed");
    if (this.held.size > 0) throw this.#wrong(`${this.held.size} reservations are still held`);
    if (this.bookedTickets > 0) throw this.#wrong(`${this.bookedTickets} tickets are still booked`);
    if (this.waiting.size > 0) throw this.#wrong(`${this.waiting.size} still wait`);
  }

  #wrong(what: string): Error {
    return new Error(`${this.stream}: ${what}`);
  }
}

const AFTER_CLOSE_NEVER: ReadonlySet<string> = new Set<InventoryEvent["type"]>([
  "TicketsReserved",
  "ReservationClaimed",
  "ReservationConfirmed",
  "WaitlistJoined",
  "TicketsOffered",
]);
