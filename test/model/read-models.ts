import { bookingStream, inventoryStream } from "../../src/eventstore/streams.ts";
import type { MemoryEventStore } from "../support/memory-event-store.ts";

/** A reservation as buying finds it. */
export interface Located {
  readonly eventId: string;
  readonly ticketTypeId: string;
  readonly accountId: string;
}

interface Claimed {
  readonly reservationId: string;
  readonly eventId: string;
  readonly ticketTypeId: string;
}

/** What commands and processes ask the read models, read from the log at once: read models are not what is tested here. */
export class ReadModels {
  readonly #store: MemoryEventStore;
  readonly #types: readonly { readonly eventId: string; readonly ticketTypeId: string }[];
  readonly #read = new Map<string, number>();
  readonly #located = new Map<string, Located>();
  readonly #claims = new Map<string, Claimed[]>();

  constructor(store: MemoryEventStore, types: readonly { readonly eventId: string; readonly ticketTypeId: string }[]) {
    this.#store = store;
    this.#types = types;
  }

  locate(reservationId: string): Located | null {
    this.#catchUp();
    return this.#located.get(reservationId) ?? null;
  }

  /** Reservations that were ever claimed for a booking. */
  claimsOf(bookingId: string): readonly Claimed[] {
    this.#catchUp();
    return this.#claims.get(bookingId) ?? [];
  }

  /** Bookings that ever had a claim, recorded or not. */
  bookings(): readonly string[] {
    this.#catchUp();
    return [...this.#claims.keys()];
  }

  bookingsOf(eventId: string): readonly string[] {
    return [...this.#claims]
      .filter(([id, claims]) => {
        const isRecorded = this.#store.eventsOf(bookingStream(id))[0]?.type === "BookingOpened";
        return isRecorded && claims.some((one) => one.eventId === eventId);
      })
      .map(([id]) => id);
  }

  #catchUp(): void {
    for (const { eventId, ticketTypeId } of this.#types) {
      const stream = inventoryStream(eventId, ticketTypeId);
      const events = this.#store.eventsOf(stream);
      for (let next = this.#read.get(stream) ?? 0; next < events.length; next += 1) {
        const { type, data } = events[next] as (typeof events)[number];
        if (type === "TicketsReserved") {
          const { reservationId, accountId } = JSON.parse(data);
          this.#located.set(reservationId, { eventId, ticketTypeId, accountId });
        } else if (type === "TicketsOffered") {
          for (const { entryId, accountId } of JSON.parse(data).offers) {
            this.#located.set(entryId, { eventId, ticketTypeId, accountId });
          }
        } else if (type === "ReservationClaimed") {
          const { reservationId, bookingId } = JSON.parse(data);
          const claims = this.#claims.get(bookingId) ?? [];
          this.#claims.set(bookingId, [...claims, { reservationId, eventId, ticketTypeId }]);
        }
      }
      this.#read.set(stream, events.length);
    }
  }
}
