import pg from "pg";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ClockMover, clockMover, MAX_OFFSET_SECONDS } from "../../src/commands/clock-moves.ts";
import { KeyReused } from "../../src/commands/outcome.ts";
import { type PostgresClock, postgresClock } from "../../src/commands/postgres-clock.ts";
import { prepareCommands } from "../../src/commands/prepare.ts";
import { freshDatabase } from "../support/postgres.ts";
import { collectedLog } from "./running.ts";

const ACCOUNT = "0b6a2f0e-3c56-4a52-9a0c-0d8f5a1f0001";
const HOUR_MS = 3_600_000;
/** A node that is told follows in milliseconds; one that has to measure would take this long. */
const NEVER_MS = 600_000;

interface Node {
  readonly pool: pg.Pool;
  readonly clock: PostgresClock;
  readonly mover: ClockMover;
  readonly told: number[];
}

let database: Awaited<ReturnType<typeof freshDatabase>>;
let nodes: Node[];
beforeEach(async () => {
  database = await freshDatabase();
  nodes = [];
});
afterEach(async () => {
  for (const node of nodes) await stop(node);
  await database.drop();
});

async function start(onMoved?: (offsetMs: number) => void): Promise<Node> {
  const pool = new pg.Pool({ connectionString: database.url, max: 4 });
  pool.on("error", () => undefined);
  await prepareCommands(pool);
  const clock = await postgresClock(pool, collectedLog(), undefined, NEVER_MS);
  const told: number[] = [];
  const mover = clockMover({ pool, clock, log: collectedLog(), onMoved: onMoved ?? ((ms) => void told.push(ms)) });
  const node = { pool, clock, mover, told };
  nodes.push(node);
  return node;
}

async function stop(node: Node): Promise<void> {
  nodes = nodes.filter((one) => one !== node);
  await node.mover.close();
  node.clock.close();
  await node.pool.end();
}

/** How far a node's clock is ahead of Postgres's, to a tenth of a second. */
async function aheadMs({ clock, pool }: Node): Promise<number> {
  const { rows } = await pool.query("select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms");
  return Math.round((clock.nowMs() - rows[0].ms) / 100) * 100;
}

const listening = async (): Promise<number> => {
  const { rows } = await (nodes[0] as Node).pool.query(
    "select count(*)::int as n from pg_stat_activity where datname = current_database() and query like 'listen%'",
  );
  return rows[0].n;
};

describe("moving the clock", () => {
  it("has moved it when the answer comes, and says what time it is", async () => {
    const node = await start();
    const before = node.clock.nowMs();
    const move = await node.mover.advance(3_600, ACCOUNT, null);
    expect(node.clock.nowMs() - before).toBeGreaterThanOrEqual(HOUR_MS);
    expect(move).toEqual({ nowMs: expect.any(Number), offsetMs: HOUR_MS, replayed: false });
    expect(Math.abs((move?.nowMs ?? 0) - node.clock.nowMs())).toBeLessThan(1_000);
    await node.clock.measure();
    expect(await aheadMs(node)).toBe(HOUR_MS);
  });

  it("adds moves up, also those that are made at once on several nodes", async () => {
    const [a, b] = [await start(), await start()];
    await Promise.all([1, 2, 3, 4].map((hours) => (hours % 2 ? a : b).mover.advance(hours * 3_600, ACCOUNT, null)));
    await vi.waitFor(async () => expect([await aheadMs(a), await aheadMs(b)]).toEqual([10 * HOUR_MS, 10 * HOUR_MS]));
  });

  it("is followed by other nodes within a moment", async () => {
    const [a, b] = [await start(), await start()];
    await vi.waitFor(async () => expect(await listening()).toBe(2));
    await a.mover.advance(1, ACCOUNT, null);
    await vi.waitFor(() => expect(b.told).toEqual([1_000])); // this one it may have measured when it began to listen
    await a.mover.advance(3_600, ACCOUNT, null);
    await vi.waitFor(async () => expect(await aheadMs(b)).toBe(HOUR_MS + 1_000), { timeout: 500, interval: 5 });
    expect(b.told).toEqual([1_000, HOUR_MS + 1_000]);
  });

  it("is followed by a node whose connection broke meanwhile", async () => {
    const [a, b] = [await start(), await start()];
    await vi.waitFor(async () => expect(await listening()).toBe(2));
    await a.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen%'`,
    );
    await a.mover.advance(60, ACCOUNT, null);
    await vi.waitFor(async () => expect(await aheadMs(b)).toBe(60_000), { timeout: 5_000 });
  });

  it("stays after a restart, and whoever goes by the clock elsewhere is told of it again", async () => {
    const first = await start();
    await first.mover.advance(3_600, ACCOUNT, null);
    expect(first.told).toEqual([HOUR_MS]);
    await stop(first);
    const second = await start();
    expect(await aheadMs(second)).toBe(HOUR_MS);
    await vi.waitFor(() => expect(second.told).toEqual([HOUR_MS]));
  });

  it("waits until others are told, and tells them again when they could not be", async () => {
    let fail = true;
    const onMoved = vi.fn(() => {
      if (fail) throw new Error("away");
    });
    const node = await start(onMoved);
    await node.mover.advance(1, ACCOUNT, null);
    expect(onMoved).toHaveBeenCalledWith(1_000);
    fail = false;
    const failed = onMoved.mock.calls.length;
    await vi.waitFor(() => expect(onMoved.mock.calls.length).toBe(failed + 1), { timeout: 5_000 });
  });

  it("is done once for a key, which gets the first answer again on any node, and refuses another body", async () => {
    const [a, b] = [await start(), await start()];
    const key = { keyHash: "key", bodyHash: "body" };
    const first = await a.mover.advance(90_000, ACCOUNT, key);
    expect(await b.mover.advance(90_000, ACCOUNT, key)).toEqual({ ...first, replayed: true });
    await expect(b.mover.advance(1, ACCOUNT, { ...key, bodyHash: "other" })).rejects.toThrow(KeyReused);
    expect((await a.mover.advance(1, ACCOUNT, null))?.offsetMs).toBe(90_001_000);
  });

  it("goes so far and no further", async () => {
    const node = await start();
    expect((await node.mover.advance(MAX_OFFSET_SECONDS, ACCOUNT, null))?.offsetMs).toBe(MAX_OFFSET_SECONDS * 1_000);
    expect(await node.mover.advance(1, ACCOUNT, null)).toBeNull();
  });
});
