import { describe, expect, it } from "vitest";
import type { BookingEvent } from "../../src/domain/booking-events.ts";
import { nextSteps, type Step } from "../../src/domain/booking-steps.ts";
import {
  abandoned,
  actionRequired,
  authorized,
  awaitingCapture,
  bookingOf,
  cancelled,
  captured,
  declined,
  late,
  letGo,
  open,
  openedFree,
  paid,
  paidFree,
  refunded,
  refundRequested,
  returned,
  revived,
  tickets,
  timedOut,
  voided,
  withdrawn,
} from "./booking-words.ts";

/** What is to be done, in a few words: `let-go declined`, `refund refund-c1`. */
const tell = (step: Step): string => {
  if (step.do === "let-go") return `let-go ${step.outcome}`;
  if (step.do === "return-tickets") return `return ${step.cancellation.cancellationId}`;
  return step.do === "refund" ? `refund ${step.refund.refundId}` : step.do;
};

const stepsAfter = (events: readonly BookingEvent[]): readonly string[] => nextSteps(bookingOf(...events)).map(tell);

describe("nothing is left to be done", () => {
  it.each([
    ["of a booking that there is not", []],
    ["of one that was given up", [abandoned()]],
    ["of one that is paid", paid()],
    ["of one that is free, when its tickets are booked", paidFree()],
    ["of one that was declined, when its reservations are let go", [...open(), declined(), letGo()]],
    ["of one that timed out, when it is let go and voided", [...late(), voided(), letGo()]],
    ["of one that was withdrawn, when it is let go and voided", [...open(), withdrawn(), letGo(), voided()]],
    ["of one that was withdrawn and free", [openedFree(), withdrawn(), letGo()]],
    [
      "when tickets are back and money is, too",
      [...paid(), cancelled([tickets("r1", 0)], { refund: 4_500 }), returned(), refunded("refund-c1")],
    ],
    [
      "when what was taken in vain is given back",
      [
        ...late(),
        letGo(),
        captured(),
        refundRequested(9_000, { id: "refund", cause: "unconfirmed" }),
        refunded("refund"),
      ],
    ],
  ])("%s", (_, events) => {
    expect(stepsAfter(events)).toEqual([]);
  });
});

describe("an open booking", () => {
  it("is paid, also after its deadline: what the provider says then is for the payment step to find out", () => {
    expect(stepsAfter(open())).toEqual(["pay"]);
    expect(stepsAfter([...open(), actionRequired()])).toEqual(["pay"]);
    expect(stepsAfter([...late(), letGo(), revived()])).toEqual(["pay"]);
    expect(stepsAfter(open())).toEqual(["pay"]);
  });

  it("is confirmed where nothing has to be paid", () => {
    expect(stepsAfter([openedFree()])).toEqual(["confirm"]);
  });

  it("tells the step what the attempt is", () => {
    expect(nextSteps(bookingOf(...open()))).toMatchObject([
      { do: "pay", payment: { attemptId: "attempt", method: "sandbox-ok", amount: { amount: 9_000 } } },
    ]);
  });
});

it("a booking whose tickets are booked has its money taken", () => {
  expect(stepsAfter(awaitingCapture())).toEqual(["capture"]);
});

describe("a booking that came to nothing", () => {
  it("lets go of its reservations, then keeps the payment from succeeding", () => {
    expect(stepsAfter([...open(), declined()])).toEqual(["let-go declined"]);
    expect(stepsAfter([...open(), withdrawn()])).toEqual(["let-go withdrawn", "void"]);
    expect(stepsAfter([...open(), withdrawn(), letGo()])).toEqual(["void"]);
    expect(stepsAfter([...open(), withdrawn(), voided()])).toEqual(["let-go withdrawn"]);
    expect(stepsAfter([openedFree(), withdrawn()])).toEqual(["let-go withdrawn"]);
  });

  it("lets go of booked tickets too, when what was set aside was given up", () => {
    expect(stepsAfter([...awaitingCapture(), voided(), withdrawn("tickets-gone")])).toEqual(["let-go withdrawn"]);
  });

  it("gives back what was taken in vain", () => {
    const taken = [captured(), refundRequested(9_000, { cause: "unconfirmed" })];
    expect(stepsAfter([...open(), withdrawn(), ...taken])).toEqual(["let-go withdrawn", "refund refund"]);
  });
});

describe("a booking that was not paid in time", () => {
  it("keeps its claims for a minute after the deadline, while a payment may still come", () => {
    expect(stepsAfter(late())).toEqual(["void"]);
  });

  it("lets go of them at once when no payment can come", () => {
    expect(stepsAfter([...late(), voided()])).toEqual(["let-go timed-out"]);
    expect(stepsAfter([openedFree(), timedOut()])).toEqual(["let-go timed-out"]);
  });

  it("keeps what it has again once it is paid late, as any other", () => {
    const again = [...late(), letGo(), revived(), authorized()];
    expect(stepsAfter(again)).toEqual(["pay"]);
    expect(stepsAfter([...again, timedOut()])).toEqual(["void"]);
  });
});

describe("cancellations and refunds", () => {
  it("are seen to one by one, tickets before money", () => {
    const two = [
      ...paid(),
      cancelled([tickets("r1", 0)], { id: "c1", refund: 4_500 }),
      cancelled([tickets("r1", 1)], { id: "c2", refund: 4_000 }),
      refundRequested(500),
    ];
    expect(stepsAfter(two)).toEqual([
      "return c1",
      "return c2",
      "refund refund-c1",
      "refund refund-c2",
      "refund refund",
    ]);
    expect(stepsAfter([...two, returned("c1"), refunded("refund-c2")])).toEqual([
      "return c2",
      "refund refund-c1",
      "refund refund",
    ]);
  });

  it("of free tickets give back no money", () => {
    expect(stepsAfter([...paidFree(), cancelled([tickets("r1", 0)])])).toEqual(["return c1"]);
  });
});
