import type { InventoryEvent } from "../../src/domain/inventory-events.ts";
import { decode, type Envelope, eventHash } from "../../src/eventstore/envelope.ts";
import { pagesOf } from "../../src/eventstore/pages.ts";
import type { EventStore, StoredEvent } from "../../src/eventstore/port.ts";
import { inventoryStream } from "../../src/eventstore/streams.ts";
import { SeatAudit } from "../domain/seating/seat-audit.ts";
import type { OnSale } from "./shop.ts";

/** What an inventory's log proves about a sale. */
export interface Proof {
  readonly events: number;
  readonly capacity: number;
  /** Held at the end, by the log alone. */
  readonly held: number;
  readonly mostHeld: number;
  /** Of each `TicketsReserved`, in the log's order. */
  readonly reservationIds: readonly string[];
  /** Hashes of the idempotency keys that were answered by a reservation. */
  readonly keyHashes: ReadonlySet<string>;
  /** Upper bound of the largest append's bytes: what was recorded in one millisecond counts as one append. */
  readonly largestAppendBytes: number;
}

/**
 * Replays the log of one ticket type with arithmetic of its own, as an auditor would who has not seen the code that
 * wrote it, and proves: at no revision more is held than there is, nothing is reserved twice, no key has two effects, what
 * ends was held, no seat has two owners, and the hash chain is whole.
 * @throws Error naming the first violation
 */
export async function proveSale(store: EventStore, { eventId, ticketTypeId }: OnSale): Promise<Proof> {
  const ledger = new Ledger();
  const stream = inventoryStream(eventId, ticketTypeId);
  for await (const page of pagesOf(store, stream, 0)) {
    for (const stored of page) ledger.take(stored);
  }
  return ledger.proof();
}

class Ledger {
  readonly #open = new Map<string, number>();
  readonly #reservationIds: string[] = [];
  readonly #keyHashes = new Set<string>();
  readonly #seats = new SeatAudit();
  #capacity = 0;
  #held = 0;
  #mostHeld = 0;
  #events = 0;
  #lastHash: string | null = null;
  #lastAt = "";
  #appendBytes = 0;
  #largestAppendBytes = 0;

  take(stored: StoredEvent): void {
    const { event, envelope } = decode<InventoryEvent>(stored);
    if (stored.revision !== this.#events) throw new Error(`revision ${stored.revision} in place ${this.#events}`);
    if (envelope.previousHash !== this.#lastHash)
      throw new Error(`the hash chain breaks at revision ${stored.revision}`);
    if (envelope.at < this.#lastAt) throw new Error(`time runs backwards at revision ${stored.revision}`);
    this.#weigh(stored, envelope);
    this.#seats.take(event);
    this.#apply(event, envelope.keyHash);
    if (this.#held > this.#capacity) {
      throw new Error(`oversold at revision ${stored.revision}: ${this.#held} of ${this.#capacity}`);
    }
    this.#mostHeld = Math.max(this.#mostHeld, this.#held);
    this.#lastHash = eventHash(stored);
    this.#lastAt = envelope.at;
    this.#events += 1;
  }

  #apply(event: InventoryEvent, keyHash: string | null): void {
    switch (event.type) {
      case "InventoryOpened":
      case "CapacityChanged":
        this.#capacity = event.data.capacity;
        break;
      case "TicketsReserved": {
        const { reservationId, quantity } = event.data;
        if (this.#open.has(reservationId)) throw new Error(`${reservationId} was reserved twice`);
        if (keyHash !== null && this.#keyHashes.has(keyHash))
          throw new Error(`a key made ${reservationId} and another`);
        if (keyHash !== null) this.#keyHashes.add(keyHash);
        this.#open.set(reservationId, quantity);
        this.#reservationIds.push(reservationId);
        this.#held += quantity;
        break;
      }
      case "ReservationReleased":
        this.#end(event.data.reservationId, event.data.quantity);
        break;
      case "ReservationsExpired":
        for (const { reservationId, quantity } of event.data.reservations) this.#end(reservationId, quantity);
        break;
    }
  }

  #end(reservationId: string, quantity: number): void {
    if (this.#open.get(reservationId) !== quantity) throw new Error(`${reservationId} gave back what it had not`);
    this.#open.delete(reservationId);
    this.#held -= quantity;
  }

  #weigh({ id, type, data, metadata }: StoredEvent, { at }: Envelope): void {
    const bytes = id.length + type.length + Buffer.byteLength(data) + Buffer.byteLength(metadata);
    this.#appendBytes = at === this.#lastAt ? this.#appendBytes + bytes : bytes;
    this.#largestAppendBytes = Math.max(this.#largestAppendBytes, this.#appendBytes);
  }

  proof(): Proof {
    return {
      events: this.#events,
      capacity: this.#capacity,
      held: this.#held,
      mostHeld: this.#mostHeld,
      reservationIds: this.#reservationIds,
      keyHashes: this.#keyHashes,
      largestAppendBytes: this.#largestAppendBytes,
    };
  }
}
