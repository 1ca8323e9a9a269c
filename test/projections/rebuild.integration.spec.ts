import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type pg from "pg";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { EventStore, StoredEvent } from "../../src/eventstore/port.ts";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { BOXOFFICE_PREFIXES } from "../../src/eventstore/streams.ts";
import { prepareReadModels } from "../../src/projections/prepare.ts";
import { READ_MODELS } from "../../src/projections/read-models.ts";
import { RebuildUnderWay, rebuildProjections } from "../../src/projections/rebuild.ts";
import { readStandings } from "../../src/projections/registry.ts";
import { startProjector } from "../../src/projections/runner.ts";
import { MemoryEventStore } from "../support/memory-event-store.ts";
import { readModelDatabase, record, rowsOf, silent } from "./given.ts";
import {
  capacityChanged,
  changed,
  created,
  EVENING,
  expired,
  extended,
  type Fact,
  opened,
  recordedBy,
  released,
  reservationId,
  reserved,
  VIP,
  waitingRoomSetUp,
} from "./recorded.ts";
import {
  authorized,
  bookingConfirmed,
  bookingOpened,
  captured,
  cartCheckedOut,
  cartCompleted,
  cartOpened,
  cartReopened,
  cartTouched,
  claimed,
  claimReleased,
  confirmed,
  declined,
  joined,
  leftWaitlist,
  letGo,
  line,
  offered,
  otherId,
  refunded,
  returned,
  ticketsBack,
  ticketsCancelled,
  timedOut,
  voided,
} from "./recorded-purchases.ts";
import { hallOpened, seatsBlocked, seatsReserved } from "./recorded-seats.ts";

const HALL = otherId(2_001);

let database: Awaited<ReturnType<typeof readModelDatabase>>;
let pool: pg.Pool;
beforeEach(async () => {
  await database?.[Symbol.asyncDispose]();
  database = await readModelDatabase();
  pool = database.pool;
});
afterAll(() => database[Symbol.asyncDispose]());

const VIEWS = READ_MODELS.flatMap(({ views }) => views);
const everything = async () =>
  Object.fromEntries(await Promise.all(VIEWS.map(async (view) => [view, await rowsOf(pool, view)] as const)));

const project = (store: EventStore) =>
  startProjector({ store, pool, clock: { nowMs: Date.now }, holder: "spec", log: silent, pauseMs: 1 });

const caughtUp = async (store: EventStore) => {
  const head = await store.head(BOXOFFICE_PREFIXES);
  await vi.waitFor(
    async () =>
      expect((await readStandings(pool)).map(({ checkpoint }) => checkpoint)).toEqual(READ_MODELS.map(() => head)),
    { timeout: 10_000 },
  );
};

/** A sale with every kind of event in it; `from` numbers its reservations. */
function sale(from: number, count: number): readonly Fact[] {
  const facts: Fact[] = [];
  for (let number = from; number < from + count; number += 1) {
    facts.push(reserved(number, { quantity: 1 + (number % 3), key: `key ${number}` }));
    if (number % 3 === 1) facts.push(extended(number, EVENING));
    if (number % 4 === 2) facts.push(released(number, 1 + (number % 3)));
    else if (number % 5 === 4) facts.push(expired([number], { quantity: 1 + (number % 3) }));
    if (number % 50 === 0) facts.push(changed({ name: `Night ${number}` }));
  }
  return facts;
}

/** Purchases that end in every way, by carts and from the waitlist, too; `from` numbers their reservations. */
function purchases(from: number, count: number): readonly Fact[] {
  const facts: Fact[] = [];
  for (let number = from; number < from + count; number += 1) {
    const bought = { quantity: 2 };
    const tickets = { reservationId: reservationId(number), ordinals: [1] };
    const account = { accountId: otherId(number), cartId: otherId(number) };
    const isCart = number % 3 === 0;
    if (isCart) facts.push(cartOpened(account), cartTouched(account));
    if (number % 5 === 0) facts.push(joined(number, bought), offered([number], bought));
    else facts.push(reserved(number, { ...bought, ...(isCart ? { cartId: account.cartId } : {}) }));
    if (isCart) facts.push(cartCheckedOut(number, account));
    facts.push(claimed(number, number, bought), ...bookingOpened(number, [line(number, bought)], account));
    if (number % 4 === 0) {
      facts.push(declined(number), claimReleased(number, number), letGo(number));
      if (isCart) facts.push(cartReopened(number, account));
    } else if (number % 7 === 0) {
      facts.push(timedOut(number), expired([number], bought), letGo(number), voided(number));
    } else {
      facts.push(confirmed(number, number, bought), authorized(number), bookingConfirmed(number), captured(number));
      if (isCart) facts.push(cartCompleted(number, account));
      if (number % 2 === 0) {
        facts.push(ticketsCancelled(number, 1_000 + number, [tickets], 4_500), returned(number, number, [1]));
        facts.push(ticketsBack(number, 1_000 + number), refunded(number, 1_000 + number));
      }
    }
  }
  return facts;
}

const beginning = [
  opened({ capacity: 5_000 }),
  opened({ ticketTypeId: VIP, ordinal: 1 }),
  created(),
  capacityChanged(5_000, 6_000),
  waitingRoomSetUp(),
];
const seated = [
  hallOpened({ ticketTypeId: HALL, ordinal: 2 }),
  seatsBlocked(["S-A-1"], { ticketTypeId: HALL }),
  seatsReserved(2_000, ["S-A-2", "S-A-3"], { ticketTypeId: HALL }),
  reserved(9_000, { admissionId: "an admission" }),
];

describe("a rebuild", () => {
  it("makes the same rows, in tables of the next generation, and drops the old ones", async () => {
    const store = new MemoryEventStore();
    await record(
      store,
      ...beginning,
      ...seated,
      ...sale(0, 200),
      ...purchases(500, 60),
      joined(900),
      leftWaitlist(900),
    );
    const running = project(store);
    await caughtUp(store);
    await running.stop();
    const before = await everything();
    for (const view of VIEWS) expect(before[view], view).not.toHaveLength(0);
    await rebuildProjections({ pool, store, projections: READ_MODELS });
    expect(await everything()).toEqual(before);
    expect((await readStandings(pool)).map(({ generation }) => generation)).toEqual(READ_MODELS.map(() => 2));
    const { rows } = await pool.query("select tablename from pg_tables where tablename like '%\\_g%'");
    expect(rows.map(({ tablename }) => tablename).sort()).toEqual(VIEWS.map((view) => `${view}_g2`).sort());
  });

  it("misses and doubles nothing while events come in and queries are asked", async () => {
    const store = new MemoryEventStore();
    const mixed = Array.from({ length: 30 }, (_, n) => [...sale(30 * n, 30), ...purchases(1_000 + 3 * n, 3)]).flat();
    const events = recordedBy()(...beginning, ...seated, ...mixed);
    await append(store, events.slice(0, 600));
    const running = project(store);
    let asking = true;
    const asked = (async () => {
      let queries = 0;
      for (; asking; queries += 1) {
        const { rows } = await pool.query({
          name: "counts",
          text: `select (select sum(held) from readmodels.availability)::int as held,
                   (select coalesce(sum(quantity) filter (where status = 'HELD'), 0) from readmodels.reservations)::int as summed,
                   (select count(distinct checkpoint) from readmodels.projections
                    where name in ('availability', 'reservations'))::int as positions`,
        });
        const { held, summed, positions } = rows[0] as { held: number | null; summed: number; positions: number };
        // Where both stand at the same position, they say the same, whichever generation answers.
        if (positions === 1) expect(summed).toBe(held ?? 0);
      }
      return queries;
    })();
    asked.catch(() => undefined); // looked at below
    const appended = (async () => {
      for (let from = 600; from < events.length; from += 3) {
        await append(store, events.slice(from, from + 3));
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    })();
    for (const projection of READ_MODELS) await rebuildProjections({ pool, store, projections: [projection] });
    await rebuildProjections({ pool, store, projections: READ_MODELS });
    await appended;
    await caughtUp(store);
    asking = false;
    expect(await asked).toBeGreaterThan(10);
    await running.stop();
    const kept = await everything();
    expect((await readStandings(pool)).map(({ generation }) => generation)).toEqual(READ_MODELS.map(() => 3));

    await pool.query("drop schema readmodels cascade");
    await prepareReadModels(pool);
    const anew = project(store);
    await caughtUp(store);
    await anew.stop();
    const rebuilt = await everything();
    for (const view of VIEWS) expect(rebuilt[view], view).toEqual(kept[view]);
  });

  it("makes up for a table that was dropped", async () => {
    const store = new MemoryEventStore();
    await record(store, ...beginning, ...sale(0, 50));
    const running = project(store);
    await caughtUp(store);
    await running.stop();
    const before = await everything();
    await pool.query("drop table readmodels.reservations_g1 cascade");
    await prepareReadModels(pool);
    const again = project(store);
    await caughtUp(store);
    await again.stop();
    expect(await everything()).toEqual(before);
  });

  it("is done by the projector itself when the code has a newer version of a read model", async () => {
    const store = new MemoryEventStore();
    await record(store, ...beginning, ...sale(0, 50));
    const running = project(store);
    await caughtUp(store);
    await running.stop();
    const newer = READ_MODELS.map((model) => (model.name === "reservations" ? { ...model, version: 99 } : model));
    const options = { store, pool, clock: { nowMs: Date.now }, holder: "newer", log: silent, projections: newer };
    const upgraded = startProjector(options);
    await vi.waitFor(async () => {
      const standing = (await readStandings(pool)).find(({ name }) => name === "reservations");
      expect(standing).toMatchObject({ version: 99, generation: 2 });
    });
    await record(store, reserved(1_000));
    await caughtUp(store);
    await upgraded.stop();
    expect(await rowsOf(pool, "reservations")).toHaveLength(51);
  });

  it("that was cut short leaves what serves alone, and can be begun again", async () => {
    const store = new MemoryEventStore();
    await record(store, ...beginning, ...sale(0, 50));
    const running = project(store);
    await caughtUp(store);
    const stop = new AbortController();
    const [projection] = READ_MODELS.filter(({ name }) => name === "reservations");
    if (projection === undefined) throw new Error("no reservations");
    const cut = rebuildProjections({
      pool,
      store,
      projections: [projection],
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    await cut.catch(() => undefined);
    expect(await rowsOf(pool, "reservations")).toHaveLength(50);
    await rebuildProjections({ pool, store, projections: [projection] });
    expect(await rowsOf(pool, "reservations")).toHaveLength(50);
    await running.stop();
  });

  it("of read models that are ahead of a log that was put back from an earlier backup ends where that log does", async () => {
    const events = recordedBy()(...beginning, ...sale(0, 50));
    const [whole, earlier] = [new MemoryEventStore(), new MemoryEventStore()];
    await append(whole, events);
    await append(earlier, events.slice(0, -20));
    const running = project(whole);
    await caughtUp(whole);
    await running.stop();
    await rebuildProjections({ pool, store: earlier, projections: READ_MODELS });
    await caughtUp(earlier);
    expect((await rowsOf(pool, "reservations")).length).toBeLessThan(50);
    // And goes on from there.
    const again = project(earlier);
    await append(earlier, events.slice(-20));
    await caughtUp(earlier);
    await again.stop();
    expect(await rowsOf(pool, "reservations")).toHaveLength(50);
  });

  it("is refused while another one of the same read model runs", async () => {
    const store = new MemoryEventStore();
    await record(store, ...beginning);
    const [projection] = READ_MODELS;
    if (projection === undefined) throw new Error("no read models");
    const results = await Promise.allSettled(
      [1, 2, 3].map(() => rebuildProjections({ pool, store, projections: [projection] })),
    );
    const refused = results.filter((result) => result.status === "rejected").map(({ reason }) => reason);
    expect(refused.every((reason) => reason instanceof RebuildUnderWay)).toBe(true);
  });

  it("can be asked for on the command line", async () => {
    const store = await openPostgresEventStore({ connectionString: database.url });
    await append(store, recordedBy()(...beginning, ...sale(0, 20)));
    await store.close();
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ["src/rebuild.ts", "--projection", "reservations"],
      { env: { ...process.env, DATABASE_URL: database.url, EVENTSTORE_URL: undefined } },
    );
    expect(`${stdout}${stderr}`).toContain("reservations is served from generation 2");
  });
});

async function append(store: EventStore, events: readonly StoredEvent[]): Promise<void> {
  for (const { stream, id, type, data, metadata } of events) {
    await store.append(stream, [{ id, type, data, metadata }], "any");
  }
}
