import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { forEachOf } from "../../src/commands/a-few-at-a-time.ts";
import type { InventoryEvent } from "../../src/domain/inventory-events.ts";
import { decode } from "../../src/eventstore/envelope.ts";
import type { EventStore } from "../../src/eventstore/port.ts";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { BOXOFFICE_PREFIXES, INVENTORY_PREFIX, inventoryStream } from "../../src/eventstore/streams.ts";
import { createHttpClient, type HttpClient } from "../../test/system/http-client.ts";
import { startProduct } from "../../test/system/product.ts";
import { expectStatus, guests, type OnSale, openSales, reserve } from "../../test/system/shop.ts";
import { quantile, rounded, shown, spreadOf } from "../support/figures.ts";
import { LogWriter } from "../support/log-writer.ts";
import type { Bench, Part } from "../support/part.ts";
import { query } from "../support/postgres-server.ts";

const EVENTS = 10;
const TICKET_TYPES_EACH = 100;
/** Of one ticket type that come due in one second. */
const EACH_A_SECOND = 10;
const SECONDS = 12;
const QUICK = { ticketTypesEach: 10, seconds: 3 };
const FILL_WITHIN_MS = 90_000;
const QUICK_FILL_WITHIN_MS = 25_000;
const WITHIN_MS = 2_000;
/** How long after the last due time the record is waited for. */
const PATIENCE_MS = 30_000;

interface Wave {
  readonly reservations: number;
  readonly aSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** The longest of those that were due in each second. */
  readonly maxMsBySecond: readonly number[];
}

export const due: Part = {
  name: "due",
  about: `${EVENTS * TICKET_TYPES_EACH * EACH_A_SECOND} reservations come due each second, over ${EVENTS * TICKET_TYPES_EACH} ticket types`,
  async run(bench) {
    const waves: Wave[] = [];
    const rounds = Math.min(bench.options.repeats, 3);
    for (let round = 1; round <= rounds; round += 1) waves.push(await measure(bench));
    const of = (figure: Exclude<keyof Wave, "maxMsBySecond">) => spreadOf(waves.map((wave) => wave[figure]));
    return {
      table: [
        ["due a second", "for seconds", "recorded after ms, p50", "p99", "max"],
        [
          rounded(of("aSecond").median),
          rounded(of("reservations").median / of("aSecond").median),
          shown(of("p50Ms")),
          shown(of("p99Ms")),
          shown(of("maxMs")),
        ],
      ],
      checks: [
        {
          what: "a due reservation is recorded as expired after, ms, at most",
          figure: shown(of("maxMs")),
          floor: `under ${rounded(WITHIN_MS)}`,
          met: of("maxMs").max < WITHIN_MS,
        },
      ],
      measurements: waves,
    };
  },
};

async function measure(bench: Bench): Promise<Wave> {
  const { quick } = bench.options;
  const seconds = quick ? QUICK.seconds : SECONDS;
  const server = await bench.postgres();
  const databaseUrl = await server.freshDatabase();
  const product = await startProduct({ databaseUrl, dataDir: bench.workDir });
  const client = createHttpClient(product.port, 32);
  const store = await openPostgresEventStore({ connectionString: databaseUrl });
  try {
    const sales = await openSales(client, EVENTS, quick ? QUICK.ticketTypesEach : TICKET_TYPES_EACH);
    const firstDueMs = Math.ceil((Date.now() + (quick ? QUICK_FILL_WITHIN_MS : FILL_WITHIN_MS)) / 1_000) * 1_000;
    const dueAtMs = await holdAll(store, sales, firstDueMs, seconds);
    await reserveInEach(client, sales);
    await untilProjected(store, databaseUrl);
    if (Date.now() > firstDueMs) throw new Error("they came due before all were there");
    bench.say(`${rounded(dueAtMs.size)} reservations over ${sales.length} ticket types are held`);

    const delayMs = await expiries(store, dueAtMs, firstDueMs + seconds * 1_000 + PATIENCE_MS);
    const delays = [...delayMs.values()].sort((a, b) => a - b);
    const maxMsBySecond: number[] = Array.from({ length: seconds }, () => 0);
    for (const [reservationId, ms] of delayMs) {
      const second = Math.floor(((dueAtMs.get(reservationId) ?? 0) - firstDueMs) / 1_000);
      maxMsBySecond[second] = Math.max(maxMsBySecond[second] ?? 0, ms);
    }
    const [p50Ms, p99Ms, maxMs] = [0.5, 0.99, 1].map((share) => quantile(delays, share)) as [number, number, number];
    bench.say(`recorded after ${rounded(p50Ms)} ms (p50), ${rounded(p99Ms)} ms (p99), ${rounded(maxMs)} ms (max)`);
    bench.say(`the longest of each second: ${maxMsBySecond.map(rounded).join(" ")}`);
    return { reservations: delays.length, aSecond: delays.length / seconds, p50Ms, p99Ms, maxMs, maxMsBySecond };
  } catch (error) {
    throw new Error(`${String(error)}\n${product.output()}`, { cause: error });
  } finally {
    client.close();
    await store.close();
    await product.stop();
    await server.drop(databaseUrl);
  }
}

/** Holds tickets as the product would have; for each second some of each ticket type. @returns when which is due */
async function holdAll(
  store: EventStore,
  sales: readonly OnSale[],
  firstDueMs: number,
  seconds: number,
): Promise<ReadonlyMap<string, number>> {
  const dueAtMs = new Map<string, number>();
  const atMs = Date.now();
  await forEachOf(sales, 16, async ({ eventId, ticketTypeId }) => {
    const writer = await LogWriter.behind(store, inventoryStream(eventId, ticketTypeId));
    for (let index = 0; index < seconds * EACH_A_SECOND; index += 1) {
      const dueMs = firstDueMs + Math.floor(index / EACH_A_SECOND) * 1_000 + Math.floor(Math.random() * 1_000);
      const [accountId, reservationId] = [randomUUID(), randomUUID()];
      const expiresAt = new Date(dueMs).toISOString();
      const data = { reservationId, accountId, quantity: 1, unitPrice: { amount: 4500, currency: "EUR" }, expiresAt };
      await writer.write({ type: "TicketsReserved", data }, { atMs, accountId, withKey: true });
      dueAtMs.set(reservationId, dueMs);
    }
    await writer.done();
  });
  return dueAtMs;
}

/** Somebody buys of each, so that the node has the inventories in memory, as one has that sold all of them. */
async function reserveInEach(client: HttpClient, sales: readonly OnSale[]): Promise<void> {
  const [token = ""] = await guests(client, 1);
  await forEachOf(sales, 32, async (sale) => {
    await expectStatus(201, reserve(client, sale, token, randomUUID()));
  });
}

async function untilProjected(store: EventStore, databaseUrl: string): Promise<void> {
  const head = await store.head(BOXOFFICE_PREFIXES);
  for (;;) {
    const checkpoints = "select count(*)::int as behind from readmodels.projections where coalesce(checkpoint, 0) < $1";
    const [row] = await query<{ behind: number }>(databaseUrl, checkpoints, [String(head)]);
    if (row?.behind === 0) return;
    await pause(200);
  }
}

/**
 * Follows the log until every reservation is recorded as expired.
 * @returns how long after its time each of them arrived here, in milliseconds
 * @throws Error one is recorded twice, or one is not recorded by `untilMs`
 */
async function expiries(
  store: EventStore,
  dueAtMs: ReadonlyMap<string, number>,
  untilMs: number,
): Promise<ReadonlyMap<string, number>> {
  const after = await store.head(BOXOFFICE_PREFIXES);
  const signal = AbortSignal.timeout(untilMs - Date.now());
  const delays = new Map<string, number>();
  for await (const { events } of store.subscribe({
    after,
    streamPrefixes: [INVENTORY_PREFIX],
    maxBatch: 1_000,
    signal,
  })) {
    const nowMs = Date.now();
    for (const stored of events) {
      const { event } = decode<InventoryEvent>(stored);
      if (event.type !== "ReservationsExpired") continue;
      for (const { reservationId } of event.data.reservations) {
        if (delays.has(reservationId)) throw new Error(`${reservationId} expired twice`);
        delays.set(reservationId, nowMs - (dueAtMs.get(reservationId) ?? Number.NaN));
      }
    }
    if (delays.size === dueAtMs.size) return delays;
  }
  throw new Error(`${delays.size} of ${dueAtMs.size} were recorded as expired`);
}
