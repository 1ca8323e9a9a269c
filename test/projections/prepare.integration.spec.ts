import pg from "pg";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { prepareReadModels } from "../../src/projections/prepare.ts";
import { SCHEMA } from "../../src/projections/projection.ts";
import { READ_MODELS } from "../../src/projections/read-models.ts";
import { advance, lockStandings, readStandings } from "../../src/projections/registry.ts";
import { freshDatabase } from "../support/postgres.ts";

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: pg.Pool;
let projecting: pg.Client;
beforeEach(async () => {
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 1, query_timeout: 10_000, application_name: "starting" });
  pool.on("error", () => undefined); // a connection that is still closing when its database is dropped
  projecting = new pg.Client({ connectionString: database.url });
  await projecting.connect();
});
afterEach(async () => {
  await projecting.end();
  await pool.end();
  await database.drop();
});

const isWaiting = async () => {
  const found = await projecting.query(
    "select from pg_stat_activity where application_name = 'starting' and wait_event_type = 'Lock' and datname = current_database()",
  );
  return found.rowCount === 1;
};
const names = READ_MODELS.map(({ name }) => name);

it("a start does not get into the way of who projects, who waits for nobody who starts, and no deadlock comes of it", async () => {
  await prepareReadModels(pool);
  await projecting.query("begin");
  await lockStandings(projecting, names); // as in every batch

  await prepareReadModels(pool);

  await advance(projecting, names, 7n);
  await projecting.query("commit");
  const standings = await readStandings(pool);
  expect(standings.map(({ checkpoint }) => checkpoint)).toEqual(names.map(() => 7n));
});

it("what is missing is made while somebody projects the rest, in the order in which he locks", async () => {
  await prepareReadModels(pool);
  await projecting.query(`update ${SCHEMA}.projections set checkpoint = 7`);
  await projecting.query(`drop view ${SCHEMA}.waitlist cascade`);
  await projecting.query("begin");
  await projecting.query(`select from ${SCHEMA}.projections where name = $1 for no key update`, [names.toSorted()[0]]);

  const prepared = prepareReadModels(pool);
  await vi.waitUntil(isWaiting, { timeout: 10_000 });
  await lockStandings(projecting, names);
  await projecting.query("commit");
  await prepared;

  const standings = await readStandings(pool);
  const begun = standings.filter(({ checkpoint }) => checkpoint === null).map(({ name }) => name);
  expect(begun).toEqual(["waitlist"]);
});
