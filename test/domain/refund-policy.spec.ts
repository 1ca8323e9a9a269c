import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BookedEvent } from "../../src/domain/booking-events.ts";
import type { RefundStep } from "../../src/domain/listing-events.ts";
import { nextBoundaryMs, refundFor } from "../../src/domain/refund-policy.ts";

const ms = (time: string) => Date.parse(time);
const euros = (amount: number) => ({ amount, currency: "EUR" });
const event = (refundPolicy: readonly RefundStep[] | null, startsAt: string | null = null): BookedEvent => ({
  eventId: "event",
  organizerId: "organizer",
  startsAt,
  refundPolicy,
});

const may = "2026-05-01T00:00:00Z";
const june = "2026-06-01T00:00:00Z";
const july = "2026-07-01T00:00:00Z";
const fallingSteps = [
  { until: may, percent: 100 },
  { until: june, percent: 50 },
  { until: july, percent: 10 },
];

describe("what a ticket gives back", () => {
  it.each([
    [ms(may) - 1, 4_500],
    [ms(may), 2_250],
    [ms(june) - 1, 2_250],
    [ms(june), 450],
    [ms(july) - 1, 450],
    [ms(july), 0],
    [ms("2100-01-01T00:00:00Z"), 0],
  ])("by steps, each until just before its time: at %i %i cents", (atMs, amount) => {
    expect(refundFor(event(fallingSteps), euros(4_500), atMs)).toEqual(euros(amount));
  });

  it("whatever order the steps came in, and however their times are written", () => {
    const shuffled = [
      { until: "2026-07-01T02:00:00+02:00", percent: 10 },
      { until: may, percent: 100 },
      { until: "2026-05-31T22:00:00-02:00", percent: 50 },
    ];
    for (const atMs of [ms(may) - 1, ms(may), ms(june), ms(july)]) {
      expect(refundFor(event(shuffled), euros(4_500), atMs)).toEqual(
        refundFor(event(fallingSteps), euros(4_500), atMs),
      );
    }
  });

  it("does not end with the event where the steps go on", () => {
    expect(refundFor(event(fallingSteps, may), euros(4_500), ms(june))).toEqual(euros(450));
  });

  it("without a policy, all until the event starts", () => {
    expect(refundFor(event(null, may), euros(4_500), ms(may) - 1)).toEqual(euros(4_500));
    expect(refundFor(event(null, may), euros(4_500), ms(may))).toEqual(euros(0));
  });

  it("without a policy and a start, all for ever", () => {
    expect(refundFor(event(null), euros(4_500), Number.MAX_SAFE_INTEGER)).toEqual(euros(4_500));
  });

  it("is nothing where the policy has no steps, or the ticket was free", () => {
    expect(refundFor(event([], may), euros(4_500), 0)).toEqual(euros(0));
    expect(refundFor(event(null), euros(0), 0)).toEqual(euros(0));
  });

  it.each([
    ["a half goes to the buyer", 50, { amount: 4_501, currency: "EUR" }, 2_251],
    ["less than a half does not", 33, { amount: 4_501, currency: "EUR" }, 1_485],
    ["yen are whole", 50, { amount: 4_501, currency: "JPY" }, 2_251],
    ["dinars are paid without the third decimal", 50, { amount: 12_350, currency: "KWD" }, 6_180],
    ["ariary are paid whole", 33, { amount: 100_000, currency: "MGA" }, 33_000],
    ["all is all, also where that could not be paid", 100, { amount: 1_234, currency: "KWD" }, 1_234],
    ["no rounding goes beyond the price", 99, { amount: 16, currency: "KWD" }, 16],
    [
      "the dearest ticket is counted exactly",
      33,
      { amount: 9_007_199_254_740_991, currency: "EUR" },
      2_972_375_754_064_527,
    ],
  ])("rounded: %s", (_what, percent, price, amount) => {
    expect(refundFor(event([{ until: july, percent }]), price, 0)).toEqual({ amount, currency: price.currency });
  });
});

describe("how long that stays so", () => {
  it.each([
    [ms(may) - 1, ms(may)],
    [ms(may), ms(june)],
    [ms(july) - 1, ms(july)],
    [ms(july), null],
  ])("at %i until the next step, %s", (atMs, boundary) => {
    expect(nextBoundaryMs([event([...fallingSteps].reverse(), may)], atMs)).toBe(boundary);
  });

  it("without a policy, until the event starts, or for ever", () => {
    expect(nextBoundaryMs([event(null, may)], 0)).toBe(ms(may));
    expect(nextBoundaryMs([event(null, may)], ms(may))).toBeNull();
    expect(nextBoundaryMs([event(null)], 0)).toBeNull();
  });

  it("is the nearest of several events'", () => {
    expect(nextBoundaryMs([event(null), event(fallingSteps), event(null, june)], ms(may))).toBe(ms(june));
    expect(nextBoundaryMs([], 0)).toBeNull();
  });
});

describe("always", () => {
  const second = fc.integer({ min: 0, max: 100 });
  const until = second.map((s) => new Date(s * 1_000).toISOString());
  const policy = fc.option(
    fc.array(fc.record({ until, percent: fc.integer({ min: 0, max: 100 }) }), { maxLength: 20 }),
  );
  const anyEvent = fc
    .record({ policy, startsAt: fc.option(until) })
    .map(({ policy, startsAt }) => event(policy, startsAt));
  const price = fc.record({
    amount: fc.oneof(fc.integer({ min: 0, max: 20_000 }), fc.maxSafeNat()),
    currency: fc.constantFrom("EUR", "JPY", "KWD", "MGA"),
  });
  const atMs = fc.integer({ min: 0, max: 101_000 });

  it("a whole number from nothing to the price, in its currency", () => {
    fc.assert(
      fc.property(anyEvent, price, atMs, (event, price, atMs) => {
        const { amount, currency } = refundFor(event, price, atMs);
        expect(Number.isSafeInteger(amount) && amount >= 0 && amount <= price.amount).toBe(true);
        expect(currency).toBe(price.currency);
      }),
    );
  });

  it("never more later, where the steps' shares fall", () => {
    fc.assert(
      fc.property(anyEvent, price, atMs, atMs, (event, price, one, other) => {
        const [sooner, later] = one < other ? [one, other] : [other, one];
        const percents = event.refundPolicy?.map(({ percent }) => percent).sort((a, b) => b - a) ?? [];
        const untils = event.refundPolicy?.map(({ until }) => until).sort() ?? [];
        const falling = untils.map((until, step) => ({ until, percent: percents[step] ?? 0 }));
        const fallingEvent = { ...event, refundPolicy: event.refundPolicy === null ? null : falling };
        expect(refundFor(fallingEvent, price, later).amount).toBeLessThanOrEqual(
          refundFor(fallingEvent, price, sooner).amount,
        );
      }),
    );
  });

  it("the same until the boundary that was told", () => {
    fc.assert(
      fc.property(anyEvent, price, atMs, fc.nat({ max: 110_000 }), (event, price, atMs, waitMs) => {
        const boundary = nextBoundaryMs([event], atMs) ?? Number.POSITIVE_INFINITY;
        expect(boundary).toBeGreaterThan(atMs);
        const later = Math.min(atMs + waitMs, boundary - 1);
        expect(refundFor(event, price, later)).toEqual(refundFor(event, price, atMs));
      }),
    );
  });
});
