import pg from "pg";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type OnStop, openFoundation } from "../../src/node/foundation.ts";
import { type Database, freshDatabase } from "../support/postgres.ts";

/** Who makes tables when its turn comes: commands, read models, processes, audit, waiting rooms, accounts, notices. */
const TURNS = [727_001, 727_002, 727_004, 727_005, 727_006, 727_007, 4_217_001];

let database: Database;
let other: pg.Client;
const closing: Parameters<OnStop>[0][] = [];
beforeEach(async () => {
  database = await freshDatabase();
  other = new pg.Client({ connectionString: database.url });
  await other.connect();
});
afterEach(async () => {
  await other.end();
  for (const close of closing.splice(0).reverse()) await close();
  await database.drop();
});

/** The name under which somebody waits for a lock that `other` holds. */
async function waiting(): Promise<string | undefined> {
  const { rows } = await other.query<{ name: string }>(
    `select application_name as name from pg_stat_activity join pg_locks using (pid)
      where locktype = 'advisory' and not granted and datname = current_database()`,
  );
  return rows[0]?.name;
}

it("a start waits for whoever makes tables just now on a connection that may take its time, whichever tables they are", async () => {
  await other.query("select pg_advisory_lock(key) from unnest($1::bigint[]) key", [TURNS]);
  const { url } = database;
  const opening = openFoundation(
    { databaseUrl: url, databaseReadUrl: url, eventStoreUrl: null },
    pino({ level: "silent" }),
    (close) => closing.push(close),
  );
  const waitedAs = new Map<number, string | undefined>();
  for (let left = TURNS; left.length > 0; ) {
    await expect.poll(waiting).toBeDefined();
    const { rows } = await other.query<{ key: number }>(
      "select objid::int as key from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())",
    );
    const key = rows[0]?.key ?? 0;
    waitedAs.set(key, await waiting());
    await other.query("select pg_advisory_unlock($1)", [key]);
    left = left.filter((one) => one !== key);
  }
  await opening;
  expect(waitedAs).toEqual(new Map(TURNS.map((key) => [key, "boxoffice-preparing"])));
});
