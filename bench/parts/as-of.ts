import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { InventoryEvent } from "../../src/domain/inventory-events.ts";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { inventoryStream } from "../../src/eventstore/streams.ts";
import { createHttpClient, type HttpClient } from "../../test/system/http-client.ts";
import { startProduct } from "../../test/system/product.ts";
import { expectStatus, type OnSale, openEvent, organizer } from "../../test/system/shop.ts";
import { quantile, rounded } from "../support/figures.ts";
import { LogWriter } from "../support/log-writer.ts";
import type { Bench, Part } from "../support/part.ts";
import { query } from "../support/postgres-server.ts";

const EVENTS = 1_000_000;
const QUICK_EVENTS = 20_000;
const QUESTIONS = 1_000;
const WITHIN_MS = 300;
const CHECKPOINT_EVERY = 1_024;
const CHECKPOINTED_WITHIN_MS = 900_000;

/** What the books must say after each event, as whoever wrote the events counted along. */
type Held = Uint32Array;

export const asOf: Part = {
  name: "as-of",
  about: "an auditor asks what a ticket type's books were at random instants of its million events",
  async run(bench) {
    const events = bench.options.quick ? QUICK_EVENTS : EVENTS;
    const databaseUrl = await (await bench.postgres()).freshDatabase();
    const product = await startProduct({ databaseUrl, dataDir: bench.workDir, roles: "api,projector,processes" });
    const client = createHttpClient(product.port, 1);
    try {
      const token = await organizer(client);
      const [sale] = await openEvent(client, token, [{ capacity: events, maxPerOrder: 100 }]);
      if (sale === undefined) throw new Error("no ticket type was made");
      const held = await writeHistory(bench, databaseUrl, sale, events);
      await checkpointed(bench, databaseUrl, Math.floor(events / CHECKPOINT_EVERY));
      return resultOf(await ask(client, token, sale, held), events);
    } finally {
      client.close();
      await product.stop(30_000);
    }
  },
};

/** Reservations of 1 to 4 tickets, two of three of which are given back. */
async function writeHistory(bench: Bench, databaseUrl: string, sale: OnSale, events: number): Promise<Held> {
  const began = performance.now();
  const store = await openPostgresEventStore({ connectionString: databaseUrl });
  const writer = await LogWriter.behind(store, inventoryStream(sale.eventId, sale.ticketTypeId));
  const held = new Uint32Array(events);
  const atMs = Date.now();
  const given: { readonly reservationId: string; readonly quantity: number }[] = [];
  for (let revision = 1; revision < events; revision += 1) {
    const before = held[revision - 1] ?? 0;
    const back = revision % 5 < 2 ? given.pop() : undefined;
    const accountId = randomUUID();
    let event: InventoryEvent;
    if (back !== undefined) {
      event = { type: "ReservationReleased", data: back };
      held[revision] = before - back.quantity;
    } else {
      const made = { reservationId: randomUUID(), quantity: 1 + (revision % 4) };
      given.push(made);
      event = reserved(made, accountId, atMs + 3_600_000);
      held[revision] = before + made.quantity;
    }
    await writer.write(event, { atMs, accountId, withKey: false });
  }
  await writer.done();
  await store.close();
  bench.say(`${events} events written in ${rounded((performance.now() - began) / 1000)} s`);
  return held;
}

const reserved = (
  { reservationId, quantity }: { readonly reservationId: string; readonly quantity: number },
  accountId: string,
  expiresAtMs: number,
): InventoryEvent => ({
  type: "TicketsReserved",
  data: {
    reservationId,
    accountId,
    quantity,
    unitPrice: { amount: 4500, currency: "EUR" },
    expiresAt: new Date(expiresAtMs).toISOString(),
  },
});

/** Resolves when the books are kept at every milestone, which a process sees to by itself. */
async function checkpointed(bench: Bench, databaseUrl: string, wanted: number): Promise<void> {
  const began = performance.now();
  for (;;) {
    const [row] = await query<{ kept: number }>(databaseUrl, "select count(*)::int as kept from audit.checkpoints");
    if ((row?.kept ?? 0) >= wanted) break;
    if (performance.now() - began > CHECKPOINTED_WITHIN_MS) throw new Error(`${row?.kept} of ${wanted} checkpoints`);
    await pause(500);
  }
  bench.say(`trail and ${wanted} checkpoints are there after ${rounded((performance.now() - began) / 1000)} s more`);
}

interface Answers {
  /** Milliseconds of each, over HTTP, ascending. */
  readonly byRevision: readonly number[];
  readonly byPosition: readonly number[];
  readonly wrong: number;
}

/** One question after another: each at a random revision, then at the position that it answered. */
async function ask(client: HttpClient, token: string, sale: OnSale, held: Held): Promise<Answers> {
  const books = async (at: string) => {
    const began = performance.now();
    const path = `/audit/inventories/${sale.eventId}/${sale.ticketTypeId}?at=${at}`;
    const { body } = await expectStatus(200, client.call("GET", path, { token }));
    return { body: body as { held: number; revision: number; position: string }, ms: performance.now() - began };
  };
  const byRevision: number[] = [];
  const byPosition: number[] = [];
  let wrong = 0;
  for (let question = 0; question < QUESTIONS; question += 1) {
    const revision = Math.floor(Math.random() * held.length);
    const first = await books(`revision:${revision}`);
    const again = await books(`position:${first.body.position}`);
    byRevision.push(first.ms);
    byPosition.push(again.ms);
    for (const { body } of [first, again]) {
      if (body.revision !== revision || body.held !== held[revision]) wrong += 1;
    }
  }
  const ascending = (ms: readonly number[]) => ms.toSorted((a, b) => a - b);
  return { byRevision: ascending(byRevision), byPosition: ascending(byPosition), wrong };
}

function resultOf(answers: Answers, events: number) {
  const row = (by: string, ms: readonly number[]) => [
    by,
    rounded(quantile(ms, 0.5)),
    rounded(quantile(ms, 0.99)),
    rounded(quantile(ms, 1)),
  ];
  const longest = Math.max(quantile(answers.byRevision, 1), quantile(answers.byPosition, 1));
  return {
    table: [
      ["asked for", "p50 ms", "p99 ms", "longest ms"],
      row("a revision", answers.byRevision),
      row("a position", answers.byPosition),
    ],
    checks: [
      {
        what: `books at ${QUESTIONS} random instants of ${events} events, the longest, ms`,
        figure: rounded(longest),
        floor: `under ${WITHIN_MS}`,
        met: longest < WITHIN_MS,
      },
      {
        what: "answers that differ from a count from the first event on",
        figure: String(answers.wrong),
        floor: "0",
        met: answers.wrong === 0,
      },
    ],
    measurements: answers,
  };
}
