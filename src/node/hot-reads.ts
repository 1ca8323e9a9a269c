import { followChanges, type ToldChangeFeed } from "../projections/hot-reads/change-feed.ts";
import { type HotEvents, hotEvents } from "../projections/hot-reads/hot-events.ts";
import { type KeptSeats, keptSeats } from "../projections/seats/kept-seats.ts";
import type { Foundation, OnStop } from "./foundation.ts";
import type { ReadModels } from "./read-models.ts";

/** What is read most, kept in memory, and how it hears of changes. */
export interface HotReads {
  readonly changes: ToldChangeFeed;
  readonly events: HotEvents;
  readonly seats: KeptSeats;
}

/** One that listens, one to look where the read models stand. */
const CONNECTIONS = 2;
const CONNECT_WITHIN_MS = 2_000;

export function openHotReads(
  { poolFor, reading, readsFromReplica, log }: Foundation,
  { events: details, seats }: Pick<ReadModels, "events" | "seats">,
  onStop: OnStop,
): HotReads {
  const pool = poolFor("boxoffice-changes", CONNECTIONS, { connectWithinMs: CONNECT_WITHIN_MS });
  const changes = followChanges({ pool, log });
  onStop(() => changes.close());
  return {
    changes,
    events: hotEvents({ details, reads: reading.reads, changes, readsFromReplica }),
    seats: keptSeats({ queries: seats, reads: reading.reads }),
  };
}
