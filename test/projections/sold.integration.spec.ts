import { beforeAll, describe, expect, it } from "vitest";
import { createAccountTables } from "../../src/accounts/tables.ts";
import { soldQueries, type Wanted } from "../../src/projections/bookings/sold.ts";
import type { BookingStatus } from "../../src/projections/bookings/table.ts";
import { allPages, at, readSideOf } from "./asking.ts";
import { ANN, BOB, EVENING, EVENT, NOON, reservationId } from "./recorded.ts";
import {
  authorized,
  bookingConfirmed,
  bookingId,
  bookingOpened,
  captured,
  declined,
  line,
  refunded,
  refundRequested,
  ticketsCancelled,
} from "./recorded-purchases.ts";

const CAROL = "018f0000-0000-7000-8000-0000000000c3";
const FAIR = "018f0000-0000-7000-8000-0000000000e3";
const OTHER_EVENT = "018f0000-0000-7000-8000-0000000000e2";
const paid = (number: number, time: string) => [authorized(number), bookingConfirmed(number), captured(number, time)];
const tickets = (number: number, ...ordinals: number[]) => ({ reservationId: reservationId(number), ordinals });

/** 1: Ann's, paid. 2: Bob's, of two events, one line refunded. 3: Carol's, declined. 4: Carol's, free. 5: of the other event. 6: large. */
const { side, pool } = readSideOf([
  ...bookingOpened(1, [line(1, { quantity: 2 })], { at: "2026-03-01T09:00:01.000Z" }),
  ...paid(1, NOON),
  refundRequested(1, 11, 500, NOON),
  refunded(1, 11, EVENING),
  ...bookingOpened(2, [line(2, { quantity: 3 }), line(3, { eventId: OTHER_EVENT })], {
    at: "2026-03-01T09:00:02.000Z",
    accountId: BOB,
  }),
  ...paid(2, NOON),
  ticketsCancelled(2, 12, [tickets(2, 1), tickets(3, 0)], 9_000, EVENING),
  refunded(2, 12, EVENING),
  ...bookingOpened(3, [line(4)], { at: "2026-03-01T09:00:03.000Z", accountId: CAROL }),
  declined(3),
  ...bookingOpened(4, [line(4)], { at: "2026-03-01T09:00:04.000Z", accountId: CAROL, free: true }),
  bookingConfirmed(4),
  ...bookingOpened(5, [line(5, { eventId: OTHER_EVENT })], { at: "2026-03-01T09:00:05.000Z" }),
  ...bookingOpened(
    6,
    Array.from({ length: 2_500 }, (_, n) => line(100 + n, { eventId: FAIR })),
  ),
  ...paid(6, NOON),
]);
beforeAll(async () => {
  await createAccountTables(pool());
  await pool().query(
    `insert into accounts.account (account_id, email, password_hash, name, roles, guest, erased_at)
     values ($1, 'ann@example.org', 'x', 'Ann 100%', '{customer}', false, null),
       ($2, 'bob_b@example.com', null, null, '{customer}', true, null), ($3, null, null, null, '{customer}', false, now())`,
    [ANN, BOB, CAROL],
  );
});

const queries = () => soldQueries(side());
const now = at(NOON);
const page = { cursor: null, limit: 50, status: null, wanted: null };
const listed = async (more: { status?: BookingStatus; wanted?: Wanted } = {}, event = EVENT) => {
  const { items } = await queries().list(event, { ...page, ...more }, now);
  return items.map((one) => one.bookingId);
};
const numbered = (...numbers: number[]) => numbers.map(bookingId);

describe("bookings of an event", () => {
  it("are listed, the newest first, page by page", async () => {
    const all = await allPages((cursor) => queries().list(EVENT, { ...page, cursor, limit: 2 }, now));
    expect(all.map((one) => one.bookingId)).toEqual(numbered(4, 3, 2, 1));
    expect(await listed({}, ANN)).toEqual([]);
  });

  it("tell who bought and when it was paid", async () => {
    const { items } = await queries().list(EVENT, page, now);
    expect(items.map(({ buyer, paidAt }) => [buyer.accountId, buyer.name, buyer.email, paidAt])).toEqual([
      [CAROL, null, null, null],
      [CAROL, null, null, null],
      [BOB, null, "bob_b@example.com", NOON],
      [ANN, "Ann 100%", "ann@example.org", NOON],
    ]);
  });

  it("show nothing of other events: neither lines nor sums nor refunds", async () => {
    const { items } = await queries().list(EVENT, { ...page, wanted: { bookingIds: [bookingId(2)] } }, now);
    expect(items).toMatchObject([
      {
        isShared: true,
        lines: [{ reservationId: reservationId(2), quantity: 3 }],
        total: { amount: 13_500, currency: "EUR" },
        cancelledTickets: [{ reservationId: reservationId(2), ordinals: [1] }],
        payment: { status: "SUCCEEDED" },
        refunds: [],
      },
    ]);
    expect(JSON.stringify(items)).not.toContain(OTHER_EVENT);
    const [alone] = (await queries().list(EVENT, { ...page, wanted: { bookingIds: [bookingId(1)] } }, now)).items;
    expect(alone).toMatchObject({
      isShared: false,
      total: { amount: 9_000 },
      payment: { status: "PARTIALLY_REFUNDED" },
      refunds: [{ amount: { amount: 500 } }],
    });
  });

  it("are found by status", async () => {
    expect(await listed({ status: "DECLINED" })).toEqual(numbered(3));
    expect(await listed({ status: "PAID" })).toEqual(numbered(4, 2, 1));
    expect(await listed({ status: "CANCELLED" })).toEqual([]);
  });

  it("are found by their ids and by whose they are, within the event", async () => {
    expect(await listed({ wanted: { bookingIds: numbered(1, 5, 3) } })).toEqual(numbered(3, 1));
    expect(await listed({ wanted: { accountIds: [CAROL] } })).toEqual(numbered(4, 3));
    expect(await listed({ wanted: { accountIds: [CAROL] }, status: "PAID" })).toEqual(numbered(4));
    expect(await listed({ wanted: { bookingIds: [] } })).toEqual([]);
    const ofCarol = await allPages((cursor) =>
      queries().list(EVENT, { ...page, cursor, limit: 1, wanted: { accountIds: [CAROL] } }, now),
    );
    expect(ofCarol.map((one) => one.bookingId)).toEqual(numbered(4, 3));
  });

  it("are found by a part of the buyer's name or e-mail, whatever its case; what means something to the database means itself", async () => {
    for (const text of ["ANN", "0%", "nn@ex"]) expect(await listed({ wanted: { text } }), text).toEqual(numbered(1));
    for (const text of ["b_b@", "EXAMPLE.com"]) expect(await listed({ wanted: { text } }), text).toEqual(numbered(2));
    for (const text of ["a%n", "ann_", "\\", "carol"]) expect(await listed({ wanted: { text } }), text).toEqual([]);
  });

  it("are found by the id of a reservation, in each booking that it was in", async () => {
    const idsOf = async (id: string) => [...(await queries().idsOf(EVENT, id, now))].sort();
    expect(await idsOf(reservationId(4))).toEqual(numbered(3, 4));
    expect(await idsOf(bookingId(2))).toEqual(numbered(2));
    expect(await idsOf(reservationId(3))).toEqual([]);
    expect(await idsOf(bookingId(5))).toEqual([]);
  });
});

describe("lines of an event", () => {
  const lines = async (event: string) => Array.fromAsync(queries().lines(event, now));

  it("are those of bookings with tickets, the newest first", async () => {
    expect(await lines(EVENT)).toEqual([
      { bookingId: bookingId(4), reservationId: reservationId(4), quantity: 1 },
      { bookingId: bookingId(2), reservationId: reservationId(2), quantity: 3 },
      { bookingId: bookingId(1), reservationId: reservationId(1), quantity: 2 },
    ]);
    expect(await lines(OTHER_EVENT)).toEqual([
      { bookingId: bookingId(2), reservationId: reservationId(3), quantity: 1 },
    ]);
  });

  it("are each there once, where a portion ends within a booking", async () => {
    const all = await lines(FAIR);
    expect(all.length).toBe(2_500);
    expect(new Set(all.map((one) => one.reservationId)).size).toBe(2_500);
  });
});
