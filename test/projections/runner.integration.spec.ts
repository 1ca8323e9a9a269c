import type pg from "pg";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { EventStore } from "../../src/eventstore/port.ts";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import type { Projection } from "../../src/projections/projection.ts";
import { READ_MODELS } from "../../src/projections/read-models.ts";
import { readStandings } from "../../src/projections/registry.ts";
import { type ProjectorOptions, startProjector } from "../../src/projections/runner.ts";
import { MemoryEventStore } from "../support/memory-event-store.ts";
import { readModelDatabase, record, rowsOf, silent } from "./given.ts";
import { MORNING, opened, recordedBy, reserved } from "./recorded.ts";

let database: Awaited<ReturnType<typeof readModelDatabase>>;
let pool: pg.Pool;
beforeEach(async () => {
  await database?.[Symbol.asyncDispose]();
  database = await readModelDatabase();
  pool = database.pool;
});
afterAll(() => database[Symbol.asyncDispose]());

const clock = { nowMs: () => Date.parse(MORNING) + 1_500 };
const projector = (store: EventStore, holder = "spec", options: Partial<ProjectorOptions> = {}) =>
  startProjector({ store, pool, clock, holder, log: silent, validMs: 1_000, renewMs: 100, ...options });

const held = async () => Number((await rowsOf(pool, "availability"))[0]?.held ?? -1);
const untilHeld = (count: number) =>
  vi.waitFor(async () => expect(await held()).toBe(count), { timeout: 8_000, interval: 20 });

describe("the projector", () => {
  it("takes what is there and what comes", async () => {
    const store = new MemoryEventStore();
    await record(store, opened(), reserved(1));
    const running = projector(store);
    await untilHeld(1);
    await record(store, reserved(2), reserved(3));
    await untilHeld(3);
    expect(running.status()).toMatchObject({ active: true, checkpoint: 4n, projectedEvents: 4 });
    expect(running.lagMs()).toBe(0);
    await running.stop();
    expect(running.status().active).toBe(false);
  });

  it("goes on where it stopped", async () => {
    const store = new MemoryEventStore();
    await record(store, opened(), reserved(1));
    const first = projector(store);
    await untilHeld(1);
    await first.stop();
    await record(store, reserved(2));
    const second = projector(store);
    await untilHeld(2);
    expect(second.status().projectedEvents).toBe(1);
    await second.stop();
  });

  it("subscribes again when the store was away", async () => {
    const store = new MemoryEventStore();
    await record(store, opened(), reserved(1));
    const running = projector(store);
    await untilHeld(1);
    store.goAway();
    await vi.waitFor(() => expect(running.status().active).toBe(false));
    store.comeBack();
    await record(store, reserved(2));
    await untilHeld(2);
    await running.stop();
  });

  it("tries again from the checkpoint when its database connection is cut", async () => {
    const store = new MemoryEventStore();
    const running = projector(store);
    await record(store, opened());
    for (let number = 1; number <= 20; number += 1) {
      await record(store, reserved(number));
      if (number % 5 === 0) {
        await pool.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
        );
      }
    }
    await untilHeld(20);
    expect(await rowsOf(pool, "reservations")).toHaveLength(20);
    await running.stop();
  });

  it("begins again at the checkpoint when a crash of Postgres took back what was committed, though nothing comes", async () => {
    const store = new MemoryEventStore();
    await record(store, opened(), reserved(1));
    const running = projector(store);
    await untilHeld(1);
    await takeBack();
    await untilHeld(1);
    await running.stop();
  });

  it("says how old what it has not projected is", async () => {
    const store = new MemoryEventStore();
    const gate = Promise.withResolvers<void>();
    const running = projector(store, "spec", { projections: stuckUntil(gate.promise) });
    await record(store, opened({ at: MORNING }), reserved(1));
    await vi.waitFor(() => expect(running.lagMs()).toBe(1_500));
    gate.resolve();
    await vi.waitFor(() => expect(running.lagMs()).toBe(0));
    await running.stop();
  });

  it("finishes its transaction before it stops, and gives the lease back", async () => {
    const store = new MemoryEventStore();
    const running = projector(store);
    await record(store, opened(), ...Array.from({ length: 50 }, (_, number) => reserved(number)));
    await vi.waitFor(async () => expect(await held()).toBeGreaterThanOrEqual(0));
    await running.stop();
    const { rows } = await pool.query("select until <= clock_timestamp() as free from processes.leases");
    expect(rows).toEqual([{ free: true }]);
    const [standing] = await readStandings(pool);
    expect(BigInt((await held()) + 1)).toBe(standing?.checkpoint);
  });

  it("runs in one of several processes, and in another within its lease's term", async () => {
    const store = new MemoryEventStore();
    await record(store, opened());
    const many = ["a", "b", "c"].map((holder) => projector(store, holder));
    const active = () => many.filter((each) => each.status().active);
    for (let number = 1; many.length > 0; number += 1) {
      await record(store, reserved(number));
      await untilHeld(number);
      expect(active()).toHaveLength(1);
      const [holder] = active();
      if (holder === undefined) throw new Error("nobody projects");
      many.splice(many.indexOf(holder), 1);
      await holder.stop();
    }
  });
});

describe("the projector on the Postgres event store", () => {
  it("follows several writers without missing or doubling anything", async () => {
    const store = await openPostgresEventStore({ connectionString: database.url });
    const first = projector(store, "a");
    const second = projector(store, "b");
    try {
      const [open, ...reservations] = recordedBy()(
        opened({ capacity: 1_000 }),
        ...Array.from({ length: 400 }, (_, number) => reserved(number)),
      );
      const { stream, ...opening } = open as NonNullable<typeof open>;
      await store.append(stream, [opening], "no-stream");
      const appended = reservations.map(async ({ stream: _, ...event }, index) => {
        if (index === 200) await (first.status().active ? first : second).stop();
        await store.append(stream, [event], "any");
      });
      await Promise.all(appended);
      await untilHeld(400);
      expect(await rowsOf(pool, "reservations")).toHaveLength(400);
      const head = await store.head(["inventory-"]);
      await vi.waitFor(async () => {
        expect((await readStandings(pool)).map(({ checkpoint }) => checkpoint)).toEqual(READ_MODELS.map(() => head));
      });
    } finally {
      await Promise.all([first.stop(), second.stop()]);
      await store.close();
    }
  });
});

/** What a crash leaves of transactions that were not flushed: nothing of them, checkpoint included, and no connection. */
async function takeBack(): Promise<void> {
  const { rows } = await pool.query<{ table: string }>(
    "select format('%I.%I', schemaname, tablename) as table from pg_tables where schemaname = 'readmodels' and tablename <> 'projections'",
  );
  await pool.query(`
    begin;
    truncate ${rows.map(({ table }) => table).join(", ")};
    update readmodels.projections set checkpoint = null;
    commit;`);
  await pool.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  );
}

/** Read models that write nothing before the gate opens. */
function stuckUntil(open: Promise<void>): readonly Projection[] {
  let opened = false;
  void open.then(() => {
    opened = true;
  });
  return READ_MODELS.map((model) => ({
    ...model,
    writes: (...given: Parameters<Projection["writes"]>) => {
      if (!opened) throw new Error("stuck");
      return model.writes(...given);
    },
  }));
}
