import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inventoryOf } from "../../src/eventstore/streams.ts";
import { project, readModelDatabase } from "./given.ts";
import { runSale, type Said, sales } from "./random-sale.ts";
import { recordedBy } from "./recorded.ts";

let database: Awaited<ReturnType<typeof readModelDatabase>>;
beforeAll(async () => {
  database = await readModelDatabase();
});
afterAll(() => database?.[Symbol.asyncDispose]());

/** The same, as the read models have it. */
async function readOf(eventId: string): Promise<Said> {
  const { pool } = database;
  const counts = await pool.query("select total, held, booked from readmodels.availability where event_id = $1", [
    eventId,
  ]);
  const held = await pool.query<{ reservation_id: string; quantity: number; booking_id: string | null; ends: Date }>(
    `select reservation_id, quantity, booking_id, coalesce(deadline, expires_at) as ends
     from readmodels.reservations where event_id = $1 and status = 'HELD'`,
    [eventId],
  );
  const waiting = await pool.query<{ entry_id: string }>(
    "select entry_id from readmodels.waitlist where event_id = $1 and status = 'WAITING' order by revision",
    [eventId],
  );
  const reservations = held.rows.map((row) => [
    row.reservation_id,
    { quantity: row.quantity, bookingId: row.booking_id, expiresAt: row.ends.toISOString() },
  ]);
  const entries = waiting.rows.map((row) => row.entry_id);
  return { ...counts.rows[0], reservations: Object.fromEntries(reservations), waiting: entries };
}

it("counts, reservations and waitlist are the inventory's own, after every event and in batches of any size", async () => {
  const record = recordedBy();
  await fc.assert(
    fc.asyncProperty(sales, fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1 }), async (steps, sizes) => {
      const log = runSale(steps);
      const events = record(...log.map(({ fact }) => fact));
      const { eventId } = inventoryOf(events[0]?.stream ?? "");
      for (let from = 0, turn = 0; from < events.length; turn += 1) {
        const size = sizes[turn % sizes.length] ?? 1;
        await project(database.pool, events.slice(from, from + size));
        from += size;
        expect(await readOf(eventId)).toEqual(log[Math.min(from, events.length) - 1]?.said);
      }
    }),
    { numRuns: 40, endOnFailure: true }, // a smaller sale is not worth the minutes that it takes to find,
  );
});

it("these sales have every kind of event in them that changes what is read", () => {
  const logs = fc.sample(sales, { numRuns: 100, seed: 1 }).map(runSale);
  const seen = new Set(logs.flatMap((log) => log.map(({ fact }) => fact.event.type)));
  expect([...seen].sort()).toEqual([
    "CapacityChanged",
    "ClaimReleased",
    "InventoryClosed",
    "InventoryOpened",
    "ReservationClaimed",
    "ReservationConfirmed",
    "ReservationExtended",
    "ReservationQuantityChanged",
    "ReservationReleased",
    "ReservationsExpired",
    "ReservationsWithdrawn",
    "TicketsOffered",
    "TicketsReserved",
    "TicketsReturned",
    "WaitlistEnded",
    "WaitlistJoined",
    "WaitlistLeft",
  ]);
});
