import { type Envelope, eventHash } from "../../eventstore/envelope.ts";
import type { EventStore, Position, StoredEvent } from "../../eventstore/port.ts";
import { BOOKING_PREFIX, BOXOFFICE_PREFIXES, INVENTORY_PREFIX } from "../../eventstore/streams.ts";
import { ReadAhead } from "../../projections/read-ahead.ts";
import { headAfter, type RunningHead } from "../../verifier/running-head.ts";
import type { HeadQueries } from "../heads/table.ts";
import type { Found } from "./found.ts";
import { KeptHeads } from "./kept-heads.ts";
import type { Spill, SpilledEvent } from "./spill.ts";

export interface ReadingOptions {
  readonly store: Pick<EventStore, "subscribe">;
  readonly heads: HeadQueries;
  readonly spill: Spill;
  readonly found: Found;
  /** What was read already. */
  readonly from: RunningHead;
  readonly upTo: Position;
  /** The latest `at` so far. */
  readonly lastAt: string;
  readonly signal: AbortSignal;
  /** Told after each batch: up to there all is written. */
  readonly onBatch: (head: RunningHead, lastAt: string) => Promise<void> | void;
}

const BATCH_EVENTS = 2_000;

/** Reads the whole log in its order, folds its head, compares that with all that are kept, and sorts it by streams. */
export async function readLog(
  options: ReadingOptions,
): Promise<{ readonly head: RunningHead; readonly lastAt: string }> {
  const { store, spill, found, from, upTo } = options;
  const done = new AbortController();
  const signal = AbortSignal.any([options.signal, done.signal]);
  const kept = await KeptHeads.open(options.heads, found, from.position);
  let { lastAt } = options;
  let head = from;
  const write = (event: SpilledEvent) => spill.write(spill.partOf(event.stream), event);
  try {
    const after = from.count === 0 ? null : from.position;
    const source = store.subscribe({ after, streamPrefixes: BOXOFFICE_PREFIXES, maxBatch: BATCH_EVENTS, signal });
    const ahead = new ReadAhead(source, 2 * BATCH_EVENTS, signal);
    for (let reached = head.position >= upTo; !reached; ) {
      await kept.refill();
      const batch = await ahead.next(BATCH_EVENTS);
      options.signal.throwIfAborted();
      if (batch === null) throw new Error("the subscription ended by itself");
      for (const event of batch.events) {
        if (event.position > upTo) break;
        const hash = eventHash(event);
        head = headAfter(head, event.position, hash);
        if (kept.isDue(event.position)) kept.compare(head);
        const at = sort(event, hash, write, found);
        if (at > lastAt) lastAt = at;
      }
      reached = batch.checkpoint >= upTo;
      await options.onBatch(head, lastAt);
    }
  } finally {
    done.abort();
  }
  return { head, lastAt };
}

const OF_BOOKING = /"bookingId":"([^"]+)"/;

/**
 * Hands an event on to whoever has its stream; what inventories booked for a booking, and got back from it, is of interest
 * to both.
 * @returns its `at`
 */
export function sort(event: StoredEvent, hash: string, write: (event: SpilledEvent) => void, found: Found): string {
  const { at, schemaVersion, previousHash } = envelopeOf(event, found);
  const { stream, revision, type, data } = event;
  const spilled = {
    position: String(event.position),
    revision,
    stream,
    type,
    at,
    schemaVersion,
    previousHash,
    hash,
    data,
  };
  write(spilled);
  if ((type === "ReservationConfirmed" || type === "TicketsReturned") && stream.startsWith(INVENTORY_PREFIX)) {
    const [, bookingId] = OF_BOOKING.exec(data) ?? [];
    if (bookingId !== undefined) write({ ...spilled, stream: forBooking(bookingId, stream) });
  }
  return at;
}

const FOR_BOOKING = "for-";

/** Instead of the stream, in a copy that is there for a booking. */
const forBooking = (bookingId: string, stream: string): string =>
  `${stream} ${FOR_BOOKING}${BOOKING_PREFIX}${bookingId}`;

/** Whom an event is there for: its own stream, or a booking that it is about. */
export function addresseeOf({ stream }: Pick<SpilledEvent, "stream">): {
  readonly stream: string;
  readonly bookingId: string | null;
} {
  const blank = stream.indexOf(` ${FOR_BOOKING}`);
  if (blank < 0) return { stream, bookingId: null };
  return {
    stream: stream.slice(0, blank),
    bookingId: stream.slice(blank + 1 + FOR_BOOKING.length + BOOKING_PREFIX.length),
  };
}

type Known = Pick<Envelope, "at" | "schemaVersion" | "previousHash">;

const BEGINNING = '{"schemaVersion":1,"at":"';
const AT_LENGTH = "2026-05-01T10:00:00.000Z".length;
const NO_PREVIOUS = ',"previousHash":null}';
const PREVIOUS = ',"previousHash":"';
const HASH_LENGTH = 43;

/**
 * What it takes of the metadata. Written as they nearly always are, the three stand at their beginning and end, and are cut
 * out: that takes a tenth of parsing. Whether anything between them was changed, the hash says.
 */
function envelopeOf(event: StoredEvent, found: Found): Known {
  const { metadata } = event;
  if (!metadata.startsWith(BEGINNING)) return parsedEnvelope(event, found);
  const at = metadata.slice(BEGINNING.length, BEGINNING.length + AT_LENGTH);
  if (metadata.endsWith(NO_PREVIOUS)) return { at, schemaVersion: 1, previousHash: null };
  const end = metadata.length - '"}'.length;
  if (!metadata.endsWith('"}') || !metadata.startsWith(PREVIOUS, end - HASH_LENGTH - PREVIOUS.length)) {
    return parsedEnvelope(event, found);
  }
  return { at, schemaVersion: 1, previousHash: metadata.slice(end - HASH_LENGTH, end) };
}

function parsedEnvelope(event: StoredEvent, found: Found): Known {
  try {
    const { at, schemaVersion, previousHash } = JSON.parse(event.metadata) as Envelope;
    return { at: String(at), schemaVersion, previousHash };
  } catch {
    const { position, stream, revision } = event;
    found.report("chain-broken", "its metadata are no JSON", { position: String(position), stream, revision });
    return { at: "", schemaVersion: 1, previousHash: null };
  }
}
