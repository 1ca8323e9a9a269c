import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { postgresStreamTurns } from "../../src/commands/postgres-stream-turns.ts";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { openPool } from "../../src/postgres/pool.ts";
import { newEvent, readAll } from "../eventstore/contract-support.ts";
import { type Database, freshDatabase } from "../support/postgres.ts";

let database: Database;
const silent = { warn: () => undefined };
const pools: pg.Pool[] = [];
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await database.drop();
});

/** The turns of one node. */
function node({ max = 4, hasLog = false } = {}) {
  const pool = openPool({ connectionString: database.url, name: "turns", max, connectWithinMs: 5_000 }, silent);
  pools.push(pool);
  return postgresStreamTurns(pool, { hasLog });
}

describe("turns by Postgres", () => {
  it("go round in the order in which they were asked for", async () => {
    const nodes = [node(), node(), node()];
    const order: number[] = [];
    const first = await nodes[0]?.take("inventory-1", -1);
    const others: Promise<void>[] = [];
    for (const index of [1, 2]) {
      others.push(
        (async () => {
          const turn = await nodes[index]?.take("inventory-1", -1);
          order.push(index);
          turn?.release();
        })(),
      );
      await waitingForLocks(index);
    }
    order.push(0);
    first?.release();
    await Promise.all(others);
    expect(order).toEqual([0, 1, 2]);
  });

  it("of one stream leave others alone", async () => {
    const [one, two] = [node(), node()];
    const turn = await one.take("inventory-a", -1);
    const other = await two.take("inventory-b", -1);
    expect([turn, other]).not.toContain(null);
    turn?.release();
    other?.release();
  });

  it("bring what was appended while one waited, where events are in the same database; a long tail has to be read", async () => {
    const isolated = new pg.Client(database.url);
    await isolated.connect();
    const name = pg.escapeIdentifier(isolated.database ?? "");
    await isolated.query(`alter database ${name} set default_transaction_isolation = 'repeatable read'`);
    await isolated.end();
    const store = await openPostgresEventStore({ connectionString: database.url });
    const [one, two] = [node({ hasLog: true }), node({ hasLog: true })];
    const events = Array.from({ length: 600 }, () => newEvent());
    await store.append("inventory-t", events.slice(0, 2), "no-stream");
    const held = await one.take("inventory-t", 1);
    expect(held?.tail).toEqual([]);
    const waiting = two.take("inventory-t", 0);
    await waitingForLocks(1);
    await store.append("inventory-t", [newEvent({ data: '{"name":"Ł\'\\\\"}' })], 1);
    held?.release();
    const turn = await waiting;
    const [, ...after] = await readAll(store, "inventory-t");
    expect(turn?.tail).toEqual(after);
    turn?.release();
    await store.append("inventory-t", events.slice(2), 2);
    const long = await one.take("inventory-t", 2);
    expect(long?.tail).toBeNull();
    long?.release();
    const unknown = await one.take("inventory-t", null);
    expect(unknown?.tail).toBeNull();
    unknown?.release();
    const elsewhere = await node().take("inventory-t", 2);
    expect(elsewhere?.tail).toBeNull();
    elsewhere?.release();
    await store.close();
  });

  it("are not waited for long: who holds one without an end keeps nobody from writing, and loses it", async () => {
    const [frozen, awake] = [node(), node()];
    const held = await frozen.take("inventory-frozen", -1);
    expect(held).not.toBeNull();
    expect(await awake.take("inventory-frozen", -1)).toBeNull();
    let turn = null;
    for (let asked = 0; turn === null && asked < 20; asked += 1) turn = await awake.take("inventory-frozen", -1);
    expect(turn, "Postgres ended the session of who held it").not.toBeNull();
    turn?.release();
    held?.release(); // who wakes up finds that it is over, and nothing else
    const again = await frozen.take("inventory-frozen", -1);
    expect(again).not.toBeNull();
    again?.release();
  });

  it("are not to be had where Postgres is away", async () => {
    const pool = openPool({ connectionString: "postgres://nobody@127.0.0.1:1/none", name: "turns", max: 1 }, silent);
    pools.push(pool);
    expect(await postgresStreamTurns(pool, { hasLog: false }).take("inventory-1", -1)).toBeNull();
  });
});

async function waitingForLocks(count: number): Promise<void> {
  const pool = openPool({ connectionString: database.url, name: "watching", max: 1 }, silent);
  try {
    for (;;) {
      const { rows } = await pool.query<{ waiting: number }>(
        `select count(*)::int as waiting from pg_locks
          where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`,
      );
      if (rows[0]?.waiting === count) return;
    }
  } finally {
    await pool.end();
  }
}
