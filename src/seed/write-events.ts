import type { InventoryEvent } from "../domain/inventory-events.ts";
import type { ListingEvent } from "../domain/listing-events.ts";
import { encode, eventHash } from "../eventstore/envelope.ts";
import type { EventStore, NewEvent } from "../eventstore/port.ts";
import { currentVersion } from "../eventstore/schema-versions.ts";
import { inventoryStream, listingStream } from "../eventstore/streams.ts";
import { type Seed, type SeededEvent, seededEvent } from "./seeded-event.ts";

export interface WriteOptions {
  readonly store: EventStore;
  readonly seed: Seed;
  /** How many events, numbered from 0. */
  readonly count: number;
  readonly signal: AbortSignal;
  /** Told how many events, of those that people attend, are in the log, and how many domain events that were. */
  readonly onProgress: (written: number, recorded: number) => void;
}

/** Their appends share commits. With more at once, ticket types get far ahead of their listings, which costs projecting. */
const AT_ONCE = 200;

/**
 * Records events as the product would have: the same domain events, envelopes and hash chains, inventories before their
 * listing, only without deciding one by one. The ids derive from the seed: what was recorded by an earlier run with the
 * same seed on the same day is found there and not recorded again.
 */
export async function writeEvents({ store, seed, count, signal, onProgress }: WriteOptions): Promise<void> {
  let next = 0;
  let written = 0;
  let recorded = 0;
  const failed = new AbortController();
  const worker = async () => {
    while (next < count && !signal.aborted && !failed.signal.aborted) {
      const event = seededEvent(seed, next);
      next += 1;
      const domainEvents = await write(store, event, seed.dayMs);
      recorded += domainEvents; // not in one: others add to it meanwhile
      written += 1;
      onProgress(written, recorded);
    }
  };
  const workers = Array.from({ length: Math.min(AT_ONCE, count) }, async () => {
    try {
      await worker();
    } catch (error) {
      failed.abort();
      throw error;
    }
  });
  await Promise.all(workers);
  signal.throwIfAborted();
}

async function write(store: EventStore, event: SeededEvent, dayMs: number): Promise<number> {
  const { eventId, inventories, listing } = event;
  const append = async (stream: string, events: readonly (InventoryEvent | ListingEvent)[]) => {
    await store.append(stream, recordedIn(stream, events, event, dayMs), "no-stream");
    return events.length;
  };
  const opened = inventories.map(({ ticketTypeId, events }) => append(inventoryStream(eventId, ticketTypeId), events));
  const counts = await Promise.all(opened);
  const listed = await append(listingStream(eventId), listing);
  return counts.reduce((sum, one) => sum + one, listed);
}

function recordedIn(
  stream: string,
  events: readonly (InventoryEvent | ListingEvent)[],
  { organizerId, chance }: SeededEvent,
  dayMs: number,
): readonly NewEvent[] {
  let previousHash: string | null = null;
  return events.map((event, revision) => {
    const commandId = chance.uuid();
    const encoded = encode(chance.uuid(), event, {
      schemaVersion: currentVersion(event.type),
      at: new Date(dayMs).toISOString(),
      actor: { account: organizerId, role: "organizer" },
      commandId,
      correlationId: commandId,
      causationId: null,
      requestId: null,
      keyHash: null,
      bodyHash: null,
      previousHash,
    });
    if (revision + 1 < events.length) previousHash = eventHash({ ...encoded, stream, revision });
    return encoded;
  });
}
