import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BookingCommand, booking } from "../../src/domain/booking.ts";
import type { BookedEvent, BookingEvent, BookingOpened } from "../../src/domain/booking-events.ts";
import { nextSteps } from "../../src/domain/booking-steps.ts";
import { commandFor } from "./booking-driver.ts";
import { eur, event, line, opened } from "./booking-words.ts";
import { stateOf } from "./given.ts";
import { later, ms, noon } from "./times.ts";

type Untimed = BookingCommand extends infer One ? (One extends BookingCommand ? Omit<One, "atMs"> : never) : never;

/** Two reservations of one event and one of another, cheap and dear; mostly priced, sometimes free. */
const openings: fc.Arbitrary<BookingOpened> = fc
  .record({
    quantities: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 }), fc.nat(2)),
    price: fc.constantFrom(0, 333, 4_500),
    policy: fc.constantFrom(null, [], [{ until: later(noon, 600_000), percent: 50 }]),
  })
  .map(({ quantities: [a, b, c], price, policy }) => {
    const unitPrice = eur(price);
    const lines = [
      line("r1", a, { unitPrice }),
      line("r2", b, { unitPrice, ticketTypeId: "vip" }),
      ...(c === 0 ? [] : [line("r3", c, { unitPrice, eventId: "play" })]),
    ];
    const events: readonly BookedEvent[] = [event("concert", { refundPolicy: policy }), event("play")];
    return opened({ lines, events, total: eur((a + b + c) * price) });
  });

const attemptId = fc.constantFrom("attempt", "attempt", "attempt", "attempt", "other");
const chargeId = fc.constant("charge");
const id = fc.nat(4);
const refs = fc.array(
  fc.record({
    reservationId: fc.constantFrom("r1", "r1", "r1", "r2", "r2", "r3", "r9"),
    ordinals: fc.array(fc.constantFrom(0, 0, 0, 1, 1, 2), { maxLength: 2 }),
  }),
  { maxLength: 2 },
);

/** Any command at any moment: whoever sends it may be mistaken, late, or twice there. */
const wish: fc.Arbitrary<Untimed> = fc.oneof(
  fc.record({
    type: fc.constant("NoteNotPaid" as const),
    attemptId,
    chargeId: fc.option(chargeId),
    outcome: fc.constantFrom("action-required" as const, "declined" as const, "voided" as const),
    reason: fc.constant("no-money"),
  }),
  fc.boolean().map((captured) => ({
    type: "ConfirmBooking" as const,
    charge: { attemptId: "attempt", chargeId: "charge", captured },
  })),
  fc.record({ type: fc.constant("NoteCaptured" as const), attemptId, chargeId, refundId: fc.constant("unconfirmed") }),
  fc.constant({ type: "TimeOut" as const }),
  fc.record({ type: fc.constant("Revive" as const), attemptId, chargeId }),
  fc.record({
    type: fc.constant("Withdraw" as const),
    cause: fc.constantFrom("customer" as const, "event-cancelled" as const, "tickets-gone" as const),
  }),
  fc.constant({ type: "NoteLetGo" as const }),
  fc
    .tuple(id, fc.option(refs), fc.boolean(), fc.option(fc.constantFrom(0, 4_500, 9_000)))
    .map(([n, of, all, told]) => ({
      type: "CancelTickets" as const,
      cancellationId: `c${n}`,
      refundId: `refund-c${n}`,
      tickets: of,
      cancelledEvents: all ? ["concert"] : [],
      expectedTotal: told,
    })),
  fc.tuple(id, fc.constantFrom("concert", "play")).map(([n, eventId]) => ({
    type: "CancelTicketsOfEvent" as const,
    eventId,
    cancellationId: `e${n}`,
    refundId: `refund-e${n}`,
  })),
  id.map((n) => ({ type: "NoteReturned" as const, cancellationId: `c${n}` })),
  fc.tuple(id, fc.constantFrom(1, 2_000, 9_000)).map(([n, amountMinor]) => ({
    type: "RequestRefund" as const,
    refundId: `goodwill-${n}`,
    amountMinor,
  })),
  id.map((n) => ({ type: "NoteRefunded" as const, refundId: `refund-c${n}`, providerRefundId: `re_${n}` })),
);

/** Most of what happens to a booking is what is due next; the rest is anything. */
type Happening = { readonly next: number } | { readonly wish: Untimed };
interface Moment {
  readonly what: Happening;
  readonly afterMs: number;
}
const moments: fc.Arbitrary<readonly Moment[]> = fc.array(
  fc.record({
    what: fc.oneof(
      { weight: 2, arbitrary: fc.nat(1_000).map((next): Happening => ({ next })) },
      { weight: 3, arbitrary: wish.map((one): Happening => ({ wish: one })) },
    ),
    afterMs: fc.constantFrom(0, 0, 1, 300_000, 600_000, 960_000),
  }),
  { maxLength: 30 },
);

/** Where a life often stands before anything goes can happen to it. */
const beginnings: Readonly<Record<string, readonly Moment[]>> = {
  "at its opening": [],
  paid: [
    { what: { next: 0 }, afterMs: 0 },
    { what: { next: 0 }, afterMs: 0 },
  ],
  late: [{ what: { next: 40 }, afterMs: 900_000 }],
};
const happenings = fc
  .tuple(fc.constantFrom(...Object.values(beginnings)), moments)
  .map(([beginning, rest]) => [...beginning, ...rest]);

interface Recorded {
  readonly event: BookingEvent;
  readonly atMs: number;
}

/** A booking's life from its opening on, as the log tells it. */
class Life {
  atMs = ms(noon);
  readonly log: Recorded[] = [];

  constructor({ data }: BookingOpened) {
    const payment = { attemptId: "attempt", provider: "sandbox", method: "sandbox-ok" };
    this.do({ type: "OpenBooking", booking: data, payment });
  }

  get events(): readonly BookingEvent[] {
    return this.log.map((one) => one.event);
  }

  get state() {
    return stateOf(booking, this.events);
  }

  /** @returns the refusal's code, or null */
  do(command: Untimed): string | null {
    const decision = booking.decide({ ...command, atMs: this.atMs } as BookingCommand, this.state);
    if (!decision.accepted) return decision.code;
    this.log.push(...decision.events.map((one) => ({ event: one, atMs: this.atMs })));
    return null;
  }

  /** Does what is due next, as it may turn out. @returns false when nothing is */
  goOn(chance: number): boolean {
    const steps = nextSteps(this.state);
    const step = steps[chance % Math.max(1, steps.length)];
    if (step !== undefined) this.do(commandFor(step, chance));
    return step !== undefined;
  }
}

function live(opening: BookingOpened, script: readonly Moment[]): Life {
  const life = new Life(opening);
  for (const { what, afterMs } of script) {
    life.atMs += afterMs;
    if ("next" in what) life.goOn(what.next);
    else {
      // A charge of a free booking, or of another attempt, is a fault of the sender's, who then records nothing.
      const state = life.state;
      const isFaulty = what.wish.type === "ConfirmBooking" && state.status === "open" && state.payment === null;
      if (!isFaulty) life.do(what.wish);
    }
  }
  return life;
}

const count = (events: readonly BookingEvent[], type: BookingEvent["type"]) =>
  events.filter((one) => one.type === type).length;

/** Reads a log as an auditor would who knows what the events mean and nothing of the rules. @returns what is wrong with it */
function faultsOf({ log }: Life): string[] {
  const faults: string[] = [];
  const [first] = log;
  if (first?.event.type !== "BookingOpened") return ["not opened"];
  const { lines, total, expiresAt } = first.event.data;
  const events = log.map((one) => one.event);
  if (count(events, "PaymentCaptured") > 1) faults.push("captured twice");
  if (count(events, "PaymentRequested") !== (total.amount === 0 ? 0 : 1)) faults.push("not requested once");
  let ended: string | null = null;
  let settled: string | null = null;
  let isBooked = false;
  let promised = 0;
  const valid = new Set(
    lines.flatMap((one) => Array.from({ length: one.quantity }, (_, n) => `${one.reservationId}/${n}`)),
  );
  const given = new Set<string>();
  const wanted = new Set<string>();
  for (const { event: one, atMs } of log) {
    switch (one.type) {
      case "PaymentCaptured":
      case "PaymentDeclined":
      case "PaymentVoided":
        if (settled !== null) faults.push(`${one.type} after ${settled}`);
        settled = one.type;
        if (one.type === "PaymentDeclined") ended = one.type;
        break;
      case "BookingTimedOut":
        if (atMs < Date.parse(expiresAt)) faults.push("timed out too early");
        if (isBooked) faults.push("timed out though booked");
        ended = one.type;
        break;
      case "BookingWithdrawn":
        ended = one.type;
        break;
      case "BookingRevived":
        if (ended !== "BookingTimedOut" || settled !== null) faults.push("revived though not late");
        ended = null;
        break;
      case "BookingConfirmed":
        if (ended !== null || isBooked) faults.push(`confirmed after ${ended ?? "itself"}`);
        isBooked = true;
        break;
      case "ReservationsLetGo":
        if (ended === null) faults.push("let go of what may still be bought");
        break;
      case "TicketsCancelled":
        if (!isBooked || ended !== null) faults.push("cancelled tickets that nobody had");
        for (const { reservationId, ordinals } of one.data.tickets) {
          for (const ordinal of ordinals) {
            if (!valid.delete(`${reservationId}/${ordinal}`)) faults.push("a ticket cancelled twice, or that is none");
          }
        }
        if (one.data.refund !== null) {
          promised += one.data.refund.amount.amount;
          wanted.add(one.data.refund.refundId);
        }
        break;
      case "RefundRequested":
        promised += one.data.amount.amount;
        wanted.add(one.data.refundId);
        break;
      case "RefundSucceeded":
        if (!wanted.has(one.data.refundId)) faults.push("refunded what nobody promised");
        if (given.has(one.data.refundId)) faults.push("refunded twice");
        given.add(one.data.refundId);
        break;
    }
    if (promised > (settled === "PaymentCaptured" ? total.amount : 0)) faults.push("promised more than was taken");
  }
  return faults;
}

describe("whatever happens to a booking", () => {
  it("it is charged once at most, gives back no more than that, and cancels each ticket once", () => {
    fc.assert(
      fc.property(openings, happenings, (opening, script) => void expect(faultsOf(live(opening, script))).toEqual([])),
      { numRuns: 500 },
    );
  });

  it("it comes to rest: paid with its tickets, or free of reservations and of money that is not given back", () => {
    fc.assert(
      fc.property(openings, happenings, fc.array(fc.nat(1_000), { minLength: 1 }), (opening, script, chances) => {
        const life = live(opening, script);
        // Chances that come round could take turns for ever: held again, timed out, held again. No provider has so many.
        const chanceOf = (steps: number) =>
          steps < 100 ? (chances[steps % chances.length] as number) + 10 * steps : 0;
        for (let steps = 0; life.goOn(chanceOf(steps)); steps += 1) {
          if (steps % 7 === 6) life.atMs += 960_000; // nothing may wait for ever
          expect(steps).toBeLessThan(200);
        }
        const { state } = life;
        if (state.status === "missing" || state.status === "abandoned") throw new Error("it was opened");
        const { status, payment, refunds, cancellations } = state;
        const kept = refunds.reduce((left, { amount }) => left - amount.amount, state.total.amount);
        expect(refunds.every(({ succeeded }) => succeeded)).toBe(true);
        expect(cancellations.every((one) => one.returned)).toBe(true);
        if (status === "paid") expect(payment?.status ?? "captured").toBe("captured");
        else {
          expect(["declined", "timed-out", "withdrawn"]).toContain(status);
          expect(state.letGo).toBe(true);
          if (payment?.status === "captured") expect(kept).toBe(0);
          else if (payment !== null) expect(["declined", "voided"]).toContain(payment.status);
        }
        expect(faultsOf(life)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("what was accepted is fulfilled: the same wish again at once records nothing", () => {
    const again: readonly BookingCommand["type"][] = ["CancelTickets", "OpenBooking"];
    fc.assert(
      fc.property(openings, happenings, wish, (opening, script, one) => {
        const life = live(opening, script);
        const { state } = life;
        const isFaulty = one.type === "ConfirmBooking" && state.status === "open" && state.payment === null;
        if (isFaulty || again.includes(one.type) || life.do(one) !== null) return;
        const before = life.log.length;
        // A booking that is open once more is not revived a second time; who asks looks again.
        expect(life.do(one) === null || one.type === "Revive").toBe(true);
        expect(life.log.length).toBe(before);
      }),
      { numRuns: 300 },
    );
  });

  it("its state is what its log says, however that is read", () => {
    fc.assert(
      fc.property(openings, happenings, (opening, script) => {
        const life = live(opening, script);
        const inMemory = life.events.reduce(booking.evolve, booking.initialState());
        const fromText = (JSON.parse(JSON.stringify(life.events)) as BookingEvent[]).reduce(
          booking.evolve,
          booking.initialState(),
        );
        expect(fromText).toEqual(inMemory);
      }),
    );
  });
});
