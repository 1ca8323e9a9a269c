import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planOf } from "../../../src/domain/seating/seating-plan.ts";
import { priceRangeOf, sectionPricesOf } from "../../../src/domain/seating/section-prices.ts";

const EUR = (amount: number) => ({ amount, currency: "EUR" });

/** Sections at these prices; null: at the ticket type's. */
const mapOf = (prices: readonly (number | null)[]) => ({
  sections: prices.map((amount, index) => ({
    name: `S${index}`,
    ...(amount === null ? {} : { price: EUR(amount) }),
    rows: [{ name: "A", seats: "1-2" }],
  })),
});

const rangeOf = (price: number, prices: readonly (number | null)[]) =>
  priceRangeOf(price, sectionPricesOf(mapOf(prices)));

describe("what the seats of a map cost", () => {
  it("is what their sections cost, whatever the ticket type does", () => {
    expect(rangeOf(0, [9_000, 4_500])).toEqual({ min: 4_500, max: 9_000 });
    expect(rangeOf(99_000, [9_000])).toEqual({ min: 9_000, max: 9_000 });
  });

  it("is the ticket type's price where a section has none", () => {
    expect(rangeOf(2_000, [9_000, null])).toEqual({ min: 2_000, max: 9_000 });
    expect(rangeOf(99_000, [null, 9_000])).toEqual({ min: 9_000, max: 99_000 });
    expect(rangeOf(2_000, [null, null])).toEqual({ min: 2_000, max: 2_000 });
    expect(sectionPricesOf(mapOf([null, null]))).toBeNull();
  });

  it("may be nothing: a section can be free", () => {
    expect(sectionPricesOf(mapOf([0, null]))).toEqual({ min: 0, max: 0, others: true });
    expect(rangeOf(2_000, [0, null])).toEqual({ min: 0, max: 2_000 });
  });

  it("is from the cheapest to the dearest of all seats, each by itself", () => {
    const amount = fc.constantFrom(0, 1, 4_500, 9_000, 10_000);
    const sections = fc.array(fc.option(amount), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(amount, sections, (price, prices) => {
        const plan = planOf(mapOf(prices));
        const each = Array.from({ length: plan.size }, (_, seat) => plan.priceOf(seat)?.amount ?? price);
        expect(rangeOf(price, prices)).toEqual({ min: Math.min(...each), max: Math.max(...each) });
      }),
    );
  });
});
