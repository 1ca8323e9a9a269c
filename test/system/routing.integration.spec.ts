import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { listenTo } from "../api/streaming.ts";
import { freshDatabase } from "../support/postgres.ts";
import { checkConfiguration, hasHaproxy, startHaproxy } from "./haproxy.ts";
import { createHttpClient } from "./http-client.ts";
import { type Product, startProduct } from "./product.ts";
import { proveSale } from "./proof.ts";
import { expectStatus, guests, type OnSale, openSales, reservationIdOf, reserve } from "./shop.ts";

const EVENTS = 6;
const BUYERS = 4;
const PATIENCE = { timeout: 60_000, interval: 50 };

const cleanUp: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).toReversed()) await undo();
});

if (!hasHaproxy) console.log("haproxy is not there (Debian: apt-get install haproxy): routing is not tested");

describe.skipIf(!hasHaproxy)("ops/haproxy", () => {
  it.each([1, 2, 4])("is accepted by haproxy, for %i nodes", (nodes) => {
    const checked = checkConfiguration(["ops/haproxy/boxoffice.cfg"], nodes);
    expect(checked.accepted, checked.said).toBe(true);
    expect(checked.said).not.toMatch(/WARNING/);
  });

  it("is accepted as a folder, with what a start as root needs", () => {
    // Without root the files are checked as far as the user and the socket's folder are there.
    const { said } = checkConfiguration(["ops/haproxy/boxoffice.cfg", "ops/haproxy/privileges.cfg"], 2);
    expect(said).not.toMatch(/unknown keyword|parsing \[/);
  });

  it("tells nodes who calls, by which way and name, as it sees it and not as the client says", async () => {
    const { port, asked } = await listeningNode();
    const proxy = await startHaproxy([port]);
    cleanUp.push(() => proxy.stop());
    const lies = {
      "x-forwarded-for": "203.0.113.9",
      forwarded: "for=203.0.113.9;host=evil.example;proto=https",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "evil.example",
      "routed-by-event": "018f0000-0000-7000-8000-0000000000e1",
    };
    const reply = await fetch(`http://127.0.0.1:${proxy.port}/events?limit=1`, { headers: lies });
    expect(reply.status).toBe(200);
    const { headers } = asked.find(({ url }) => url === "/events?limit=1") ?? {};
    expect(headers).toMatchObject({
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
      "x-forwarded-host": `127.0.0.1:${proxy.port}`,
    });
    for (const name of ["forwarded", "routed-by-event"]) expect(headers).not.toHaveProperty(name);
  });

  it("keeps what is for the operator to itself", async () => {
    const { port, asked } = await listeningNode();
    const proxy = await startHaproxy([port]);
    cleanUp.push(() => proxy.stop());
    for (const path of ["/metrics", "/metrics?x=1", "/%6detrics"]) {
      expect((await fetch(`http://127.0.0.1:${proxy.port}${path}`)).status, path).toBe(404);
    }
    expect(asked.filter(({ url }) => !url?.startsWith("/health"))).toEqual([]);
  });

  it("sends an event's changes to one node, and to another when that is killed: nothing acknowledged is lost", async () => {
    const { nodes, client, pool, databaseUrl, proxyPort } = await twoNodes();
    const sales = await openSales(client, EVENTS, 1, 100_000);
    const tokens = await guests(client, BUYERS);
    const carts = await Promise.all(sales.map((sale) => addToCart(client, sale)));
    expect(carts).toHaveLength(EVENTS);
    const before = await buyTwice(client, sales, tokens, "before");
    const homes = await homesOf(pool, sales);
    expect(
      homes.map(({ size }) => size),
      "each event's node",
    ).toEqual(sales.map(() => 1));
    expect(new Set(homes.flatMap((home) => [...home])).size, "both have some").toBe(2);

    // A listener at each node, since streams go round; the one of the node that stays hears of what comes after.
    const [watched] = sales as [OnSale];
    const path = `/events/${watched.eventId}/availability/stream`;
    const listeners = await Promise.all([1, 2].map(() => listenTo({ port: proxyPort, path })));
    for (const one of listeners) onTestFinished(() => one.close());
    await Promise.all(listeners.map((one) => one.until(() => true)));

    const [first] = nodes as [Product];
    const during = sellWhile(client, sales, tokens);
    await during.has(50);
    first.kill("SIGKILL");
    await first.ended;
    const gone = during.acknowledged.length;
    await during.has(gone + 100);
    const acknowledged = [...before, ...(await during.stop())];

    const told = listeners.map((one) => one.told.length);
    await buyTwice(client, [watched], tokens, "after");
    await vi.waitFor(
      () => expect(listeners.some((one, index) => one.told.length > (told[index] ?? 0))).toBe(true),
      PATIENCE,
    );

    const store = await openPostgresEventStore({ connectionString: databaseUrl });
    cleanUp.push(() => store.close());
    const recorded = new Set<string>();
    for (const sale of sales) for (const id of (await proveSale(store, sale)).reservationIds) recorded.add(id);
    expect(acknowledged.filter((id) => !recorded.has(id))).toEqual([]);
  }, 300_000);
});

/** In a node's place: it is ready, and notes what it is asked. */
async function listeningNode() {
  const asked: { readonly url: string | undefined; readonly headers: IncomingHttpHeaders }[] = [];
  const server = createServer(({ url, headers }, reply) => {
    asked.push({ url, headers });
    reply.end("{}");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  cleanUp.push(() => {
    server.closeAllConnections();
    return new Promise((closed) => server.close(closed));
  });
  return { port: (server.address() as AddressInfo).port, asked };
}

async function twoNodes() {
  const database = await freshDatabase();
  cleanUp.push(() => database.drop());
  const dataDir = await mkdtemp(join(tmpdir(), "boxoffice-system-"));
  cleanUp.push(() => rm(dataDir, { recursive: true, force: true }));
  const nodes: Product[] = [];
  for (let node = 1; node <= 2; node += 1) {
    const product = await startProduct({ databaseUrl: database.url, dataDir, roles: "api,projector" });
    cleanUp.push(() => product.stop());
    nodes.push(product);
  }
  const proxy = await startHaproxy(nodes.map(({ port }) => port));
  cleanUp.push(() => proxy.stop());
  const client = createHttpClient(proxy.port, 16);
  cleanUp.push(() => client.close());
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  cleanUp.push(() => pool.end());
  return { nodes, proxyPort: proxy.port, client, pool, databaseUrl: database.url };
}

type Client = Awaited<ReturnType<typeof twoNodes>>["client"];

/** By the body's `eventId`, not the path. */
async function addToCart(client: Client, { eventId, ticketTypeId }: OnSale): Promise<void> {
  const [token = ""] = await guests(client, 1);
  await expectStatus(200, client.call("PUT", `/cart/items/${ticketTypeId}`, { token, body: { eventId, quantity: 1 } }));
}

async function buyTwice(client: Client, sales: readonly OnSale[], tokens: readonly string[], run: string) {
  const ids: string[] = [];
  for (let time = 1; time <= 2; time += 1) {
    const sent = sales.flatMap((sale) =>
      tokens.map((token) => expectStatus(201, reserve(client, sale, token, `${run} ${time}`))),
    );
    ids.push(...(await Promise.all(sent)).map((reply) => reservationIdOf(reply) ?? ""));
  }
  return ids;
}

/** The nodes that reserved tickets of each event: the first 11 characters of a request's id are its process's. */
async function homesOf(pool: pg.Pool, sales: readonly OnSale[]): Promise<readonly Set<string>[]> {
  const { rows } = await pool.query<{ name: string; node: string }>(
    `select s.name, left(e.metadata::json->>'requestId', 11) as node from eventstore.events e
       join eventstore.streams s on s.id = e.stream_id where e.type = 'TicketsReserved'`,
  );
  return sales.map(({ eventId }) => new Set(rows.filter(({ name }) => name.includes(eventId)).map(({ node }) => node)));
}

/** Buyers who go on until they are stopped; an answer that is lost is asked for again with its key. */
function sellWhile(client: Client, sales: readonly OnSale[], tokens: readonly string[]) {
  const acknowledged: string[] = [];
  let stopped = false;
  const buyers = tokens.map(async (token, buyer) => {
    for (let number = 1; !stopped; number += 1) {
      const sale = sales[(buyer + number) % sales.length] as OnSale;
      for (;;) {
        const reply = await reserve(client, sale, token, `during ${number}`).catch(() => null);
        const id = reply === null ? null : reservationIdOf(reply);
        if (id !== null) {
          acknowledged.push(id);
          break;
        }
        // 502 and 503 are the proxy's while nobody answers, and a node's that is busy.
        if (reply !== null && reply.status < 500) throw new Error(`${reply.status} ${JSON.stringify(reply.body)}`);
      }
    }
  });
  const selling = Promise.all(buyers);
  selling.catch(() => {}); // told at the end
  return {
    acknowledged: acknowledged as readonly string[],
    has: (count: number) =>
      Promise.race([
        vi.waitFor(() => expect(acknowledged.length).toBeGreaterThanOrEqual(count), PATIENCE),
        selling.then(() => undefined),
      ]),
    async stop() {
      stopped = true;
      await selling;
      return acknowledged;
    },
  };
}
