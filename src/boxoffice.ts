import { randomUUID, randomUUIDv7 } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import type { Logger } from "pino";
import { type RunningAccounts, startAccounts } from "./accounts/start-accounts.ts";
import { buildApi } from "./api/app.ts";
import type { Api } from "./api/conventions/route-config.ts";
import { eventRoutes } from "./api/events/routes.ts";
import type { Readiness } from "./api/health/routes.ts";
import { reservationRoutes } from "./api/reservations/routes.ts";
import { closeGracefully } from "./api/server/close-gracefully.ts";
import { processContext } from "./commands/aggregate.ts";
import { CommandRunner } from "./commands/command-runner.ts";
import { postgresEventCodes } from "./commands/event-codes.ts";
import { EventCommands } from "./commands/events.ts";
import { type PostgresClock, postgresClock } from "./commands/postgres-clock.ts";
import { postgresSnapshots } from "./commands/postgres-snapshots.ts";
import { prepareCommands } from "./commands/prepare.ts";
import { ReservationCommands } from "./commands/reservations.ts";
import type { Config } from "./config.ts";
import { inventory } from "./domain/inventory.ts";
import {
  INVENTORY_SNAPSHOT_VERSION,
  readInventory,
  type WrittenInventory,
  writeInventory,
} from "./domain/inventory-snapshot.ts";
import { listing } from "./domain/listing.ts";
import { openEventStoreDB } from "./eventstore/eventstoredb/index.ts";
import type { EventStore } from "./eventstore/port.ts";
import { openPostgresEventStore } from "./eventstore/postgres/index.ts";
import { BOXOFFICE_PREFIXES, inventoryOf } from "./eventstore/streams.ts";
import type { Surroundings } from "./ports.ts";
import { startTimers } from "./processes/timers.ts";
import { availabilityQueries } from "./projections/availability/queries.ts";
import { consistentReads } from "./projections/consistent-read.ts";
import { readSide } from "./projections/database.ts";
import { eventDetailsQueries } from "./projections/event-details/queries.ts";
import { prepareReadModels } from "./projections/prepare.ts";
import { watchProgress } from "./projections/progress.ts";
import { reservationQueries } from "./projections/reservations/queries.ts";
import { type Projector, startProjector } from "./projections/runner.ts";

/** How long requests under way may take to finish at the end. */
const GRACE_MS = 10_000;
const SNAPSHOTS_WITHIN_MS = 5_000;
/** What sold last before a restart is loaded before the first command asks for it: the newest snapshots, so many at most. */
const WARM_STREAMS = 20;
const WARM_BYTES = 64 * 1024 * 1024;
const WARM_WITHIN_MS = 2_000;
/** A database that doesn't answer for this long is as good as away. */
const QUERY_TIMEOUT_MS = 30_000;

/** A running node of Boxoffice, with the parts that its roles ask for. */
export interface Boxoffice {
  /** null where `ROLES` has no `api`. */
  readonly api: Api | null;
  readonly events: EventCommands;
  /** Whether the log has no event yet. */
  isEmpty(): Promise<boolean>;
  /** Finishes what is under way and lets go of everything; may be called again. */
  stop(): Promise<void>;
}

/** What `startBoxoffice` needs of the settings, with the addresses resolved. */
export type NodeSettings = Pick<
  Config,
  "eventStoreUrl" | "roles" | "holdTtlSeconds" | "publicUrl" | "trustProxy" | "rateLimitPerMinute" | "admin"
> & {
  readonly databaseUrl: string;
  readonly databaseReadUrl: string;
  readonly jwtSecret: string;
  /** Checks every reply against its schema; for specs. */
  readonly strict: boolean;
};

/**
 * Wires a node together: event store, commands, projector, processes and API. It does not listen yet.
 * @throws Error a database can't be reached or prepared
 */
export async function startBoxoffice(settings: NodeSettings, log: Logger): Promise<Boxoffice> {
  const closers: (() => Promise<unknown> | unknown)[] = [];
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= closeAll(closers, log);
    return stopped;
  };
  try {
    return { ...(await wire(settings, log, (close) => closers.push(close))), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type OnStop = (close: () => Promise<unknown> | unknown) => void;

async function wire(settings: NodeSettings, log: Logger, onStop: OnStop): Promise<Omit<Boxoffice, "stop">> {
  const { roles } = settings;
  const pool = openPool(settings.databaseUrl, "boxoffice", 12, log, onStop);
  await prepareCommands(pool);
  await prepareReadModels(pool);
  const store = await openStore(settings, log);
  onStop(() => store.close());
  const clock = await postgresClock(pool, log);
  onStop(() => clock.close());

  const head = () => store.head(BOXOFFICE_PREFIXES);
  const progress = watchProgress({ pool, log });
  onStop(() => progress.close());
  const readPool =
    settings.databaseReadUrl === settings.databaseUrl
      ? pool
      : openPool(settings.databaseReadUrl, "boxoffice-reads", 12, log, onStop);
  const reading = readSide(readPool, consistentReads({ progress, head }));
  const reservations = reservationQueries(reading);

  const surroundings = surroundingsWith(clock);
  const listings = new CommandRunner({
    store,
    surroundings,
    log,
    decider: listing,
    entriesOf: (state) => JSON.stringify(state).length / 100,
    maxCachedEntries: 200_000,
  });
  const snapshots = postgresSnapshots(pool);
  const inventories = new CommandRunner({
    store,
    surroundings,
    log,
    decider: inventory,
    housekeeping: { type: "LapseDue" },
    snapshots: { store: snapshots, format: inventorySnapshots },
    findOlderKey: olderKeys(store, reservations),
  });
  onStop(() => Promise.all([listings.close(SNAPSHOTS_WITHIN_MS), inventories.close(SNAPSHOTS_WITHIN_MS)]));
  const { newId } = surroundings;
  const events = new EventCommands({ store, listings, inventories, codes: postgresEventCodes(pool), clock, newId });
  const reservationCommands = new ReservationCommands(inventories, newId);

  let projector: Projector | null = null;
  if (roles.has("projector")) {
    const projectorPool = openPool(settings.databaseUrl, "boxoffice-projector", 4, log, onStop);
    projector = startProjector({
      store,
      pool: projectorPool,
      clock,
      log,
      holder: randomUUID(),
      onProjected: (names, checkpoint) => progress.projected(names, checkpoint),
    });
    onStop(() => projector?.stop());
  }

  if (roles.has("processes")) {
    const context = () => processContext("timers", newId);
    const timers = startTimers({
      lapse: (eventId, ticketTypeId) => reservationCommands.lapseDue({ eventId, ticketTypeId }, context()),
      bringInventoriesUpToDate: (eventId) => events.bringInventoriesUpToDate(eventId, context()),
      pool: openPool(settings.databaseUrl, "boxoffice-processes", 6, log, onStop),
      clock,
      log,
      holder: randomUUID(),
    });
    onStop(() => timers.stop());
  }

  let api: Api | null = null;
  if (roles.has("api")) {
    const streams = await snapshots.recent(WARM_STREAMS, WARM_BYTES);
    await Promise.race([inventories.warm(streams, AbortSignal.timeout(WARM_WITHIN_MS)), pause(WARM_WITHIN_MS)]);
    const accounts = await openAccounts(settings, pool, log, onStop);
    const details = eventDetailsQueries(reading);
    const availability = availabilityQueries(reading);
    const { holdTtlSeconds: defaultHoldTtlSeconds, publicUrl, trustProxy, rateLimitPerMinute, strict } = settings;
    api = await buildApi({
      accounts,
      health: { readiness: () => readiness(pool, store, projector) },
      routes: [
        eventRoutes({ commands: events, details, availability, clock, defaultHoldTtlSeconds }),
        reservationRoutes({ commands: reservationCommands, events, queries: reservations, clock }),
      ],
      logger: log,
      settings: { publicUrl, trustProxy, rateLimitPerMinute, strict },
    });
    const listening = api;
    onStop(() => closeGracefully(listening, GRACE_MS));
  }
  return { api, events, isEmpty: async () => (await head()) === null };
}

/** Last opened, first closed; what fails to close does not keep the rest from it. */
async function closeAll(closers: readonly (() => Promise<unknown> | unknown)[], log: Logger): Promise<void> {
  for (const close of closers.toReversed()) {
    try {
      await close();
    } catch (error) {
      log.warn({ err: error }, "something did not close in order");
    }
  }
}

function openPool(connectionString: string, name: string, max: number, log: Logger, onStop: OnStop): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max,
    application_name: name,
    connectionTimeoutMillis: 5_000,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
  });
  // Of connections that break while nobody uses them; the pool makes new ones.
  pool.on("error", ({ message }) => {
    if (!pool.ending) log.warn({ pool: name, reason: message }, "a connection to Postgres broke");
  });
  onStop(() => pool.end());
  return pool;
}

const openStore = ({ eventStoreUrl, databaseUrl }: NodeSettings, log: Logger): Promise<EventStore> =>
  eventStoreUrl === null
    ? openPostgresEventStore({ connectionString: databaseUrl, log })
    : openEventStoreDB({ connectionString: eventStoreUrl, log });

async function openAccounts(
  { databaseUrl, jwtSecret, admin }: NodeSettings,
  pool: pg.Pool,
  log: Logger,
  onStop: OnStop,
): Promise<RunningAccounts> {
  const accounts = await startAccounts({ pool, databaseUrl, jwtSecret, admin, log });
  onStop(() => accounts.close());
  return accounts;
}

const surroundingsWith = (clock: PostgresClock): Surroundings => ({
  clock,
  newId: randomUUIDv7,
  random: Math.random,
  pause: (ms) => pause(ms),
  soon: setImmediate,
  monotonicMs: () => performance.now(),
});

const inventorySnapshots = {
  version: INVENTORY_SNAPSHOT_VERSION,
  write: writeInventory,
  read: (written: unknown) => readInventory(written as WrittenInventory),
  size: (state: Parameters<typeof writeInventory>[0]) =>
    state.status === "unopened" ? 0 : state.tables.reservations.size,
};

/** Keys that an inventory had to forget are asked of the reservations, once they have passed what was forgotten. */
const olderKeys =
  (store: EventStore, reservations: ReturnType<typeof reservationQueries>) =>
  async (stream: string, keyHash: string, upTo: number): Promise<number | null> => {
    const [last] = await store.read(stream, { from: upTo, direction: "forwards", maxCount: 1 });
    const found = await reservations.findByKey(inventoryOf(stream), keyHash, last?.position ?? null);
    return found.find(({ revision }) => revision <= upTo)?.revision ?? null;
  };

async function readiness(pool: pg.Pool, store: EventStore, projector: Projector | null): Promise<Readiness> {
  const up = (check: Promise<unknown>) =>
    check.then(
      () => "up",
      () => "down",
    );
  const [postgres, eventStore] = await Promise.all([up(pool.query("select 1")), up(store.head(BOXOFFICE_PREFIXES))]);
  const projectionLagMs = projector === null ? null : projector.lagMs();
  return { ready: postgres === "up" && eventStore === "up", projectionLagMs, checks: { postgres, eventStore } };
}
