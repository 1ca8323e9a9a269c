import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Listening, listenTo } from "../api/streaming.ts";
import { keepingContract } from "./contract-client.ts";
import { createHttpClient, type HttpCall, type HttpClient, type HttpReply } from "./http-client.ts";
import { type OwnPostgres, startOwnPostgres } from "./outages/own-postgres.ts";
import { type Product, startProduct } from "./product.ts";
import { expectStatus, guests, type OnSale, openSale, reserve } from "./shop.ts";

/** What is kept in memory is answered at once, and this soon at most while it is found out that nothing newer can be had. */
const READ_WITHIN_MS = 2_000;
/** Nobody waits longer for anything. */
const ANSWER_WITHIN_MS = 15_000;
const BACK_WITHIN_MS = 20_000;

let folder: string;
let postgres: OwnPostgres;
let product: Product;
let client: HttpClient;
let sale: OnSale;
let unread: OnSale;
let token: string;
let page: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "boxoffice-outages-"));
  postgres = await startOwnPostgres(join(folder, "postgres"));
  product = await startProduct({ databaseUrl: postgres.url, dataDir: join(folder, "data") });
  client = await keepingContract(createHttpClient(product.port, 32));
  [sale, unread] = [await openSale(client, 1_000), await openSale(client, 10)];
  [token = ""] = await guests(client, 1);
  page = `/events/${sale.eventId}`;
});
afterAll(async () => {
  client?.close();
  await product?.stop();
  await postgres?.close();
  await rm(folder, { recursive: true, force: true });
});

interface Timed extends HttpReply {
  readonly tookMs: number;
}

async function timed(asked: Promise<HttpReply>): Promise<Timed> {
  const startedMs = performance.now();
  return { ...(await asked), tookMs: performance.now() - startedMs };
}

const get = (path: string, call: HttpCall = {}): Promise<Timed> => timed(client.call("GET", path, call));

async function until<Value>(what: string, ask: () => Promise<Value | null>, withinMs: number): Promise<Value> {
  for (const startedMs = performance.now(); ; await sleep(100)) {
    const found = await ask();
    if (found !== null) return found;
    if (performance.now() - startedMs > withinMs) throw new Error(`${what}: not within ${withinMs} ms`);
  }
}

const held = (reply: HttpReply): number => (reply.body as { held: number }).held;

const outages: readonly [string, () => Promise<void>, () => Promise<void>][] = [
  ["is stopped", () => postgres.stop(), () => postgres.start()],
  ["is frozen", () => postgres.freeze(), async () => postgres.thaw()],
];

describe.each(outages)("while Postgres %s", (_how, breakIt, mendIt) => {
  let before: HttpReply;
  let listening: Listening;
  /** Asked in the moment in which it breaks, when nobody knows yet. */
  let atOnce: Promise<Timed[]>;
  beforeAll(async () => {
    before = await expectStatus(200, client.call("GET", page));
    listening = await listenTo({ port: product.port, path: `${page}/availability/stream` });
    await listening.until(() => true);
    await breakIt();
    atOnce = Promise.all([...askedOfTheLog(), ...written()]);
  });
  afterAll(() => listening.close());

  const askedOfTheLog = () => [
    get(`/events/${unread.eventId}`),
    get(`/events/${randomUUID()}`),
    get("/events/search?keyword=night"),
  ];
  const written = () => [
    timed(reserve(client, sale, token, randomUUID())),
    timed(client.call("POST", "/sessions/guest")),
    timed(client.call("POST", "/reservations/nobody/extend", { token })),
  ];
  const refused = (replies: readonly Timed[]) => {
    for (const reply of replies) {
      expect(reply.status).toBe(503);
      expect(Number(reply.headers["retry-after"])).toBeGreaterThan(0);
      expect(reply.tookMs).toBeLessThan(ANSWER_WITHIN_MS);
    }
  };

  it("what was read before is read on, at once, by everybody, and says since when it may be old", async () => {
    let stale = 0;
    for (const startedMs = performance.now(); performance.now() - startedMs < 6_000; await sleep(100)) {
      const reads = [page, `${page}/availability`].flatMap((path) => [get(path), get(path, { token })]);
      for (const reply of await Promise.all(reads)) {
        expect(reply.status, JSON.stringify(reply)).toBe(200);
        expect(reply.tookMs).toBeLessThan(READ_WITHIN_MS);
        if (reply.headers["boxoffice-stale"] !== undefined) stale = Number(reply.headers["boxoffice-stale"]);
      }
    }
    expect(stale).toBeGreaterThanOrEqual(2);
    expect(stale).toBeLessThan(60);
    expect(held(await get(page))).toBe(held(before));
  });

  it("what was never read, what is asked of the log, and writes are 503 with Retry-After, and nothing hangs", async () => {
    refused(await atOnce);
    refused(await Promise.all([...askedOfTheLog(), ...written()]));
  });

  it("those who listen stay, and the process too", async () => {
    expect((await get("/health/live")).status).toBe(200);
    expect(await Promise.race([listening.ended, sleep(50, "listening")])).toBe("listening");
  });

  it("when it is back, all goes on by itself: writes, reads that are not old, and streams", async () => {
    await mendIt();
    const key = randomUUID();
    const made = await until(
      "a reservation",
      async () => {
        const reply = await reserve(client, sale, token, key);
        return reply.status === 201 ? reply : null;
      },
      BACK_WITHIN_MS,
    );
    const minPosition = String(made.headers["boxoffice-position"]);
    const read = await until(
      "its read",
      async () => {
        const reply = await client.call("GET", page, { minPosition });
        return reply.status === 200 ? reply : null;
      },
      BACK_WITHIN_MS,
    );
    expect(held(read)).toBeGreaterThan(held(before));
    const newest = await until(
      "a read that is not old",
      async () => {
        const reply = await client.call("GET", page);
        return reply.headers["boxoffice-stale"] === undefined ? reply : null;
      },
      BACK_WITHIN_MS,
    );
    expect(held(newest)).toBe(held(read));
    await listening.until(
      ({ data }) => (data.ticketTypes as { held: number }[] | undefined)?.[0]?.held === held(newest),
    );
    expect((await get(`/events/${unread.eventId}`)).status).toBe(200);
    unread = await openSale(client, 10); // so that the next outage finds one that was never read
  });
});
