import type pg from "pg";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { InventoryRef } from "../../src/commands/reservations.ts";
import type { Log } from "../../src/ports.ts";
import { portionByPortion, type Seen, startTimers, type TimerHandlers } from "../../src/processes/timers.ts";
import { settleTimers } from "../../src/projections/timers/work.ts";
import { project, readModelDatabase, rowsOf, silent, takeLease } from "../projections/given.ts";
import { changed, created, EVENING, EVENT, NOON, opened, REGULAR, recordedBy } from "../projections/recorded.ts";

let database: Awaited<ReturnType<typeof readModelDatabase>>;
let pool: pg.Pool;
beforeEach(async () => {
  await database?.[Symbol.asyncDispose]();
  database = await readModelDatabase();
  pool = database.pool;
});
afterAll(() => database[Symbol.asyncDispose]());

/** The process at a time of day, over streams that answer as the handlers say. */
async function running(
  at: string,
  handlers: Partial<TimerHandlers>,
  run: (clock: { now: string }) => Promise<void>,
  log: Log = silent,
): Promise<void> {
  const clock = { now: at };
  const running = startTimers({
    pool,
    handlers,
    clock: { nowMs: () => Date.parse(clock.now) },
    holder: "spec",
    log,
    idleMs: 10,
    retryMs: 60_000,
  });
  try {
    await run(clock);
  } finally {
    await running.stop();
  }
}

/** Timers of these streams, one each at noon; positions from 1. */
async function dueAtNoon(...streams: readonly string[]): Promise<void> {
  await pool.query(
    `insert into readmodels.timers (stream, due_at, position)
     select stream, $2, n from unnest($1::text[]) with ordinality as s (stream, n)`,
    [streams, NOON],
  );
}

const none = () => vi.waitFor(async () => expect(await timers()).toEqual([]));
const INVENTORY = { eventId: EVENT, ticketTypeId: REGULAR };
const DONE = { againAtMs: null };

const timers = () => rowsOf(pool, "timers");

describe("timers", () => {
  it("has each kind of stream seen to, and takes the timers away", async () => {
    await dueAtNoon("inventory-e.t", "listing-e", "booking-b", "cart-a");
    const seen: unknown[] = [];
    const see = (kind: string) => async (of: unknown) => {
      seen.push([kind, of]);
      return DONE;
    };
    const handlers = {
      inventory: see("inventory"),
      listing: see("listing"),
      booking: see("booking"),
      cart: see("cart"),
    };
    await running(NOON, handlers, none);
    expect(seen.toSorted()).toEqual([
      ["booking", "b"],
      ["cart", "a"],
      ["inventory", { eventId: "e", ticketTypeId: "t" }],
      ["listing", "e"],
    ]);
  });

  it("leaves alone what is not due yet", async () => {
    await dueAtNoon("inventory-e.t");
    await pool.query("insert into readmodels.timers (stream, due_at, position) values ('inventory-e.t', $1, 2)", [
      EVENING,
    ]);
    const inventory = vi.fn(async () => DONE);
    await running("2026-03-01T11:59:59.999Z", { inventory }, async (clock) => {
      await new Promise((resolve) => setTimeout(resolve, 100)); // ten rounds
      expect(inventory).not.toHaveBeenCalled();
      clock.now = NOON;
      await vi.waitFor(async () => expect(await timers()).toHaveLength(1));
    });
    expect(await timers()).toEqual([expect.objectContaining({ due_at: new Date(EVENING) })]);
  });

  it("looks again when a stream says so, not before, and remembers it over a restart", async () => {
    await dueAtNoon("booking-b");
    const again = Date.parse(NOON) + 30_500;
    const booking = vi.fn(async () => ({ againAtMs: again as number | null }));
    await running(NOON, { booking }, () =>
      vi.waitFor(async () => expect(await timers()).toMatchObject([{ stream: "booking-b", due_at: new Date(again) }])),
    );
    booking.mockResolvedValue(DONE);
    await running("2026-03-01T12:00:30.499Z", { booking }, async (clock) => {
      await new Promise((resolve) => setTimeout(resolve, 100)); // ten rounds
      expect(booking).toHaveBeenCalledTimes(1);
      clock.now = "2026-03-01T12:00:30.500Z";
      await none();
    });
    expect(booking).toHaveBeenCalledTimes(2);
  });

  it("leaves a stream that fails aside for a while and sees to the others", async () => {
    await dueAtNoon("inventory-e.failing", "inventory-e.other");
    const inventory = vi.fn(async ({ ticketTypeId }: InventoryRef) => {
      if (ticketTypeId === "failing") throw new Error("busy");
      return DONE;
    });
    const later = new Date(Date.parse(NOON) + 60_001);
    await running(NOON, { inventory }, () =>
      vi.waitFor(async () => expect(await timers()).toMatchObject([{ stream: "inventory-e.failing", due_at: later }])),
    );
    expect(inventory.mock.calls.filter(([{ ticketTypeId }]) => ticketTypeId === "failing")).toHaveLength(1);
  });

  it("gives others their turn while one stream has no end of what is due", async () => {
    await dueAtNoon("inventory-e.endless", "inventory-e.other");
    const clock = { nowMs: () => Date.parse(NOON) };
    const lapse = vi.fn(async ({ ticketTypeId }: InventoryRef) => ({ remaining: ticketTypeId === "endless" }));
    await running(NOON, { inventory: portionByPortion(lapse, clock) }, () =>
      vi.waitFor(async () => expect(await timers()).toMatchObject([{ stream: "inventory-e.endless" }])),
    );
  });

  it("goes on portion by portion until nothing remains", async () => {
    let portions = 0;
    const lapse = async () => {
      portions += 1;
      return { remaining: portions < 50 };
    };
    const seen = portionByPortion(lapse, { nowMs: () => 7 });
    expect([await seen(INVENTORY), await seen(INVENTORY), await seen(INVENTORY)]).toEqual([
      { againAtMs: 7 },
      { againAtMs: 7 },
      DONE,
    ]);
    expect(portions).toBe(50);
  });

  it("does many at once, each stream once at a time", async () => {
    const streams = Array.from({ length: 1_000 }, (_, i) => `inventory-e.${i}`);
    await dueAtNoon(...streams);
    const under = new Set<string>();
    let most = 0;
    const seen: string[] = [];
    const inventory = async ({ ticketTypeId }: InventoryRef) => {
      expect(under.has(ticketTypeId)).toBe(false);
      under.add(ticketTypeId);
      most = Math.max(most, under.size);
      await new Promise((resolve) => setTimeout(resolve, 5));
      under.delete(ticketTypeId);
      seen.push(ticketTypeId);
      return DONE;
    };
    await running(NOON, { inventory }, none);
    expect(most).toBe(64);
    expect(seen).toHaveLength(1_000);
  });

  it("is not held up by a kind that hangs", async () => {
    const hanging = Promise.withResolvers<typeof DONE>();
    await dueAtNoon(...Array.from({ length: 200 }, (_, i) => `booking-${i}`), "inventory-e.t");
    await running(NOON, { inventory: async () => DONE, booking: () => hanging.promise }, async () => {
      await vi.waitFor(async () => expect(await timers()).toHaveLength(200));
      hanging.resolve(DONE);
      await none();
    });
  });

  it("leaves timers of a kind that it has no handler for", async () => {
    await dueAtNoon("inventory-e.t", "booking-b");
    await running(NOON, { inventory: async () => DONE }, () =>
      vi.waitFor(async () => expect(await timers()).toMatchObject([{ stream: "booking-b" }])),
    );
  });

  it("has inventories told what a listing says once it changed", async () => {
    const changedAt = { at: "2026-03-01T12:00:00.500Z" };
    await project(pool, recordedBy()(created(), opened(), changed({ guestsAllowed: false }, changedAt)));
    const listing = vi.fn(async () => DONE);
    await running("2026-03-01T12:00:01Z", { listing }, () =>
      vi.waitFor(async () => {
        expect(listing).toHaveBeenCalled();
        expect((await timers()).filter((row) => row.stream === `listing-${EVENT}`)).toEqual([]);
      }),
    );
    expect(listing.mock.calls).toEqual([[EVENT]]);
  });

  it("is taken over when its process ends, or loses its lease, and what was under way is seen to again", async () => {
    await dueAtNoon("booking-b");
    const clock = { nowMs: () => Date.parse(NOON) };
    const frozen = vi.fn(() => new Promise<Seen>(() => undefined));
    startTimers({
      pool,
      clock,
      handlers: { booking: frozen },
      holder: "killed",
      log: silent,
      validMs: 200,
      renewMs: 1e9,
    });
    await vi.waitFor(() => expect(frozen).toHaveBeenCalled());
    await running(NOON, { booking: async () => DONE }, none);
  });
});

describe("settling timers", () => {
  const stream = `inventory-${EVENT}.${REGULAR}`;
  const seen = (position: bigint, againAtMs: number | null = null) => ({
    stream,
    dueAt: new Date(NOON),
    position,
    againAtMs,
  });

  it("keeps a timer that was asked for again meanwhile", async () => {
    await dueAtNoon(stream);
    const lease = await takeLease(pool, "timers");
    await pool.query("update readmodels.timers set position = 30");
    await settleTimers(pool, lease, [seen(20n)]);
    expect(await timers()).toHaveLength(1);
    await settleTimers(pool, lease, [seen(30n)]);
    expect(await timers()).toEqual([]);
  });

  it("keeps one that has to be looked at again at once behind what it replaces", async () => {
    await dueAtNoon(stream);
    const lease = await takeLease(pool, "timers");
    await settleTimers(pool, lease, [seen(1n, Date.parse(NOON) - 5)]);
    expect(await timers()).toMatchObject([{ due_at: new Date(Date.parse(NOON) + 1) }]);
  });

  it("leaves a row that the projector is at for later, and does not wait for it", async () => {
    await dueAtNoon(stream);
    const lease = await takeLease(pool, "timers");
    const projector = await pool.connect();
    await projector.query("begin");
    await projector.query("update readmodels.timers set position = position");
    await settleTimers(pool, lease, [seen(1n)]);
    await projector.query("commit");
    projector.release();
    expect(await timers()).toHaveLength(1);
    await settleTimers(pool, lease, [seen(1n)]);
    expect(await timers()).toEqual([]);
  });

  it("does nothing once somebody else holds the lease", async () => {
    await dueAtNoon(stream);
    const before = await takeLease(pool, "timers");
    await takeLease(pool, "timers");
    await settleTimers(pool, before, [seen(1n, Date.parse(EVENING))]);
    expect(await timers()).toMatchObject([{ due_at: new Date(NOON) }]);
  });
});
