import pg from "pg";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { LeaseLost } from "../../src/leases/lease.ts";
import { UnknownEventType } from "../../src/projections/feed-event.ts";
import { READ_MODELS } from "../../src/projections/read-models.ts";
import { readStandings } from "../../src/projections/registry.ts";
import { projectBatch, VersionMismatch } from "../../src/projections/transaction.ts";
import { batchOf, project, readModelDatabase, rowsOf, takeLease } from "./given.ts";
import { EVENT, opened, recordedBy, reserved } from "./recorded.ts";

let database: Awaited<ReturnType<typeof readModelDatabase>>;
let pool: pg.Pool;
beforeEach(async () => {
  await database?.[Symbol.asyncDispose]();
  database = await readModelDatabase();
  pool = database.pool;
});
afterAll(() => database[Symbol.asyncDispose]());

const heldNow = async () => (await rowsOf(pool, "availability"))[0]?.held;
const checkpoints = async () => (await readStandings(pool)).map(({ checkpoint }) => checkpoint);

/** Runs with a connection of its own, as the runner has one. */
async function connected<Result>(run: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  client.on("error", () => undefined);
  try {
    return await run(client);
  } finally {
    client.release(true);
  }
}

describe("a batch", () => {
  const sale = () => recordedBy()(opened(), reserved(1), reserved(2));

  it("moves the rows and all checkpoints together", async () => {
    await project(pool, sale());
    expect(await heldNow()).toBe(2);
    expect(await checkpoints()).toEqual(READ_MODELS.map(() => 30n));
  });

  it("leaves neither rows nor checkpoints when it fails on the way", async () => {
    const lease = await takeLease(pool);
    const broken = READ_MODELS.map((model) =>
      model.name === "timers"
        ? { ...model, writes: () => [{ name: "broken", text: "select 1 / 0", values: [] }] }
        : model,
    );
    await expect(connected((client) => projectBatch(client, lease, broken, batchOf(sale())))).rejects.toThrow("zero");
    expect(await rowsOf(pool, "availability")).toEqual([]);
    expect(await rowsOf(pool, "reservations")).toEqual([]);
    expect(await checkpoints()).toEqual(READ_MODELS.map(() => null));
  });

  it("leaves nothing when the process dies between rows and checkpoint", async () => {
    const lease = await takeLease(pool);
    const die = { name: "die", text: "select pg_terminate_backend(pg_backend_pid())", values: [] };
    const dying = READ_MODELS.map((model) => ({
      ...model,
      writes: (...given: Parameters<typeof model.writes>) => [
        ...model.writes(...given),
        ...(model.name === "timers" ? [die] : []),
      ],
    }));
    await expect(connected((client) => projectBatch(client, lease, dying, batchOf(sale())))).rejects.toThrow(
      "terminating connection",
    );
    expect(await rowsOf(pool, "availability")).toEqual([]);
    expect(await checkpoints()).toEqual(READ_MODELS.map(() => null));
    await project(pool, sale());
    expect(await heldNow()).toBe(2);
  });

  it("is applied once, however often and in whatever pieces it comes", async () => {
    const events = sale();
    await project(pool, events, events, events.slice(1), [...events]);
    expect(await heldNow()).toBe(2);
    await project(pool, events.slice(0, 2), events);
    expect(await heldNow()).toBe(2);
  });

  it("is skipped by those that have it and taken by those that have not", async () => {
    const record = recordedBy();
    const before = record(opened(), reserved(1));
    await project(pool, before);
    await pool.query("update readmodels.projections set checkpoint = 10 where name = 'timers'");
    await pool.query("delete from readmodels.timers");
    await project(pool, [...before, ...record(reserved(2))]);
    expect(await heldNow()).toBe(2);
    expect(await rowsOf(pool, "reservations")).toHaveLength(2);
    expect(await rowsOf(pool, "timers")).toEqual([expect.objectContaining({ position: "30" })]);
    expect(await checkpoints()).toEqual(READ_MODELS.map(() => 30n));
  });

  it("may only move the checkpoint", async () => {
    const lease = await takeLease(pool);
    await connected((client) => projectBatch(client, lease, READ_MODELS, { events: [], checkpoint: 70n }));
    expect(await checkpoints()).toEqual(READ_MODELS.map(() => 70n));
  });

  it("of events that this code does not know stops instead of skipping them", async () => {
    const stream = `inventory-${EVENT}.${EVENT}`;
    const unknown = { stream, event: { type: "TicketsTeleported", data: {} }, at: "2026-03-01T09:00:00Z", key: null };
    await expect(project(pool, recordedBy()(unknown))).rejects.toBeInstanceOf(UnknownEventType);
    expect(await checkpoints()).toEqual(READ_MODELS.map(() => null));
  });

  it("of streams that nothing is projected from is passed by", async () => {
    const other = { stream: "seating-1", event: { type: "Seated", data: {} }, at: "2026-03-01T09:00:00Z", key: null };
    await project(pool, recordedBy()(other));
    expect(await checkpoints()).toEqual(READ_MODELS.map(() => 10n));
  });

  it("is refused by tables of another version", async () => {
    await pool.query("update readmodels.projections set version = 99 where name = 'availability'");
    await expect(project(pool, sale())).rejects.toBeInstanceOf(VersionMismatch);
    expect(await rowsOf(pool, "availability")).toEqual([]);
  });
});

describe("the lease's epoch", () => {
  it("is required: whoever was frozen and wakes changes nothing", async () => {
    const record = recordedBy();
    const frozen = await takeLease(pool);
    await connected((client) => projectBatch(client, frozen, READ_MODELS, batchOf(record(opened(), reserved(1)))));
    await takeLease(pool);
    const late = batchOf(record(reserved(2)));
    await expect(connected((client) => projectBatch(client, frozen, READ_MODELS, late))).rejects.toBeInstanceOf(
      LeaseLost,
    );
    expect(await heldNow()).toBe(1);
    expect(await checkpoints()).toEqual(READ_MODELS.map(() => 20n));
  });

  it("cannot be taken over in the middle of a transaction", async () => {
    const lease = await takeLease(pool);
    let taken: Promise<unknown> = Promise.resolve();
    let over = false;
    const models = READ_MODELS.map((model) => ({
      ...model,
      writes: (...given: Parameters<typeof model.writes>) => {
        if (model.name === "timers") {
          taken = takeLease(pool).then(() => {
            over = true;
          });
        }
        return [...model.writes(...given), { name: "while", text: "select pg_sleep(0.2)", values: [] }];
      },
    }));
    await connected(async (client) => {
      const query = vi.spyOn(client, "query");
      query.mockImplementation(((...asked: Parameters<typeof client.query>) => {
        if (asked[0] === ("commit" as unknown)) expect(over).toBe(false);
        return Reflect.apply(pg.Client.prototype.query, client, asked);
      }) as typeof client.query);
      await projectBatch(client, lease, models, batchOf(sale()));
      expect(query).toHaveBeenCalledWith("commit");
    });
    await taken;
    expect(await heldNow()).toBe(2);
  });

  it("is taken from a process that froze in the middle of a transaction, which then counts for nothing", async () => {
    const lease = await takeLease(pool);
    await connected(async (frozen) => {
      await frozen.query("begin; set local idle_in_transaction_session_timeout = 300");
      await frozen.query("select 1 from processes.leases where name = $1 for key share", [lease.name]);
      await frozen.query("update readmodels.projections set checkpoint = 99");
      await takeLease(pool);
      await expect(frozen.query("commit")).rejects.toThrow();
    });
    expect(await checkpoints()).toEqual(READ_MODELS.map(() => null));
  });

  const sale = () => recordedBy()(opened(), reserved(1), reserved(2));
});
