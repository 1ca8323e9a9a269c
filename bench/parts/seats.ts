import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { createHttpClient, type HttpClient } from "../../test/system/http-client.ts";
import { startProduct } from "../../test/system/product.ts";
import { proveSale } from "../../test/system/proof.ts";
import { expectStatus, guests, type OnSale, organizer } from "../../test/system/shop.ts";
import { rounded, shown, spreadOf } from "../support/figures.ts";
import { reserveUnderLoad } from "../support/load.ts";
import type { Bench, Part } from "../support/part.ts";
import { processorMicros } from "../support/process-figures.ts";
import { reservationsProjected } from "../support/read-models.ts";

const CONNECTIONS = 64;
const ACCOUNTS = 1_000;
const RATE_LIMIT_PER_MINUTE = 1_000_000_000;
/** Long enough for what is compiled late to be compiled; a warm-up has a hall of its own. */
const WARM_UP_SECONDS = 6;
/** At 8,000 groups of two a second 50,000 seats are gone after three seconds. */
const SECONDS_AT_MOST = 3;
const WANTED_PER_SECOND = 4_000;

/** 50,000 seats in 500 rows; what is nearer to the stage is better. */
const HALL = {
  sections: Array.from({ length: 25 }, (_, section) => ({
    name: `S${section + 1}`,
    rows: Array.from({ length: 20 }, (_, row) => ({
      name: `${row + 1}`,
      seats: "1-100",
      quality: 500 - 20 * section - row,
    })),
  })),
};
const GROUPS = [1, 2, 3].map((size) => ({ bestAvailable: size }));

interface Run {
  readonly createdPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failed: number;
  /** Processor time of the node for each 201. */
  readonly processorMicros: number;
  readonly seats: number;
  /** Of the whole map over HTTP, while it changes no more: loaded from the tables, and from memory. */
  readonly mapMs: readonly [loaded: number, kept: number];
}

export const seats: Part = {
  name: "seats",
  about: `best-available reservations over HTTP of groups of 1 to 3, one hot map of 50,000 seats, ${CONNECTIONS} connections`,
  async run(bench) {
    const runs: Run[] = [];
    for (let round = 1; round <= bench.options.repeats; round += 1) {
      const run = await measure(bench);
      runs.push(run);
      const { createdPerSecond, p99Ms, failed } = run;
      bench.say(`round ${round}: ${rounded(createdPerSecond)}/s, p99 ${rounded(p99Ms)} ms, ${failed} failed`);
    }
    const spread = (value: (run: Run) => number) => spreadOf(runs.map(value));
    const rate = spread(({ createdPerSecond }) => createdPerSecond);
    const failed = spread((run) => run.failed).max;
    return {
      table: [
        ["figure", "median (least..most)"],
        ["201s a second", shown(rate)],
        ["p50 ms", shown(spread(({ p50Ms }) => p50Ms))],
        ["p99 ms", shown(spread(({ p99Ms }) => p99Ms))],
        ["failed", rounded(failed)],
        ["CPU µs each, API and projector", shown(spread((run) => run.processorMicros))],
        ["seats taken, each once by the log", shown(spread((run) => run.seats))],
        ["the map over HTTP, loaded, ms", shown(spread(({ mapMs }) => mapMs[0]))],
        ["the same, kept, ms", shown(spread(({ mapMs }) => mapMs[1]))],
      ],
      checks: [
        {
          what: "best-available reservations a second, one hot map of 50,000 seats, 64 connections",
          figure: rounded(rate.median),
          floor: `at least ${WANTED_PER_SECOND}`,
          met: rate.median >= WANTED_PER_SECOND,
        },
        { what: "failed", figure: rounded(failed), floor: "none", met: failed === 0 },
      ],
      measurements: runs,
    };
  },
};

async function measure({ options, workDir, postgres: serve }: Bench): Promise<Run> {
  const postgres = await serve();
  const databaseUrl = await postgres.freshDatabase();
  const settings = { databaseUrl, dataDir: workDir, rateLimitPerMinute: RATE_LIMIT_PER_MINUTE };
  const { profileDir } = options;
  const nodeOptions = profileDir === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileDir}`];
  const product = await startProduct({ ...settings, roles: "api,projector", nodeOptions });
  const { port } = product;
  const client = createHttpClient(port, CONNECTIONS);
  try {
    const [warm, hot] = await openHalls(client, 2);
    const tokens = await guests(client, ACCOUNTS);
    const load = { port, tokens, connections: CONNECTIONS, workDir, wishes: GROUPS };
    await reserveUnderLoad({ ...load, ...(warm as OnSale), seconds: WARM_UP_SECONDS });
    const sale = hot as OnSale;
    const seconds = Math.min(options.seconds, SECONDS_AT_MOST);
    const before = await processorMicros(product.pid);
    const result = await reserveUnderLoad({ ...load, ...sale, seconds });
    const after = await processorMicros(product.pid);
    const taken = await proved(databaseUrl, sale, result.created, result.keys.count);
    const mapMs = await mapTimes(client, sale, taken);
    const { createdPerSecond, p50Ms, p99Ms, failed } = result;
    const micros = ((after ?? Number.NaN) - (before ?? Number.NaN)) / result.created;
    return { createdPerSecond, p50Ms, p99Ms, failed, processorMicros: micros, seats: taken, mapMs };
  } finally {
    client.close();
    await product.stop();
    await postgres.drop(databaseUrl);
  }
}

async function openHalls(client: HttpClient, count: number): Promise<readonly OnSale[]> {
  const token = await organizer(client);
  const halls: OnSale[] = [];
  for (let number = 1; number <= count; number += 1) {
    const ticketTypes = [{ name: "Seat", seatMap: HALL, price: { amount: 4_500, currency: "EUR" } }];
    const made = await expectStatus(
      201,
      client.call("POST", "/events", { token, body: { name: "Hall", ticketTypes } }),
    );
    const { eventId, ticketTypes: types } = made.body as { eventId: string; ticketTypes: { ticketTypeId: string }[] };
    halls.push({ eventId, ticketTypeId: types[0]?.ticketTypeId as string });
  }
  return halls;
}

/** Every seat once, by the log; all that was answered is there, and nothing that was not asked for. @returns seats taken */
async function proved(databaseUrl: string, sale: OnSale, created: number, asked: number): Promise<number> {
  const store = await openPostgresEventStore({ connectionString: databaseUrl });
  try {
    const { reservationIds, held } = await proveSale(store, sale);
    const recorded = reservationIds.length;
    if (recorded < created || recorded > asked)
      throw new Error(`${recorded} recorded, ${created} of ${asked} answered`);
    await reservationsProjected(databaseUrl, sale.ticketTypeId, recorded);
    return held;
  } finally {
    await store.close();
  }
}

/** @throws Error the map does not have so many seats as held */
async function mapTimes(client: HttpClient, sale: OnSale, held: number): Promise<readonly [number, number]> {
  const url = `/events/${sale.eventId}/ticket-types/${sale.ticketTypeId}/seats`;
  const times: number[] = [];
  for (let again = 0; again < 2; again += 1) {
    const begunMs = performance.now();
    const { body } = await expectStatus(200, client.call("GET", url));
    times.push(performance.now() - begunMs);
    const { sections } = body as { sections: { rows: { seats: { status: string }[] }[] }[] };
    const all = sections.flatMap(({ rows }) => rows.flatMap((row) => row.seats));
    const found = all.filter(({ status }) => status === "HELD").length;
    if (found !== held) throw new Error(`the map has ${found} seats as held, the log ${held}`);
  }
  return times as [number, number];
}
