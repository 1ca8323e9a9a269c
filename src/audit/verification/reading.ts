import { type Envelope, sha256 } from "../../eventstore/envelope.ts";
import { type EventPage, PART } from "../../eventstore/event-page.ts";
import type { EventStore, Position } from "../../eventstore/port.ts";
import { BOOKING_PREFIX, BOXOFFICE_PREFIXES, INVENTORY_PREFIX } from "../../eventstore/streams.ts";
import { headAfter, type RunningHead } from "../../verifier/running-head.ts";
import type { HeadQueries } from "../heads/table.ts";
import type { Found } from "./found.ts";
import { KeptHeads } from "./kept-heads.ts";
import type { Spill, SpilledEvent } from "./spill.ts";

export interface ReadingOptions {
  readonly store: Pick<EventStore, "scan">;
  readonly heads: HeadQueries;
  readonly spill: Spill;
  readonly found: Found;
  /** What was read already. */
  readonly from: RunningHead;
  readonly upTo: Position;
  /** The latest `at` so far. */
  readonly lastAt: string;
  readonly signal: AbortSignal;
  /** Told after each page: up to there all is written. */
  readonly onPage: (head: RunningHead, lastAt: string) => Promise<void> | void;
}

/** Reads the whole log in its order, folds its head, compares that with all that are kept, and sorts it by streams. */
export async function readLog(
  options: ReadingOptions,
): Promise<{ readonly head: RunningHead; readonly lastAt: string }> {
  const { store, spill, found, from, upTo, signal } = options;
  const kept = await KeptHeads.open(options.heads, found, from.position);
  let { lastAt } = options;
  let head = from;
  const write = (event: SpilledEvent) => spill.write(spill.partOf(event.stream), event);
  const after = from.count === 0 ? null : from.position;
  for await (const page of store.scan({ after, upTo, streamPrefixes: BOXOFFICE_PREFIXES, signal })) {
    await kept.refill();
    for (let index = 0; index < page.count; index += 1) {
      const position = page.position(index);
      const hash = sha256(page.record(index));
      head = headAfter(head, position, hash);
      if (kept.isDue(position)) kept.compare(head);
      const at = sort(page, index, hash, write, found);
      if (at > lastAt) lastAt = at;
    }
    await options.onPage(head, lastAt);
  }
  signal.throwIfAborted();
  return { head, lastAt };
}

const OF_BOOKING = /"bookingId":"([^"]+)"/;

/**
 * Hands an event on to whoever has its stream; what inventories booked for a booking, and got back from it, is of interest
 * to both.
 * @returns its `at`
 */
export function sort(
  page: EventPage,
  index: number,
  hash: string,
  write: (event: SpilledEvent) => void,
  found: Found,
): string {
  const { at, schemaVersion, previousHash } = envelopeOf(page, index, found);
  const position = String(page.position(index));
  const revision = Number(page.binary(index, PART.revision));
  const stream = page.binary(index, PART.stream);
  const type = page.binary(index, PART.type);
  const data = page.binary(index, PART.data);
  const spilled = { position, revision, stream, type, at, schemaVersion, previousHash, hash, data };
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
function envelopeOf(page: EventPage, index: number, found: Found): Known {
  const metadata = page.binary(index, PART.metadata);
  if (!metadata.startsWith(BEGINNING)) return parsedEnvelope(page, index, found);
  const at = metadata.slice(BEGINNING.length, BEGINNING.length + AT_LENGTH);
  if (metadata.endsWith(NO_PREVIOUS)) return { at, schemaVersion: 1, previousHash: null };
  const end = metadata.length - '"}'.length;
  if (!metadata.endsWith('"}') || !metadata.startsWith(PREVIOUS, end - HASH_LENGTH - PREVIOUS.length)) {
    return parsedEnvelope(page, index, found);
  }
  return { at, schemaVersion: 1, previousHash: metadata.slice(end - HASH_LENGTH, end) };
}

function parsedEnvelope(page: EventPage, index: number, found: Found): Known {
  const { metadata, position, stream, revision } = page.event(index);
  try {
    const { at, schemaVersion, previousHash } = JSON.parse(metadata) as Envelope;
    return { at: binary(String(at)), schemaVersion, previousHash: previousHash === null ? null : binary(previousHash) };
  } catch {
    found.report("chain-broken", "its metadata are no JSON", { position: String(position), stream, revision });
    return { at: "", schemaVersion: 1, previousHash: null };
  }
}

const binary = (text: string): string => Buffer.from(text).toString("latin1");
