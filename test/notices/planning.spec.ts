import { describe, expect, it } from "vitest";
import { messageIdOf, planOf } from "../../src/notices/planning.ts";
import {
  bookingOpened,
  captured,
  declined,
  EUR,
  type Given,
  NOON,
  ofBooking,
  ofCart,
  offered,
  ofInventory,
  ofListing,
  revived,
  stored,
  timedOut,
} from "./given-events.ts";
import { ANN, EVENT, RESERVATION } from "./given-facts.ts";

const BOOKING = "018f0000-0000-7000-8000-000000000b01";
const ENTRY = "018f0000-0000-7000-8000-000000000501";
const CART = "018f0000-0000-7000-8000-000000000c01";

const kindsOf = (...given: readonly Given[]) => planOf(stored(...given)).notices.map(({ kind }) => kind);

describe("what is planned", () => {
  it("is the same however often events are read, and each notice has an id of its own", () => {
    const events = stored(
      declined(BOOKING),
      declined(BOOKING),
      ofBooking(BOOKING, { type: "RefundSucceeded", data: { refundId: "r", providerRefundId: "p" } }),
      offered(ENTRY, "2026-02-01T16:00:00.000Z"),
    );
    const plan = planOf(events);
    expect(planOf(events)).toEqual(plan);
    expect(new Set(plan.notices.map(({ messageId }) => messageId)).size).toBe(plan.notices.length);
    expect(plan.notices).toHaveLength(6);
  });

  it("of a booking that costs something is its confirmation once it is paid, and only one", () => {
    expect(kindsOf(bookingOpened(BOOKING, 9000))).toEqual([]);
    expect(planOf(stored(captured(BOOKING))).notices).toEqual([
      {
        kind: "booking-confirmed",
        about: { bookingId: BOOKING },
        messageId: messageIdOf("booking-confirmed", BOOKING),
        accountId: null,
        position: 1n,
        dueAt: NOON,
        until: "2026-02-08T12:00:00.000Z",
      },
    ]);
  });

  it("of a free booking is its confirmation when it is opened, since nothing is paid", () => {
    const [notice] = planOf(stored(bookingOpened(BOOKING, 0))).notices;
    expect(notice).toMatchObject({ kind: "booking-confirmed", dueAt: "2026-02-01T12:00:01.000Z" });
  });

  it("of a booking that was paid late is one confirmation, which says so", () => {
    const [late, confirmed] = planOf(stored(revived(BOOKING), captured(BOOKING))).notices;
    expect(late?.kind).toBe("paid-late");
    expect(confirmed?.messageId, "the second one is not put into the outbox").toBe(late?.messageId);
  });

  it("of a booking that timed out waits until no payment can come any more", () => {
    const [notice] = planOf(stored(timedOut(BOOKING))).notices;
    expect(notice).toMatchObject({ kind: "booking-timed-out", dueAt: "2026-02-01T12:01:15.000Z" });
  });

  it("of cancelled tickets says which and what is given back", () => {
    const data = {
      cancellationId: "c",
      tickets: [{ reservationId: RESERVATION, ordinals: [0, 2] }],
      refund: { refundId: "r", amount: EUR(4500) },
    };
    const about = {
      bookingId: BOOKING,
      lines: [{ reservationId: RESERVATION, quantity: 2, ordinals: [0, 2] }],
      refund: EUR(4500),
    };
    const planned = planOf(
      stored(
        ofBooking(BOOKING, { type: "TicketsCancelled", data: { ...data, cause: "customer" } }),
        ofBooking(BOOKING, { type: "TicketsCancelled", data: { ...data, refund: null, cause: "event-cancelled" } }),
      ),
    ).notices;
    expect(planned).toMatchObject([
      { kind: "tickets-cancelled", about },
      { kind: "event-cancelled", about: { ...about, refund: null } },
    ]);
  });

  it("of money that goes back tells a promise from a payment that came to nothing", () => {
    const refund = { refundId: "r", amount: EUR(4500) };
    expect(
      kindsOf(
        ofBooking(BOOKING, { type: "RefundRequested", data: { ...refund, cause: "goodwill" } }),
        ofBooking(BOOKING, { type: "RefundRequested", data: { ...refund, cause: "unconfirmed" } }),
        ofBooking(BOOKING, { type: "RefundSucceeded", data: { refundId: "r", providerRefundId: "p" } }),
        ofBooking(BOOKING, { type: "BookingWithdrawn", data: { cause: "tickets-gone" } }),
      ),
    ).toEqual(["refund-requested", "payment-returned", "refund-succeeded", "payment-returned"]);
  });

  it("of what a buyer did himself is nothing", () => {
    expect(kindsOf(ofBooking(BOOKING, { type: "BookingWithdrawn", data: { cause: "customer" } }))).toEqual([]);
    expect(kindsOf(ofInventory({ type: "WaitlistLeft", data: { entryId: ENTRY, accountId: ANN } }))).toEqual([]);
  });

  it("of a cart is a warning two minutes before its end, if it has five minutes at least", () => {
    const opened = (expiresAt: string) =>
      ofCart({ type: "CartOpened", data: { cartId: CART, accountId: ANN, currency: "EUR", expiresAt } });
    const expiresAt = "2026-02-01T12:05:00.000Z";
    expect(planOf(stored(opened(expiresAt))).notices).toMatchObject([
      { kind: "cart-expiring", accountId: ANN, dueAt: "2026-02-01T12:03:00.000Z", until: expiresAt },
    ]);
    expect(kindsOf(opened("2026-02-01T12:04:59.999Z"))).toEqual([]);
  });

  it.each([
    ["2026-02-01T16:00:00.000Z", "2026-02-01T15:00:00.000Z"], // four hours: a quarter is an hour
    ["2026-02-02T12:00:00.000Z", "2026-02-02T11:00:00.000Z"], // a day: an hour
    ["2026-02-01T12:20:00.000Z", "2026-02-01T12:15:00.000Z"], // 20 minutes: a quarter
  ])("of an offer until %s is word at once, a warning at %s, and what becomes of it", (expiresAt, warnedAt) => {
    const notices = planOf(stored(offered(ENTRY, expiresAt))).notices;
    expect(notices.map(({ kind, dueAt }) => [kind, dueAt])).toEqual([
      ["offer-made", NOON],
      ["offer-expiring", warnedAt],
      ["offer-lapsed", new Date(Date.parse(expiresAt) + 5_000).toISOString()],
    ]);
    expect(notices[0]?.until, "of no use afterwards").toBe(expiresAt);
  });

  it("of a short offer is no warning", () => {
    expect(kindsOf(offered(ENTRY, "2026-02-01T12:04:00.000Z"))).toEqual(["offer-made", "offer-lapsed"]);
  });

  it("of a waitlist that ended is word to everybody in it", () => {
    const entries = [
      { entryId: ENTRY, accountId: ANN },
      { entryId: CART, accountId: EVENT },
    ];
    const notices = planOf(
      stored(ofInventory({ type: "WaitlistEnded", data: { reason: "event-ended", entries } })),
    ).notices;
    expect(notices.map(({ accountId, about }) => [accountId, about])).toEqual([
      [ANN, { entryId: ENTRY, reason: "event-ended" }],
      [EVENT, { entryId: CART, reason: "event-ended" }],
    ]);
  });

  it("of a changed event is an announcement, if it is a change that matters to those who have tickets", () => {
    const changed = (changes: object) => stored(ofListing({ type: "ListingChanged", data: { changes } }));
    expect(planOf(changed({ description: "new", holdTtlSeconds: 5 })).announcements).toEqual([]);
    const events = changed({ venue: null, name: "New", saleEndsAt: null });
    expect(planOf(events).announcements).toEqual([
      {
        announcementId: events[0]?.id,
        eventId: EVENT,
        changed: ["name", "venue"],
        position: 1n,
        dueAt: "2026-02-01T12:01:00.000Z",
      },
    ]);
  });
});
