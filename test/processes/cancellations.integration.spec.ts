import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CREATE_LEASES, LeaseLost } from "../../src/leases/lease.ts";
import { Cancellations } from "../../src/processes/cancellation-progress.ts";
import { CREATE_CANCELLATIONS, noteWalked } from "../../src/processes/cancellation-rows.ts";
import {
  CANCELLATIONS_LEASE,
  type CancellationsOptions,
  startCancellations,
} from "../../src/processes/cancellations.ts";
import { ReadModelBehind } from "../../src/projections/consistent-read.ts";
import { silent, takeLease } from "../projections/given.ts";
import { freshDatabase } from "../support/postgres.ts";

const EVENT = "018f0000-0000-7000-8000-0000000000e1";
const OTHER = "018f0000-0000-7000-8000-0000000000e2";
const CLOSED_AT = 70n;

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: pg.Pool;
const running: { stop(): Promise<void> }[] = [];
beforeEach(async () => {
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 6 });
  pool.on("error", () => undefined);
  await pool.query(CREATE_LEASES);
  await pool.query(CREATE_CANCELLATIONS);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
  await pool.end();
  await database.drop();
});

/** Bookings of events, as the log and the read model have them, and what was done about them. */
function world(bookings: Readonly<Record<string, readonly string[]>>) {
  const said: string[] = [];
  const cancelled: string[] = [];
  return {
    said,
    /** In order, those that were cancelled twice twice. */
    cancelled,
    options: {
      close: async (eventId: string) => {
        said.push(`close ${eventId}`);
        return CLOSED_AT;
      },
      empty: async (eventId: string) => {
        said.push(`empty ${eventId}`);
      },
      bookingsOf: async (eventId, { cursor, limit }, minPosition) => {
        expect(minPosition).toBeGreaterThanOrEqual(CLOSED_AT);
        const all = bookings[eventId]?.toSorted() ?? [];
        const rest = all.filter((id) => cursor === null || id > cursor);
        const items = rest.slice(0, limit);
        return { items, next: rest.length > limit ? (items.at(-1) ?? null) : null };
      },
      cancelForEvent: async (bookingId) => {
        cancelled.push(bookingId);
        return "done";
      },
      head: async () => 90n,
    } satisfies Partial<CancellationsOptions>,
  };
}

function start(options: ReturnType<typeof world>["options"], changes: Partial<CancellationsOptions> = {}) {
  const holder = randomUUID();
  const process = startCancellations({
    pool,
    holder,
    log: silent,
    idleMs: 10,
    retryMs: 20,
    pageSize: 5,
    ...options,
    ...changes,
  });
  running.push(process);
  return process;
}

const ids = (count: number) => Array.from({ length: count }, () => randomUUID());

const progressOf = (eventId: string, refundsPending = 0) =>
  new Cancellations({
    pool,
    cancelledAt: async () => "2026-03-01T12:00:00.000Z",
    figures: async () => ({ bookings: 3, cancelled: 2, refunds: { pending: refundsPending, succeeded: 1 } }),
  }).progress(eventId);
const begin = (eventId: string) =>
  new Cancellations({ pool, cancelledAt: async () => null, figures: () => Promise.reject() }).begin(eventId);
const done = (eventId = EVENT) =>
  vi.waitFor(async () => expect((await progressOf(eventId))?.status).toBe("DONE"), { timeout: 10_000 });

describe("seeing to a cancelled event", () => {
  it("closes its inventories, empties them, and cancels every booking, each once", async () => {
    const bookings = ids(23);
    const { said, cancelled, options } = world({ [EVENT]: bookings });
    await begin(EVENT);
    await begin(EVENT);
    start(options);
    await done();
    expect(said).toEqual([`close ${EVENT}`, `empty ${EVENT}`]);
    expect(cancelled.toSorted()).toEqual(bookings.toSorted());
  });

  it("does nothing about events that nobody has cancelled", async () => {
    const { said, options } = world({ [OTHER]: ids(3) });
    await begin(EVENT);
    start(options);
    await done();
    expect(said).not.toContain(`close ${OTHER}`);
  });

  it("waits for a read model that has passed the close", async () => {
    const { cancelled, options } = world({ [EVENT]: ids(2) });
    let behind = 3;
    const bookingsOf: CancellationsOptions["bookingsOf"] = async (...asked) => {
      behind -= 1;
      if (behind >= 0) throw new ReadModelBehind("not there yet");
      return options.bookingsOf(...asked);
    };
    await begin(EVENT);
    start(options, { bookingsOf });
    await done();
    expect(cancelled).toHaveLength(2);
  });

  it("comes back to bookings that are being paid, and is not done before", async () => {
    const bookings = ids(12).toSorted();
    const paying = new Set<string | undefined>([bookings[0], bookings[6]]);
    const { cancelled, options } = world({ [EVENT]: bookings });
    const cancelForEvent: CancellationsOptions["cancelForEvent"] = async (bookingId) =>
      paying.has(bookingId) ? "later" : options.cancelForEvent(bookingId);
    await begin(EVENT);
    start(options, { cancelForEvent });
    await vi.waitFor(() => expect(cancelled).toHaveLength(10));
    await new Promise((resolve) => setTimeout(resolve, 100)); // ten rounds
    expect((await progressOf(EVENT))?.status).toBe("RUNNING");
    paying.clear();
    await done();
    expect(cancelled.toSorted()).toEqual(bookings);
  });

  it("is not held up by a booking that can't be cancelled", async () => {
    const bookings = ids(9).toSorted();
    const { cancelled, options } = world({ [EVENT]: bookings });
    let failures = 0;
    const cancelForEvent: CancellationsOptions["cancelForEvent"] = async (bookingId) => {
      if (bookingId === bookings[2] && failures < 3) {
        failures += 1;
        throw new Error("busy");
      }
      return options.cancelForEvent(bookingId);
    };
    await begin(EVENT);
    start(options, { cancelForEvent });
    await done();
    expect([failures, cancelled.toSorted()]).toEqual([3, bookings]);
  });

  it("sees to several events in turn, whatever becomes of one", async () => {
    const { cancelled, options } = world({ [EVENT]: ids(3), [OTHER]: ids(4) });
    const close: CancellationsOptions["close"] = async (eventId) => {
      if (eventId === EVENT) throw new Error("unavailable");
      return options.close(eventId);
    };
    await begin(EVENT);
    await begin(OTHER);
    start(options, { close });
    await done(OTHER);
    expect(cancelled).toHaveLength(4);
    expect((await progressOf(EVENT))?.status).toBe("RUNNING");
  });
});

describe("a process that ends in the middle", () => {
  it("is followed by another, which goes on where it stood", async () => {
    const bookings = ids(25).toSorted();
    const { said, cancelled, options } = world({ [EVENT]: bookings });
    const frozen = Promise.withResolvers<"done">();
    const seen: string[] = [];
    const freezing: CancellationsOptions["cancelForEvent"] = async (bookingId) => {
      seen.push(bookingId);
      return bookingId === bookings[17] ? frozen.promise : "done";
    };
    await begin(EVENT);
    start(options, { cancelForEvent: freezing, validMs: 300, renewMs: 1e9 });
    await vi.waitFor(() => expect(seen).toContain(bookings[17]));
    start(options);
    await done();
    // Of the page that was under way all are asked again, of those before none.
    expect(cancelled.toSorted()).toEqual(bookings.slice(15));
    expect(said).toEqual([`close ${EVENT}`, `empty ${EVENT}`]);
    frozen.resolve("done");
  });

  it("writes nothing any more once another has its lease", async () => {
    await begin(EVENT);
    const before = await takeLease(pool, CANCELLATIONS_LEASE);
    await takeLease(pool, CANCELLATIONS_LEASE);
    const waiting = randomUUID();
    await expect(noteWalked(pool, before, EVENT, "next", [waiting])).rejects.toThrow(LeaseLost);
    const { rows } = await pool.query("select page from processes.cancellations");
    expect(rows).toEqual([{ page: null }]);
    expect((await pool.query("select 1 from processes.cancellation_waits")).rowCount).toBe(0);
  });

  it("stops in order", async () => {
    const { cancelled, options } = world({ [EVENT]: ids(7) });
    await begin(EVENT);
    const first = start(options);
    await vi.waitFor(() => expect(cancelled.length).toBeGreaterThan(0), 10_000);
    await first.stop();
    start(options);
    await done();
  });
});

describe("the progress of a cancellation", () => {
  it("is none of an event that is not cancelled", async () => {
    const cancellations = new Cancellations({ pool, cancelledAt: async () => null, figures: () => Promise.reject() });
    expect(await cancellations.progress(EVENT)).toBeNull();
  });

  it("is done when every booking is seen to and every refund was made", async () => {
    const { options } = world({});
    expect(await progressOf(EVENT)).toMatchObject({ status: "RUNNING" }); // before anybody has begun
    await begin(EVENT);
    start(options);
    await done();
    expect(await progressOf(EVENT, 1)).toEqual({
      eventId: EVENT,
      status: "RUNNING",
      cancelledAt: "2026-03-01T12:00:00.000Z",
      bookings: 3,
      cancelled: 2,
      refundsPending: 1,
      refundsSucceeded: 1,
    });
  });
});
