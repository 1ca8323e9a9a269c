import type { Pool } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { consistentReads } from "../../src/projections/consistent-read.ts";
import type { Page } from "../../src/projections/cursor.ts";
import { type ReadSide, readSide } from "../../src/projections/database.ts";
import { eventDetailsQueries } from "../../src/projections/event-details/queries.ts";
import { historyQueries } from "../../src/projections/history/queries.ts";
import { prepareReadModels } from "../../src/projections/prepare.ts";
import { waitlistQueries } from "../../src/projections/waitlist/queries.ts";
import { type Database, freshDatabase } from "../support/postgres.ts";
import { onlyConnection, rowsReadBy } from "../support/rows-read.ts";
import { allPages, at } from "./asking.ts";

const ITEMS = 1_000;
const LIMIT = 20;
/** Whose lists are long: of ten rows one is hers. */
const ANN = "018f0000-0000-7000-8000-0000000000a1";
const EVENT = "018f0000-0000-7000-8000-0000000000e1";

const ROWS = `generate_series(1, ${10 * ITEMS}) n`;
const ID = "md5('id' || n)::uuid";
const OWNER = `case when n % 10 = 0 then '${ANN}' else md5((n % 999)::text)::uuid end`;
const TIME = "timestamptz '2026-01-01' + n * interval '1 second'";
const WRITE = [
  `insert into readmodels.events_g1
     select ${ID}, ${OWNER}, null, 'EUR', 'ACTIVE', 1, false, ${TIME}, ${TIME}, '{"saleStartsAt": "2026-01-01T00:00:00Z"}' from ${ROWS}`,
  `insert into readmodels.waitlist_g1
     select ${ID}, case when n % 10 = 5 then '${EVENT}' else ${ID} end, '${EVENT}', ${OWNER}, ${TIME}, 1, n, 'LEFT' from ${ROWS}`,
  `insert into readmodels.history_g1 (position, at, type, account_id, actor, data)
     select n, ${TIME}, 'CartOpened', ${OWNER}, '{}', '{}' from ${ROWS}`,
  "vacuum analyze", // as autovacuum does it
];

const progress = { projected: () => undefined, reached: async () => true, close: async () => undefined };
const now = at("2026-06-01T12:00:00.000Z");
let database: Database;
let pool: Pool;
let side: ReadSide;

beforeAll(async () => {
  database = await freshDatabase();
  pool = onlyConnection(database.url);
  await prepareReadModels(pool);
  for (const statement of WRITE) await pool.query(statement);
  side = readSide(pool, consistentReads({ progress, head: async () => null }));
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

type List = (page: { readonly cursor: string | null; readonly limit: number }) => Promise<Page<unknown>>;
const LISTS: readonly (readonly [what: string, view: string, list: List])[] = [
  ["an organizer's events", "events", (page) => eventDetailsQueries(side).listByOrganizer(ANN, page, now)],
  ["an account's places in waitlists", "waitlist", (page) => waitlistQueries(side).listByAccount(ANN, page, now)],
  ["an event's waitlist", "waitlist", (page) => waitlistQueries(side).listByEvent(EVENT, page, now)],
  ["an account's history", "history", (page) => historyQueries(side).ofAccount(ANN, page, now)],
];

it.each(LISTS)("a list of %s goes on where its last page ended, without reading the pages before", async (...the) => {
  const [, view, list] = the;
  const read = await rowsReadBy(pool, `readmodels.${view}_g1`, async () =>
    expect(await allPages((cursor) => list({ cursor, limit: LIMIT }))).toHaveLength(ITEMS),
  );
  // One more of each page tells that there is another.
  expect(read).toBeLessThanOrEqual(2 * (ITEMS + ITEMS / LIMIT));
});
