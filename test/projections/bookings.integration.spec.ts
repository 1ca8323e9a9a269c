import { describe, it } from "vitest";
import { projectionSpecs } from "./given.ts";
import { ANN, BOB, EVENING, EVENT, MORNING, NOON, REGULAR, reservationId, VIP } from "./recorded.ts";
import {
  abandoned,
  actionRequired,
  authorized,
  bookingConfirmed,
  bookingId,
  bookingOpened,
  bookingWithdrawn,
  CART,
  captured,
  DEADLINE,
  declined,
  letGo,
  line,
  ofBooking,
  otherId,
  refunded,
  refundRequested,
  revived,
  ticketsBack,
  ticketsCancelled,
  timedOut,
  voided,
} from "./recorded-purchases.ts";

const { given } = projectionSpecs();
const lines = [line(1, { quantity: 2 }), line(2, { ticketTypeId: VIP })];
const opened = (what: Parameters<typeof bookingOpened>[2] = {}) => bookingOpened(7, lines, what);
const paid = [...opened(), authorized(7), bookingConfirmed(7), captured(7, NOON)];
const tickets = (number: number, ...ordinals: number[]) => ({ reservationId: reservationId(number), ordinals });

describe("bookings", () => {
  it("are kept as they were opened, with their lines", () =>
    given(...opened({ cartId: CART })).then({
      bookings: [
        {
          booking_id: bookingId(7),
          account_id: ANN,
          created_at: new Date(MORNING),
          expires_at: new Date(DEADLINE),
          total: "13500",
          currency: "EUR",
          status: "PENDING_PAYMENT",
          payment_status: "PENDING",
          tickets: 3,
          cancelled_tickets: 0,
          captured_at: null,
          cancelled_at: null,
          cart_id: CART,
          attempt_id: otherId(7),
          provider: "sandbox",
          method: "sandbox-ok",
          charge_id: null,
        },
      ],
      booking_lines: [
        {
          booking_id: bookingId(7),
          ordinal: 0,
          event_id: EVENT,
          ticket_type_id: REGULAR,
          reservation_id: reservationId(1),
          created_at: new Date(MORNING),
          unit_price: "4500",
          quantity: 2,
          currency: "EUR",
          cancelled: [],
        },
        { ordinal: 1, ticket_type_id: VIP, reservation_id: reservationId(2), quantity: 1 },
      ],
    }));

  it("are paid when the money is taken, not before", async () => {
    await given(...opened(), actionRequired(7)).then({
      bookings: [{ status: "PENDING_PAYMENT", payment_status: "REQUIRES_ACTION", charge_id: "ch_7" }],
    });
    await given(...opened(), authorized(7), bookingConfirmed(7)).then({
      bookings: [{ status: "PENDING_PAYMENT", payment_status: "PENDING" }],
    });
    await given(...paid).then({
      bookings: [{ status: "PAID", payment_status: "SUCCEEDED", captured_at: new Date(NOON), charge_id: "ch_7" }],
    });
  });

  it("of nothing to pay are paid when they are confirmed", () =>
    given(...opened({ free: true, accountId: BOB }), bookingConfirmed(7)).then({
      bookings: [
        { account_id: BOB, status: "PAID", payment_status: "NOT_STARTED", total: "0", attempt_id: null, method: null },
      ],
    }));

  it("come to nothing by a decline, by time, by being withdrawn", async () => {
    await given(...opened(), declined(7), letGo(7)).then({
      bookings: [{ status: "DECLINED", payment_status: "FAILED", cancelled_at: null }],
    });
    await given(...opened(), timedOut(7), letGo(7), voided(7)).then({
      bookings: [{ status: "TIMED_OUT", payment_status: "VOIDED", cancelled_at: null }],
    });
    await given(...opened(), bookingWithdrawn(7, NOON), voided(7), letGo(7)).then({
      bookings: [{ status: "CANCELLED", payment_status: "VOIDED", cancelled_at: new Date(NOON) }],
    });
  });

  it("are paid late, when the tickets could be taken again", async () => {
    await given(...opened(), timedOut(7), revived(7)).then({ bookings: [{ status: "PENDING_PAYMENT" }] });
    await given(...opened(), timedOut(7), revived(7), authorized(7), bookingConfirmed(7), captured(7)).then({
      bookings: [{ status: "PAID", payment_status: "SUCCEEDED" }],
    });
  });

  it("stay what they came to when money is taken for them all the same", () =>
    given(...opened(), timedOut(7), captured(7), refundRequested(7, 9, 13_500), refunded(7, 9, NOON)).then({
      bookings: [{ status: "TIMED_OUT", payment_status: "SUCCEEDED" }],
      refunds: [{ refund_id: otherId(9), amount: "13500", succeeded_at: new Date(NOON) }],
    }));

  it("are cancelled ticket by ticket, and with the last one as a whole", async () => {
    const first = ticketsCancelled(7, 1, [tickets(1, 1), tickets(2, 0)], 9_000, NOON);
    const second = ticketsCancelled(7, 2, [tickets(1, 0)], 0, EVENING);
    await given(...paid, first, ticketsBack(7, 1)).then({
      bookings: [{ status: "PAID", cancelled_tickets: 2, cancelled_at: null }],
      booking_lines: [{ cancelled: [1] }, { cancelled: [0] }],
      refunds: [
        {
          refund_id: otherId(1),
          booking_id: bookingId(7),
          amount: "9000",
          asked_at: new Date(NOON),
          succeeded_at: null,
        },
      ],
    });
    await given(...paid, first, refunded(7, 1, EVENING), second).then({
      bookings: [{ status: "CANCELLED", cancelled_tickets: 3, cancelled_at: new Date(EVENING) }],
      booking_lines: [{ cancelled: [1, 0] }, { cancelled: [0] }],
      refunds: [{ refund_id: otherId(1), succeeded_at: new Date(EVENING) }],
    });
  });

  it("are not stopped by what a provider or a buyer calls things", async () => {
    const amount = { amount: 13_500, currency: "EUR" };
    const strange = 'nul \0 half \ud83d {"a",\\} null';
    const kept = 'nul  half \ufffd {"a",\\} null';
    const requested = { attemptId: otherId(7), provider: strange, method: strange, amount };
    const charge = { attemptId: otherId(7), chargeId: strange };
    await given(
      ...opened(),
      ofBooking(7, { type: "PaymentRequested", data: requested }),
      ofBooking(7, { type: "PaymentAuthorized", data: charge }),
      ofBooking(7, { type: "PaymentDeclined", data: { ...charge, reason: strange } }),
    ).then({ bookings: [{ provider: kept, method: kept, charge_id: kept }] });
  });

  it("may be of as much as tickets can be made to cost", () =>
    given(
      ...bookingOpened(7, [{ ...line(1), quantity: 9_000, unitPrice: { amount: 1_000_000_000_000, currency: "EUR" } }]),
    ).then({ bookings: [{ total: "9000000000000000", tickets: 9_000 }] }));

  it("that were given up before they were recorded are none", () =>
    given(abandoned(7)).then({ bookings: [], booking_lines: [] }));
});
