import pg from "pg";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { type Database, freshDatabase } from "../support/postgres.ts";

const STREAMS = 20_000;
const EVENTS = 3 * STREAMS;
const WRITE = `
  insert into eventstore.streams select n, 'booking-' || n from generate_series(1, ${STREAMS}) n;
  insert into eventstore.events
  select n, (n - 1) % ${STREAMS} + 1, (n - 1) / ${STREAMS}, gen_random_uuid(), 'Happened', '{}', '{}', false
    from generate_series(1, ${EVENTS}) n;
  analyze eventstore.streams, eventstore.events`;

let database: Database;
let pool: pg.Pool;

beforeAll(async () => {
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

it("follows a log that Postgres knows well without reading the names of all streams for a batch", async () => {
  const store = await openPostgresEventStore({ connectionString: database.url });
  await pool.query(WRITE);
  const done = new AbortController();
  let events = 0;
  const options = { after: null, streamPrefixes: ["booking-"], maxBatch: 500, signal: done.signal };
  for await (const batch of store.subscribe(options)) {
    events += batch.events.length;
    if (events === EVENTS) done.abort();
  }
  await store.close();

  const reads = await vi.waitFor(async () => {
    const { rows } = await pool.query<{ all: number; one: number }>(
      `select seq_tup_read::int as all, idx_tup_fetch::int as one from pg_stat_user_tables
        where schemaname = 'eventstore' and relname = 'streams'`,
    );
    expect(rows[0]?.one).toBeGreaterThanOrEqual(STREAMS);
    return rows[0];
  }, 10_000);
  // Analyzing reads all of them, and so may the store once when it is opened.
  expect(reads?.all).toBeLessThanOrEqual(2 * STREAMS);
});
