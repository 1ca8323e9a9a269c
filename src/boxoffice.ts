import { randomUUID, randomUUIDv7 } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import type { Logger } from "pino";
import { type RunningAccounts, startAccounts } from "./accounts/start-accounts.ts";
import { buildApi } from "./api/app.ts";
import { bookingRoutes } from "./api/bookings/booking-routes.ts";
import { purchaseRoutes } from "./api/bookings/purchase-routes.ts";
import { resendRoutes } from "./api/bookings/resend-routes.ts";
import { cartRoutes } from "./api/carts/routes.ts";
import type { Api } from "./api/conventions/route-config.ts";
import { cancellationRoutes } from "./api/events/cancellation-routes.ts";
import { eventRoutes } from "./api/events/routes.ts";
import type { Readiness } from "./api/health/routes.ts";
import { historyRoutes } from "./api/history/routes.ts";
import { paymentRoutes } from "./api/payments/routes.ts";
import { reservationRoutes } from "./api/reservations/routes.ts";
import { sandboxRoutes } from "./api/sandbox/routes.ts";
import { closeGracefully } from "./api/server/close-gracefully.ts";
import { waitlistRoutes } from "./api/waitlist/routes.ts";
import { processContext } from "./commands/aggregate.ts";
import { clockMover } from "./commands/clock-moves.ts";
import { postgresEventCodes } from "./commands/event-codes.ts";
import type { EventCommands } from "./commands/events.ts";
import { type PostgresClock, postgresClock } from "./commands/postgres-clock.ts";
import { postgresSnapshots } from "./commands/postgres-snapshots.ts";
import { prepareCommands } from "./commands/prepare.ts";
import { ReservationLocator } from "./commands/recent-reservations.ts";
import { openTicketCodes } from "./commands/tickets.ts";
import type { Config } from "./config.ts";
import { openEventStoreDB } from "./eventstore/eventstoredb/index.ts";
import type { EventStore } from "./eventstore/port.ts";
import { openPostgresEventStore } from "./eventstore/postgres/index.ts";
import { BOXOFFICE_PREFIXES } from "./eventstore/streams.ts";
import { BACKGROUND_CONNECTIONS, startBackground } from "./node/background.ts";
import { cancelling } from "./node/cancelling.ts";
import { commandSide } from "./node/command-side.ts";
import type { OpenProvider } from "./node/payments.ts";
import { logMailer } from "./notices/log-mailer.ts";
import { resendTickets } from "./notices/resending.ts";
import { smtpMailer } from "./notices/smtp-mailer.ts";
import { prepareNotices } from "./notices/table.ts";
import type { Surroundings } from "./ports.ts";
import { BookingProcess } from "./processes/bookings.ts";
import { prepareProcesses } from "./processes/prepare.ts";
import { availabilityQueries } from "./projections/availability/queries.ts";
import { bookingQueries } from "./projections/bookings/queries.ts";
import { cartQueries } from "./projections/carts/queries.ts";
import { consistentReads } from "./projections/consistent-read.ts";
import { readSide } from "./projections/database.ts";
import { eventDetailsQueries } from "./projections/event-details/queries.ts";
import { historyQueries } from "./projections/history/queries.ts";
import { prepareReadModels } from "./projections/prepare.ts";
import { watchProgress } from "./projections/progress.ts";
import { reservationQueries } from "./projections/reservations/queries.ts";
import { type Projector, startProjector } from "./projections/runner.ts";
import { waitlistQueries } from "./projections/waitlist/queries.ts";

/** How long requests under way may take to finish at the end. */
const GRACE_MS = 10_000;
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
  /** Where the payment provider may post webhooks, e.g. `http://127.0.0.1:3000/payments/webhook`. */
  receiveWebhooksAt(url: string): void;
  /** Whether the log has no event yet. */
  isEmpty(): Promise<boolean>;
  /** Finishes what is under way and lets go of everything; may be called again. */
  stop(): Promise<void>;
}

/** What `startBoxoffice` needs of the settings, with the addresses resolved. */
export type NodeSettings = Pick<
  Config,
  | "eventStoreUrl"
  | "roles"
  | "holdTtlSeconds"
  | "paymentWindowSeconds"
  | "offerTtlSeconds"
  | "publicUrl"
  | "trustProxy"
  | "rateLimitPerMinute"
  | "admin"
  | "mail"
  | "production"
> & {
  readonly openProvider: OpenProvider;
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
  await prepareProcesses(pool);
  const store = await openStore(settings, log);
  onStop(() => store.close());
  await prepareNotices(pool, store);
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

  const offered = await settings.openProvider(() => clock.offsetMs(), log);
  const { provider } = offered;
  onStop(() => provider.close());
  const mover = clockMover({ pool, clock, log, onMoved: () => offered.clockMoved() });
  onStop(() => mover.close());

  const surroundings = surroundingsWith(clock);
  const { newId } = surroundings;
  const snapshots = postgresSnapshots(pool);
  const locator = new ReservationLocator((id) => reservations.get(id, { minPosition: null, nowMs: clock.nowMs() }));
  const commands = commandSide({
    store,
    surroundings,
    log,
    snapshots,
    codes: postgresEventCodes(pool),
    reservationQueries: reservations,
    locator,
    ...settings,
  });
  onStop(() => commands.close());
  const { inventories, events } = commands;
  const bookingProcess = new BookingProcess({
    ...commands,
    provider,
    claimsOf: async (bookingId) =>
      reservations.findByBooking(bookingId, { minPosition: await head(), nowMs: clock.nowMs() }),
    clock,
    newId,
    log,
  });

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

  const bookings = bookingQueries(reading);
  const carts = cartQueries(reading);
  const waitlist = waitlistQueries(reading);
  const details = eventDetailsQueries(reading);
  const cancels = cancelling({ pool, store, commands, bookingProcess, bookings, head, newId, log });
  const accounts = await openAccounts(settings, pool, log, onStop);
  const codeOf = await openTicketCodes(pool);

  if (roles.has("processes")) {
    const mailer = settings.mail === null ? logMailer(log) : smtpMailer(settings.mail);
    onStop(() => mailer.close());
    const background = startBackground({
      store,
      pool: openPool(settings.databaseUrl, "boxoffice-processes", BACKGROUND_CONNECTIONS, log, onStop),
      commands,
      bookingProcess,
      bookings,
      events: details,
      carts,
      waitlist,
      cancelling: cancels,
      provider,
      accounts: accounts.accounts,
      mailer,
      codeOf,
      clock,
      newId,
      log,
    });
    onStop(() => background.stop());
  }

  let api: Api | null = null;
  if (roles.has("api")) {
    const streams = await snapshots.recent(WARM_STREAMS, WARM_BYTES);
    await Promise.race([inventories.warm(streams, AbortSignal.timeout(WARM_WITHIN_MS)), pause(WARM_WITHIN_MS)]);
    const availability = availabilityQueries(reading);
    const { holdTtlSeconds: defaultHoldTtlSeconds, publicUrl, trustProxy, rateLimitPerMinute, strict } = settings;
    api = await buildApi({
      accounts,
      health: { readiness: () => readiness(pool, store, projector) },
      routes: [
        eventRoutes({ commands: events, details, availability, clock, defaultHoldTtlSeconds }),
        reservationRoutes({ commands: commands.reservations, events, queries: reservations, clock }),
        purchaseRoutes({
          purchases: commands.purchases,
          process: bookingProcess,
          provider,
          reservations,
          codeOf,
          clock,
        }),
        bookingRoutes({
          commands: commands.bookingCommands,
          process: bookingProcess,
          queries: bookings,
          events,
          codeOf,
        }),
        resendRoutes({
          queries: bookings,
          resend: (bookingId, keyHash) => resendTickets({ pool, clock }, { bookingId, keyHash, position: null }),
        }),
        historyRoutes({ history: historyQueries(reading), bookings }),
        cancellationRoutes({ commands: events, cancellations: cancels.cancellations }),
        cartRoutes({ commands: commands.carts, events, queries: carts, clock }),
        waitlistRoutes({ commands: commands.waitlist, events, queries: waitlist, clock }),
        paymentRoutes({
          provider,
          onNews: ({ bookingId }) => bookingProcess.drive(bookingId, processContext("webhook", newId)),
        }),
        ...(offered.isSandbox && !settings.production ? [sandboxRoutes({ mover })] : []),
      ],
      logger: log,
      settings: { publicUrl, trustProxy, rateLimitPerMinute, strict },
    });
    const listening = api;
    onStop(() => closeGracefully(listening, GRACE_MS));
  }
  const { receiveWebhooksAt } = offered;
  return { api, events, receiveWebhooksAt, isEmpty: async () => (await head()) === null };
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
