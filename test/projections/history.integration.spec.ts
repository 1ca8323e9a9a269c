import { describe, expect, it } from "vitest";
import { InvalidCursor } from "../../src/projections/cursor.ts";
import { historyQueries } from "../../src/projections/history/queries.ts";
import { allPages, at, readSideOf } from "./asking.ts";
import { projectionSpecs } from "./given.ts";
import {
  ANN,
  BOB,
  EVENING,
  EVENT,
  expired,
  MORNING,
  NOON,
  opened,
  REGULAR,
  released,
  reservationId,
  reserved,
} from "./recorded.ts";
import {
  abandoned,
  authorized,
  bookingConfirmed,
  bookingId,
  bookingOpened,
  CART,
  captured,
  cartCheckedOut,
  cartCompleted,
  cartOpened,
  cartTouched,
  claimed,
  confirmed,
  joined,
  leftWaitlist,
  line,
  offered,
  otherId,
  refunded,
  ticketsCancelled,
  waitlistEnded,
} from "./recorded-purchases.ts";

const { given } = projectionSpecs();

describe("history", () => {
  it("is everybody's own, also where an event does not say whose", () =>
    given(...bookingOpened(1, [line(1)], { accountId: BOB }), authorized(1), captured(1, NOON)).then({
      history: [
        { position: "10", at: new Date(MORNING), type: "BookingOpened", account_id: BOB, booking_id: bookingId(1) },
        { type: "PaymentRequested", account_id: BOB, data: { method: "sandbox-ok", amount: line(1).unitPrice } },
        { type: "PaymentAuthorized", account_id: BOB, data: {} },
        { position: "40", at: new Date(NOON), type: "PaymentCaptured", account_id: BOB, data: {} },
      ],
    }));

  it("has what became of a purchase that was given up, which is nobody's", () =>
    given(abandoned(1)).then({ history: [{ type: "BookingAbandoned", account_id: null, booking_id: bookingId(1) }] }));

  it("has an item for each entry of a waitlist that ended", () =>
    given(joined(1), joined(2, { accountId: BOB }), leftWaitlist(1), waitlistEnded([3, 4])).then({
      history: [
        { type: "WaitlistJoined", account_id: ANN, entry_id: reservationId(1), event_id: EVENT },
        { type: "WaitlistJoined", account_id: BOB, data: { ticketTypeId: REGULAR, quantity: 1 } },
        { type: "WaitlistLeft", account_id: ANN, entry_id: reservationId(1) },
        { type: "WaitlistEnded", entry_id: reservationId(3), data: { reason: "event-cancelled" } },
        { type: "WaitlistEnded", entry_id: reservationId(4) },
      ],
    }));
});

const { side } = readSideOf([
  opened(),
  cartOpened(),
  cartTouched(),
  reserved(1, { cartId: CART }),
  cartCheckedOut(1),
  claimed(1, 1),
  ...bookingOpened(1, [line(1)], { cartId: CART }),
  confirmed(1, 1),
  cartCompleted(1),
  authorized(1),
  bookingConfirmed(1),
  captured(1, NOON),
  ticketsCancelled(1, 5, [{ reservationId: reservationId(1), ordinals: [0] }], 4_500, EVENING),
  refunded(1, 5, EVENING),
  reserved(2, { at: NOON, expiresAt: EVENING }),
  reserved(3, { at: NOON, expiresAt: EVENING }),
  released(3, 1, { at: NOON }),
  joined(4, { at: NOON }),
  offered([4], { at: EVENING }),
  expired([2, 4], { at: EVENING }),
  reserved(5, { accountId: BOB }),
]);
const queries = () => historyQueries(side());

describe("a booking's history", () => {
  it("goes from its beginning to its end, with its cart's part and without what is the provider's", async () => {
    const items = await queries().ofBooking(bookingId(1), at(NOON));
    expect(items.map(({ type }) => type)).toEqual([
      "CartCheckedOut",
      "BookingOpened",
      "PaymentRequested",
      "CartCompleted",
      "PaymentAuthorized",
      "BookingConfirmed",
      "PaymentCaptured",
      "TicketsCancelled",
      "RefundSucceeded",
    ]);
    expect(items[8]).toEqual({
      at: EVENING,
      type: "RefundSucceeded",
      bookingId: bookingId(1),
      cartId: null,
      entryId: null,
      eventId: null,
      reservationId: null,
      actor: { account: ANN, role: "customer" },
      data: { refundId: otherId(5) },
    });
    expect(JSON.stringify(items)).not.toMatch(/ch_|re_|attemptId/);
    expect(await queries().ofBooking(bookingId(2), at(NOON))).toEqual([]);
    expect(await queries().ofBooking("none", at(NOON))).toEqual([]);
  });
});

describe("an account's history", () => {
  const EXPECTED = [
    `ReservationExpired ${reservationId(4)}`,
    `ReservationExpired ${reservationId(2)}`,
    "RefundSucceeded",
    "TicketsCancelled",
    `TicketsOffered ${reservationId(4)}`,
    `ReservationReleased ${reservationId(3)}`,
    "WaitlistJoined",
    "PaymentCaptured",
    `TicketsReserved ${reservationId(3)}`,
    `TicketsReserved ${reservationId(2)}`,
    `ReservationConfirmed ${reservationId(1)}`,
    "BookingConfirmed",
    "PaymentAuthorized",
    "CartCompleted",
    "PaymentRequested",
    "BookingOpened",
    "CartCheckedOut",
    "CartOpened",
    `TicketsReserved ${reservationId(1)}`,
  ];

  it.each([1, 2, 3, 50])("is put together newest first, in pages of %d, each item once", async (limit) => {
    const items = await allPages((cursor) => queries().ofAccount(ANN, { cursor, limit }, at(EVENING)));
    const seen = items.map(({ type, reservationId: id }) => (id === null ? type : `${type} ${id}`));
    expect(seen).toEqual(EXPECTED);
  });

  it("tells what was reserved, and what it was bought with", async () => {
    const items = await allPages((cursor) => queries().ofAccount(ANN, { cursor, limit: 50 }, at(EVENING)));
    expect(items.at(-1)).toMatchObject({
      at: MORNING,
      cartId: CART,
      eventId: EVENT,
      actor: null,
      data: { ticketTypeId: REGULAR, quantity: 1, unitPrice: { amount: 4_500, currency: "EUR" }, expiresAt: NOON },
    });
    expect(items.find(({ type }) => type === "ReservationConfirmed")).toMatchObject({ bookingId: bookingId(1) });
    expect(items.find(({ type }) => type === "TicketsOffered")).toMatchObject({ entryId: reservationId(4) });
  });

  it("takes no cursor but its own", async () => {
    for (const cursor of ["", "x", Buffer.from(`1.0.${"9".repeat(39)}`).toString("base64url")]) {
      await expect(queries().ofAccount(ANN, { cursor, limit: 1 }, at(NOON))).rejects.toBeInstanceOf(InvalidCursor);
    }
  });
});
