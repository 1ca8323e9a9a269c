import type { Pool } from "pg";
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createAccountTables } from "../../src/accounts/tables.ts";
import { prepareAudit } from "../../src/audit/prepare.ts";
import { backlogMetrics } from "../../src/metrics/backlog.ts";
import { prepareNotices } from "../../src/notices/table.ts";
import { prepareProcesses } from "../../src/processes/prepare.ts";
import { bookingQueries } from "../../src/projections/bookings/queries.ts";
import { soldQueries } from "../../src/projections/bookings/sold.ts";
import type { ConsistentReads } from "../../src/projections/consistent-read.ts";
import { prepareReadModels } from "../../src/projections/prepare.ts";
import { type Database, freshDatabase } from "../support/postgres.ts";
import { onlyConnection, rowsReadBy } from "../support/rows-read.ts";
import { allPages } from "./asking.ts";

const EVENTS = 40;
/** Of each event. */
const BOOKINGS = 1_000;
const EVENT = "00000000-0000-4000-8000-000000000001";
/** One more, with so many: several portions. */
const LARGE_EVENT = "00000000-0000-4000-8000-0000000000ff";
const LARGE = 9_000;
const OUTSTANDING = 10;
/** More than enough for a connection to keep a plan. */
const TIMES = 12;
const LIMIT = 20;

/** In each event the last three bookings are cancelled; all bookings have a refund, and ten of them are not made yet. */
const WRITE = `
  insert into readmodels.bookings_g1 (booking_id, account_id, created_at, expires_at, total, currency, status,
    payment_status, tickets, cancelled_tickets)
  select md5(n::text)::uuid, md5('account' || n)::uuid, timestamptz '2026-01-01' + n * interval '1 second', now(), 4500, 'EUR',
    case when n <= ${3 * EVENTS} then 'CANCELLED' else 'PAID' end, 'SUCCEEDED', 1, 0
  from generate_series(1, ${EVENTS * BOOKINGS + LARGE}) n;
  insert into readmodels.booking_lines_g1 (booking_id, ordinal, event_id, ticket_type_id, reservation_id, created_at,
    unit_price, quantity, currency)
  select booking_id, 0, case when number > ${EVENTS * BOOKINGS} then '${LARGE_EVENT}'
      else ('00000000-0000-4000-8000-' || lpad((1 + number % ${EVENTS})::text, 12, '0'))::uuid end,
    booking_id, booking_id, created_at, total, 1, currency
  from (select *, row_number() over (order by created_at) as number from readmodels.bookings_g1) b;
  insert into readmodels.refunds_g1
  select booking_id, booking_id, total, currency, created_at,
    case when row_number() over (order by created_at desc) > ${OUTSTANDING} then now() end from readmodels.bookings_g1`;

let database: Database;
let pool: Pool;

/** These read models are as far as anybody wants. */
const reads: ConsistentReads = {
  read: async (_models, _minPosition, query) => (await query()).value,
  find: async (_models, _minPosition, query) => (await query()).value,
};
const at = { minPosition: null };
const SILENT = { info() {}, warn() {}, error() {} };

beforeAll(async () => {
  database = await freshDatabase();
  // As of the server that Boxoffice brings along: with 4, which was right for disks that turn, some is sorted anew for each page.
  pool = onlyConnection(database.url, "-c random_page_cost=1.1");
  await createAccountTables(pool);
  await prepareReadModels(pool);
  await pool.query(WRITE);
  await pool.query("vacuum analyze"); // as autovacuum does it
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

const rowsRead = (view: string, work: () => Promise<unknown>) => rowsReadBy(pool, `readmodels.${view}_g1`, work);

async function repeated(work: () => Promise<unknown>): Promise<void> {
  for (let time = 0; time < TIMES; time += 1) await work();
}

it("finds refunds that are outstanding without reading all that were ever made", async () => {
  const { outstandingRefunds } = bookingQueries({ pool, reads });
  const read = await rowsRead("refunds", () =>
    repeated(async () => expect(await outstandingRefunds(Date.now(), 1_000)).toHaveLength(OUTSTANDING)),
  );
  expect(read).toBeLessThanOrEqual(2 * TIMES * OUTSTANDING);
});

it("counts them for who watches without that, too", async () => {
  const register = new Registry();
  await prepareProcesses(pool);
  await prepareAudit(pool);
  await prepareNotices(pool, { head: async () => null });
  backlogMetrics(register, { pool, head: async () => null, clock: { nowMs: Date.now }, log: SILENT });
  const read = await rowsRead("refunds", async () =>
    expect(await register.getSingleMetricAsString("boxoffice_refunds_outstanding")).toContain(` ${OUTSTANDING}`),
  );
  expect(read).toBeLessThanOrEqual(2 * OUTSTANDING);
});

it.each([
  ["of a status that few have", "CANCELLED", 3],
  ["of a status that none has", "DECLINED", 0],
] as const)(
  "lists what was sold of an event, %s, without reading the bookings of others",
  async (_what, status, found) => {
    const sold = soldQueries({ pool, reads });
    const bookings = bookingQueries({ pool, reads });
    const page = { cursor: null, limit: LIMIT, status };
    for (const list of [
      async () => sold.list(EVENT, { ...page, wanted: null }, at),
      async () => bookings.listByEvent(EVENT, { ...page, of: null }, at),
    ]) {
      const read = await rowsRead("bookings", () =>
        repeated(async () => expect((await list()).items).toHaveLength(found)),
      );
      expect(read).toBeLessThanOrEqual(TIMES * BOOKINGS);
    }
  },
);

it("goes on with a list where its last page ended, without reading the pages before", async () => {
  const sold = soldQueries({ pool, reads });
  const bookings = bookingQueries({ pool, reads });
  const page = { limit: LIMIT, status: null };
  for (const list of [
    (cursor: string | null) => sold.list(EVENT, { ...page, cursor, wanted: null }, at),
    (cursor: string | null) => bookings.listByEvent(EVENT, { ...page, cursor, of: null }, at),
    (cursor: string | null) => bookings.idsOfEvent(EVENT, { ...page, cursor }, null),
  ]) {
    const read = await rowsRead("booking_lines", async () =>
      expect(await allPages<unknown>(list)).toHaveLength(BOOKINGS),
    );
    // Each of them once to be found and once to be shown, and one more of each page.
    expect(read).toBeLessThanOrEqual(2 * (BOOKINGS + BOOKINGS / LIMIT));
  }
});

it("goes through all lines of a large event's bookings once, and through no others", async () => {
  const { lines } = soldQueries({ pool, reads });
  const all = async () => {
    let count = 0;
    for await (const _ of lines(LARGE_EVENT, at)) count += 1;
    expect(count).toBe(LARGE);
  };
  // The second time by the plan that the connection has kept by then.
  for (const work of [all, all]) {
    expect(await rowsRead("bookings", work)).toBeLessThanOrEqual(1.1 * LARGE);
    expect(await rowsRead("booking_lines", work)).toBeLessThanOrEqual(1.1 * LARGE);
  }
});
