import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterEach, expect, it, vi } from "vitest";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { freshDatabase } from "../support/postgres.ts";
import { keepingContract } from "./contract-client.ts";
import { createHttpClient } from "./http-client.ts";
import { type Product, startProduct } from "./product.ts";
import { proveSale } from "./proof.ts";
import { keepRecord, type PostgresRecord, watchStalls } from "./takeovers/postgres-record.ts";
import { sellOn } from "./takeovers/sale.ts";

const LEASES = [
  ...[
    "audit-checkpoints",
    "audit-heads",
    "audit-verifications",
    "cancellations",
    "notices",
    "patient-projector",
    "projector",
    "reconciliation",
  ],
  ...["timers", "waiting-rooms"],
];
/** From `kill -9`, and from SIGSTOP, until another process has gone on with everything. */
const AFTER_KILL_MS = 5_000;
const AFTER_STOP_MS = 15_000;
const PATIENCE = { timeout: 60_000, interval: 100 };

const cleanUp: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).toReversed()) await undo();
});

it("work of a process that is killed is gone on with within 5 s", async () => {
  const { record, pool, first } = await twoAtWork();
  const stalls = watchStalls(pool);
  const killedMs = await record.nowMs();
  first.kill("SIGKILL");
  const lateMs = await goneOnWith(record, 2, killedMs);
  const stalledMs = await stalls.stop();
  console.log(
    `gone on with ${Math.round(lateMs)} ms after kill -9; the machine stalled for ${Math.round(stalledMs)} ms`,
  );
  expect(lateMs).toBeLessThan(AFTER_KILL_MS + stalledMs);
}, 300_000);

it("work of a process that is frozen is gone on with within 15 s, and when it wakes it does nothing until its turn", async () => {
  const { record, pool, databaseUrl, first, second, selling } = await twoAtWork();
  const stalls = watchStalls(pool);
  const frozenMs = await record.nowMs();
  first.kill("SIGSTOP");
  const lateMs = await goneOnWith(record, 2, frozenMs);
  const stalledMs = await stalls.stop();
  console.log(
    `gone on with ${Math.round(lateMs)} ms after SIGSTOP; the machine stalled for ${Math.round(stalledMs)} ms`,
  );
  expect(lateMs).toBeLessThan(AFTER_STOP_MS + stalledMs);

  first.kill("SIGCONT");
  for (const lease of LEASES) {
    // In the middle of a COPY its session was ended meanwhile, which it may hear of first.
    const given = new RegExp(`"lease":"${lease}".*(lease lost|work under the lease failed)`);
    await vi.waitFor(() => expect(first.output()).toMatch(given), PATIENCE);
  }
  const soldThen = selling.acknowledged.length;
  await vi.waitFor(() => expect(selling.acknowledged.length).toBeGreaterThan(soldThen + 50), PATIENCE);
  expect(new Set((await record.takings()).map(({ epoch }) => epoch)), "nobody else took a lease").toEqual(new Set([2]));
  expect(await record.setBacks(), "checkpoints that went back").toBe(0);

  // It stands by: when the other one goes, it is its turn.
  second.kill("SIGKILL");
  await goneOnWith(record, 3, await record.nowMs());
  expect(await record.setBacks()).toBe(0);
  await selling.stop();
  await allLapsedOnce(pool, databaseUrl, selling);
}, 300_000);

/** An API node that sells all the time, and two processes with all other work, of which the first has all leases. */
async function twoAtWork() {
  const database = await freshDatabase();
  cleanUp.push(() => database.drop());
  const dataDir = await mkdtemp(join(tmpdir(), "boxoffice-system-"));
  cleanUp.push(() => rm(dataDir, { recursive: true, force: true }));
  const start = async (roles: "api" | "projector,processes"): Promise<Product> => {
    const product = await startProduct({ databaseUrl: database.url, dataDir, roles });
    cleanUp.push(async () => {
      product.kill("SIGCONT");
      await product.stop();
    });
    return product;
  };
  const node = await start("api");
  const pool = new pg.Pool({ connectionString: database.url, max: 3 });
  cleanUp.push(() => pool.end());
  const record = await keepRecord(pool);
  const client = await keepingContract(createHttpClient(node.port, 4));
  cleanUp.push(() => client.close());
  const selling = await sellOn(client);
  cleanUp.push(() => selling.stop());

  const first = await start("projector,processes");
  const held = async () =>
    (await pool.query<{ name: string }>("select name from processes.leases where epoch = 1 order by name")).rows;
  await vi.waitFor(async () => expect((await held()).map(({ name }) => name)).toEqual(LEASES), PATIENCE);
  await vi.waitFor(async () => expect(await record.firstProjectedAfter(0)).not.toBeNull(), PATIENCE);
  const second = await start("projector,processes");
  await vi.waitFor(async () => {
    const { rows } = await pool.query(
      "select 1 from pg_stat_activity where application_name = 'boxoffice-projector' and datname = current_database() and query like '%remaining_ms%'",
    );
    expect(rows, "the second stands by").not.toEqual([]);
  }, PATIENCE);
  return { record, pool, databaseUrl: database.url, first, second, selling };
}

/** How long after this time the last lease was taken in this epoch and the next checkpoint moved, in milliseconds. */
async function goneOnWith(record: PostgresRecord, epoch: number, sinceMs: number): Promise<number> {
  let lastMs = 0;
  await vi.waitFor(async () => {
    const taken = (await record.takings()).filter((entry) => entry.epoch === epoch);
    expect(taken.map(({ what }) => what).toSorted()).toEqual(LEASES);
    const projector = taken.find(({ what }) => what === "projector");
    const projectedMs = await record.firstProjectedAfter(projector?.atMs ?? 0);
    expect(projectedMs).not.toBeNull();
    lastMs = Math.max(projectedMs ?? 0, ...taken.map(({ atMs }) => atMs));
  }, PATIENCE);
  return lastMs - sinceMs;
}

/** By the log and by the read model: all that was acknowledged was reserved once and lapsed once. */
async function allLapsedOnce(
  pool: pg.Pool,
  databaseUrl: string,
  { sale, acknowledged }: Awaited<ReturnType<typeof sellOn>>,
): Promise<void> {
  const store = await openPostgresEventStore({ connectionString: databaseUrl });
  try {
    await vi.waitFor(async () => expect((await proveSale(store, sale)).held).toBe(0), PATIENCE);
    const { reservationIds } = await proveSale(store, sale);
    expect(reservationIds.toSorted()).toEqual(acknowledged.toSorted());
  } finally {
    await store.close();
  }
  await vi.waitFor(async () => {
    const { rows } = await pool.query<{ status: string; count: number }>(
      "select status, count(*)::int as count from readmodels.reservations group by status",
    );
    expect(rows).toEqual([{ status: "EXPIRED", count: acknowledged.length }]);
  }, PATIENCE);
}
