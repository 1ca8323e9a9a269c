import type { InventoryEvent } from "../../../src/domain/inventory-events.ts";
import type { ListingEvent } from "../../../src/domain/listing-events.ts";
import { decode } from "../../../src/eventstore/envelope.ts";
import type { StoredEvent } from "../../../src/eventstore/port.ts";
import { INVENTORY_PREFIX, LISTING_PREFIX } from "../../../src/eventstore/streams.ts";
import { LogRecord } from "../../system/buying/log-record.ts";

/** An event that answered a key. */
export interface KeyedEvent {
  readonly stream: string;
  readonly type: string;
  readonly position: bigint;
}

/** The whole log, with what clients' questions need beside the books of money and tickets. */
export class TortureRecord extends LogRecord {
  /** Events by the hash of the key that they answer. */
  readonly keyed = new Map<string, KeyedEvent[]>();
  /** The inventory of each reservation and each waitlist entry. */
  readonly streamOf = new Map<string, string>();
  /** Names that events ever had. */
  readonly names = new Set<string>();
  readonly inventoriesOf = new Map<string, string[]>();
  head = 0n;

  override take(stored: StoredEvent): void {
    super.take(stored);
    const { stream, type, position } = stored;
    const { event, envelope } = decode<InventoryEvent | ListingEvent>(stored);
    this.head = position;
    if (envelope.keyHash !== null) {
      const keyed = this.keyed.get(envelope.keyHash) ?? [];
      keyed.push({ stream, type, position });
      this.keyed.set(envelope.keyHash, keyed);
    }
    if (stream.startsWith(LISTING_PREFIX)) this.#listing(event as ListingEvent);
    else if (stream.startsWith(INVENTORY_PREFIX)) this.#place(stream, event as InventoryEvent);
  }

  #listing(event: ListingEvent): void {
    if (event.type === "ListingCreated") this.names.add(event.data.details.name);
    if (event.type === "ListingChanged" && event.data.changes.name !== undefined)
      this.names.add(event.data.changes.name);
  }

  #place(stream: string, { type, data }: InventoryEvent): void {
    if (type === "TicketsReserved") this.streamOf.set(data.reservationId, stream);
    else if (type === "WaitlistJoined") this.streamOf.set(data.entryId, stream);
    else if (type === "InventoryOpened") {
      this.inventoriesOf.set(data.eventId, [...(this.inventoriesOf.get(data.eventId) ?? []), stream]);
    }
  }
}
