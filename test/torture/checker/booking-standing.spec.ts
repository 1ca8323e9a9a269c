import { describe, expect, it } from "vitest";
import type { BookingEvent } from "../../../src/domain/booking-events.ts";
import type { Fact } from "../../projections/recorded.ts";
import {
  bookingConfirmed,
  bookingOpened,
  bookingWithdrawn,
  captured,
  declined,
  line,
  revived,
  ticketsCancelled,
  timedOut,
} from "../../projections/recorded-purchases.ts";
import { NO_BOOKING, standingAfter } from "./booking-standing.ts";

const TWO = [line(1, { quantity: 2 })];

const statusAfter = (...facts: readonly Fact[]): string =>
  [...bookingOpened(1, TWO), ...facts].reduce(
    (before, { event }) => standingAfter(before, event as BookingEvent),
    NO_BOOKING,
  ).status;

describe("what a buyer is told of a booking", () => {
  it("is that it is paid once the money is there", () => {
    expect(statusAfter()).toBe("PENDING_PAYMENT");
    expect(statusAfter(bookingConfirmed(1), captured(1))).toBe("PAID");
    expect(statusAfter(timedOut(1), revived(1), captured(1))).toBe("PAID");
  });

  it.each([
    ["CANCELLED", bookingWithdrawn(1)],
    ["TIMED_OUT", timedOut(1)],
    ["DECLINED", declined(1)],
  ])("stays %s when money that came nevertheless is given back", (status, ended) => {
    expect(statusAfter(ended, captured(1))).toBe(status);
  });

  it("is that it is cancelled with its last ticket, also where that is quicker than the money", () => {
    const all = ticketsCancelled(1, 2, [{ reservationId: TWO[0]?.reservationId ?? "", ordinals: [0, 1] }], 0);
    expect(statusAfter(bookingConfirmed(1), captured(1), all)).toBe("CANCELLED");
    expect(statusAfter(bookingConfirmed(1), all, captured(1))).toBe("CANCELLED");
  });
});
