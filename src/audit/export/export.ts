import { setImmediate as otherWork } from "node:timers/promises";
import { pagesOf } from "../../eventstore/pages.ts";
import type { EventStore, Position, StoredEvent } from "../../eventstore/port.ts";
import { BOXOFFICE_PREFIXES } from "../../eventstore/streams.ts";
import { cursorAfter, type TrailQueries, type TrailWish } from "../../projections/trail/queries.ts";
import { eventsAt } from "../recorded-events.ts";
import { type LineWish, linesOf } from "./lines.ts";
import type { LogLines } from "./log-lines.ts";

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
  readonly store: Pick<EventStore, "read" | "head">;
  readonly trail: Pick<TrailQueries, "list" | "before">;
  readonly logLines: LogLines;
}

/** As many are put into text at once: a millisecond or two, then it is the turn of others. */
const LINES_AT_ONCE = 128;
const PAGE_OF_TRAIL = 200;

/**
 * A part of the log as lines of CloudEvents, in pieces, in the order of the log. However long it is, some megabytes of it
 * are in memory; who reads slowly is read for slowly.
 * @throws StoreUnavailable
 * @throws ReadModelBehind for an organizer: the trail, by which their events are found, has not come to the end of it
 */
export async function* exported(
  { store, trail, logLines }: ExportDependencies,
  { from: wishedFrom, to: wishedTo, stream, type, upcast, organizerId }: ExportWish,
): AsyncGenerator<string | Uint8Array, void, undefined> {
  const head = await store.head(BOXOFFICE_PREFIXES);
  if (head === null) return;
  const from = wishedFrom ?? 0n;
  const to = wishedTo === null || wishedTo > head ? head : wishedTo;
  if (from > to) return;
  const lines: LineWish = { from, to, type, upcast };
  if (organizerId !== null) yield* textOf(ofOrganizer(store, trail, { stream, type, organizerId }, lines), lines);
  else if (stream !== null) yield* textOf(ofStream(store, stream, lines), lines);
  // EventStoreDB takes only places at which there is an event.
  else yield* logLines({ ...lines, after: from === 0n ? null : await trail.before(from) });
}

async function* textOf(
  pages: AsyncIterable<readonly StoredEvent[]>,
  wish: LineWish,
): AsyncGenerator<string, void, undefined> {
  for await (const events of pages) {
    for (let first = 0; first < events.length; first += LINES_AT_ONCE) {
      const text = linesOf(events.slice(first, first + LINES_AT_ONCE), wish);
      if (text !== "") yield text;
      await otherWork();
    }
  }
}

async function* ofStream(
  store: Pick<EventStore, "read">,
  stream: string,
  { to }: LineWish,
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
  { from, to }: LineWish,
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
