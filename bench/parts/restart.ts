import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { InventoryEvent } from "../../src/domain/inventory-events.ts";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { inventoryStream } from "../../src/eventstore/streams.ts";
import { createHttpClient } from "../../test/system/http-client.ts";
import { type Product, startProduct } from "../../test/system/product.ts";
import { expectStatus, guests, type OnSale, openSale, reserve } from "../../test/system/shop.ts";
import { rounded, shown, spreadOf } from "../support/figures.ts";
import { reserveUnderLoad } from "../support/load.ts";
import { LogWriter } from "../support/log-writer.ts";
import type { Bench, Part, PartResult } from "../support/part.ts";
import { query } from "../support/postgres-server.ts";
import { residentMemory } from "../support/process-figures.ts";
import { reservationsProjected } from "../support/read-models.ts";

const CAPACITY = 1_000_000;
const HOUR_MS = 3_600_000;
const FIRST_COMMAND_WITHIN_MS = 200;
const RESIDENT_MIB = 512;

/** How much is behind the ticket type. */
interface History {
  readonly events: number;
  /** Held by distinct users at the end. */
  readonly held: number;
  /** Of those, held for half an hour more; the others for many hours. */
  readonly live: number;
}

const HISTORY: History = { events: 1_000_000, held: 100_000, live: 10_000 };
const QUICK_HISTORY: History = { events: 50_000, held: 5_000, live: 500 };

/** One restart. */
interface Restart {
  /** Events behind the snapshot. */
  readonly tail: number;
  /** From the request to its 201, the process being ready before. */
  readonly firstCommandMs: number;
  readonly nextCommandMs: number;
  readonly residentMiB: number | null;
  readonly peakMiB: number | null;
}

/** The installation under test. */
interface Site {
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly sale: OnSale;
  readonly token: string;
}

export const restart: Part = {
  name: "restart",
  about: "the first command after a restart, with a million events behind one ticket type",
  async run(bench) {
    const history = bench.options.quick ? QUICK_HISTORY : HISTORY;
    const server = await bench.postgres();
    const site = await open(await server.freshDatabase(), bench.workDir);
    const reservations = await writeHistory(bench, site, history);
    const withoutSnapshotMs = await replayAll(bench, site, reservations);
    const inOrder: Restart[] = [];
    for (let round = 1; round <= bench.options.repeats; round += 1) inOrder.push(await restarted(bench, site));
    const killed = await restartedAfterKill(bench, site);
    return resultOf(history, withoutSnapshotMs, inOrder, killed);
  },
};

async function open(databaseUrl: string, dataDir: string): Promise<Site> {
  return during(await startProduct({ databaseUrl, dataDir, roles: "api" }), async (client) => {
    const sale = await openSale(client, CAPACITY);
    const [token = ""] = await guests(client, 1);
    return { databaseUrl, dataDir, sale, token };
  });
}

/** @returns how many reservations were made */
async function writeHistory(bench: Bench, site: Site, { events, held, live }: History): Promise<number> {
  const began = performance.now();
  const store = await openPostgresEventStore({ connectionString: site.databaseUrl });
  const writer = await LogWriter.behind(store, inventoryStream(site.sale.eventId, site.sale.ticketTypeId));
  const released = (events - held) / 2;
  const nowMs = Date.now();
  // All of it since a moment ago: time must not run backwards behind the event that opened the sale.
  const atMs = nowMs;
  const made = held + released;
  for (let index = 0; index < made; index += 1) {
    const accountId = randomUUID();
    const reservationId = randomUUID();
    const stays = Math.floor(((index + 1) * held) / made) > Math.floor((index * held) / made);
    const expiresInMs = stays && index >= made * (1 - live / held) ? HOUR_MS / 2 : 12 * HOUR_MS;
    const written = { atMs, accountId };
    await writer.write(reserved(reservationId, accountId, nowMs + expiresInMs), { ...written, withKey: true });
    if (stays) continue;
    const release: InventoryEvent = { type: "ReservationReleased", data: { reservationId, quantity: 1 } };
    await writer.write(release, { ...written, withKey: false });
  }
  await writer.done();
  await store.close();
  bench.say(`${events} events written in ${rounded((performance.now() - began) / 1000)} s`);
  return made;
}

const reserved = (reservationId: string, accountId: string, expiresAtMs: number): InventoryEvent => ({
  type: "TicketsReserved",
  data: {
    reservationId,
    accountId,
    quantity: 1,
    unitPrice: { amount: 4500, currency: "EUR" },
    expiresAt: new Date(expiresAtMs).toISOString(),
  },
});

/** Starts on the whole log: no snapshot yet. Ends when there is one, and the read models have come as far. */
async function replayAll(bench: Bench, site: Site, reservations: number): Promise<number> {
  const { databaseUrl, sale } = site;
  return during(await startProduct({ ...site, roles: "api,projector" }), async (client) => {
    const began = performance.now();
    const key = randomUUID();
    for (;;) {
      const reply = await reserve(client, sale, site.token, key);
      if (reply.status === 201) break;
      if (reply.status !== 503) throw new Error(`${reply.status} ${JSON.stringify(reply.body)}`);
    }
    const replayedMs = performance.now() - began;
    bench.say(`without a snapshot the first command took ${rounded(replayedMs / 1000)} s`);
    while ((await snapshotRevision(site)) < 0) await pause(200);
    await reservationsProjected(databaseUrl, sale.ticketTypeId, reservations + 1);
    bench.say(`read models are up to date after ${rounded((performance.now() - began) / 1000)} s`);
    return replayedMs;
  });
}

/** All of a node that was ended in order: its snapshot is of the last event. */
async function restarted(bench: Bench, site: Site): Promise<Restart> {
  const product = await startProduct({ ...site, roles: "api,projector" });
  return during(product, () => firstCommands(bench, site, product));
}

/** A node killed under load leaves a snapshot that lags behind: the first command replays what came after it. */
async function restartedAfterKill(bench: Bench, site: Site): Promise<Restart> {
  const product = await startProduct({ ...site, roles: "api,projector" });
  const { port } = product;
  const tokens = [site.token];
  const seconds = bench.options.quick ? 2 : 8;
  await reserveUnderLoad({ port, ...site.sale, tokens, connections: 64, seconds, workDir: bench.workDir });
  product.kill("SIGKILL");
  await product.ended;
  return restarted(bench, site);
}

async function firstCommands(bench: Bench, site: Site, { port, pid }: Product): Promise<Restart> {
  const tail = (await lastRevision(site)) - (await snapshotRevision(site));
  const client = createHttpClient(port, 1);
  const timed = async () => {
    const began = performance.now();
    await expectStatus(201, reserve(client, site.sale, site.token, randomUUID()));
    return performance.now() - began;
  };
  await client.call("GET", "/health/ready"); // the connection is there, as a proxy's would be
  const firstCommandMs = await timed();
  const nextCommandMs = await timed();
  client.close();
  const resident = await residentMemory(pid);
  const { nowMiB: residentMiB = null, peakMiB = null } = resident ?? {};
  bench.say(
    `first command ${rounded(firstCommandMs)} ms, ${tail} events behind the snapshot, ${rounded(peakMiB ?? 0)} MiB`,
  );
  return { tail, firstCommandMs, nextCommandMs, residentMiB, peakMiB };
}

async function snapshotRevision({ databaseUrl, sale }: Site): Promise<number> {
  const text = "select revision::int from commands.snapshots where stream = $1";
  const [row] = await query<{ revision: number }>(databaseUrl, text, [
    inventoryStream(sale.eventId, sale.ticketTypeId),
  ]);
  return row?.revision ?? -1;
}

async function lastRevision({ databaseUrl, sale }: Site): Promise<number> {
  const store = await openPostgresEventStore({ connectionString: databaseUrl });
  const stream = inventoryStream(sale.eventId, sale.ticketTypeId);
  const [last] = await store.read(stream, { from: "end", direction: "backwards", maxCount: 1 });
  await store.close();
  return last?.revision ?? -1;
}

/** Does something with a node and ends it in order. */
async function during<Result>(
  product: Product,
  work: (client: ReturnType<typeof createHttpClient>) => Promise<Result>,
): Promise<Result> {
  const client = createHttpClient(product.port, 4);
  try {
    return await work(client);
  } finally {
    client.close();
    await product.stop(60_000);
  }
}

function resultOf(
  history: History,
  withoutSnapshotMs: number,
  inOrder: readonly Restart[],
  killed: Restart,
): PartResult {
  const spread = (value: (one: Restart) => number) => spreadOf(inOrder.map(value));
  const first = spread(({ firstCommandMs }) => firstCommandMs);
  const peak = Math.max(...[...inOrder, killed].map(({ peakMiB }) => peakMiB ?? 0));
  const row = (what: string, one: readonly Restart[]) => [
    what,
    rounded(Math.max(...one.map(({ tail }) => tail))),
    shown(spreadOf(one.map(({ firstCommandMs }) => firstCommandMs))),
    shown(spreadOf(one.map(({ nextCommandMs }) => nextCommandMs))),
    shown(spreadOf(one.map(({ residentMiB }) => residentMiB ?? 0))),
    shown(spreadOf(one.map(({ peakMiB }) => peakMiB ?? 0))),
  ];
  return {
    table: [
      ["after", "events behind the snapshot", "first command ms", "the next ms", "resident MiB", "peak MiB"],
      row("an end in order", inOrder),
      row("kill -9 under load", [killed]),
      ["no snapshot at all", rounded(history.events), rounded(withoutSnapshotMs), "-", "-", "-"],
    ],
    checks: [
      {
        what: `first command with a snapshot, ${history.events} events and ${history.held} held, ms`,
        figure: shown(first),
        floor: `under ${FIRST_COMMAND_WITHIN_MS}`,
        met: first.max < FIRST_COMMAND_WITHIN_MS,
      },
      {
        what: "the whole process (API and projector) resident, peak, MiB",
        figure: rounded(peak),
        floor: `under ${RESIDENT_MIB}`,
        met: peak < RESIDENT_MIB,
      },
    ],
    measurements: { history, withoutSnapshotMs, inOrder, killed },
  };
}
