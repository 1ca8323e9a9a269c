import { setImmediate as otherWork } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LogLines, type LogPart, logLines } from "../../src/audit/export/log-lines.ts";
import { logLinesInThread } from "../../src/audit/export/log-lines-in-thread.ts";
import { type EventStore, StoreUnavailable } from "../../src/eventstore/port.ts";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { until } from "../api/events-asking.ts";
import { plant } from "../support/planted-log.ts";
import { type Database, freshDatabase } from "../support/postgres.ts";
import { chained, opened, reserved } from "./verification/sold-log.ts";

const EVENTS = 9_000;

let database: Database;
let pool: pg.Pool;
let store: EventStore;
beforeAll(async () => {
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 1 });
  pool.on("error", () => {}); // a connection that is still closing when its database is dropped
  store = await openPostgresEventStore({ connectionString: database.url });
  const many = [opened("inventory-e1.many", EVENTS)];
  for (let n = 1; n < EVENTS; n += 1) many.push(reserved(n / 10, `r${n}`, `a${n}`, 1, {}, "inventory-e1.many"));
  await plant(pool, chained(many));
});
afterAll(async () => {
  await store?.close();
  await pool?.end();
  await database?.drop();
});

const part = (more: Partial<LogPart> = {}): LogPart => ({
  ...{ after: null, from: 0n, to: BigInt(EVENTS), type: null, upcast: false },
  ...more,
});
const inThread = () => logLinesInThread({ databaseUrl: database.url, eventStoreUrl: null });

async function textOf(lines: LogLines, of: LogPart): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of lines(of)) {
    pieces.push(Buffer.from(piece as Uint8Array));
    await otherWork(); // who reads is slower than who writes
  }
  return Buffer.concat(pieces).toString();
}

const connections = async (): Promise<number> => {
  const sql = "select count(*)::int as count from pg_stat_activity where datname = current_database()";
  return (await pool.query<{ count: number }>(sql)).rows[0]?.count ?? 0;
};

describe("lines that a thread makes", () => {
  it.each([
    ["of the whole log", part()],
    ["of a span", part({ after: 2_500n, from: 2_501n, to: 7_000n })],
    ["of a type", part({ type: "InventoryOpened" })],
  ])("are those that this one would make: %s", async (_, of) => {
    const lines = await textOf(inThread(), of);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines === (await textOf(logLines(store), of))).toBe(true);
  });

  it("end with who reads them, and their connection too", async () => {
    const before = await connections();
    const pieces = inThread()(part());
    expect((await pieces.next()).done).toBe(false);
    expect(await connections()).toBeGreaterThan(before);
    await pieces.return();
    expect(await until(connections, (count) => count === before)).toBe(before);
  });

  it("say that the store is away where it is", async () => {
    const away = logLinesInThread({ databaseUrl: "postgres://postgres@127.0.0.1:1/none", eventStoreUrl: null });
    await expect(away(part()).next()).rejects.toThrow(StoreUnavailable);
  });
});
