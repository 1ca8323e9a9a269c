import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { DATABASE_ROLES, type DatabaseRole, roleName, TABLE_RIGHTS } from "../../src/node/database-roles.ts";
import { ROOT } from "./child.ts";
import { createHttpClient, type HttpClient } from "./http-client.ts";
import { type Product, type ProductSettings, startProduct } from "./product.ts";
import { ADMIN, becomes, bookingNow, buy } from "./purchasing.ts";
import { eventsOf } from "./recorded.ts";
import { expectStatus, guests, type OnSale, openSale, reserve } from "./shop.ts";

/** Roles are the server's: nobody else's have this prefix. */
const PREFIX = `spec_${randomBytes(4).toString("hex")}`;
const OWNER = `${PREFIX}_owner`;
const PASSWORD = "a password of this spec only";
const run = promisify(execFile);

let dataDir: string;
let admin: pg.Client;
let client: HttpClient;
let sale: OnSale;
const products = new Map<string, Product>();

/** The database as one of its users sees it. */
function urlOf(user: string): string {
  const url = new URL(inject("postgresUrl"));
  Object.assign(url, { pathname: `/${PREFIX}`, username: user, password: PASSWORD });
  return url.href;
}
const userOf = (role: DatabaseRole) => `${roleName(PREFIX, role)}_user`;

const migrate = (...args: string[]) =>
  run(process.execPath, ["src/migrate.ts", ...args], {
    cwd: ROOT,
    env: { ...process.env, DATABASE_URL: urlOf(OWNER), EVENTSTORE_URL: "" },
  });

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "boxoffice-roles-"));
  admin = new pg.Client({ connectionString: inject("postgresUrl") });
  await admin.connect();
  await admin.query(`create role ${OWNER} login createrole password '${PASSWORD}'`);
  await admin.query(`create database ${PREFIX} owner ${OWNER}`);
});
afterAll(async () => {
  client?.close();
  await Promise.all([...products.values()].map((product) => product.stop()));
  await admin.query(`drop database if exists ${PREFIX} with (force)`);
  for (const role of DATABASE_ROLES)
    await admin.query(`drop role if exists ${userOf(role)}, ${roleName(PREFIX, role)}`);
  await admin.query(`drop role if exists ${OWNER}`);
  await admin.end();
  await rm(dataDir, { recursive: true, force: true });
});

const start = (roles: ProductSettings["roles"], role: DatabaseRole) =>
  startProduct({ databaseUrl: urlOf(userOf(role)), dataDir, roles: roles as "api", env: ADMIN });

describe("processes that run as users with the rights of their role", { timeout: 150_000 }, () => {
  it("do not start before the owner has made the tables, and say what to do", async () => {
    await admin.query(`create role ${userOf("api")} login password '${PASSWORD}'`);
    await expect(start("api", "api")).rejects.toThrow(
      /DATABASE_URL: its user may not create what is missing \(commands\..*run `npm run migrate` as the owner/,
    );
  });

  it("start when the owner has, who is no superuser; doing it again changes nothing", async () => {
    await migrate("--roles", PREFIX);
    await migrate("--roles", PREFIX);
    for (const role of DATABASE_ROLES) {
      if (role !== "api") await admin.query(`create role ${userOf(role)} login password '${PASSWORD}'`);
      await admin.query(`grant ${roleName(PREFIX, role)} to ${userOf(role)}`);
    }
    products.set("projector", await start("projector", "projector"));
    products.set("api", await start("api", "api"));
    products.set("processes", await start("processes" as "api", "processes"));
    client = createHttpClient(products.get("api")?.port as number, 8);
  });

  it("sell, are paid, give back, call off, and forget, with nothing refused", async () => {
    sale = await openSale(client, 20);
    const paid = await buy(client, sale, "sandbox-ok", 2);
    await becomes(client, paid, "PAID", "SUCCEEDED");
    const slow = await buy(client, sale, "sandbox-slow");
    await becomes(client, slow, "PAID", "SUCCEEDED");

    const { bookingId } = await bookingNow(client, slow);
    await expectStatus(200, client.call("POST", `/bookings/${bookingId}/cancel`, { token: slow.token, body: {} }));
    await becomes(client, slow, "CANCELLED", "REFUNDED");

    const email = `${PREFIX}@example.org`;
    const person = { email, password: "a good password" };
    await expectStatus(201, client.call("POST", "/accounts", { body: { ...person, name: "Ada" } }));
    const { body } = await expectStatus(201, client.call("POST", "/sessions", { body: person }));
    const { token } = body as { token: string };
    await expectStatus(202, client.call("POST", "/password-resets", { body: { email } }));
    const wish = { name: "a till", scopes: ["sell"] };
    await expectStatus(201, client.call("POST", "/api-keys", { token, body: wish }));
    const event = { name: "Short", code: "SHORT", holdTtlSeconds: 1, ticketTypes: [{ name: "A", capacity: 5 }] };
    const made = await expectStatus(201, client.call("POST", "/events", { token, body: event }));
    const { eventId, ticketTypes } = made.body as { eventId: string; ticketTypes: { ticketTypeId: string }[] };
    const short = { eventId, ticketTypeId: ticketTypes[0]?.ticketTypeId as string };
    const [guest = ""] = await guests(client, 1);
    await expectStatus(201, reserve(client, short, guest, "k", 5));
    const stream = `inventory-${eventId}.${short.ticketTypeId}`; // by the timers: nobody else comes along
    await expect.poll(() => eventsOf(urlOf(OWNER), stream), { timeout: 20_000 }).toContain("ReservationsExpired");
    await expectStatus(200, client.call("GET", "/events/search?keyword=shor"));
    await expectStatus(
      201,
      client.call("POST", `/events/${eventId}/reservations`, {
        token: guest,
        key: "k2",
        body: { ticketTypeId: short.ticketTypeId, quantity: 1 },
      }),
    );
    await expectStatus(202, client.call("POST", `/events/${eventId}/cancel`, { token }));
    await expectStatus(204, client.call("DELETE", "/accounts/me", { token }));
    await audited();

    for (const [name, product] of products) expect(`${name}: ${product.output()}`).not.toMatch(/permission denied/);
  });
});

/** The log as a file, and its verification: each of them is read over connections of its own. */
async function audited(): Promise<void> {
  const body = { email: ADMIN.ADMIN_EMAIL, password: ADMIN.ADMIN_PASSWORD };
  const { token } = (await expectStatus(201, client.call("POST", "/sessions", { body }))).body as { token: string };
  const headers = { authorization: `Bearer ${token}` };
  const log = await fetch(`http://127.0.0.1:${products.get("api")?.port}/audit/export`, { headers });
  expect((await log.text()).split("\n").length).toBeGreaterThan(20);
  const asked = await client.call("POST", "/audit/verifications", { token });
  expect([201, 202]).toContain(asked.status);
  const { verificationId } = asked.body as { verificationId: string };
  const told = async () => (await client.call("GET", `/audit/verifications/${verificationId}`, { token })).body;
  await expect.poll(told, { timeout: 30_000 }).toMatchObject({ status: "COMPLETED", ok: true });
}

describe("Postgres refuses", () => {
  const FORBIDDEN: readonly [string, readonly DatabaseRole[]][] = [
    ["update eventstore.events set data = '{}'", DATABASE_ROLES],
    ["delete from eventstore.events", DATABASE_ROLES],
    ["truncate eventstore.events", DATABASE_ROLES],
    ["insert into eventstore.streams values (9999, 'x')", DATABASE_ROLES],
    ["insert into eventstore.events values (9999, 1, 0, gen_random_uuid(), 'x', '{}', '{}', false)", DATABASE_ROLES],
    ["select eventstore.append_v1('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')", ["projector", "analyst"]],
    ["create or replace function eventstore.append_v1() returns int language sql as 'select 1'", DATABASE_ROLES],
    ["alter table eventstore.events disable trigger all", DATABASE_ROLES],
    ["create table public.mine (a int)", DATABASE_ROLES],
    ["create table readmodels.mine (a int)", DATABASE_ROLES],
    ["create temporary table mine (a int)", DATABASE_ROLES],
    ["create schema mine", DATABASE_ROLES],
    ["drop table readmodels.bookings_g1", DATABASE_ROLES],
    ["alter table accounts.account add column mine int", DATABASE_ROLES],
    ["drop view readmodels.bookings", DATABASE_ROLES],
    ["drop view analytics.sales", DATABASE_ROLES],
    ["update analytics.refunds set amount = 0", DATABASE_ROLES],
    ["create table analytics.mine (a int)", DATABASE_ROLES],
    ["update readmodels.bookings_g1 set status = 'PAID'", ["api", "processes", "analyst"]],
    ["update readmodels.bookings set status = 'PAID'", ["api", "processes", "analyst"]],
    ["update readmodels.projections set checkpoint = 0", ["api", "processes", "analyst"]],
    ["select * from accounts.account", ["projector", "analyst"]],
    ["select * from accounts.session", ["projector", "analyst"]],
    ["select * from accounts.api_key", ["processes", "projector", "analyst"]],
    ["update accounts.account set roles = '{admin}'", ["processes", "projector", "analyst"]],
    ["delete from accounts.account", DATABASE_ROLES],
    ["select * from commands.secrets", ["projector", "analyst"]],
    ["update commands.secrets set value = ''", DATABASE_ROLES],
    ["delete from commands.secrets", DATABASE_ROLES],
    ["select * from eventstore.events", ["analyst"]],
    ["select * from processes.notices", ["projector", "analyst"]],
    ["update processes.leases set epoch = 1", ["api", "analyst"]],
    [`create role ${PREFIX}_more`, DATABASE_ROLES],
    [`set role ${OWNER}`, DATABASE_ROLES],
    ["copy (select 1) to program 'true'", DATABASE_ROLES],
    ["select pg_read_file('/etc/passwd')", DATABASE_ROLES],
  ];

  it.each(DATABASE_ROLES)("%s what is not its business", async (role) => {
    const user = new pg.Client({ connectionString: urlOf(userOf(role)) });
    await user.connect();
    try {
      const mine = FORBIDDEN.filter(([, roles]) => roles.includes(role)).map(([statement]) => statement);
      expect(mine.length).toBeGreaterThan(15);
      for (const statement of mine) {
        const outcome = await user.query(statement).then(
          () => "done",
          (error: pg.DatabaseError) => error.code,
        );
        expect([statement, outcome]).toEqual([statement, "42501"]);
      }
    } finally {
      await user.end();
    }
  });

  it("but lets the analyst read every read model, and what is promised to analysts", async () => {
    const analyst = new pg.Client({ connectionString: urlOf(userOf("analyst")) });
    await analyst.connect();
    try {
      const views = await analyst.query<{ name: string }>(
        "select table_schema || '.' || table_name as name from information_schema.views where table_schema = 'readmodels'",
      );
      expect(views.rows.length).toBeGreaterThan(8);
      for (const { name } of views.rows) await analyst.query(`select count(*) from ${name}`);
      const sold = await analyst.query("select 1 from readmodels.bookings where status in ('PAID', 'CANCELLED')");
      expect(sold.rowCount).toBe(2);
      const promised = await analyst.query<{ name: string }>(
        "select table_schema || '.' || table_name as name from information_schema.views where table_schema = 'analytics'",
      );
      expect(promised.rows.length).toBeGreaterThan(12);
      for (const { name } of promised.rows) await analyst.query(`select count(*) from ${name}`);
    } finally {
      await analyst.end();
    }
  });
});

it("every table has its rights said", async () => {
  const owner = new pg.Client({ connectionString: urlOf(OWNER) });
  await owner.connect();
  try {
    const { rows } = await owner.query<{ name: string }>(
      `select schemaname || '.' || tablename as name from pg_tables
        where schemaname not in ('pg_catalog', 'information_schema', 'readmodels')`,
    );
    const said = Object.keys(TABLE_RIGHTS).filter((name) => !name.startsWith("readmodels."));
    expect(rows.map(({ name }) => name).toSorted()).toEqual(said.toSorted());
  } finally {
    await owner.end();
  }
});
