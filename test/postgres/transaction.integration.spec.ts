import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createAccountTables } from "../../src/accounts/tables.ts";
import { inTransaction, inTurn } from "../../src/postgres/transaction.ts";
import { prepareReadModels } from "../../src/projections/prepare.ts";
import { freshDatabase } from "../support/postgres.ts";

describe("a connection that is lost while it is held", () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let pool: pg.Pool;
  let administrator: pg.Client;
  const uncaught: unknown[] = [];
  const note = (error: unknown): void => void uncaught.push(error);

  beforeAll(async () => {
    database = await freshDatabase();
    administrator = new pg.Client({ connectionString: database.url });
    await administrator.connect();
  });
  afterAll(async () => {
    await administrator?.end();
    await database?.drop();
  });
  beforeEach(() => {
    pool = new pg.Pool({ connectionString: database.url, max: 1, application_name: "held" });
    uncaught.length = 0;
    process.on("uncaughtException", note);
  });
  afterEach(async () => {
    process.off("uncaughtException", note);
    await pool.end();
  });

  it("is not held for longer than 5 s by a process that does nothing, and neither is what it has locked", async () => {
    await administrator.query("create table kept (id integer)");
    const begun = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    const frozen = inTransaction(pool, async (client) => {
      await client.query("lock table kept");
      begun.resolve();
      await over.promise;
      await client.query("select 1");
    });
    await begun.promise;
    await administrator.query("set lock_timeout = '20s'");
    await administrator.query("lock table kept; drop table kept");
    over.resolve();
    await expect(frozen).rejects.toThrow();
    expect(uncaught).toEqual([]);
  });

  it("is tried again, where things are made in turn, when others are locked out by it and it by them", async () => {
    await administrator.query("create table one (id integer); create table two (id integer)");
    let tries = 0;
    const made = inTurn(pool, 1, async (client) => {
      tries += 1;
      await client.query("set local deadlock_timeout = '10ms'; lock table one");
      if (tries === 1) {
        await administrator.query("begin; set local deadlock_timeout = '60s'; lock table two");
        void administrator.query("lock table one; commit");
      }
      await client.query("lock table two");
      return "made";
    });
    expect(await made).toBe("made");
    expect(tries).toBe(2);
  });

  const terminate = async (): Promise<void> => {
    await administrator.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'held' and datname = current_database()`,
    );
  };
  const untilLockedOut = () =>
    vi.waitUntil(async () => {
      const { rows } = await administrator.query(
        `select 1 from pg_stat_activity
          where application_name = 'held' and wait_event_type = 'Lock' and datname = current_database()`,
      );
      return rows.length === 1;
    });

  it("fails what is done with it, and nothing else", async () => {
    const lost = inTransaction(pool, async (client) => {
      const ended = new Promise((resolve) => client.once("end", resolve));
      await terminate();
      await ended;
      await client.query("select 1");
    });
    await expect(lost).rejects.toThrow();
    expect(uncaught).toEqual([]);
    expect(await inTransaction(pool, async (client) => (await client.query("select 2 as two")).rows)).toEqual([
      { two: 2 },
    ]);
  });

  it.each([
    ["accounts", () => createAccountTables(pool)],
    ["read models", () => prepareReadModels(pool)],
  ])("fails the preparation of %s, and nothing else", async (_, prepare) => {
    await administrator.query("select pg_advisory_lock(4217001), pg_advisory_lock(727001)");
    const lost = expect(prepare()).rejects.toThrow();
    await untilLockedOut();
    await terminate();
    await lost;
    await administrator.query("select pg_advisory_unlock_all()");
    await prepare();
    expect(uncaught).toEqual([]);
  });

  it("is listened to by nobody once it is given back", async () => {
    await inTransaction(pool, async () => undefined);
    const client = await pool.connect();
    expect(client.listenerCount("error")).toBe(0);
    client.release();
  });
});
