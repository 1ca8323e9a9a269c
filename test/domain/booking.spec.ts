import { describe, expect, it } from "vitest";
import { type BookingCommand, booking, MAX_TICKETS } from "../../src/domain/booking.ts";
import {
  abandon,
  abandoned,
  actionRequired,
  authorized,
  awaitingCapture,
  cancel,
  cancelForEvent,
  captured,
  confirm,
  confirmed,
  confirmFree,
  deadline,
  declined,
  eur,
  given,
  late,
  letGo,
  line,
  noteCaptured,
  noteLetGo,
  noteNotPaid,
  noteRefunded,
  noteReturned,
  open,
  openBooking,
  opened,
  openedFree,
  paid,
  paidFree,
  refundRequested,
  requested,
  requestRefund,
  revive,
  revived,
  timedOut,
  timeOut,
  voided,
  withdraw,
  withdrawn,
} from "./booking-words.ts";
import { justBefore, later } from "./times.ts";

describe("opening a booking", () => {
  it("records with it that it is going to be paid for", () => {
    given()
      .when(openBooking())
      .then(opened(), requested())
      .leaving({ status: "open", total: eur(9_000), letGo: false });
  });

  it("asks for no payment where nothing has to be paid, whatever was said of one", () => {
    given().when(openBooking(openedFree(), null)).then(openedFree()).leaving({ status: "open", payment: null });
    given().when(openBooking(openedFree())).then(openedFree()).leaving({ status: "open", payment: null });
  });

  it("can't be without a payment where something has to be", () => {
    expect(() => given().when(openBooking(opened(), null))).toThrow("needs a payment");
  });

  it("happens once, and not after it was given up", () => {
    given(...open())
      .when(openBooking())
      .thenRefused("already-exists");
    given(abandoned()).when(openBooking()).thenRefused("already-exists");
  });

  it("has no more tickets than can be listed and cancelled at once", () => {
    const of = (...quantities: readonly number[]) =>
      opened({ lines: quantities.map((quantity, n) => line(`r${n}`, quantity, { unitPrice: eur(1) })) });
    given()
      .when(openBooking(of(MAX_TICKETS)))
      .then(of(MAX_TICKETS), requested(MAX_TICKETS));
    given()
      .when(openBooking(of(MAX_TICKETS, 1)))
      .thenRefused("limit-exceeded", { maxTickets: MAX_TICKETS });
  });

  it("costs no more than can be counted exactly", () => {
    const of = (...prices: readonly number[]) =>
      opened({ lines: prices.map((amount, n) => line(`r${n}`, 1, { unitPrice: eur(amount) })) });
    const most = Number.MAX_SAFE_INTEGER;
    given()
      .when(openBooking(of(most)))
      .then(of(most), requested(most));
    given()
      .when(openBooking(of(most, 1)))
      .thenRefused("limit-exceeded", { maxTotal: eur(most) });
  });
});

describe("giving up a booking that was never recorded", () => {
  it("is recorded, once", () => {
    given().when(abandon()).then(abandoned());
    given(abandoned()).when(abandon()).then();
  });

  it("leaves one that was recorded as it is", () => {
    given(...open())
      .when(abandon())
      .then()
      .leaving({ status: "open" });
  });
});

describe.each([
  ["that there is not", []],
  ["that was given up", [abandoned()]],
])("of a booking %s", (_, events) => {
  it.each([
    noteNotPaid("declined"),
    confirm(),
    noteCaptured(),
    timeOut(),
    revive(),
    withdraw(),
    noteLetGo(),
    cancel(),
    cancelForEvent(),
    noteReturned(),
    requestRefund(1),
    noteRefunded(),
  ])("nothing is known: $type", (command) => {
    given(...events)
      .when(command)
      .thenRefused("booking-not-found");
  });
});

describe("what the provider says of an open booking", () => {
  it("may be that the buyer has something to do, which is noted once", () => {
    given(...open())
      .when(noteNotPaid("action-required"))
      .then(actionRequired())
      .leaving({ status: "open" });
    given(...open(), actionRequired())
      .when(noteNotPaid("action-required"))
      .then();
    given(...open())
      .when(noteNotPaid("action-required", { chargeId: null }))
      .then();
  });

  it("declines it, also when the provider had set it aside or given it up by itself", () => {
    given(...open())
      .when(noteNotPaid("declined"))
      .then(declined())
      .leaving({ status: "declined" });
    given(...open(), actionRequired())
      .when(noteNotPaid("declined"))
      .then(declined());
    given(...open())
      .when(noteNotPaid("voided"))
      .then(declined())
      .leaving({ status: "declined" });
  });

  it("confirms it, when its tickets are booked", () => {
    given(...open())
      .when(confirm())
      .then(authorized(), confirmed())
      .leaving({ status: "confirmed" });
    given(...open())
      .when(confirm({ captured: true }))
      .then(authorized(), confirmed(), captured())
      .leaving({ status: "paid" });
    given(...open())
      .when(confirm({ at: later(deadline, 1) }))
      .then(authorized(), confirmed());
  });

  it("counts for this attempt alone", () => {
    const other = { attempt: "other" };
    given(...open())
      .when(noteNotPaid("declined", other))
      .then();
    given(...open())
      .when(noteCaptured(other))
      .then();
    expect(() => given(...open()).when(confirm(other))).toThrow("without a payment");
    expect(() => given(...open()).when(confirmFree())).toThrow("without a payment");
    given(...late())
      .when(revive(other))
      .thenRefused("payment-in-progress", { status: "timed-out" });
  });

  it("is not that it is taken before the tickets are booked", () => {
    given(...open())
      .when(noteCaptured())
      .thenRefused("payment-in-progress", { status: "open" });
  });
});

describe("a free booking", () => {
  it("is paid when its tickets are booked", () => {
    given(openedFree()).when(confirmFree()).then(confirmed()).leaving({ status: "paid", payment: null });
    given(...paidFree())
      .when(confirmFree())
      .then();
  });

  it("hears of no payment", () => {
    given(openedFree()).when(noteNotPaid("declined")).then();
    given(openedFree()).when(noteCaptured()).then();
  });
});

describe("a booking whose tickets are booked", () => {
  it("is paid when the money is taken, once", () => {
    given(...awaitingCapture())
      .when(noteCaptured())
      .then(captured())
      .leaving({ status: "paid" });
    given(...paid())
      .when(noteCaptured())
      .then();
  });

  it("is confirmed once", () => {
    given(...awaitingCapture())
      .when(confirm())
      .then();
    given(...paid())
      .when(confirm())
      .then();
  });

  it.each(["declined", "voided"] as const)("is withdrawn when what was set aside turns out %s", (outcome) => {
    given(...awaitingCapture())
      .when(noteNotPaid(outcome))
      .then(voided(), withdrawn("tickets-gone"))
      .leaving({ status: "withdrawn", withdrawnBecause: "tickets-gone", letGo: false });
  });

  it("does not time out, nor is it withdrawn by its buyer any more", () => {
    given(...awaitingCapture())
      .when(timeOut())
      .then();
    given(...awaitingCapture())
      .when(withdraw())
      .thenRefused("payment-in-progress");
    given(...paid())
      .when(withdraw())
      .thenRefused("payment-in-progress");
  });
});

describe("an open booking at its deadline", () => {
  it("times out, not before", () => {
    given(...open())
      .when(timeOut({ at: justBefore(deadline) }))
      .then();
    given(...open())
      .when(timeOut({ at: deadline }))
      .then(timedOut())
      .leaving({ status: "timed-out", letGo: false });
  });

  it("times out once", () => {
    given(...late())
      .when(timeOut())
      .then();
    given(...open(), withdrawn())
      .when(timeOut())
      .then();
  });
});

describe("a booking that timed out", () => {
  it("is open again when it was paid late after all and its tickets are held again", () => {
    given(...late(), letGo())
      .when(revive())
      .then(revived())
      .leaving({ status: "open", letGo: false });
  });

  it("is confirmed then as any other, or times out again", () => {
    given(...late(), revived())
      .when(confirm({ at: later(deadline, 9_000) }))
      .then(authorized(), confirmed())
      .leaving({ status: "confirmed" });
    given(...late(), revived())
      .when(timeOut())
      .then(timedOut())
      .leaving({ status: "timed-out" });
  });

  it("stays so when its payment is settled", () => {
    given(...late(), voided())
      .when(revive())
      .thenRefused("payment-in-progress", { status: "timed-out" });
  });

  it("gives back what was taken for it", () => {
    given(...late())
      .when(noteCaptured())
      .then(captured(), refundRequested(9_000, { cause: "unconfirmed" }))
      .leaving({ status: "timed-out" });
    given(...late(), captured(), refundRequested(9_000, { cause: "unconfirmed" }))
      .when(noteCaptured())
      .then();
  });

  it.each(["declined", "voided"] as const)("stays so when its payment turns out %s", (outcome) => {
    given(...late())
      .when(noteNotPaid(outcome))
      .then(voided())
      .leaving({ status: "timed-out" });
  });

  it("is not confirmed any more", () => {
    given(...late())
      .when(confirm())
      .thenRefused("payment-in-progress", { status: "timed-out" });
    given(...late())
      .when(noteNotPaid("action-required"))
      .then();
  });
});

describe("withdrawing a booking", () => {
  it("ends it while it is open, and notes why", () => {
    for (const cause of ["customer", "event-cancelled", "tickets-gone"] as const) {
      given(...open())
        .when(withdraw(cause))
        .then(withdrawn(cause))
        .leaving({ status: "withdrawn", withdrawnBecause: cause });
    }
  });

  it("again changes nothing", () => {
    given(...open(), withdrawn())
      .when(withdraw("tickets-gone"))
      .then();
  });

  it("is refused for one that came to nothing otherwise", () => {
    given(...open(), declined())
      .when(withdraw())
      .thenRefused("booking-not-paid", { bookingStatus: "declined" });
    given(...late())
      .when(withdraw())
      .thenRefused("booking-not-paid", { bookingStatus: "timed-out" });
  });
});

describe("a withdrawn booking", () => {
  const gone = [...open(), withdrawn()];

  it("is not revived, confirmed or declined by a payment that was under way", () => {
    given(...gone)
      .when(revive())
      .thenRefused("payment-in-progress", { status: "withdrawn" });
    given(...gone)
      .when(confirm())
      .thenRefused("payment-in-progress", { status: "withdrawn" });
    given(...gone)
      .when(noteNotPaid("declined"))
      .then(voided())
      .leaving({ status: "withdrawn" });
  });

  it("gives back what was taken for it", () => {
    given(...gone)
      .when(noteCaptured())
      .then(captured(), refundRequested(9_000, { cause: "unconfirmed" }))
      .leaving({ status: "withdrawn" });
  });
});

describe("what a booking has in the inventories", () => {
  it.each([
    ["declined", [...open(), declined()]],
    ["timed out", late()],
    ["withdrawn", [...open(), withdrawn()]],
  ])("is let go once when it is %s", (_, events) => {
    given(...events)
      .when(noteLetGo())
      .then(letGo())
      .leaving({ letGo: true });
    given(...events, letGo())
      .when(noteLetGo())
      .then();
  });

  it.each([
    ["open", open()],
    ["confirmed", awaitingCapture()],
    ["paid", paid()],
    ["revived", [...late(), letGo(), revived()]],
  ])("is kept while it is %s", (_, events) => {
    given(...events)
      .when(noteLetGo())
      .then()
      .leaving({ letGo: false });
  });

  it("is let go anew by each end", () => {
    given(...late(), letGo(), revived(), timedOut())
      .when(noteLetGo())
      .then(letGo());
  });
});

it("a booking's log begins with its opening", () => {
  expect(() => booking.evolve(booking.initialState(), confirmed())).toThrow("before BookingOpened");
  expect(() => booking.evolve({ status: "abandoned" }, confirmed())).toThrow("before BookingOpened");
  const free = booking.evolve(booking.initialState(), openedFree());
  expect(() => booking.evolve(free, captured())).toThrow("without a payment");
  expect(booking.stagedIn(free)).toEqual([]);
});

describe("what is known of the payment", () => {
  const payment = { attemptId: "attempt", provider: "sandbox", method: "sandbox-ok", amount: eur(9_000) };

  it("is how far it has come", () => {
    given(...open())
      .when(noteNotPaid("action-required"))
      .then(actionRequired())
      .leaving({ payment: { ...payment, status: "action-required", chargeId: "charge" } });
    given(...open())
      .when(confirm())
      .then(authorized(), confirmed())
      .leaving({ payment: { ...payment, status: "authorized", chargeId: "charge" } });
  });

  it("is the charge that was named last: one that is not named is not forgotten", () => {
    given(...open(), actionRequired(), timedOut())
      .when(noteNotPaid("voided", { chargeId: null }))
      .then({ type: "PaymentVoided", data: { attemptId: "attempt", chargeId: null } })
      .leaving({ payment: { ...payment, status: "voided", chargeId: "charge" } });
  });

  it("is that money had been set aside too late, where that was so", () => {
    given(...late())
      .when({ ...noteNotPaid("voided"), late: true } as BookingCommand)
      .then({ type: "PaymentVoided", data: { attemptId: "attempt", chargeId: "charge", late: true } });
    given(...late())
      .when({ ...noteNotPaid("voided"), late: false } as BookingCommand)
      .then(voided());
  });
});
