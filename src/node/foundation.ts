import { randomUUIDv7 } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import type { Logger } from "pino";
import { createAccountTables } from "../accounts/tables.ts";
import { prepareAudit } from "../audit/prepare.ts";
import { type PostgresClock, postgresClock } from "../commands/postgres-clock.ts";
import { prepareCommands } from "../commands/prepare.ts";
import { type LogAddress, openEventStore } from "../eventstore/open.ts";
import type { EventStore, Position } from "../eventstore/port.ts";
import { BOXOFFICE_PREFIXES } from "../eventstore/streams.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { prepareNotices } from "../notices/table.ts";
import type { Surroundings } from "../ports.ts";
import { openPool, type PoolSettings } from "../postgres/pool.ts";
import { prepareProcesses } from "../processes/prepare.ts";
import { consistentReads } from "../projections/consistent-read.ts";
import { type ReadSide, readSide } from "../projections/database.ts";
import { prepareReadModels } from "../projections/prepare.ts";
import { type Progress, watchProgress } from "../projections/progress.ts";
import { prepareWaitingRooms } from "../waiting-room/prepare.ts";

/** Takes note of what has to be closed at the end; last opened, first closed. */
export type OnStop = (close: () => Promise<unknown> | unknown) => void;

export interface FoundationSettings extends LogAddress {
  readonly databaseReadUrl: string;
}

/** What everything else of a node stands on. */
export interface Foundation {
  /** For requests. */
  readonly pool: pg.Pool;
  readonly store: EventStore;
  readonly clock: PostgresClock;
  readonly surroundings: Surroundings;
  readonly progress: Progress;
  readonly reading: ReadSide;
  /** Whether reads are answered by another server than the one that is projected into. */
  readonly readsFromReplica: boolean;
  readonly log: Logger;
  /** The log's last position. */
  head(): Promise<Position | null>;
  /** Connections of their own for something that must not wait for requests, nor they for it. */
  poolFor(name: string, max: number, bounds?: PoolBounds): pg.Pool;
}

export type PoolBounds = Pick<PoolSettings, "connectWithinMs" | "answerWithinMs">;

const CONNECTIONS = 12;
/** A request hears within this that its database does not answer. */
const REQUESTS: PoolBounds = { answerWithinMs: 10_000 };
/** Whoever reads rather hears that it can't be had than waits. Searches end sooner by themselves. */
const READING: PoolBounds = { connectWithinMs: 2_000, answerWithinMs: 4_000 };
/** Making a table or an index of what is there already may take its time. */
const PREPARING: PoolBounds = { answerWithinMs: 600_000 };

/**
 * Opens databases, event store and clock, and makes the tables that are missing.
 * @throws Error a database can't be reached or prepared
 */
export async function openFoundation(
  settings: FoundationSettings,
  log: Logger,
  onStop: OnStop,
  metrics: Pick<Metrics, "measured" | "ofPool"> | null = null,
): Promise<Foundation> {
  const { databaseUrl, databaseReadUrl } = settings;
  const open = (connectionString: string, name: string, max: number, bounds: PoolBounds = {}) => {
    const pool = openPool({ connectionString, name, max, ...bounds }, log);
    onStop(() => pool.end());
    metrics?.ofPool(name, pool);
    return pool;
  };
  const poolFor: Foundation["poolFor"] = (...settings) => open(databaseUrl, ...settings);
  const store = await prepared(databaseUrl, log, async () => {
    const opened = await openEventStore(settings, log);
    onStop(() => opened.close());
    return metrics?.measured(opened) ?? opened;
  });
  const pool = poolFor("boxoffice", CONNECTIONS, REQUESTS);
  const clock = await postgresClock(pool, log);
  onStop(() => clock.close());
  const head = () => store.head(BOXOFFICE_PREFIXES);
  const progress = watchProgress({ pool, log });
  onStop(() => progress.close());
  const readsFromReplica = databaseReadUrl !== databaseUrl;
  const readPool = open(databaseReadUrl, "boxoffice-reads", CONNECTIONS, READING);
  const reading = readSide(readPool, consistentReads({ progress, head }));
  const surroundings = surroundingsWith(clock);
  return { pool, store, clock, surroundings, progress, reading, readsFromReplica, log, head, poolFor };
}

/**
 * Makes all tables and opens the event store, which makes its own: after the first of the others, whose complaint tells the
 * operator what to do.
 * @throws NotPrepared
 */
export async function prepared<Store extends Pick<EventStore, "head">>(
  connectionString: string,
  log: Logger,
  open: () => Promise<Store>,
): Promise<Store> {
  const pool = openPool({ connectionString, name: "boxoffice-preparing", max: 1, ...PREPARING }, log);
  try {
    await prepareCommands(pool);
    await prepareReadModels(pool);
    await prepareProcesses(pool);
    await prepareAudit(pool);
    await prepareWaitingRooms(pool);
    await createAccountTables(pool);
    const store = await open();
    await prepareNotices(pool, store);
    return store;
  } finally {
    await pool.end();
  }
}

const surroundingsWith = (clock: PostgresClock): Surroundings => ({
  clock,
  newId: randomUUIDv7,
  random: Math.random,
  pause: (ms) => pause(ms),
  soon: setImmediate,
  monotonicMs: () => performance.now(),
});
