import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { MAX_MEASUREMENT_AGE_MS, type PostgresClock, postgresClock } from "../../src/commands/postgres-clock.ts";
import { prepareCommands } from "../../src/commands/prepare.ts";
import { ClockLost } from "../../src/ports.ts";
import { freshDatabase } from "../support/postgres.ts";
import { type CollectedLog, collectedLog } from "./running.ts";

let pool: pg.Pool;
let drop: () => Promise<void>;
let clock: PostgresClock | undefined;
let log: CollectedLog;
beforeAll(async () => {
  const database = await freshDatabase();
  drop = database.drop;
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
  await prepareCommands(pool);
});
afterEach(() => clock?.close());
afterAll(async () => {
  await pool?.end();
  await drop?.();
});

/** Milliseconds that Postgres's clock said, as exactly as one can ask. */
async function postgresMs(): Promise<number> {
  const { rows } = await pool.query<{ ms: number }>(
    "select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms",
  );
  return (rows[0] as { ms: number }).ms;
}

/** How far the clock is from Postgres's, at the least. */
async function errorMs(given: PostgresClock): Promise<number> {
  const before = given.nowMs();
  const real = await postgresMs();
  const after = given.nowMs();
  return Math.max(0, before - real, Math.floor(real) - after);
}

/** The process's own clock, that a spec can move on. */
function monotonic(): { now: () => number; jump(ms: number): void } {
  let offsetMs = 0;
  return {
    now: () => performance.now() + offsetMs,
    jump(ms) {
      offsetMs += ms;
    },
  };
}

describe("the clock of Postgres", () => {
  it("is Postgres's, whatever this machine's clock says", async () => {
    clock = await postgresClock(pool, collectedLog());
    const date = Date.now;
    Date.now = () => date() + 3_600_000;
    try {
      expect(await errorMs(clock)).toBeLessThan(50);
    } finally {
      Date.now = date;
    }
  });

  it("gives whole milliseconds that never go back", async () => {
    clock = await postgresClock(pool, collectedLog());
    let last = 0;
    for (let i = 0; i < 10_000; i += 1) {
      const now = clock.nowMs();
      expect(Number.isInteger(now) && now >= last).toBe(true);
      last = now;
    }
  });

  it("is lost when it has not been measured for ten minutes", async () => {
    const { now, jump } = monotonic();
    clock = await postgresClock(pool, collectedLog(), now);
    clock.close();
    jump(MAX_MEASUREMENT_AGE_MS - 60_000);
    expect(() => clock?.nowMs()).not.toThrow();
    jump(60_001);
    expect(() => clock?.nowMs()).toThrow(ClockLost);
  });

  it("comes back with the next measurement", async () => {
    const { now, jump } = monotonic();
    clock = await postgresClock(pool, collectedLog(), now, 20);
    jump(MAX_MEASUREMENT_AGE_MS + 1);
    expect(() => clock?.nowMs()).toThrow(ClockLost);
    await until(() => !throws(() => clock?.nowMs()));
  });

  it("a slow answer does not spoil what quick ones have told", async () => {
    const slow = slowPool();
    clock = await postgresClock(slow.pool, collectedLog(), undefined, 20);
    const asked = slow.asked();
    slow.delayMs = 1_000;
    await until(() => slow.answeredSlowly() > 0 && slow.asked() > asked, 5_000);
    slow.delayMs = 0;
    expect(await errorMs(clock)).toBeLessThan(50);
  });

  it("measures one at a time, however long an answer takes", async () => {
    const slow = slowPool();
    clock = await postgresClock(slow.pool, collectedLog(), undefined, 10);
    const before = slow.asked();
    slow.delayMs = 300;
    await pause(250);
    expect(slow.asked() - before).toBeLessThanOrEqual(2);
  });

  it("goes on by itself while the database is away, and says so", async () => {
    const slow = slowPool();
    log = collectedLog();
    clock = await postgresClock(slow.pool, log, undefined, 10);
    slow.failing = true;
    await until(() => log.warnings.length > 1);
    expect(await errorMs(clock)).toBeLessThan(50);
  });

  it("there is none without a first measurement", async () => {
    const slow = slowPool();
    slow.failing = true;
    await expect(postgresClock(slow.pool, collectedLog())).rejects.toThrow("away");
  });
});

/** A pool whose answers, of Postgres itself, can be late or fail: as when all its connections are taken. */
function slowPool() {
  let asked = 0;
  let slowly = 0;
  const slow = {
    delayMs: 0,
    failing: false,
    asked: () => asked,
    answeredSlowly: () => slowly,
    pool: {
      async query(text: string) {
        asked += 1;
        if (slow.failing) throw new Error("away");
        const { delayMs } = slow;
        if (delayMs > 0) await pause(delayMs);
        const result = await pool.query(text);
        if (delayMs > 0) slowly += 1;
        return result;
      },
    } as unknown as pg.Pool,
  };
  return slow;
}

function throws(run: () => unknown): boolean {
  try {
    run();
    return false;
  } catch {
    return true;
  }
}

async function until(condition: () => boolean, withinMs = 10_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error("the condition never came true");
    await pause(5);
  }
}
