import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Position } from "../../../src/eventstore/port.ts";
import { followChanges, type ToldChangeFeed } from "../../../src/projections/hot-reads/change-feed.ts";
import { type Change, tellChange, tellRebuilt } from "../../../src/projections/hot-reads/changes.ts";
import { READ_MODELS } from "../../../src/projections/read-models.ts";
import { rebuildProjections } from "../../../src/projections/rebuild.ts";
import { MemoryEventStore } from "../../support/memory-event-store.ts";
import { openTcpProxy, type TcpProxy } from "../../support/tcp-proxy.ts";
import { project, readModelDatabase, record, silent } from "../given.ts";
import { created, EVENT, opened, recordedBy, reserved } from "../recorded.ts";

type Heard = { readonly events: readonly string[] | null; readonly upTo: Position } | "rebuilt";

let database: Awaited<ReturnType<typeof readModelDatabase>>;
let proxy: TcpProxy;
let pool: pg.Pool;
let feed: ToldChangeFeed;
let heard: Heard[];

beforeEach(async () => {
  database = await readModelDatabase();
  const url = new URL(database.url);
  proxy = await openTcpProxy({ host: url.hostname, port: Number(url.port) });
  url.port = String(proxy.port);
  pool = new pg.Pool({ connectionString: url.href, max: 2, connectionTimeoutMillis: 500 });
  pool.on("error", () => undefined);
  feed = followChanges({ pool, log: silent });
  heard = [];
  feed.follow({
    changed: (events, upTo) => void heard.push({ events, upTo }),
    rebuilt: () => void heard.push("rebuilt"),
  });
  await until(() => feed.hears);
});
afterEach(async () => {
  await feed.close();
  await pool.end();
  await proxy.close();
  await database[Symbol.asyncDispose]();
});

async function until(holds: () => boolean): Promise<void> {
  for (const startedMs = performance.now(); !holds(); await sleep(5)) {
    if (performance.now() - startedMs > 15_000) throw new Error(`it does not come about: ${String(holds)}`);
  }
}

const tell = async (change: Change): Promise<void> => {
  const client = await database.pool.connect();
  await tellChange(client, change);
  client.release();
};

it("hears which events each projected batch has touched, when it is committed", async () => {
  const recorder = recordedBy();
  const first = recorder(opened(), created());
  await project(database.pool, first);
  const last = first.at(-1)?.position as Position;
  await until(() => heard.length === 2);
  const second = recorder(reserved(1));
  await project(database.pool, second);
  await until(() => heard.length === 3);
  expect(heard).toEqual([
    { events: null, upTo: 0n }, // at first anything may have changed
    { events: [EVENT], upTo: last },
    { events: [EVENT], upTo: second[0]?.position },
  ]);
  expect(feed.upTo).toBe(second[0]?.position);
});

it("hears of a batch that touches nothing how far the tables have come", async () => {
  await tell({ after: 0n, upTo: 5n, events: [] });
  await until(() => feed.upTo === 5n);
  expect(heard.at(-1)).toEqual({ events: [], upTo: 5n });
});

it("takes what its own process tells ahead of the notification, and each change once", async () => {
  feed.told({ after: null, upTo: 3n, events: [EVENT] });
  await tell({ after: null, upTo: 3n, events: [EVENT] });
  await tell({ after: 3n, upTo: 4n, events: [] });
  await until(() => feed.upTo === 4n);
  expect(heard.slice(1)).toEqual([
    { events: [EVENT], upTo: 3n },
    { events: [], upTo: 4n },
  ]);
});

it("says that many may have changed where one is missing, and where there are too many to name", async () => {
  await tell({ after: 0n, upTo: 5n, events: [EVENT] });
  await tell({ after: 7n, upTo: 9n, events: [EVENT] });
  const many = Array.from({ length: 500 }, () => crypto.randomUUID());
  await tell({ after: 9n, upTo: 10n, events: many });
  await tell({ after: 10n, upTo: 11n, events: many.slice(0, 190) });
  await until(() => feed.upTo === 11n);
  expect(heard.slice(1)).toEqual([
    { events: [EVENT], upTo: 5n },
    { events: null, upTo: 9n },
    { events: null, upTo: 10n },
    { events: many.slice(0, 190), upTo: 11n },
  ]);
});

it("knows when it does not hear, and that many may have changed when it hears again", async () => {
  await proxy.close();
  await until(() => !feed.hears);
  const lostAtMs = feed.heardUntilMs();
  expect(performance.now() - lostAtMs).toBeLessThan(10_000);
  const events = recordedBy()(opened(), created());
  await project(database.pool, events);
  await proxy.open();
  await until(() => feed.hears);
  expect(heard.at(-1)).toEqual({ events: null, upTo: events.at(-1)?.position });
  expect(feed.heardUntilMs()).toBeGreaterThan(lostAtMs);
});

it("notices a connection that is silent, by the answers that don't come", async () => {
  proxy.stall();
  await until(() => !feed.hears);
  proxy.resume();
  await until(() => feed.hears);
});

it("hears of tables that were made anew", async () => {
  const client = await database.pool.connect();
  await tellRebuilt(client);
  client.release();
  await until(() => heard.at(-1) === "rebuilt");
  const store = new MemoryEventStore();
  await record(store, opened(), created());
  const projection = READ_MODELS.find(({ name }) => name === "event-details");
  if (projection === undefined) throw new Error("no such projection");
  heard.length = 0;
  await rebuildProjections({ pool: database.pool, store, projections: [projection] });
  await until(() => heard.includes("rebuilt"));
});
