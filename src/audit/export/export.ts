import { setImmediate as otherWork } from "node:timers/promises";
import { pagesOf } from "../../eventstore/pages.ts";
import type { EventStore, Position, StoredEvent } from "../../eventstore/port.ts";
import { BOXOFFICE_PREFIXES } from "../../eventstore/streams.ts";
import { ReadAhead } from "../../projections/read-ahead.ts";
import { cursorAfter, type TrailQueries, type TrailWish } from "../../projections/trail/queries.ts";
import { eventsAt } from "../recorded-events.ts";
import { cloudEventLine } from "./cloud-event.ts";

/** Which part of the log is wanted; null is without that bound. */
export interface ExportWish {
  /** Ends included; beyond the log's head at the beginning of the export there is nothing. */
  readonly from: Position | null;
  readonly to: Position | null;
  readonly stream: string | null;
  readonly type: string | null;
  /** Events in today's version of their schema, in place of what was written. */
  readonly upcast: boolean;
  /** Only what is of this organizer's events, as `TrailWish` has it. */
  readonly organizerId: string | null;
}

export interface ExportDependencies {
  readonly store: Pick<EventStore, "read" | "subscribe" | "head">;
  readonly trail: Pick<TrailQueries, "list" | "before">;
}

const BATCH_EVENTS = 1_024;
/** Batches that are fetched while one is written: the store works meanwhile. */
const EVENTS_AHEAD = BATCH_EVENTS;
/** As many are put into text at once: a millisecond or two, then it is the turn of others. */
const LINES_AT_ONCE = 128;
const PAGE_OF_TRAIL = 200;

/**
 * A part of the log as lines of CloudEvents, in pieces of text, in the order of the log. However long it is, a few
 * thousand events are in memory; who reads slowly is read for slowly.
 * @throws StoreUnavailable
 * @throws ReadModelBehind for an organizer: the trail, by which their events are found, has not come to the end of it
 */
export async function* exported(
  dependencies: ExportDependencies,
  wish: ExportWish,
): AsyncGenerator<string, void, undefined> {
  const head = await dependencies.store.head(BOXOFFICE_PREFIXES);
  if (head === null) return;
  const span: Span = { from: wish.from ?? 0n, to: wish.to === null || wish.to > head ? head : wish.to };
  if (span.from > span.to) return;
  for await (const events of eventsOf(dependencies, wish, span)) {
    for (let first = 0; first < events.length; first += LINES_AT_ONCE) {
      const text = linesOf(events.slice(first, first + LINES_AT_ONCE), span, wish);
      if (text !== "") yield text;
      await otherWork();
    }
  }
}

interface Span {
  readonly from: Position;
  readonly to: Position;
}

function linesOf(events: readonly StoredEvent[], { from, to }: Span, { type, upcast }: ExportWish): string {
  let text = "";
  for (const event of events) {
    if (event.position < from || event.position > to || (type !== null && event.type !== type)) continue;
    text += cloudEventLine(event, upcast);
  }
  return text;
}

/** What has to be looked through for it, and may be a little more than that. */
function eventsOf(
  { store, trail }: ExportDependencies,
  wish: ExportWish,
  span: Span,
): AsyncIterable<readonly StoredEvent[]> {
  if (wish.organizerId !== null) return ofOrganizer(store, trail, wish, span);
  return wish.stream === null ? ofLog(store, trail, span) : ofStream(store, wish.stream, span);
}

async function* ofLog(
  store: Pick<EventStore, "subscribe">,
  trail: Pick<TrailQueries, "before">,
  { from, to }: Span,
): AsyncGenerator<readonly StoredEvent[], void, undefined> {
  // EventStoreDB takes only places at which there is an event.
  const after = from === 0n ? null : await trail.before(from);
  const done = new AbortController();
  const { signal } = done;
  try {
    const source = store.subscribe({ after, streamPrefixes: BOXOFFICE_PREFIXES, maxBatch: BATCH_EVENTS, signal });
    const ahead = new ReadAhead(source, EVENTS_AHEAD, signal);
    for (let reached = false; !reached; ) {
      const batch = await ahead.next(BATCH_EVENTS);
      if (batch === null) throw new Error("the subscription ended by itself");
      reached = batch.checkpoint >= to;
      yield batch.events;
    }
  } finally {
    done.abort();
  }
}

async function* ofStream(
  store: Pick<EventStore, "read">,
  stream: string,
  { to }: Span,
): AsyncGenerator<readonly StoredEvent[], void, undefined> {
  for await (const page of pagesOf(store, stream, 0)) {
    yield page;
    const last = page.at(-1);
    if (last !== undefined && last.position >= to) return;
  }
}

/** By the trail, which knows whose events are. */
async function* ofOrganizer(
  store: Pick<EventStore, "read">,
  trail: Pick<TrailQueries, "list">,
  { stream, type, organizerId }: Pick<TrailWish, "stream" | "type" | "organizerId">,
  { from, to }: Span,
): AsyncGenerator<readonly StoredEvent[], void, undefined> {
  const wish = { stream, type, organizerId, actor: null, eventId: null, subject: null, from: null, to: null };
  let cursor = from === 0n ? null : cursorAfter(from - 1n);
  do {
    const page = await trail.list(wish, { cursor, limit: PAGE_OF_TRAIL, newestFirst: false }, { minPosition: to });
    yield (await eventsAt(store, page.items)).map(({ stored }) => stored);
    const last = page.items.at(-1);
    cursor = last === undefined || last.position >= to ? null : page.next;
  } while (cursor !== null);
}
