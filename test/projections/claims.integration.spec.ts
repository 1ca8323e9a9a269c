import { describe, it } from "vitest";
import { projectionSpecs } from "./given.ts";
import { EVENING, expired, extended, MORNING, NOON, opened, released, reservationId, reserved } from "./recorded.ts";
import {
  bookingId,
  CART,
  claimed,
  claimReleased,
  closed,
  confirmed,
  DEADLINE,
  joined,
  offered,
  quantityChanged,
  returned,
  withdrawn,
} from "./recorded-purchases.ts";

const { given } = projectionSpecs();

describe("availability", () => {
  it("counts what is claimed as held, and what is confirmed as booked", () =>
    given(
      opened({ capacity: 40 }),
      reserved(1, { quantity: 4 }),
      reserved(2, { quantity: 3 }),
      claimed(1, 1, { quantity: 4 }),
      claimed(2, 1, { quantity: 3 }),
      confirmed(1, 1, { quantity: 4 }),
    ).then({ availability: [{ total: 40, held: 3, booked: 4, changes: "6" }] }));

  it("has tickets free again that were given back, before and after they were booked", () =>
    given(
      opened({ capacity: 40 }),
      reserved(1, { quantity: 4 }),
      reserved(2, { quantity: 3 }),
      confirmed(1, 1, { quantity: 4 }),
      returned(1, 1, [1, 3]),
      claimReleased(2, 1),
      released(2, 3),
    ).then({ availability: [{ total: 40, held: 0, booked: 2 }] }));

  it("follows a cart's line, offers, and the end of all of it", () =>
    given(
      opened({ capacity: 40 }),
      reserved(1, { quantity: 4 }),
      quantityChanged(1, 4, 6),
      quantityChanged(1, 6, 1),
      joined(2, { quantity: 2 }),
      offered([2, 3], { quantity: 1 }),
      closed(),
      withdrawn([1, 3]),
    ).then({ availability: [{ total: 40, held: 1, booked: 0, changes: "8" }] }));
});

describe("reservations", () => {
  const claim = { booking_id: bookingId(7), deadline: new Date(DEADLINE) };

  it("that are claimed are held until the booking's deadline, and keep their own time", () =>
    given(opened(), reserved(1), claimed(1, 7)).then({
      reservations: [{ status: "HELD", ...claim, expires_at: new Date(NOON), ended_at: null }],
    }));

  it("are their owner's again when the booking comes to nothing", () =>
    given(opened(), reserved(1), extended(1, EVENING), claimed(1, 7), claimReleased(1, 7, { expiresAt: EVENING })).then(
      {
        reservations: [
          { status: "HELD", booking_id: null, deadline: null, extended: true, expires_at: new Date(EVENING) },
        ],
      },
    ));

  it("are claimed again by another booking", () =>
    given(opened(), reserved(1), claimed(1, 6), claimReleased(1, 6), claimed(1, 7)).then({
      reservations: [{ status: "HELD", ...claim }],
    }));

  it("are confirmed for good, also when the tickets are given back", () =>
    given(opened(), reserved(1), claimed(1, 7), confirmed(1, 7, { at: NOON }), returned(1, 7, [0])).then({
      reservations: [{ status: "CONFIRMED", ...claim, ended_at: new Date(NOON) }],
    }));

  it("end with the booking that had them", () =>
    given(
      opened(),
      ...[1, 2, 3].flatMap((number) => [reserved(number), claimed(number, 7)]),
      expired([1], { at: NOON }),
      released(2),
      closed(),
      withdrawn([3]),
    ).then({
      reservations: [
        { status: "EXPIRED", ...claim, ended_at: new Date(NOON) },
        { status: "RELEASED", ...claim, ended_at: new Date(MORNING) },
        { status: "RELEASED", ...claim },
      ],
    }));

  it("are taken again for a late payment", () =>
    given(opened(), reserved(1), claimed(1, 6), expired([1]), reserved(1, { at: NOON }), claimed(1, 7)).then({
      reservations: [{ status: "HELD", ...claim, ended_at: null, created_at: new Date(NOON) }],
    }));

  it("that are lines of a cart have as many tickets as they were set to last", () =>
    given(opened(), reserved(1, { cartId: CART, quantity: 2 }), quantityChanged(1, 2, 5), reserved(2)).then({
      reservations: [
        { quantity: 5, cart_id: CART },
        { quantity: 1, cart_id: null },
      ],
    }));

  it("are made by offers, each under its entry's id", () =>
    given(opened(), joined(1), joined(2), offered([1, 2], { quantity: 2, expiresAt: EVENING }), released(2, 2)).then({
      reservations: [
        {
          reservation_id: reservationId(1),
          status: "HELD",
          quantity: 2,
          unit_price: "4500",
          expires_at: new Date(EVENING),
          key_fingerprint: null,
          revision: 3,
        },
        { reservation_id: reservationId(2), status: "RELEASED" },
      ],
    }));
});
