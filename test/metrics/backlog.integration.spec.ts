import type { Pool } from "pg";
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { prepareAudit } from "../../src/audit/prepare.ts";
import { backlogMetrics } from "../../src/metrics/backlog.ts";
import { prepareNotices } from "../../src/notices/table.ts";
import { prepareProcesses } from "../../src/processes/prepare.ts";
import { prepareReadModels } from "../../src/projections/prepare.ts";
import { type Database, freshDatabase } from "../support/postgres.ts";
import { onlyConnection, rowsReadBy } from "../support/rows-read.ts";

const NOW = "2026-06-01T12:00:00.000Z";
/** As after an outage of some hours. */
const DUE = 40_000;
const MOST_COUNTED = 10_000;
const SILENT = { info() {}, warn() {}, error() {} };

/** One a second of carts and bookings in turns: half of them are due. */
const WRITE = `
  insert into readmodels.timers_g1 (due_at, stream, position)
  select timestamptz '${NOW}' + n * interval '1 second', (array['cart-', 'booking-'])[1 + abs(n) % 2] || md5(n::text), abs(n)
  from generate_series(${1 - DUE}, ${DUE}) n`;

let database: Database;
let pool: Pool;

beforeAll(async () => {
  database = await freshDatabase();
  pool = onlyConnection(database.url);
  await prepareReadModels(pool);
  await prepareProcesses(pool);
  await prepareAudit(pool);
  await prepareNotices(pool, { head: async () => null });
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function figures(): Promise<{ due: number; oldestSeconds: number }> {
  const register = new Registry();
  backlogMetrics(register, { pool, head: async () => null, clock: { nowMs: () => Date.parse(NOW) }, log: SILENT });
  const all = await register.getMetricsAsJSON();
  const value = (name: string) => Number(all.find((metric) => metric.name === name)?.values[0]?.value);
  return { due: value("boxoffice_timers_due"), oldestSeconds: value("boxoffice_timers_oldest_due_seconds") };
}

it("tells that no timer waits", async () => {
  await pool.query(`insert into readmodels.timers_g1 values (timestamptz '${NOW}' + interval '1 minute', 'cart-1', 1)`);
  expect(await figures()).toEqual({ due: 0, oldestSeconds: 0 });
});

it("tells how many wait, and how long the oldest has, without going through them all", async () => {
  await pool.query(WRITE);
  await pool.query("vacuum analyze"); // as autovacuum does it
  const read = await rowsReadBy(pool, "readmodels.timers_g1", async () =>
    expect(await figures()).toEqual({ due: MOST_COUNTED, oldestSeconds: DUE - 1 }),
  );
  expect(read).toBeLessThanOrEqual(MOST_COUNTED + 10);
});
