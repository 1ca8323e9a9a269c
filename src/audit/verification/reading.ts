import { sha256 } from "../../eventstore/envelope.ts";
import { type EventPage, PART, type Part } from "../../eventstore/event-page.ts";
import type { EventStore, Position } from "../../eventstore/port.ts";
import { BOOKING_PREFIX, BOXOFFICE_PREFIXES, INVENTORY_PREFIX } from "../../eventstore/streams.ts";
import { headAfter, type RunningHead } from "../../verifier/running-head.ts";
import type { HeadQueries } from "../heads/table.ts";
import type { Found } from "./found.ts";
import { KeptHeads } from "./kept-heads.ts";
import { type Link, linkOf } from "./link.ts";
import type { Spill } from "./spill.ts";

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
  const after = from.count === 0 ? null : from.position;
  for await (const page of store.scan({ after, upTo, streamPrefixes: BOXOFFICE_PREFIXES, signal })) {
    await kept.refill(page.last ?? from.position);
    for (let index = 0; index < page.count; index += 1) {
      const position = page.position(index);
      const hash = sha256(page.record(index));
      head = headAfter(head, position, hash);
      if (kept.isDue(position)) kept.compare(head);
      if (!isNamed(page, index, found)) continue;
      const link = linkOrReport(page, index, found);
      if (link.at > lastAt) lastAt = link.at;
      spill.write(spill.partOf(page.binary(index, PART.stream)), page, index, { ...link, hash, bookingId: null });
      const bookingId = bookingOf(page, index);
      if (bookingId === null) continue;
      spill.write(spill.partOf(BOOKING_PREFIX + bookingId), page, index, { ...link, hash, bookingId });
    }
    await options.onPage(head, lastAt);
  }
  signal.throwIfAborted();
  return { head, lastAt };
}

/**
 * Whether an event's stream and type are what their lines say. With line breaks in them the event could be another one, of
 * the same hash: it is reported, and not replayed.
 */
export function isNamed(page: EventPage, index: number, found: Found): boolean {
  const isWhole = (part: Part) => !page.binary(index, part).includes("\n");
  if (isWhole(PART.stream) && isWhole(PART.type)) return true;
  reportAt(page, index, found, "the name of its stream or its type has a line break");
  return false;
}

/** What an event's metadata say, or nothing where they are no envelope. */
export function linkOrReport(page: EventPage, index: number, found: Found): Link {
  const link = linkOf(page, index);
  if (link !== null) return link;
  reportAt(page, index, found, "its metadata are no envelope");
  return { at: "", schemaVersion: 1, previousHash: null };
}

function reportAt(page: EventPage, index: number, found: Found, detail: string): void {
  const { position, stream, revision } = page.event(index);
  found.report("chain-broken", detail, { position: String(position), stream, revision });
}

const OF_BOOKING = /"bookingId":"([^"\n]+)"/;

/**
 * For which booking a copy of an event is kept beside what its own stream keeps: what inventories booked for it, and got
 * back from it.
 */
export function bookingOf(page: EventPage, index: number): string | null {
  const type = page.binary(index, PART.type);
  if (type !== "ReservationConfirmed" && type !== "TicketsReturned") return null;
  if (!page.binary(index, PART.stream).startsWith(INVENTORY_PREFIX)) return null;
  return OF_BOOKING.exec(page.binary(index, PART.data))?.[1] ?? null;
}
