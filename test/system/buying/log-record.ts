import type { BookingEvent } from "../../../src/domain/booking-events.ts";
import type { CartEvent } from "../../../src/domain/cart-events.ts";
import type { InventoryEvent } from "../../../src/domain/inventory-events.ts";
import { decode, type Envelope, eventHash } from "../../../src/eventstore/envelope.ts";
import type { EventStore, Position, StoredEvent } from "../../../src/eventstore/port.ts";
import {
  BOOKING_PREFIX,
  BOXOFFICE_PREFIXES,
  bookingOf,
  CART_PREFIX,
  INVENTORY_PREFIX,
  inventoryStream,
} from "../../../src/eventstore/streams.ts";
import { BookingLedger } from "./booking-ledger.ts";
import { InventoryLedger } from "./inventory-ledger.ts";

const BATCH_EVENTS = 4_096;

interface Link {
  readonly revision: number;
  readonly hash: string;
  readonly at: string;
}

export interface CartRecord {
  status: "open" | "checkout" | "completed" | "ended";
  bookingId: string | null;
}

/** The whole log, read as an auditor does who has not seen the code that wrote it. */
export class LogRecord {
  readonly bookings = new Map<string, BookingLedger>();
  readonly inventories = new Map<string, InventoryLedger>();
  readonly carts = new Map<string, CartRecord>();
  /** Links of hash chains that break, and times that run backwards. */
  readonly broken: string[] = [];
  events = 0;
  readonly #last = new Map<string, Link>();
  #position: Position = 0n;

  /** Takes in what the log has that was not read before. */
  async catchUp(store: EventStore): Promise<void> {
    const head = await store.head(BOXOFFICE_PREFIXES);
    if (head === null || head <= this.#position) return;
    const done = new AbortController();
    const options = { streamPrefixes: BOXOFFICE_PREFIXES, maxBatch: BATCH_EVENTS, signal: done.signal };
    for await (const { events, checkpoint } of store.subscribe({ ...options, after: this.#position })) {
      for (const stored of events) this.take(stored);
      this.#position = checkpoint;
      if (checkpoint >= head) break;
    }
    done.abort();
  }

  take(stored: StoredEvent): void {
    const { stream, revision } = stored;
    const { envelope } = decode(stored);
    this.#link(stored, envelope);
    this.events += 1;
    if (stream.startsWith(BOOKING_PREFIX)) {
      this.#booking(bookingOf(stream)).take(decode<BookingEvent>(stored).event, envelope.at);
    } else if (stream.startsWith(INVENTORY_PREFIX)) {
      this.#inventory(stream).take(decode<InventoryEvent>(stored).event, revision);
    } else if (stream.startsWith(CART_PREFIX)) this.#cart(decode<CartEvent>(stored).event);
  }

  /** Bookings with something left to do. */
  notAtRest(): BookingLedger[] {
    return [...this.bookings.values()].filter((booking) => !booking.isAtRest());
  }

  held(): number {
    return this.inventories.values().reduce((sum, inventory) => sum + inventory.held(), 0);
  }

  cartsInCheckout(): string[] {
    return [...this.carts].flatMap(([cartId, { status }]) => (status === "checkout" ? [cartId] : []));
  }

  /** The price of the tickets that a booking has now, in minor units. */
  worthOf({ bookingId, lines }: BookingLedger): number {
    return lines.reduce((sum, { eventId, ticketTypeId, reservationId, unitPrice }) => {
      const inventory = this.inventories.get(inventoryStream(eventId, ticketTypeId));
      return sum + (inventory?.ticketsOf(reservationId, bookingId) ?? 0) * unitPrice.amount;
    }, 0);
  }

  #link(stored: StoredEvent, { at, previousHash }: Envelope): void {
    const { stream, revision } = stored;
    const last = this.#last.get(stream);
    if (revision !== (last?.revision ?? -1) + 1) this.broken.push(`${stream}: ${revision} after ${last?.revision}`);
    if (previousHash !== (last?.hash ?? null)) this.broken.push(`${stream}: the chain breaks at revision ${revision}`);
    if (last !== undefined && at < last.at) this.broken.push(`${stream}: time runs backwards at revision ${revision}`);
    this.#last.set(stream, { revision, at, hash: eventHash(stored) });
  }

  #booking(bookingId: string): BookingLedger {
    const known = this.bookings.get(bookingId) ?? new BookingLedger(bookingId);
    this.bookings.set(bookingId, known);
    return known;
  }

  #inventory(stream: string): InventoryLedger {
    const known = this.inventories.get(stream) ?? new InventoryLedger(stream);
    this.inventories.set(stream, known);
    return known;
  }

  #cart({ type, data }: CartEvent): void {
    const cart = this.carts.get(data.cartId) ?? { status: "open", bookingId: null };
    this.carts.set(data.cartId, cart);
    switch (type) {
      case "CartCheckedOut":
        cart.status = "checkout";
        cart.bookingId = data.bookingId;
        break;
      case "CartReopened":
        cart.status = "open";
        cart.bookingId = null;
        break;
      case "CartCompleted":
        cart.status = "completed";
        cart.bookingId = data.bookingId;
        break;
      case "CartCleared":
      case "CartExpired":
        cart.status = "ended";
        break;
    }
  }
}
