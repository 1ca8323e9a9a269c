import { getEventListeners } from "node:events";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EventStore, type Position, StoreUnavailable } from "../../src/eventstore/port.ts";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { until } from "../api/events-asking.ts";
import { type Database, freshDatabase } from "../support/postgres.ts";
import { newEvent, scanOf } from "./contract-support.ts";

/** Of 2 kB: some runs. */
const EVENTS = 8_000;

let database: Database;
let pool: pg.Pool;
let store: EventStore;
let upTo: Position;
beforeAll(async () => {
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 1 });
  pool.on("error", () => {}); // a connection that is still closing when its database is dropped
  store = await openPostgresEventStore({ connectionString: database.url });
  const data = JSON.stringify({ filler: "x".repeat(2_000) });
  for (let n = 0; n < EVENTS / 400; n += 1) {
    const events = Array.from({ length: 400 }, () => newEvent({ data }));
    upTo = (await store.append(`a-${n}`, events, "no-stream")).position;
  }
});
afterAll(async () => {
  await store?.close();
  await pool?.end();
  await database?.drop();
});

const SCANS = `from pg_stat_activity where datname = current_database() and query like '%to stdout%' and pid <> pg_backend_pid()`;
const scans = async () => (await pool.query<{ state: string }>(`select state ${SCANS}`)).rows;

/** That this process has open. */
const sockets = async () => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;

describe("a scan of the log in Postgres", () => {
  it("goes on over another connection where its own was ended while its consumer took a while", async () => {
    let count = 0;
    let ended = 0;
    for await (const page of store.scan({ ...scanOf("a-"), upTo })) {
      count += page.count;
      if (ended > 0) continue;
      await until(scans, (found) => found.every(({ state }) => state === "idle"));
      const before = await sockets();
      ended = (await pool.query(`select pg_terminate_backend(pid) ${SCANS}`)).rowCount ?? 0;
      await until(sockets, (open) => open < before);
    }
    expect([count, ended]).toEqual([EVENTS, 1]);
  });

  it("leaves nothing behind, however it ends", async () => {
    const { signal } = new AbortController();
    for (const most of [1, Number.POSITIVE_INFINITY]) {
      let pages = 0;
      for await (const page of store.scan({ ...scanOf("a-"), upTo, signal })) {
        expect(page.count).toBeGreaterThan(0);
        if (++pages === most) break;
      }
    }
    expect(getEventListeners(signal, "abort")).toEqual([]);
    const closed = await openPostgresEventStore({ connectionString: database.url });
    const rest = closed.scan({ ...scanOf("a-"), upTo })[Symbol.asyncIterator]();
    await rest.next();
    await closed.close();
    await expect(rest.next().then(() => rest.next())).rejects.toThrow(StoreUnavailable);
    await until(scans, (found) => found.length === 0);
  });
});
