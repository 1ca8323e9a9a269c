import type pg from "pg";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { startTimers, type TimersOptions } from "../../src/processes/timers.ts";
import { removeTimers } from "../../src/projections/timers/queries.ts";
import { project, readModelDatabase, rowsOf, silent, takeLease } from "../projections/given.ts";
import {
  changed,
  created,
  EVENING,
  EVENT,
  NOON,
  opened,
  REGULAR,
  recordedBy,
  reserved,
  VIP,
} from "../projections/recorded.ts";

let database: Awaited<ReturnType<typeof readModelDatabase>>;
let pool: pg.Pool;
beforeEach(async () => {
  await database?.[Symbol.asyncDispose]();
  database = await readModelDatabase();
  pool = database.pool;
});
afterAll(() => database[Symbol.asyncDispose]());

/** The process at a time of day, over inventories that answer as `lapse` says. */
async function running(
  at: string,
  lapse: TimersOptions["lapse"],
  run: (clock: { now: string }) => Promise<void>,
  bringInventoriesUpToDate: TimersOptions["bringInventoriesUpToDate"] = async () => {},
): Promise<void> {
  const clock = { now: at };
  const running = startTimers({
    pool,
    lapse,
    bringInventoriesUpToDate,
    clock: { nowMs: () => Date.parse(clock.now) },
    holder: "spec",
    log: silent,
    idleMs: 10,
    retryMs: 60_000,
  });
  try {
    await run(clock);
  } finally {
    await running.stop();
  }
}

const timers = () => rowsOf(pool, "timers");

describe("timers", () => {
  it("has what is due lapsed until nothing is left, and takes the timers away", async () => {
    await project(pool, recordedBy()(opened(), reserved(1), reserved(2, { expiresAt: "2026-03-01T12:00:01Z" })));
    const asked: string[] = [];
    const lapse = async (eventId: string, ticketTypeId: string) => {
      asked.push(`${eventId} ${ticketTypeId}`);
      return { remaining: asked.length < 3 };
    };
    await running("2026-03-01T12:00:01Z", lapse, () => vi.waitFor(async () => expect(await timers()).toEqual([])));
    expect(asked).toEqual(Array(3).fill(`${EVENT} ${REGULAR}`));
  });

  it("leaves alone what is not due yet", async () => {
    await project(pool, recordedBy()(opened(), reserved(1, { expiresAt: EVENING }), reserved(2, { expiresAt: NOON })));
    const lapse = vi.fn(async () => ({ remaining: false }));
    await running("2026-03-01T11:59:59.999Z", lapse, async (clock) => {
      await new Promise((resolve) => setTimeout(resolve, 100)); // ten rounds
      expect(lapse).not.toHaveBeenCalled();
      clock.now = NOON;
      await vi.waitFor(async () => expect(await timers()).toHaveLength(1));
    });
    expect(await timers()).toEqual([expect.objectContaining({ due_at: new Date(EVENING) })]);
  });

  it("leaves a stream that fails aside and sees to the others", async () => {
    const vip = { ticketTypeId: VIP };
    await project(pool, recordedBy()(opened(), reserved(1), opened(vip), reserved(2, { ...vip, expiresAt: EVENING })));
    const lapse = vi.fn(async (_eventId: string, ticketTypeId: string) => {
      if (ticketTypeId === REGULAR) throw new Error("busy");
      return { remaining: false };
    });
    await running(EVENING, lapse, () => vi.waitFor(async () => expect(await timers()).toHaveLength(1)));
    expect(await timers()).toEqual([expect.objectContaining({ stream: `inventory-${EVENT}.${REGULAR}` })]);
    expect(lapse.mock.calls.filter(([, ticketTypeId]) => ticketTypeId === REGULAR)).toHaveLength(1);
  });

  it("gives others their turn while one stream has no end of due reservations", async () => {
    const vip = { ticketTypeId: VIP };
    await project(pool, recordedBy()(opened(), reserved(1), opened(vip), reserved(2, { ...vip, expiresAt: EVENING })));
    const lapse = async (_eventId: string, ticketTypeId: string) => ({ remaining: ticketTypeId === REGULAR });
    await running(EVENING, lapse, () => vi.waitFor(async () => expect(await timers()).toHaveLength(1)));
  });

  it("has inventories told what a listing says once it changed", async () => {
    const changedAt = { at: "2026-03-01T12:00:00.500Z" };
    await project(pool, recordedBy()(created(), opened(), changed({ guestsAllowed: false }, changedAt)));
    const told = vi.fn(async () => {});
    const lapse = vi.fn(async () => ({ remaining: false }));
    await running(
      "2026-03-01T12:00:01Z",
      lapse,
      () => vi.waitFor(async () => expect(await timers()).toEqual([])),
      told,
    );
    expect(told.mock.calls).toEqual([[EVENT]]);
    expect(lapse).not.toHaveBeenCalled();
  });

  it("keeps a timer that was asked for again meanwhile", async () => {
    const record = recordedBy();
    await project(pool, record(opened(), reserved(1)));
    const lease = await takeLease(pool, "timers");
    const due = { stream: `inventory-${EVENT}.${REGULAR}`, dueAt: new Date(NOON), position: 20n };
    await project(pool, record(reserved(2)));
    await removeTimers(pool, lease, due);
    expect(await timers()).toHaveLength(1);
    await removeTimers(pool, lease, { ...due, position: 30n });
    expect(await timers()).toEqual([]);
  });

  it("takes nothing away once somebody else holds the lease", async () => {
    await project(pool, recordedBy()(opened(), reserved(1)));
    const before = await takeLease(pool, "timers");
    await takeLease(pool, "timers");
    const due = { stream: `inventory-${EVENT}.${REGULAR}`, dueAt: new Date(NOON), position: 20n };
    await removeTimers(pool, before, due);
    expect(await timers()).toHaveLength(1);
  });
});
