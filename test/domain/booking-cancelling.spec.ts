import { describe, expect, it } from "vitest";
import { quoteOf } from "../../src/domain/booking.ts";
import type { OpenedBooking } from "../../src/domain/booking-state.ts";
import {
  awaitingCapture,
  bookingOf,
  cancel,
  cancelForEvent,
  cancelled,
  declined,
  eur,
  event,
  given,
  late,
  line,
  noteRefunded,
  noteReturned,
  open,
  paid,
  paidFree,
  refunded,
  refundRequested,
  requestRefund,
  returned,
  tickets,
  withdrawn,
} from "./booking-words.ts";
import { evening, justBefore, later, ms, noon } from "./times.ts";

const ended = [
  ["declined", [...open(), declined()]],
  ["timed-out", late()],
  ["withdrawn", [...open(), withdrawn()]],
] as const;

describe("cancelling tickets", () => {
  it("promises what they cost, and takes all that are valid unless some are named", () => {
    given(...paid())
      .when(cancel())
      .then(cancelled([tickets("r1", 0, 1)], { refund: 9_000 }));
    given(...paid())
      .when(cancel({ of: [tickets("r1", 1)] }))
      .then(cancelled([tickets("r1", 1)], { refund: 4_500 }))
      .leaving({ status: "paid" });
    given(...paid(), cancelled([tickets("r1", 1)], { id: "c0", refund: 4_500 }))
      .when(cancel())
      .then(cancelled([tickets("r1", 0)], { refund: 4_500 }));
  });

  it("works over several reservations, each at its own price", () => {
    const lines = [line("r1", 2), line("r2", 3, { unitPrice: eur(1_000) })];
    given(...paid({ lines }))
      .when(cancel({ of: [tickets("r1", 0), tickets("r2", 2, 1)] }))
      .then(cancelled([tickets("r1", 0), tickets("r2", 2, 1)], { refund: 6_500 }));
  });

  it("is refused for tickets that it doesn't have", () => {
    for (const which of [tickets("r1", 2), tickets("r2", 0), tickets("r1", 0, 7)]) {
      given(...paid())
        .when(cancel({ of: [which] }))
        .thenRefused("ticket-not-found");
    }
  });

  it("is refused for tickets that are cancelled already, and says which", () => {
    const one = [...paid(), cancelled([tickets("r1", 1)], { id: "c0", refund: 4_500 })];
    given(...one)
      .when(cancel({ of: [tickets("r1", 0, 1)] }))
      .thenRefused("ticket-already-cancelled", { tickets: [tickets("r1", 1)] });
    given(...paid(), cancelled([tickets("r1", 0, 1)], { id: "c0", refund: 9_000 }))
      .when(cancel({ of: [tickets("r1", 1)] }))
      .thenRefused("ticket-already-cancelled", { tickets: [tickets("r1", 1)] });
    const lines = [line("r1", 2), line("r2", 2)];
    given(...paid({ lines }), cancelled([tickets("r1", 1), tickets("r2", 0)], { id: "c0" }))
      .when(cancel({ of: [tickets("r2", 0, 1), tickets("r1", 1, 0)] }))
      .thenRefused("ticket-already-cancelled", { tickets: [tickets("r2", 0), tickets("r1", 1)] });
    given(...paid(), cancelled([tickets("r1", 0, 1)], { id: "c0", refund: 9_000 }))
      .when(cancel())
      .thenRefused("ticket-already-cancelled", { tickets: [] });
  });

  it("takes a ticket that is named twice once", () => {
    given(...paid())
      .when(cancel({ of: [tickets("r1", 1, 1), tickets("r1", 1)] }))
      .then(cancelled([tickets("r1", 1)], { refund: 4_500 }));
  });

  it("is refused when no ticket is named", () => {
    for (const of of [[], [tickets("r1")], [tickets("r9")]]) {
      given(...paid())
        .when(cancel({ of }))
        .thenRefused("ticket-already-cancelled", { tickets: [] });
    }
  });

  it("is refused when it gives back another amount than the buyer was told, and says which", () => {
    given(...paid())
      .when(cancel({ expectedTotal: 9_000 }))
      .then(cancelled([tickets("r1", 0, 1)], { refund: 9_000 }));
    given(...paid())
      .when(cancel({ expectedTotal: 8_999 }))
      .thenRefused("refund-changed", { total: eur(9_000) });
  });

  it("is refused while it is being paid, and where it came to nothing", () => {
    given(...open())
      .when(cancel())
      .thenRefused("payment-in-progress");
    given(...awaitingCapture())
      .when(cancel())
      .thenRefused("payment-in-progress");
    for (const [status, events] of ended) {
      given(...events)
        .when(cancel())
        .thenRefused("booking-not-paid", { bookingStatus: status });
    }
  });

  it("of free ones gives nothing back", () => {
    given(...paidFree())
      .when(cancel({ expectedTotal: 0 }))
      .then(cancelled([tickets("r1", 0, 1)]));
  });
});

describe("what is given back", () => {
  const half = [{ until: evening, percent: 50 }];
  const halfBack = paid({ events: [event("concert", { refundPolicy: half })] });

  it("goes by what the event said at the purchase, to the instant", () => {
    given(...halfBack)
      .when(cancel({ at: justBefore(evening) }))
      .then(cancelled([tickets("r1", 0, 1)], { refund: 4_500 }));
    given(...halfBack)
      .when(cancel({ at: evening }))
      .then(cancelled([tickets("r1", 0, 1)]));
  });

  it("is all until the event starts where nothing was said", () => {
    const events = [event("concert", { startsAt: evening })];
    given(...paid({ events }))
      .when(cancel({ at: justBefore(evening) }))
      .then(cancelled([tickets("r1", 0, 1)], { refund: 9_000 }));
    given(...paid({ events }))
      .when(cancel({ at: evening }))
      .then(cancelled([tickets("r1", 0, 1)]));
  });

  it("is all of an event that is cancelled, and by their own words of the others", () => {
    const lines = [line("r1", 1), line("r2", 1, { eventId: "play", unitPrice: eur(1_000) })];
    const events = [event("concert", { refundPolicy: half }), event("play", { refundPolicy: half })];
    given(...paid({ lines, events }))
      .when(cancel({ cancelledEvents: ["play"] }))
      .then(cancelled([tickets("r1", 0), tickets("r2", 0)], { refund: 3_250 }));
  });

  it("is of each event what that event said", () => {
    const lines = [line("r1", 1), line("r2", 1, { eventId: "play", unitPrice: eur(1_000) })];
    const events = [event("concert", { refundPolicy: half }), event("play")];
    given(...paid({ lines, events }))
      .when(cancel())
      .then(cancelled([tickets("r1", 0), tickets("r2", 0)], { refund: 3_250 }));
  });

  it("is all where nothing is known of the event", () => {
    given(...paid({ events: [] }))
      .when(cancel())
      .then(cancelled([tickets("r1", 0, 1)], { refund: 9_000 }));
  });

  it("is no more than what is left of the payment", () => {
    given(...paid(), refundRequested(1_000))
      .when(cancel())
      .then(cancelled([tickets("r1", 0, 1)], { refund: 8_000 }));
    given(...paid(), refundRequested(9_000))
      .when(cancel())
      .then(cancelled([tickets("r1", 0, 1)]));
  });

  it("is quoted ticket by ticket", () => {
    const state = bookingOf(...halfBack, refundRequested(6_000)) as OpenedBooking;
    expect(quoteOf(state, null, [], ms(noon))).toEqual({
      tickets: [{ reservationId: "r1", ordinals: [0, 1], each: eur(2_250) }],
      total: eur(3_000),
    });
    expect(quoteOf(state, [tickets("r1", 5)], [], ms(noon))).toMatchObject({ code: "ticket-not-found" });
    const unpaid = bookingOf(...awaitingCapture()) as OpenedBooking;
    expect(quoteOf(unpaid, null, [], ms(noon))).toMatchObject({ total: eur(0) });
  });
});

describe("when an event is cancelled", () => {
  const byEvent = { cause: "event-cancelled" } as const;

  it("all that is left of its tickets is, refunded in full whatever was said", () => {
    const events = [event("concert", { refundPolicy: [] })];
    given(...paid({ events }))
      .when(cancelForEvent())
      .then(cancelled([tickets("r1", 0, 1)], { ...byEvent, refund: 9_000 }));
    given(...paid({ events }), cancelled([tickets("r1", 0)], { id: "c0" }))
      .when(cancelForEvent())
      .then(cancelled([tickets("r1", 1)], { ...byEvent, refund: 4_500 }));
  });

  it("tickets of other events stay", () => {
    const lines = [line("r1", 1), line("r2", 1, { eventId: "play", unitPrice: eur(1_000) })];
    const two = paid({ lines, events: [event(), event("play")] });
    given(...two)
      .when(cancelForEvent("play"))
      .then(cancelled([tickets("r2", 0)], { ...byEvent, refund: 1_000 }));
    given(...two)
      .when(cancelForEvent("opera"))
      .then();
    given(...open())
      .when(cancelForEvent("opera"))
      .then();
  });

  it("nothing happens a second time, nor where it came to nothing", () => {
    given(...paid(), cancelled([tickets("r1", 0, 1)], { id: "c0", ...byEvent, refund: 9_000 }))
      .when(cancelForEvent())
      .then();
    for (const [, events] of ended) {
      given(...events)
        .when(cancelForEvent())
        .then();
    }
  });

  it("an open one ends, and one whose tickets are booked has to be asked again when it is paid", () => {
    given(...open())
      .when(cancelForEvent())
      .then(withdrawn("event-cancelled"));
    given(...awaitingCapture())
      .when(cancelForEvent())
      .thenRefused("payment-in-progress");
  });
});

describe("goodwill of an organizer, where a booking is of several", () => {
  const lines = [line("r1", 2), line("r2", 1, { eventId: "play", unitPrice: eur(6_000) })];
  const ofBoth = { lines, events: [event(), event("play", { organizerId: "otto" })] };
  const give = (amount: number, by: string) => requestRefund(amount, "refund", by);
  const left = (amount: number) => ["refund-exceeds-payment", { refundable: eur(amount) }] as const;

  it("comes out of what was paid for his own tickets, in all", () => {
    given(...paid(ofBoth))
      .when(give(9_000, "olga"))
      .then(refundRequested(9_000));
    given(...paid(ofBoth))
      .when(give(9_001, "olga"))
      .thenRefused(...left(9_000));
    given(...paid(ofBoth), refundRequested(9_000, { id: "before" }))
      .when(give(1, "olga"))
      .thenRefused(...left(0));
    given(...paid(ofBoth))
      .when(give(1, "stranger"))
      .thenRefused(...left(0));
  });

  it("counts all goodwill that was given before, and nothing else that was given back", () => {
    const freed = [...paid(ofBoth), cancelled([tickets("r2", 0)])];
    given(...freed, refundRequested(8_000, { id: "before" }))
      .when(give(1_001, "olga"))
      .thenRefused(...left(1_000));
    given(...freed, refundRequested(8_000, { id: "before", cause: "unconfirmed" }))
      .when(give(7_000, "olga"))
      .then(refundRequested(7_000));
  });

  it("leaves what the tickets of others may need", () => {
    given(...paid(ofBoth), cancelled([tickets("r1", 0, 1)], { refund: 9_000 }))
      .when(give(1, "olga"))
      .thenRefused(...left(0));
    given(...paid(ofBoth), cancelled([tickets("r2", 0)], { refund: 6_000 }))
      .when(give(9_000, "olga"))
      .then(refundRequested(9_000));
  });
});

describe("after a cancellation", () => {
  const gone = [...paid(), cancelled([tickets("r1", 0)], { refund: 4_500 })];

  it("it is noted once that its tickets are back", () => {
    given(...gone)
      .when(noteReturned())
      .then(returned());
    given(...gone, returned())
      .when(noteReturned())
      .then();
    given(...gone)
      .when(noteReturned("other"))
      .then();
  });

  it("it is noted once that its money is back", () => {
    given(...gone)
      .when(noteRefunded("refund-c1"))
      .then(refunded("refund-c1"));
    given(...gone, refunded("refund-c1"))
      .when(noteRefunded("refund-c1"))
      .then();
    given(...gone)
      .when(noteRefunded("other"))
      .then();
    given(...gone, refundRequested(1_000, { id: "more" }))
      .when(noteRefunded("more"))
      .then(refunded("more"));
  });

  it("each goes its own way", () => {
    given(...gone, returned(), cancelled([tickets("r1", 1)], { id: "c2", refund: 4_500 }))
      .when(noteReturned("c2"))
      .then(returned("c2"))
      .leaving({
        cancellations: [
          { cancellationId: "c1", tickets: [tickets("r1", 0)], returned: true },
          { cancellationId: "c2", tickets: [tickets("r1", 1)], returned: true },
        ],
        refunds: [
          { refundId: "refund-c1", amount: eur(4_500), succeeded: false },
          { refundId: "refund-c2", amount: eur(4_500), succeeded: false },
        ],
      });
  });
});

describe("a refund beyond the policy", () => {
  it("is promised up to what is left of the payment", () => {
    given(...paid())
      .when(requestRefund(9_000))
      .then(refundRequested(9_000));
    given(...paid(), cancelled([tickets("r1", 0)], { refund: 4_500 }))
      .when(requestRefund(4_500))
      .then(refundRequested(4_500));
    given(...paid(), cancelled([tickets("r1", 0)], { refund: 4_500 }))
      .when(requestRefund(4_501))
      .thenRefused("refund-exceeds-payment", { refundable: eur(4_500) });
    given(...paidFree())
      .when(requestRefund(1))
      .thenRefused("refund-exceeds-payment", { refundable: eur(0) });
  });

  it("is promised once under one id", () => {
    given(...paid(), refundRequested(1_000))
      .when(requestRefund(1_000))
      .then();
    given(...paid(), refundRequested(1_000))
      .when(requestRefund(1_000, "another"))
      .then(refundRequested(1_000, { id: "another" }));
  });

  it("is refused for what is not paid", () => {
    given(...open())
      .when(requestRefund(1))
      .thenRefused("booking-not-paid", { bookingStatus: "open" });
    given(...awaitingCapture())
      .when(requestRefund(1))
      .thenRefused("booking-not-paid", { bookingStatus: "confirmed" });
    for (const [status, events] of ended) {
      given(...events)
        .when(requestRefund(1))
        .thenRefused("booking-not-paid", { bookingStatus: status });
    }
  });
});

it("times of a policy are instants, however they are written", () => {
  const refundPolicy = [{ until: "2026-06-01T22:00:00+02:00", percent: 50 }];
  given(...paid({ events: [event("concert", { refundPolicy })] }))
    .when(cancel({ at: later(evening, -1) }))
    .then(cancelled([tickets("r1", 0, 1)], { refund: 4_500 }));
});
