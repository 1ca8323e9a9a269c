import type { Chance } from "../../model/chance.ts";

/** A ticket type that is, or was, on sale. */
export interface Sale {
  readonly eventId: string;
  readonly ticketTypeId: string;
  readonly name: string;
  /** Minor units at the time at which it was put on sale. */
  readonly priceMinor: number;
}

/** An event as all clients know of it. */
export interface Staged {
  readonly eventId: string;
  readonly organizer: number;
  readonly sales: readonly Sale[];
  /** Bookings with tickets of it, the last few, for an organizer who gives something back. */
  readonly bookings: string[];
}

const MOST_BOOKINGS = 20;

/** What is on sale, for clients to choose from; of older events nobody thinks any more. */
export class Stage {
  readonly #most: number;
  #events: Staged[] = [];

  /** @param most events at a time: the fewer, the hotter */
  constructor(most: number) {
    this.#most = most;
  }

  get events(): readonly Staged[] {
    return this.#events;
  }

  get isFull(): boolean {
    return this.#events.length >= this.#most;
  }

  put(event: Staged): void {
    this.#events = [...this.#events.filter(({ eventId }) => eventId !== event.eventId), event].slice(-this.#most);
  }

  find(eventId: string): Staged | undefined {
    return this.#events.find((one) => one.eventId === eventId);
  }

  takeDown(eventId: string): void {
    this.#events = this.#events.filter((one) => one.eventId !== eventId);
  }

  /** Some event, the oldest the more often, whose tickets are the fewest. */
  anEvent(chance: Chance): Staged | null {
    if (this.#events.length === 0) return null;
    const hot = this.#events.slice(0, 2);
    return chance.of(chance.is(0.5) ? hot : this.#events);
  }

  aSale(chance: Chance): Sale | null {
    const sales = this.anEvent(chance)?.sales ?? [];
    return sales.length === 0 ? null : chance.of(sales);
  }

  booked(eventId: string, bookingId: string): void {
    const bookings = this.find(eventId)?.bookings;
    if (bookings === undefined || bookings.includes(bookingId)) return;
    bookings.push(bookingId);
    if (bookings.length > MOST_BOOKINGS) bookings.shift();
  }
}
