import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { isLastPage } from "../pages.ts";
import { type Batch, type Position, type StoredEvent, StoreUnavailable, type SubscribeOptions } from "../port.ts";
import { APPENDED_CHANNEL } from "./append-function.ts";
import { type ConnectionSettings, connect } from "./connection.ts";
import { readFailure, unavailable } from "./failures.ts";
import { AS_TEXT, cutPage, EVENT_COLUMNS, type EventRow, SIZED_EVENT_COLUMNS, storedEvent } from "./reader.ts";

/** How far one query looks along the log for events of the prefixes. */
const WINDOW_POSITIONS = 4096;
/**
 * A subscriber that has caught up looks at most this often: in a rush of commits one query brings what dozens of
 * notifications would each have fetched alone, at a tenth of the cost. After a rest it is woken at once.
 */
const GATHER_MS = 15;
/** And less often still while each look brings many. */
const RUSH_EVENTS = 50;
const RUSH_GATHER_MS = 60;

/**
 * Positions have no gaps and become visible in order, so everything up to the head that a snapshot shows is in that
 * snapshot. Each row begins with how far the log was looked through; without an event the rest of the row is null.
 * `offset 0` has each name looked up by its id: as a join, all names of the log would be read for each batch, since a
 * planner that can't know how short the run is expects 1,600 events.
 */
const NEXT_SQL = `
  select r.position, e.*
    from (select least(coalesce(max(position), 0), $1::bigint + ${WINDOW_POSITIONS}) as position from eventstore.events) r
    left join lateral (${cutPage(
      `select s.name, ${SIZED_EVENT_COLUMNS}
         from eventstore.events e
        cross join lateral (select name from eventstore.streams where id = e.stream_id offset 0) s
        where e.position > $1::bigint and e.position <= r.position and s.name ^@ any ($2::text[])
        order by e.position limit $3::integer`,
      `e.name, ${EVENT_COLUMNS}`,
      "e.position",
    )}) e on true`;

type NextRow = [reach: string, stream: string | null, ...event: EventRow];

export interface SubscriptionSettings {
  readonly connection: ConnectionSettings;
  /** How often the log is looked at without being woken, in ms: the fallback for a lost notification. */
  readonly pollMs: number;
  readonly readTimeoutMs: number;
}

/**
 * Follows the log over a connection of its own, woken by NOTIFY. Ends with an error when the connection is lost or
 * `closing` is aborted, and without one when the subscriber's signal is.
 * @throws StoreUnavailable
 */
export async function* subscription(
  settings: SubscriptionSettings,
  { after, streamPrefixes, maxBatch, signal }: SubscribeOptions,
  closing: AbortSignal,
): AsyncGenerator<Batch, void, undefined> {
  if (!Number.isInteger(maxBatch) || maxBatch < 1) throw new RangeError(`maxBatch is at least 1, not ${maxBatch}`);
  if (signal.aborted) return;
  const bell = createBell();
  const client = await connect(settings.connection, bell.ring);
  const cut = (): void => {
    bell.ring();
    client.end().catch(() => {}); // a query under way fails and tells
  };
  client.on("notification", bell.ring);
  signal.addEventListener("abort", cut);
  closing.addEventListener("abort", cut);
  try {
    if (signal.aborted || closing.aborted) cut();
    await client.query(`listen ${APPENDED_CHANNEL}`);
    let checkpoint = after ?? 0n;
    while (!signal.aborted && !closing.aborted) {
      bell.silence();
      const begun = performance.now();
      const batch = await next(client, checkpoint, streamPrefixes, maxBatch, settings.readTimeoutMs);
      if (batch.checkpoint > checkpoint) {
        const caughtUp = !batch.isFull && batch.checkpoint - checkpoint < WINDOW_POSITIONS;
        checkpoint = batch.checkpoint;
        yield { events: batch.events, checkpoint };
        const gatherMs = batch.events.length < RUSH_EVENTS ? GATHER_MS : RUSH_GATHER_MS;
        if (caughtUp) await pause(begun + gatherMs - performance.now(), AbortSignal.any([signal, closing]));
      } else {
        await bell.rung(settings.pollMs);
      }
    }
  } catch (error) {
    if (signal.aborted) return;
    throw closing.aborted ? new StoreUnavailable("the event store was closed") : readFailure(error);
  } finally {
    signal.removeEventListener("abort", cut);
    closing.removeEventListener("abort", cut);
    client.end().catch(() => {}); // already lost
  }
  if (!signal.aborted) throw new StoreUnavailable("the event store was closed");
}

/** Ends early, without an error, when the signal aborts. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => {});
}

/** What follows `after`, or an empty batch at `after` itself when there is nothing. */
async function next(
  client: pg.Client,
  after: Position,
  prefixes: readonly string[],
  maxBatch: number,
  timeoutMs: number,
): Promise<Batch & { readonly isFull: boolean }> {
  const timer = setTimeout(() => client.end().catch(() => {}), timeoutMs); // the query fails and tells
  try {
    const { rows } = await client.query<NextRow>({
      name: "eventstore_next_v3",
      text: NEXT_SQL,
      values: [after, prefixes, maxBatch],
      rowMode: "array",
      types: AS_TEXT,
    });
    const events: StoredEvent[] = [];
    for (const [, stream, ...event] of rows) if (stream !== null) events.push(storedEvent(stream, event));
    const last = events.at(-1);
    if (last !== undefined && !isLastPage(events, maxBatch)) return { events, checkpoint: last.position, isFull: true };
    const reach = BigInt(rows[0]?.[0] ?? 0);
    return { events, checkpoint: reach > after ? reach : after, isFull: false };
  } catch (error) {
    throw unavailable("the subscription lost Postgres", error);
  } finally {
    clearTimeout(timer);
  }
}

/** Remembers that it was rung, and wakes the one who waits. */
function createBell(): { ring(): void; silence(): void; rung(timeoutMs: number): Promise<void> } {
  let isRung = false;
  let wake: (() => void) | null = null;
  return {
    ring() {
      isRung = true;
      wake?.();
    },
    silence() {
      isRung = false;
    },
    async rung(timeoutMs) {
      if (isRung) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      wake = null;
    },
  };
}
