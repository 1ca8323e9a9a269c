import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { freshDatabase } from "../support/postgres.ts";
import { createHttpClient, type HttpClient, type HttpReply } from "./http-client.ts";
import { type Product, startProduct } from "./product.ts";
import { proveSale } from "./proof.ts";
import { codeOf, guests, type OnSale, openSale, reservationIdOf, reserve } from "./shop.ts";

const BUYERS = 400;
const TICKETS = 100;

const cleanUp: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).toReversed()) await undo();
});

it.each([1, 2, 4])("400 buyers at once for 100 tickets, %i process(es) on the same stores", async (processes) => {
  const { clients, databaseUrl } = await startProducts(processes);
  const [first] = clients as [HttpClient];
  const sale = await openSale(first, TICKETS);
  const tokens = await guests(first, BUYERS);

  const replies = await Promise.all(
    tokens.map((token, index) => reserve(clients[index % processes] as HttpClient, sale, token, `key ${index}`)),
  );

  expect(replies.filter(({ status }) => status === 201)).toHaveLength(TICKETS);
  const refused = replies.filter(({ status }) => status === 409);
  expect(refused.map(codeOf)).toEqual(Array.from({ length: BUYERS - TICKETS }, () => "sold-out"));
  const sold = replies.map(reservationIdOf).filter((id) => id !== null);
  await expectLogToAgree(databaseUrl, sale, sold);
  for (const client of clients) await expectAvailabilityToAgree(client, sale, replies);
});

it("the same key sent to two nodes at once has one effect, and both give the same answer", async () => {
  const { clients, databaseUrl } = await startProducts(2);
  const [one, other] = clients as [HttpClient, HttpClient];
  const sale = await openSale(one, TICKETS);
  const tokens = await guests(one, 50);

  const pairs = await Promise.all(
    tokens.map((token, index) =>
      Promise.all([reserve(one, sale, token, `key ${index}`), reserve(other, sale, token, `key ${index}`)]),
    ),
  );

  for (const [left, right] of pairs) {
    expect(left.status).toBe(201);
    expect(right).toMatchObject({ status: 201, body: left.body });
    const replayed = [left, right].filter(({ headers }) => headers["idempotency-replayed"] === "true");
    expect(replayed).toHaveLength(1);
  }
  await expectLogToAgree(
    databaseUrl,
    sale,
    pairs.map(([left]) => reservationIdOf(left) as string),
  );
});

async function startProducts(count: number): Promise<{ clients: readonly HttpClient[]; databaseUrl: string }> {
  const database = await freshDatabase();
  cleanUp.push(() => database.drop());
  const dataDir = await mkdtemp(join(tmpdir(), "boxoffice-system-"));
  cleanUp.push(() => rm(dataDir, { recursive: true, force: true }));
  const settings = { databaseUrl: database.url, dataDir };
  const products = await Promise.all(Array.from({ length: count }, () => startProduct(settings)));
  cleanUp.push(() => Promise.all(products.map((product: Product) => product.stop())));
  const clients = products.map(({ port }) => createHttpClient(port, BUYERS));
  cleanUp.push(() => clients.forEach((client) => void client.close()));
  return { clients, databaseUrl: database.url };
}

async function expectLogToAgree(databaseUrl: string, sale: OnSale, answered: readonly string[]): Promise<void> {
  const store = await openPostgresEventStore({ connectionString: databaseUrl });
  try {
    const { reservationIds, capacity, mostHeld } = await proveSale(store, sale);
    expect(reservationIds.toSorted()).toEqual(answered.toSorted());
    expect(mostHeld).toBeLessThanOrEqual(capacity);
  } finally {
    await store.close();
  }
}

async function expectAvailabilityToAgree(
  client: HttpClient,
  sale: OnSale,
  replies: readonly HttpReply[],
): Promise<void> {
  const positions = replies.map(({ headers }) => Number(headers["boxoffice-position"] ?? 0));
  const minPosition = String(Math.max(...positions));
  const reply = await client.call("GET", `/events/${sale.eventId}/availability`, { minPosition });
  expect(reply).toMatchObject({
    status: 200,
    body: {
      ticketTypes: [{ ticketTypeId: sale.ticketTypeId, total: TICKETS, available: 0, held: TICKETS, booked: 0 }],
    },
  });
}
