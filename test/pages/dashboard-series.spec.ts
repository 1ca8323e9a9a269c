import { describe, expect, it } from "vitest";
import {
  axisOf,
  type Bucket,
  filled,
  mainCurrency,
  soFar,
  summed,
  together,
  units,
} from "../../src/pages/dashboard/series.js";

const bucket = (from: string, to: string, tickets = 1, currency = "EUR"): Bucket => {
  const money = { amount: 100 * tickets, currency };
  return { from, to, tickets, cancelledTickets: 0, gross: money, refunds: { ...money, amount: 0 }, net: money };
};
const hour = (number: number) => `2026-03-01T${String(number).padStart(2, "0")}:00:00.000Z`;

describe("what charts draw", () => {
  it("has no gaps where nothing was sold", () => {
    const whole = filled([bucket(hour(1), hour(2)), bucket(hour(4), hour(5), 3)]);
    expect(whole.map(({ from, tickets }) => [from, tickets])).toEqual([
      [hour(1), 1],
      [hour(2), 0],
      [hour(3), 0],
      [hour(4), 3],
    ]);
    expect(filled([])).toEqual([]);
  });

  it("meets the days after clocks were changed", () => {
    const midnights = ["2026-03-27T23", "2026-03-28T23", "2026-03-29T22", "2026-03-30T22"].map(
      (at) => `${at}:00:00.000Z`,
    );
    const [first = "", second = "", third = "", fourth = ""] = midnights;
    const whole = filled([bucket(first, second), bucket(third, fourth)]);
    expect(whole.map(({ from, to }) => [from, to])).toEqual([
      [first, second],
      [second, third],
      [third, fourth],
    ]);
  });

  it("does not draw years of nothing", () => {
    const far = filled([bucket(hour(1), hour(2)), bucket("2029-01-01T00:00:00.000Z", "2029-01-01T01:00:00.000Z")]);
    expect(far.length).toBeLessThan(2_100);
    expect(far.at(-1)?.from).toBe("2029-01-01T00:00:00.000Z");
  });

  it("is of the currency that sold most; the others are named", () => {
    const shown = mainCurrency([bucket(hour(1), hour(2), 1, "USD"), bucket(hour(1), hour(2), 5)]);
    expect(shown).toMatchObject({ currency: "EUR", others: ["USD"], buckets: [{ tickets: 5 }] });
    expect(mainCurrency([])).toEqual({ currency: null, others: [], buckets: [] });
  });

  it("counts tickets of all currencies together, which amounts can't be", () => {
    const whole = together([
      bucket(hour(1), hour(2), 1, "USD"),
      bucket(hour(1), hour(2), 5),
      bucket(hour(3), hour(4), 2),
    ]);
    expect(whole.map(({ from, tickets }) => [from, tickets])).toEqual([
      [hour(1), 6],
      [hour(2), 0],
      [hour(3), 2],
    ]);
  });

  it("has an axis that fits its bars, even a single one", () => {
    expect(axisOf([7_200], 3_600)).toEqual([5_040, 9_360]);
    expect(axisOf([0, 3_600_000], 3_600)).toEqual([-72_000, 3_672_000]);
  });

  it("adds up", () => {
    expect(soFar([1, 0, 2])).toEqual([1, 1, 3]);
    expect(summed([{ a: 1 }, { a: 3 }], ["a"])).toEqual({ a: 4 });
    expect([units({ amount: 1_250, currency: "EUR" }), units({ amount: 1_250, currency: "JPY" })]).toEqual([
      12.5, 1_250,
    ]);
  });
});
