import { expect, it } from "vitest";
import { cartQueries } from "../../src/projections/carts/queries.ts";
import { reservationQueries } from "../../src/projections/reservations/queries.ts";
import { at, readSideOf } from "./asking.ts";
import {
  ANN,
  BOB,
  EVENING,
  EVENT,
  MORNING,
  NOON,
  ORGANIZER,
  opened,
  REGULAR,
  released,
  reservationId,
  reserved,
  VIP,
} from "./recorded.ts";
import {
  bookingId,
  CART,
  cartCheckedOut,
  cartCleared,
  cartCompleted,
  cartExpired,
  cartOpened,
  cartReopened,
  cartTouched,
  claimed,
  confirmed,
  DEADLINE,
  quantityChanged,
} from "./recorded-purchases.ts";

const cart = (number: number) => CART.replace(/1$/, `${number}`);
const [COMPLETED, CLEARED, EXPIRED] = [2, 3, 4].map((number) => ({
  accountId: cart(number).replace("f", "b"),
  cartId: cart(number),
}));

const { side } = readSideOf([
  opened(),
  opened({ ticketTypeId: VIP, ordinal: 1 }),
  cartOpened({ cartId: cart(9) }),
  cartExpired({ cartId: cart(9) }),
  cartOpened(),
  cartTouched(),
  reserved(1, { cartId: CART, quantity: 2 }),
  quantityChanged(1, 2, 3),
  cartTouched({ ticketTypeId: VIP }),
  reserved(2, { cartId: CART, ticketTypeId: VIP }),
  reserved(3, { cartId: CART }),
  released(3),
  reserved(4),
  cartOpened({ accountId: BOB, cartId: cart(5) }),
  cartCheckedOut(5, { accountId: BOB, cartId: cart(5) }),
  reserved(5, { accountId: BOB, cartId: cart(5) }),
  claimed(5, 5),
  cartOpened(COMPLETED),
  cartCheckedOut(6, COMPLETED),
  reserved(6, { ...COMPLETED }),
  claimed(6, 6),
  confirmed(6, 6),
  cartCompleted(6, COMPLETED),
  cartOpened(CLEARED),
  cartCleared(CLEARED),
  cartOpened(EXPIRED),
  cartCheckedOut(7, EXPIRED),
  cartReopened(7, EXPIRED),
  cartExpired(EXPIRED),
]);
const current = (accountId: string | undefined, time = MORNING) =>
  cartQueries(side()).currentCart(accountId ?? "", at(time));
const EMPTY = { cartId: null, status: "ACTIVE", expiresAt: null, items: [], total: { amount: 0, currency: "EUR" } };

it("holds what is reserved for it, until its time is over", async () => {
  const unitPrice = { amount: 4_500, currency: "EUR" };
  expect(await current(ANN)).toEqual({
    cartId: CART,
    status: "ACTIVE",
    expiresAt: NOON,
    items: [
      {
        reservationId: reservationId(1),
        eventId: EVENT,
        ticketTypeId: REGULAR,
        quantity: 3,
        unitPrice,
        total: { amount: 13_500, currency: "EUR" },
      },
      {
        reservationId: reservationId(2),
        eventId: EVENT,
        ticketTypeId: VIP,
        quantity: 1,
        unitPrice,
        total: unitPrice,
      },
    ],
    total: { amount: 18_000, currency: "EUR" },
  });
  expect(await current(ANN, NOON)).toMatchObject({ cartId: CART, status: "EXPIRED", items: [], total: { amount: 0 } });
});

it("does not expire while a booking has it", async () => {
  expect(await current(BOB, EVENING)).toMatchObject({ status: "CHECKOUT", items: [{ quantity: 1 }] });
});

it("shows what was bought until there is another", async () => {
  expect(await current(COMPLETED?.accountId)).toMatchObject({
    status: "COMPLETED",
    items: [{ reservationId: reservationId(6) }],
  });
});

it("is EXPIRED when that is on record, and none when it was emptied or never was", async () => {
  expect(await current(EXPIRED?.accountId)).toMatchObject({ status: "EXPIRED", items: [] });
  expect(await current(CLEARED?.accountId)).toEqual(EMPTY);
  expect(await current(ORGANIZER)).toEqual(EMPTY);
});

it("has its lines found, whatever became of them, as has a booking", async () => {
  const queries = reservationQueries(side());
  const lines = await queries.findByCart(CART, at(MORNING));
  expect(lines.map((line) => [line.reservationId, line.status])).toEqual([
    [reservationId(1), "HELD"],
    [reservationId(2), "HELD"],
    [reservationId(3), "RELEASED"],
  ]);
  expect(await queries.findByBooking(bookingId(5), at(MORNING))).toMatchObject([
    { reservationId: reservationId(5), status: "HELD", bookingId: bookingId(5), expiresAt: DEADLINE },
  ]);
  expect(await queries.findByBooking(bookingId(6), at(MORNING))).toMatchObject([
    { status: "CONFIRMED", expiresAt: NOON },
  ]);
  expect(await queries.findByBooking(bookingId(99), at(MORNING))).toEqual([]);
});

it("has claimed lines that read EXPIRED once their booking can't be paid any more", async () => {
  const queries = reservationQueries(side());
  expect(await queries.get(reservationId(5), at(DEADLINE))).toMatchObject({ status: "EXPIRED", expiresAt: DEADLINE });
  const held = await queries.listByAccount(BOB, { status: "EXPIRED", cursor: null, limit: 9 }, at(DEADLINE));
  expect(held.items).toHaveLength(1);
});
