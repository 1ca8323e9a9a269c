import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Pool } from "pg";
import type { Logger } from "pino";
import { startAccounts } from "./accounts/start-accounts.ts";
import { buildApi } from "./api/app.ts";
import type { Api } from "./api/conventions/route-config.ts";
import type { Readiness } from "./api/health/routes.ts";
import { metricsRoutes } from "./api/metrics/routes.ts";
import { sandboxRoutes } from "./api/sandbox/routes.ts";
import { openRateCounts } from "./api/security/open-rate-counts.ts";
import { closeGracefully } from "./api/server/close-gracefully.ts";
import { clockMover } from "./commands/clock-moves.ts";
import type { EventCommands } from "./commands/events.ts";
import type { Config } from "./config.ts";
import type { EventStore } from "./eventstore/port.ts";
import { BOXOFFICE_PREFIXES } from "./eventstore/streams.ts";
import { createMetrics } from "./metrics/metrics.ts";
import { startBackground } from "./node/background.ts";
import { type Foundation, type OnStop, openFoundation } from "./node/foundation.ts";
import { openHotReads } from "./node/hot-reads.ts";
import type { OpenedProvider, OpenProvider } from "./node/payments.ts";
import { type ReadModels, readModels } from "./node/read-models.ts";
import { routesOf } from "./node/routes.ts";
import { openSales, type Sales } from "./node/sales.ts";
import { accountMails } from "./notices/account-mails.ts";
import { PATIENT_BATCH, PATIENT_LEASE, restWhileBusy } from "./projections/patience.ts";
import { PATIENT_MODELS, PROMPT_MODELS } from "./projections/read-models.ts";
import { type Projector, startProjector } from "./projections/runner.ts";

/** How long requests under way may take to finish at the end. */
const GRACE_MS = 10_000;
/** What sold last before a restart is loaded before the first command asks for it: the newest snapshots, so many at most. */
const WARM_STREAMS = 20;
const WARM_BYTES = 64 * 1024 * 1024;
const WARM_WITHIN_MS = 2_000;
/** Two projectors, each with its work and its lease. */
const PROJECTOR_CONNECTIONS = 6;

/** A running node of Boxoffice, with the parts that its roles ask for. */
export interface Boxoffice {
  /** null where `ROLES` has no `api`. */
  readonly api: Api | null;
  /** null where it only projects: it needs no secrets, accounts or payments then, and does not open them. */
  readonly events: EventCommands | null;
  /** Where the payment provider may post webhooks, e.g. `http://127.0.0.1:3000/payments/webhook`. */
  receiveWebhooksAt(url: string): void;
  /** By the one clock, in epoch milliseconds. */
  nowMs(): number;
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
  | "corsOrigins"
  | "redisUrl"
  | "rateLimitPerMinute"
  | "admin"
  | "mail"
  | "metricsToken"
  | "headSigningKey"
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

async function wire(settings: NodeSettings, log: Logger, onStop: OnStop): Promise<Omit<Boxoffice, "stop">> {
  const { roles } = settings;
  const metrics = createMetrics();
  const foundation = await openFoundation(settings, log, onStop, metrics);
  const { pool, store, clock, progress, head, poolFor } = foundation;
  const models = readModels(foundation.reading);
  const hot = roles.has("api") ? openHotReads(foundation, models, onStop) : null;

  const sells = roles.has("api") || roles.has("processes");
  const payments = sells ? await settings.openProvider(() => clock.offsetMs(), log) : null;
  onStop(() => payments?.provider.close());
  const mover = clockMover({ pool, clock, log, onMoved: async () => payments?.clockMoved() });
  onStop(() => mover.close());
  const selling = payments === null ? null : await openSelling(foundation, models, payments, settings, onStop);

  let projector: Projector | null = null;
  if (roles.has("projector")) {
    const pool = poolFor("boxoffice-projector", PROJECTOR_CONNECTIONS);
    const common = { store, pool, clock, log, holder: randomUUID() };
    projector = startProjector({
      ...common,
      projections: PROMPT_MODELS,
      onProjected(names, checkpoint, change) {
        if (change !== null) hot?.changes.told(change);
        progress.projected(names, checkpoint);
      },
    });
    const { status, lagMs } = projector;
    metrics.ofProjector(() => (status().active ? { lagMs: lagMs(), projected: status().projectedEvents } : null));
    const patient = startProjector({
      ...common,
      projections: PATIENT_MODELS,
      leaseName: PATIENT_LEASE,
      maxBatch: PATIENT_BATCH,
      rest: restWhileBusy(),
      onProjected: (names, checkpoint) => progress.projected(names, checkpoint),
    });
    onStop(() => Promise.all([projector?.stop(), patient.stop()]));
  }
  if (selling !== null && roles.has("processes")) {
    await startBackground(foundation, models, selling.sales, selling.accounts, settings, onStop);
  }

  let api: Api | null = null;
  if (selling !== null && hot !== null) {
    const { sales, accounts } = selling;
    metrics.ofCommands(() => sales.commands.figures());
    metrics.ofBacklog({ pool, head, clock, log });
    await warm(sales);
    const { publicUrl, trustProxy, corsOrigins, rateLimitPerMinute, strict, production } = settings;
    const rateCounts = await openRateCounts(settings, log);
    onStop(() => rateCounts.close());
    const canMoveClock = sales.isSandbox && !production;
    api = await buildApi({
      accounts,
      health: { readiness: () => readiness(pool, store, projector) },
      routes: [
        metricsRoutes({ metrics, token: settings.metricsToken }),
        ...routesOf(foundation, models, hot, sales, settings),
        ...(canMoveClock ? [sandboxRoutes({ mover })] : []),
      ],
      logger: log,
      metrics,
      rateCounts,
      settings: { publicUrl, trustProxy, corsOrigins, rateLimitPerMinute, strict },
    });
    const listening = api;
    onStop(() => closeGracefully(listening, GRACE_MS));
  }
  const isEmpty = async () => (await head()) === null;
  return {
    api,
    events: selling?.sales.commands.events ?? null,
    receiveWebhooksAt: (url) => payments?.receiveWebhooksAt(url),
    nowMs: () => clock.nowMs(),
    isEmpty,
  };
}

/** What commands and processes need, and a projector does not: secrets, payments and people. */
async function openSelling(
  foundation: Foundation,
  models: ReadModels,
  payments: OpenedProvider,
  settings: NodeSettings,
  onStop: OnStop,
) {
  const { pool, clock, log } = foundation;
  const sales = await openSales(foundation, models, payments, settings, onStop);
  const replica = foundation.readsFromReplica ? foundation.reading.pool : null;
  const admin = settings.roles.has("api") ? settings.admin : null; // who is signed in to is for those who sign in
  const accounts = await startAccounts({ ...settings, admin, pool, replica, mails: accountMails(clock), log });
  onStop(() => accounts.close());
  return { sales, accounts };
}

async function warm({ snapshots, commands }: Sales): Promise<void> {
  const streams = await snapshots.recent(WARM_STREAMS, WARM_BYTES);
  const warmed = commands.inventories.warm(streams, AbortSignal.timeout(WARM_WITHIN_MS));
  await Promise.race([warmed, pause(WARM_WITHIN_MS)]);
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

async function readiness(pool: Pool, store: EventStore, projector: Projector | null): Promise<Readiness> {
  const up = (check: Promise<unknown>) =>
    check.then(
      () => "up",
      () => "down",
    );
  const [postgres, eventStore] = await Promise.all([up(pool.query("select 1")), up(store.head(BOXOFFICE_PREFIXES))]);
  const projectionLagMs = projector === null ? null : projector.lagMs();
  return { ready: postgres === "up" && eventStore === "up", projectionLagMs, checks: { postgres, eventStore } };
}
