import type { Pool } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { analyticsQueries, type Scope } from "../../../src/projections/analytics/queries.ts";
import { consistentReads } from "../../../src/projections/consistent-read.ts";
import { prepareReadModels } from "../../../src/projections/prepare.ts";
import { type Database, freshDatabase } from "../../support/postgres.ts";
import { onlyConnection, rowsReadBy } from "../../support/rows-read.ts";

const ORGANIZERS = 100;
/** Of each organizer; each has sold something in each of so many hours. */
const EVENTS = 10;
const HOURS = 30;
/** On so many days of the year before, too. */
const EARLIER = 100;

const ANN = "00000000-0000-4000-8000-000000000001";
const ID = (n: string) => `('00000000-0000-4000-8000-' || lpad((${n})::text, 12, '0'))::uuid`;
const WRITE = [
  `insert into readmodels.analytics_stock_g1 (event_id, ticket_type_id, organizer_id, total)
     select ${ID("n")}, ${ID("n")}, ${ID(`n % ${ORGANIZERS}`)}, 10 from generate_series(1, ${ORGANIZERS * EVENTS}) n`,
  `insert into readmodels.analytics_money_g1 (event_id, ticket_type_id, slot, currency, tickets_sold, gross)
     select event_id, event_id, timestamptz '2026-03-01T00:00:00Z' + hour * interval '1 hour', 'EUR', 2, 9000
     from readmodels.analytics_stock_g1, generate_series(1, ${HOURS}) hour`,
  `insert into readmodels.analytics_money_g1 (event_id, ticket_type_id, slot, currency, tickets_sold, gross)
     select event_id, event_id, timestamptz '2025-01-01T00:00:00Z' + day * interval '1 day', 'EUR', 1, 4500
     from readmodels.analytics_stock_g1, generate_series(1, ${EARLIER}) day`,
  "vacuum analyze", // as autovacuum does it
];

const progress = { projected: () => undefined, reached: async () => true, close: async () => undefined };
let database: Database;
let pool: Pool;

beforeAll(async () => {
  database = await freshDatabase();
  pool = onlyConnection(database.url);
  await prepareReadModels(pool);
  for (const statement of WRITE) await pool.query(statement);
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

it.each<[what: string, scope: Scope, events: number]>([
  ["an organizer", { eventId: null, organizerId: ANN }, EVENTS],
  ["an event", { eventId: ANN, organizerId: null }, 1],
  ["an event of an organizer", { eventId: ANN, organizerId: ANN }, 1],
  ["all", { eventId: null, organizerId: null }, ORGANIZERS * EVENTS],
])(
  "sums up the sales of %s in a span without reading those of others, or earlier ones",
  async (_what, scope, events) => {
    const { sales } = analyticsQueries({ pool, reads: consistentReads({ progress, head: async () => null }) });
    const span = { from: "2026-03-01T00:00:00Z", to: "2026-03-03T00:00:00Z" };
    const read = await rowsReadBy(pool, "readmodels.analytics_money_g1", async () => {
      const found = await sales(scope, { bucket: "hour", timeZone: "UTC" }, span, { minPosition: null });
      expect(found).toHaveLength(HOURS);
      expect(found[0]?.tickets).toBe(2 * events);
    });
    // From a few days around: a bucket's bounds depend on the time zone.
    expect(read).toBeLessThanOrEqual(2 * events * HOURS);
  },
);
