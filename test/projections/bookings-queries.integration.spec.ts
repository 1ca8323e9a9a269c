import { describe, expect, it } from "vitest";
import { bookingQueries } from "../../src/projections/bookings/queries.ts";
import { allPages, at, readSideOf } from "./asking.ts";
import { ANN, BOB, EVENING, EVENT, MORNING, NOON, PRICE, REGULAR, reservationId } from "./recorded.ts";
import {
  actionRequired,
  authorized,
  bookingConfirmed,
  bookingId,
  bookingOpened,
  bookingWithdrawn,
  captured,
  DEADLINE,
  declined,
  letGo,
  line,
  otherId,
  refunded,
  refundRequested,
  ticketsCancelled,
  timedOut,
} from "./recorded-purchases.ts";

const CAROL = "018f0000-0000-7000-8000-0000000000c3";
const FAIR = "018f0000-0000-7000-8000-0000000000e3";
const OTHER_EVENT = "018f0000-0000-7000-8000-0000000000e2";
const paid = (number: number, time: string) => [authorized(number), bookingConfirmed(number), captured(number, time)];
const tickets = (number: number, ...ordinals: number[]) => ({ reservationId: reservationId(number), ordinals });

/** 1: paid, one of two cancelled and refunded. 2: all cancelled. 3: of two events. 4: declined. 5: Bob's, free. 6: open. 7 to 9: Carol's, large. */
const { side } = readSideOf([
  ...bookingOpened(1, [line(1, { quantity: 2 })]),
  ...paid(1, NOON),
  ticketsCancelled(1, 11, [tickets(1, 1)], 4_500, NOON),
  refunded(1, 11, EVENING),
  ...bookingOpened(2, [line(2)], { at: "2026-03-01T09:00:01.000Z" }),
  ...paid(2, EVENING),
  ticketsCancelled(2, 12, [tickets(2, 0)], 4_500, EVENING),
  ...bookingOpened(3, [line(3), line(4, { eventId: OTHER_EVENT })], { at: "2026-03-01T09:00:01.000Z" }),
  ...paid(3, EVENING),
  ticketsCancelled(3, 13, [tickets(3, 0)], 4_500, EVENING),
  refundRequested(3, 14, 4_500, EVENING),
  refunded(3, 13),
  refunded(3, 14),
  ...bookingOpened(4, [line(5)], { at: "2026-03-01T09:00:02.000Z" }),
  declined(4),
  letGo(4),
  ...bookingOpened(5, [line(6)], { at: "2026-03-01T09:00:03.000Z", accountId: BOB, free: true }),
  bookingConfirmed(5),
  ...bookingOpened(6, [line(7)], { at: "2026-03-01T09:00:04.000Z" }),
  actionRequired(6),
  ...[3, 6_000, 5_000].flatMap((quantity, n) =>
    bookingOpened(7 + n, [line(8 + n, { quantity, eventId: FAIR })], {
      at: `2026-03-01T10:00:0${n}.000Z`,
      accountId: CAROL,
    }),
  ),
]);
const queries = () => bookingQueries(side());
const now = at(NOON);
const numbered = (...numbers: number[]) => numbers.map(bookingId);

describe("a booking", () => {
  it("is shown with lines, refunds and what is cancelled", async () => {
    expect(await queries().get(bookingId(1), now)).toEqual({
      bookingId: bookingId(1),
      accountId: ANN,
      cartId: null,
      status: "PAID",
      lines: [
        { reservationId: reservationId(1), eventId: EVENT, ticketTypeId: REGULAR, quantity: 2, unitPrice: PRICE },
      ],
      total: { amount: 9_000, currency: "EUR" },
      createdAt: MORNING,
      expiresAt: DEADLINE,
      cancelledAt: null,
      payment: { status: "PARTIALLY_REFUNDED" },
      refunds: [{ refundId: otherId(11), amount: { amount: 4_500, currency: "EUR" }, status: "SUCCEEDED", at: NOON }],
      hasTickets: true,
      cancelledTickets: [{ reservationId: reservationId(1), ordinals: [1] }],
    });
  });

  it("has tickets from when it is paid, also when all of them are cancelled", async () => {
    expect(await queries().get(bookingId(2), now)).toMatchObject({
      status: "CANCELLED",
      hasTickets: true,
      cancelledAt: EVENING,
      payment: { status: "SUCCEEDED" },
      refunds: [{ status: "PENDING" }],
    });
    expect(await queries().get(bookingId(5), now)).toMatchObject({
      status: "PAID",
      hasTickets: true,
      payment: { status: "NOT_STARTED" },
      refunds: [],
    });
    expect(await queries().get(bookingId(4), now)).toMatchObject({
      status: "DECLINED",
      hasTickets: false,
      payment: { status: "FAILED" },
    });
  });

  it("is refunded when all that was taken is given back", async () => {
    expect(await queries().get(bookingId(3), now)).toMatchObject({ payment: { status: "REFUNDED" }, status: "PAID" });
  });

  it("is not timed out before that is on record", async () => {
    expect(await queries().get(bookingId(6), at(EVENING))).toMatchObject({
      status: "PENDING_PAYMENT",
      payment: { status: "REQUIRES_ACTION" },
    });
  });

  it("is not there for an id that is none", async () => {
    expect(await queries().get(bookingId(99), now)).toBeNull();
    expect(await queries().get("no id of ours", now)).toBeNull();
  });
});

describe("bookings", () => {
  it("of an account are listed newest first, page by page, by status", async () => {
    const listed = async (accountId: string, status: "PAID" | "DECLINED" | null) => {
      const found = await allPages((cursor) => queries().listByAccount(accountId, { cursor, limit: 1, status }, now));
      return found.map((one) => one.bookingId);
    };
    expect(await listed(ANN, null)).toEqual(numbered(6, 4, 3, 2, 1));
    expect(await listed(ANN, "PAID")).toEqual(numbered(3, 1));
    expect(await listed(BOB, "DECLINED")).toEqual([]);
  });

  it("with many tickets make shorter pages", async () => {
    const ask = (cursor: string | null) => queries().listByAccount(CAROL, { cursor, limit: 50, status: null }, now);
    const first = await ask(null);
    expect(first.items.map((one) => one.bookingId)).toEqual(numbered(9, 8));
    const rest = await ask(first.next);
    expect(rest).toMatchObject({ items: [{ bookingId: bookingId(7) }], next: null });
  });

  it("of an event are listed with its lines only", async () => {
    const of = null;
    const page = { limit: 50, cursor: null, status: null, of };
    const { items } = await queries().listByEvent(OTHER_EVENT, page, now);
    expect(items.map((one) => one.bookingId)).toEqual(numbered(3));
    expect(items[0]?.lines.map((one) => one.reservationId)).toEqual([reservationId(4)]);
    const all = await allPages((cursor) => queries().listByEvent(EVENT, { ...page, cursor, limit: 2 }, now));
    expect(all.map((one) => one.bookingId)).toEqual(numbered(6, 5, 4, 3, 2, 1));
  });

  it("of an event are found by whose they are and by their id", async () => {
    const find = async (accountIds: readonly string[], id: string | null) => {
      const page = { limit: 50, cursor: null, status: "PAID", of: { accountIds, bookingId: id } } as const;
      return (await queries().listByEvent(EVENT, page, now)).items.map((one) => one.bookingId);
    };
    expect(await find([BOB], null)).toEqual(numbered(5));
    expect(await find([BOB], bookingId(1))).toEqual(numbered(5, 1));
    expect(await find([], bookingId(4))).toEqual([]);
  });

  it("of an event are walked over, each once, the oldest first", async () => {
    const walked = await allPages((cursor) => queries().idsOfEvent(EVENT, { cursor, limit: 2 }, null));
    expect(walked).toEqual(numbered(1, 2, 3, 4, 5, 6));
  });

  it("of a cancelled event are counted", async () => {
    expect(await queries().cancellationOf(EVENT, now)).toEqual({
      bookings: 4,
      cancelled: 2,
      refunds: { pending: 1, succeeded: 3 },
    });
    expect(await queries().cancellationOf(OTHER_EVENT, now)).toMatchObject({ bookings: 1, cancelled: 0 });
    expect(await queries().cancellationOf(REGULAR, now)).toMatchObject({ bookings: 0, cancelled: 0 });
  });

  it("whose money was taken since are gone through", async () => {
    const since = async (time: string) => {
      const found = await Array.fromAsync(queries().capturedSince(Date.parse(time)));
      return found.map((one) => [one.bookingId, one.attemptId, one.chargeId]);
    };
    const of = (number: number) => [bookingId(number), otherId(number), expect.stringMatching(/./)];
    expect(await since(MORNING)).toEqual([of(1), of(2), of(3)]);
    expect(await since(EVENING)).toEqual([of(2), of(3)]);
  });

  it("whose refunds are not made are found, those asked for longest ago", async () => {
    const askedBy = (time: string, limit = 10) => queries().outstandingRefunds(Date.parse(time) + 1, limit);
    expect(await askedBy(NOON)).toEqual([]);
    const outstanding = { bookingId: bookingId(2), attemptId: otherId(2), refundId: otherId(12) };
    expect(await askedBy(EVENING)).toEqual([outstanding]);
    expect(await askedBy(EVENING, 0)).toEqual([]);
  });
});

describe("what nobody has to act on any more", () => {
  const { side: ended } = readSideOf([
    ...bookingOpened(1, [line(1)]),
    actionRequired(1),
    bookingWithdrawn(1),
    ...bookingOpened(2, [line(2)]),
    timedOut(2),
    captured(2),
    refundRequested(2, 9, 4_500),
    refunded(2, 9),
  ]);

  it("is PENDING until it is voided, and REFUNDED when it was taken all the same", async () => {
    const of = bookingQueries;
    expect(await of(ended()).get(bookingId(1), now)).toMatchObject({
      status: "CANCELLED",
      hasTickets: false,
      payment: { status: "PENDING" },
    });
    expect(await of(ended()).get(bookingId(2), now)).toMatchObject({
      status: "TIMED_OUT",
      hasTickets: false,
      payment: { status: "REFUNDED" },
    });
  });
});
