import type { EventStore, Position } from "../../eventstore/port.ts";
import { BOXOFFICE_PREFIXES } from "../../eventstore/streams.ts";
import { ReadAhead } from "../../projections/read-ahead.ts";
import { type LineWish, linesOf } from "./lines.ts";

export interface LogPart extends LineWish {
  /** A place just before `from` at which there is an event, as `EventStore.subscribe` takes it; null: before the first. */
  readonly after: Position | null;
}

/**
 * Lines of all streams, in pieces, in the order of the log.
 * @throws StoreUnavailable
 */
export type LogLines = (part: LogPart) => AsyncGenerator<string | Uint8Array, void, undefined>;

const BATCH_EVENTS = 1_024;
/** Batches that are fetched while one is written: the store works meanwhile. */
const EVENTS_AHEAD = BATCH_EVENTS;

/** However long the part is, a few thousand events are in memory. */
export const logLines = (store: Pick<EventStore, "subscribe">) =>
  async function* (part: LogPart): AsyncGenerator<string, void, undefined> {
    const { after, to } = part;
    const done = new AbortController();
    const { signal } = done;
    try {
      const source = store.subscribe({ after, streamPrefixes: BOXOFFICE_PREFIXES, maxBatch: BATCH_EVENTS, signal });
      const ahead = new ReadAhead(source, EVENTS_AHEAD, signal);
      for (let reached = false; !reached; ) {
        const batch = await ahead.next(BATCH_EVENTS);
        if (batch === null) throw new Error("the subscription ended by itself");
        reached = batch.checkpoint >= to;
        const text = linesOf(batch.events, part);
        if (text !== "") yield text;
      }
    } finally {
      done.abort();
    }
  };
