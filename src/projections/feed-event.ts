import type { BookingEvent } from "../domain/booking-events.ts";
import type { CartEvent } from "../domain/cart-events.ts";
import type { InventoryEvent } from "../domain/inventory-events.ts";
import type { ListingEvent } from "../domain/listing-events.ts";
import type { WaitingRoomEvent } from "../domain/waiting-room-events.ts";
import { decode, type RecordedEvent } from "../eventstore/envelope.ts";
import type { StoredEvent } from "../eventstore/port.ts";
import {
  BOOKING_PREFIX,
  CART_PREFIX,
  INVENTORY_PREFIX,
  LISTING_PREFIX,
  WAITING_ROOM_PREFIX,
} from "../eventstore/streams.ts";

/** An event on its way through the projections: parsed when the first of them looks at it, and only once. */
export class FeedEvent {
  readonly stored: StoredEvent;
  #recorded: RecordedEvent | null = null;

  constructor(stored: StoredEvent) {
    this.stored = stored;
  }

  /** Whatever it is. */
  recorded(): RecordedEvent {
    this.#recorded ??= decode(this.stored);
    return this.#recorded;
  }

  /** The inventory's event that this is, or null. */
  inventory(): RecordedEvent<InventoryEvent> | null {
    return this.#in(INVENTORY_PREFIX) as RecordedEvent<InventoryEvent> | null;
  }

  /** The listing's event that this is, or null. */
  listing(): RecordedEvent<ListingEvent> | null {
    return this.#in(LISTING_PREFIX) as RecordedEvent<ListingEvent> | null;
  }

  /** The cart's event that this is, or null. */
  cart(): RecordedEvent<CartEvent> | null {
    return this.#in(CART_PREFIX) as RecordedEvent<CartEvent> | null;
  }

  /** The booking's event that this is, or null. */
  booking(): RecordedEvent<BookingEvent> | null {
    return this.#in(BOOKING_PREFIX) as RecordedEvent<BookingEvent> | null;
  }

  /** The waiting room's event that this is, or null. */
  waitingRoom(): RecordedEvent<WaitingRoomEvent> | null {
    return this.#in(WAITING_ROOM_PREFIX) as RecordedEvent<WaitingRoomEvent> | null;
  }

  #in(prefix: string): RecordedEvent | null {
    return this.stored.stream.startsWith(prefix) ? this.recorded() : null;
  }
}

/** The log holds a type of event that this code does not know: newer code has to project it. */
export class UnknownEventType extends Error {
  override readonly name = "UnknownEventType";
}

/**
 * Ends a switch over all types of events: a type without a case does not compile, and one that newer code recorded
 * stops the projection instead of being skipped for good.
 * @throws UnknownEventType
 */
export function unknownEvent(event: never): never {
  throw new UnknownEventType(`no projection for ${(event as { type: string }).type}`);
}
