import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { postgresStreamTurns } from "../../src/commands/postgres-stream-turns.ts";
import { openPool } from "../../src/postgres/pool.ts";
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
function node(max = 4) {
  const pool = openPool({ connectionString: database.url, name: "turns", max, connectWithinMs: 5_000 }, silent);
  pools.push(pool);
  return postgresStreamTurns(pool);
}

describe("turns by Postgres", () => {
  it("go round in the order in which they were asked for", async () => {
    const nodes = [node(), node(), node()];
    const order: number[] = [];
    const first = await nodes[0]?.take("inventory-1");
    const others: Promise<void>[] = [];
    for (const index of [1, 2]) {
      others.push(
        (async () => {
          const turn = await nodes[index]?.take("inventory-1");
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
    const turn = await one.take("inventory-a");
    const other = await two.take("inventory-b");
    expect([turn, other]).not.toContain(null);
    turn?.release();
    other?.release();
  });

  it("are not waited for long: who holds one without an end keeps nobody from writing, and loses it", async () => {
    const [frozen, awake] = [node(), node()];
    const held = await frozen.take("inventory-frozen");
    expect(held).not.toBeNull();
    expect(await awake.take("inventory-frozen")).toBeNull();
    let turn = null;
    for (let asked = 0; turn === null && asked < 20; asked += 1) turn = await awake.take("inventory-frozen");
    expect(turn, "Postgres ended the session of who held it").not.toBeNull();
    turn?.release();
    held?.release(); // who wakes up finds that it is over, and nothing else
    const again = await frozen.take("inventory-frozen");
    expect(again).not.toBeNull();
    again?.release();
  });

  it("are not to be had where Postgres is away", async () => {
    const pool = openPool({ connectionString: "postgres://nobody@127.0.0.1:1/none", name: "turns", max: 1 }, silent);
    pools.push(pool);
    expect(await postgresStreamTurns(pool).take("inventory-1")).toBeNull();
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
