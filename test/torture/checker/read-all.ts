import type { EventStore, StoredEvent } from "../../../src/eventstore/port.ts";
import { BOXOFFICE_PREFIXES } from "../../../src/eventstore/streams.ts";

const BATCH_EVENTS = 4_096;

/** Every event of Boxoffice's streams that is on record now, in the log's order. */
export async function readAll(store: EventStore, take: (stored: StoredEvent) => void): Promise<void> {
  const head = await store.head(BOXOFFICE_PREFIXES);
  if (head === null) return;
  const done = new AbortController();
  const options = { after: null, streamPrefixes: BOXOFFICE_PREFIXES, maxBatch: BATCH_EVENTS, signal: done.signal };
  for await (const { events, checkpoint } of store.subscribe(options)) {
    for (const stored of events) take(stored);
    if (checkpoint >= head) break;
  }
  done.abort();
}
