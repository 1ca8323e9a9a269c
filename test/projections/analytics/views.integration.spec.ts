import { readFileSync } from "node:fs";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ANALYST_VIEWS } from "../../../src/projections/analytics/views-of-analysts.ts";
import { prepareReadModels } from "../../../src/projections/prepare.ts";
import { READ_MODELS } from "../../../src/projections/read-models.ts";
import { rebuildOutdated, rebuildProjections } from "../../../src/projections/rebuild.ts";
import { MemoryEventStore } from "../../support/memory-event-store.ts";
import { project, readModelDatabase, silent } from "../given.ts";
import { ANN, created, EVENT, expired, opened, recordedBy, reserved } from "../recorded.ts";
import {
  bookingConfirmed,
  bookingOpened,
  captured,
  claimed,
  confirmed,
  declined,
  joined,
  leftWaitlist,
  line,
  refunded,
  ticketsCancelled,
} from "../recorded-purchases.ts";

const guide = readFileSync(new URL("../../../docs/analytics-guide.md", import.meta.url), "utf8");
const queries = [...guide.matchAll(/^### (?<question>.+)\n\n```sql\n(?<sql>[\s\S]+?)```/gm)].map(
  ({ groups }) => groups,
);

let database: Awaited<ReturnType<typeof readModelDatabase>>;
let pool: pg.Pool;
beforeAll(async () => {
  database = await readModelDatabase();
  pool = database.pool;
  const events = recordedBy()(
    opened({ capacity: 2 }),
    created(),
    reserved(1, { quantity: 2, admissionId: "an admission" }),
    claimed(1, 1, { quantity: 2 }),
    ...bookingOpened(1, [line(1, { quantity: 2 })]),
    confirmed(1, 1, { quantity: 2 }),
    bookingConfirmed(1),
    captured(1),
    joined(7),
    leftWaitlist(7),
    ticketsCancelled(1, 1_001, [{ reservationId: line(1).reservationId, ordinals: [1] }], 4_500),
    ticketsCancelled(1, 1_002, [{ reservationId: line(1).reservationId, ordinals: [0] }], 1_000),
    refunded(1, 1_001),
    reserved(2),
    ...bookingOpened(2, [line(2)]),
    declined(2),
    expired([2]),
  );
  await project(pool, events);
});
afterAll(() => database?.[Symbol.asyncDispose]());

const relations = async () =>
  (
    await pool.query<{ name: string; about: string | null; columns: Record<string, string | null> }>(
      `select c.relname as name, obj_description(c.oid) as about, json_object_agg(a.attname, col_description(c.oid, a.attnum)) as columns
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
       where c.relnamespace = to_regnamespace('analytics') group by c.oid, c.relname order by 1`,
    )
  ).rows;

describe("schema analytics", () => {
  it("has a comment on each view and column", async () => {
    const found = await relations();
    expect(found.map(({ name }) => name)).toEqual(ANALYST_VIEWS.map(({ name }) => name).toSorted());
    for (const { name, about, columns } of found) {
      expect(about, name).toMatch(/^[A-Z].{20,}\.$/);
      for (const [column, comment] of Object.entries(columns)) expect(comment, `${name}.${column}`).toMatch(/^.{4,}/);
    }
  });

  it("is described in the guide, view by view", () => {
    const section = guide.slice(guide.indexOf("## What there is"), guide.indexOf("## Ready queries"));
    const named = new Set([...section.matchAll(/`([a-z_]+)`/g)].map(([, name]) => name));
    for (const { name } of ANALYST_VIEWS) expect(named, name).toContain(name);
  });

  it("says nowhere who bought", async () => {
    for (const { name, columns } of await relations()) {
      expect(
        Object.keys(columns).filter((column) => /account|buyer|email/.test(column)),
        name,
      ).toEqual([]);
      const { rows } = await pool.query(`select count(*)::int as rows from analytics.${name} v where v::text like $1`, [
        `%${ANN}%`,
      ]);
      expect([name, rows]).toEqual([name, [{ rows: 0 }]]);
    }
  });

  it("adds up what was recorded", async () => {
    const one = async (text: string) => (await pool.query(text)).rows[0];
    expect(await one("select gross, refunds, net, refunds_pending from analytics.revenue")).toEqual({
      gross: "9000",
      refunds: "4500",
      net: "4500",
      refunds_pending: "1000",
    });
    expect(await one("select name, city, starts_at from analytics.events")).toMatchObject({
      name: "Winter Songs",
      city: "Leipzig",
    });
    expect(await one("select seconds_to_book_out from analytics.sell_out")).toEqual({ seconds_to_book_out: "0" });
    expect(await one("select tickets_unmet from analytics.unmet_demand")).toEqual({ tickets_unmet: "1" });
    expect(await one("select tickets_declined, tickets_expired from analytics.funnel")).toEqual({
      tickets_declined: "1",
      tickets_expired: "1",
    });
    expect(await one("select tickets from analytics.admissions")).toEqual({ tickets: 2 });
  });
});

describe("ready queries of the guide", () => {
  it("there are a dozen", () => expect(queries.length).toBeGreaterThanOrEqual(12));

  it.each(queries.map((one) => [one?.question as string, one?.sql as string]))("%s", async (_, sql) => {
    const { rows, fields } = await pool.query(sql);
    expect(fields.length).toBeGreaterThan(1);
    expect(rows.length).toBeGreaterThan(0);
    if (sql.includes("event_id =")) expect(sql).toContain(EVENT);
  });
});

describe("schema analytics, whose views were dropped with others", () => {
  it("comes back when what it is made of is of a new version or was lost, and is left alone otherwise", async () => {
    const oids = async () =>
      (await pool.query("select oid from pg_class where relnamespace = to_regnamespace('analytics') order by 1")).rows;
    const before = await oids();
    await prepareReadModels(pool);
    const projection = READ_MODELS.find(({ name }) => name === "reservations") as (typeof READ_MODELS)[number];
    const store = new MemoryEventStore(); // with nothing to take over from it
    await pool.query("update readmodels.projections set checkpoint = null where name = 'reservations'");
    await rebuildProjections({ pool, store, projections: [projection] });
    expect(await oids()).toEqual(before);
    const newer = { ...projection, version: projection.version + 1 };
    const { signal } = new AbortController();
    await rebuildOutdated({ pool, store, projections: [newer], log: silent, signal });
    expect(await oids()).not.toEqual(before);
    expect((await relations()).length).toBe(ANALYST_VIEWS.length);
    await pool.query("drop view analytics.sales cascade");
    await prepareReadModels(pool);
    expect((await relations()).length).toBe(ANALYST_VIEWS.length);
  });
});
