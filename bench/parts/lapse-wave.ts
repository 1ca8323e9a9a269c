import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { inventoryStream } from "../../src/eventstore/streams.ts";
import { createHttpClient, type HttpClient } from "../../test/system/http-client.ts";
import { startProduct } from "../../test/system/product.ts";
import { proveSale } from "../../test/system/proof.ts";
import { guests, type OnSale, openSale, reserve } from "../../test/system/shop.ts";
import { quantile, rounded, shown, spreadOf } from "../support/figures.ts";
import { LogWriter } from "../support/log-writer.ts";
import type { Bench, Part } from "../support/part.ts";

const WAVE = 20_000;
/** As many as one command may want. */
const LARGE_ORDER = 10_000;
const BUYERS = 32;
const COMES_DUE_IN_MS = 8_000;
const MEASURED_MS = 3_000;
const NEXT_WITHIN_MS = 100;
const APPEND_LIMIT_BYTES = 1024 * 1024;

interface Wave {
  /** How many tickets the first reserve after the wave asks for. */
  readonly quantity: number;
  readonly nextMs: number;
  /** Of the crowd that comes with it. */
  readonly p99Ms: number;
  readonly largestAppendBytes: number;
}

export const lapseWave: Part = {
  name: "lapse-wave",
  about: `${WAVE} reservations that come due at the same second, of a ticket type that is sold out`,
  async run(bench) {
    const waves: Wave[] = [];
    for (let round = 1; round <= bench.options.repeats; round += 1) {
      for (const quantity of [1, LARGE_ORDER]) waves.push(await measure(bench, quantity));
    }
    const of = (quantity: number) => waves.filter((wave) => wave.quantity === quantity);
    const largest = Math.max(...waves.map(({ largestAppendBytes }) => largestAppendBytes));
    return {
      table: [
        ["the next reserve takes", "it takes ms", "the crowd's p99 ms", "largest append, bytes"],
        ...[1, LARGE_ORDER].map((quantity) => [
          `${rounded(quantity)} ticket(s)`,
          shown(spreadOf(of(quantity).map(({ nextMs }) => nextMs))),
          shown(spreadOf(of(quantity).map(({ p99Ms }) => p99Ms))),
          rounded(Math.max(...of(quantity).map(({ largestAppendBytes }) => largestAppendBytes))),
        ]),
      ],
      checks: [
        ...[1, LARGE_ORDER].map((quantity) => {
          const spread = spreadOf(of(quantity).map(({ nextMs }) => nextMs));
          const what = `the next reserve, of ${rounded(quantity)}, ms`;
          return { what, figure: shown(spread), floor: `under ${NEXT_WITHIN_MS}`, met: spread.median < NEXT_WITHIN_MS };
        }),
        {
          what: "largest append, bytes",
          figure: rounded(largest),
          floor: `at most ${rounded(APPEND_LIMIT_BYTES)}`,
          met: largest <= APPEND_LIMIT_BYTES,
        },
      ],
      measurements: waves,
    };
  },
};

async function measure(bench: Bench, quantity: number): Promise<Wave> {
  const server = await bench.postgres();
  const databaseUrl = await server.freshDatabase();
  const product = await startProduct({ databaseUrl, dataDir: bench.workDir });
  const client = createHttpClient(product.port, BUYERS + 1);
  const store = await openPostgresEventStore({ connectionString: databaseUrl });
  try {
    const sale = await openSale(client, WAVE, LARGE_ORDER);
    const tokens = await guests(client, BUYERS + 1);
    const dueAtMs = Math.ceil((Date.now() + COMES_DUE_IN_MS) / 1000) * 1000;
    const writer = await LogWriter.behind(store, inventoryStream(sale.eventId, sale.ticketTypeId));
    await holdAll(writer, dueAtMs);
    await askUntil(client, sale, tokens, dueAtMs); // sold out until then: the process is warm, as in a sale
    if (Date.now() > dueAtMs + 1_000) throw new Error("the wave came before the crowd was there");

    const [buyer = "", ...crowd] = tokens;
    const began = performance.now();
    const [next, latencies] = await Promise.all([
      reserve(client, sale, buyer, randomUUID(), quantity).then(({ status }) => ({
        status,
        ms: performance.now() - began,
      })),
      askUntil(client, sale, crowd, Date.now() + MEASURED_MS),
    ]);
    if (next.status !== 201) throw new Error(`the next reserve was answered by ${next.status}`);
    const { largestAppendBytes } = await proveSale(store, sale);
    const p99Ms = quantile(
      latencies.toSorted((a, b) => a - b),
      0.99,
    );
    bench.say(
      `next reserve of ${quantity}: ${rounded(next.ms)} ms, largest append ${rounded(largestAppendBytes)} bytes`,
    );
    return { quantity, nextMs: next.ms, p99Ms, largestAppendBytes };
  } finally {
    client.close();
    await store.close();
    await product.stop();
    await server.drop(databaseUrl);
  }
}

/** Puts every ticket into a reservation of its own that ends at `dueAtMs`. */
async function holdAll(writer: LogWriter, dueAtMs: number): Promise<void> {
  const expiresAt = new Date(dueAtMs).toISOString();
  const beganMs = Date.now();
  const unitPrice = { amount: 4500, currency: "EUR" };
  for (let index = 0; index < WAVE; index += 1) {
    const accountId = randomUUID();
    const atMs = beganMs + Math.floor(index / 500); // the proof counts a millisecond's events as one append
    const data = { reservationId: randomUUID(), accountId, quantity: 1, unitPrice, expiresAt };
    await writer.write({ type: "TicketsReserved", data }, { atMs, accountId, withKey: true });
  }
  await writer.done();
}

/** Buyers who ask for one ticket after the other until a time. @returns how long each answer took, in milliseconds */
async function askUntil(
  client: HttpClient,
  sale: OnSale,
  tokens: readonly string[],
  untilMs: number,
): Promise<number[]> {
  const latencies: number[] = [];
  await Promise.all(
    tokens.map(async (token) => {
      while (Date.now() < untilMs) {
        const began = performance.now();
        const { status } = await reserve(client, sale, token, randomUUID());
        if (status !== 201 && status !== 409) throw new Error(`a buyer was answered by ${status}`);
        latencies.push(performance.now() - began);
        if (status === 409) await pause(10); // sold out: nobody asks as fast as the machine can
      }
    }),
  );
  return latencies;
}
