import type { Pool } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { prepareWaitingRooms } from "../../src/waiting-room/prepare.ts";
import { tidyWaitingRooms } from "../../src/waiting-room/tidying.ts";
import { type Database, freshDatabase } from "../support/postgres.ts";
import { onlyConnection, rowsReadBy } from "../support/rows-read.ts";

const DAY_MS = 24 * 3_600_000;
const NOW_MS = Date.parse("2026-06-01T12:00:00.000Z");
const ADMISSIONS = 100_000;

let database: Database;
let pool: Pool;

/** Those of the last 31 days, at an even pace, in the order in which they were claimed. */
const WRITE = `
  insert into processes.waiting_room_admissions
  select md5('event' || n % 7)::uuid, md5('account' || n)::uuid, 'id' || n, md5('event' || n % 7)::uuid,
    ${NOW_MS} - (${ADMISSIONS} - n) * ${(31 * DAY_MS) / ADMISSIONS}::float8, ${NOW_MS}, true
  from generate_series(1, ${ADMISSIONS}) n`;

beforeAll(async () => {
  database = await freshDatabase();
  pool = onlyConnection(database.url);
  await prepareWaitingRooms(pool);
  await pool.query(WRITE);
  await pool.query("vacuum analyze"); // as autovacuum does it
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

it("lets go of admissions that were used more than 30 days ago, without looking at all others each time", async () => {
  const isOld = `claimed_at_ms < ${NOW_MS - 30 * DAY_MS}`;
  const count = async (where: string): Promise<number> => {
    const { rows } = await pool.query(
      `select count(*)::int as n from processes.waiting_room_admissions where ${where}`,
    );
    return rows[0].n;
  };
  const kept = await count(`not ${isOld}`);
  await tidyWaitingRooms(pool, NOW_MS);
  expect([await count(isOld), await count(`not ${isOld}`)]).toEqual([0, kept]);

  const read = await rowsReadBy(pool, "processes.waiting_room_admissions", () => tidyWaitingRooms(pool, NOW_MS));
  expect(read).toBeLessThan(ADMISSIONS / 5);
});
