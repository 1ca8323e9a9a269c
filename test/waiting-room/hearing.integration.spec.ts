import type { Pool } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { prepareReadModels } from "../../src/projections/prepare.ts";
import { prepareWaitingRooms } from "../../src/waiting-room/prepare.ts";
import { arrivalsSince, callsSince } from "../../src/waiting-room/shared-counts.ts";
import { type Database, freshDatabase } from "../support/postgres.ts";
import { onlyConnection, rowsReadBy } from "../support/rows-read.ts";

const ROOMS = 3;
const CLASSES = 3;
const SECONDS = 2_400;
/** As often as a node asks in three seconds: more than enough for a connection to keep a plan. */
const TIMES = 12;

const eventIdOf = (room: number) => `00000000-0000-4000-8000-${String(room).padStart(12, "0")}`;
const WRITE = ["waiting_room_arrivals", "waiting_room_calls"].map(
  (table) => `
    insert into processes.${table}
    select ('00000000-0000-4000-8000-' || lpad(room::text, 12, '0'))::uuid, 1, class, second, 3
           ${table === "waiting_room_calls" ? ", 3" : ""}
      from generate_series(1, ${SECONDS}) second, generate_series(1, ${ROOMS}) room, generate_series(0, ${CLASSES - 1}) class;
    analyze processes.${table};`,
);

let database: Database;
let pool: Pool;

beforeAll(async () => {
  database = await freshDatabase();
  pool = onlyConnection(database.url);
  await prepareReadModels(pool);
  await prepareWaitingRooms(pool);
  for (const statements of WRITE) await pool.query(statements);
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

it.each([1, ROOMS])("hears of what is new in %i rooms without reading what it has heard", async (open) => {
  const since = Array.from({ length: open }, (_, room) => ({
    eventId: eventIdOf(room + 1),
    round: 1,
    fromSecond: SECONDS,
    afterMs: SECONDS - 1,
  }));
  for (const [table, ask] of [
    ["processes.waiting_room_arrivals", arrivalsSince],
    ["processes.waiting_room_calls", callsSince],
  ] as const) {
    const read = await rowsReadBy(pool, table, async () => {
      for (let time = 0; time < TIMES; time += 1) expect(await ask(pool, since)).toHaveLength(open * CLASSES);
    });
    expect(read, table).toBeLessThanOrEqual(TIMES * open * CLASSES);
  }
});
