import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listenTo } from "../api/streaming.ts";
import { type PostgresPair, startPostgresPair } from "../support/postgres-replica.ts";
import { keepingContract } from "./contract-client.ts";
import { createHttpClient, type HttpClient, type HttpReply } from "./http-client.ts";
import { type Product, startProduct } from "./product.ts";
import { expectStatus, guests, type OnSale, openSale, reserve } from "./shop.ts";

let folder: string;
let pair: PostgresPair;
let product: Product;
let client: HttpClient;
let token: string;
let never: OnSale;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "boxoffice-replica-"));
  pair = await startPostgresPair(folder);
  const env = { DATABASE_READ_URL: pair.replicaUrl };
  product = await startProduct({ databaseUrl: pair.primaryUrl, dataDir: join(folder, "data"), env });
  client = await keepingContract(createHttpClient(product.port, 16));
  [token = ""] = await guests(client, 1);
  never = await openSale(client, 5);
});
afterAll(async () => {
  client?.close();
  await product?.stop();
  await pair?.close();
  await rm(folder, { recursive: true, force: true });
});

const buy = (sale: OnSale): Promise<HttpReply> => expectStatus(201, reserve(client, sale, token, randomUUID()));
const read = (sale: OnSale, minPosition?: string): Promise<HttpReply> =>
  client.call("GET", `/events/${sale.eventId}`, minPosition === undefined ? {} : { minPosition });
const held = ({ body }: HttpReply): number => (body as { held: number }).held;

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const startedMs = performance.now(); !(await holds()); await sleep(50)) {
    if (performance.now() - startedMs > 15_000) throw new Error(`${what}: not within 15 s`);
  }
}

describe("reads from a replica", () => {
  it("see what was just written, when they name it", async () => {
    const sale = await openSale(client, 100);
    for (let made = 1; made <= 10; made += 1) {
      const { headers } = await buy(sale);
      expect(held(await expectStatus(200, read(sale, String(headers["boxoffice-position"]))))).toBe(made);
    }
  });

  it("that is behind wait when they name a write, and come to the newest by themselves when they don't", async () => {
    const sale = await openSale(client, 100);
    await buy(sale);
    await until("the first reservation", async () => held(await read(sale)) === 1);
    const stream = await listenTo({ port: product.port, path: `/events/${sale.eventId}/availability/stream` });
    await stream.until(() => true);
    await pair.fallBehind();
    const { headers } = await buy(sale);
    const position = String(headers["boxoffice-position"]);
    // The change is heard of, from the primary; what the replica has does not show it.
    expect((await read(sale, position)).status).toBe(503);
    expect(held(await expectStatus(200, read(sale)))).toBe(1);
    const waiting = read(sale, position);
    await pair.goOn();
    expect(held(await expectStatus(200, waiting))).toBe(2);
    await until("the newest", async () => held(await read(sale)) === 2);
    await stream.until(({ data }) => (data.ticketTypes as { held: number }[])[0]?.held === 2);
    stream.close();
  });

  it("go on while the primary is away, of what was never read too, and say how old they may be", async () => {
    const sale = await openSale(client, 100);
    const { headers } = await buy(sale);
    const minPosition = String(headers["boxoffice-position"]);
    await expectStatus(200, read(sale, minPosition));
    await until(
      "the replica",
      async () => (await client.call("GET", "/reservations", { token, minPosition })).status === 200,
    );
    await pair.stopPrimary();
    expect(held(await expectStatus(200, read(sale)))).toBe(1);
    await until("a read that says so", async () => Number((await read(sale)).headers["boxoffice-stale"]) >= 1);
    const unread = await expectStatus(200, client.call("GET", `/events/${never.eventId}`, { token }));
    expect(Number(unread.headers["boxoffice-stale"])).toBeGreaterThanOrEqual(1);
    await expectStatus(200, client.call("GET", "/events/search?keyword=night"));
    await expectStatus(200, client.call("GET", "/reservations", { token }));
    expect((await client.call("GET", "/reservations", { token: `${token}x` })).status).toBe(401);
    const refused = await reserve(client, sale, token, randomUUID());
    expect([refused.status, Number(refused.headers["retry-after"]) > 0]).toEqual([503, true]);

    await pair.startPrimary();
    await until("a reservation", async () => (await reserve(client, sale, token, "the same")).status === 201);
    await until("the newest", async () => held(await read(sale)) === 2);
    await until("a read that is not old", async () => (await read(sale)).headers["boxoffice-stale"] === undefined);
  });
});
