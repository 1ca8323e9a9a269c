import { expect, it } from "vitest";
import { priceOf, pricing, totalMinor } from "../../src/domain/pricing.ts";

const EUR = (amount: number) => ({ amount, currency: "EUR" });

it("tickets that cost the same have one price", () => {
  const same = pricing([EUR(4_500), EUR(4_500)]);
  expect(same).toEqual({ unitPrice: EUR(4_500) });
  expect(priceOf(same, 1)).toEqual(EUR(4_500));
  expect(totalMinor({ ...same, quantity: 2 })).toBe(9_000);
});

it("tickets that don't cost the same have each their own", () => {
  const each = pricing([EUR(9_000), EUR(4_500), EUR(0)]);
  expect(each).toEqual({ unitPrice: EUR(9_000), prices: [9_000, 4_500, 0] });
  expect([0, 1, 2].map((ordinal) => priceOf(each, ordinal))).toEqual([EUR(9_000), EUR(4_500), EUR(0)]);
  expect(totalMinor({ ...each, quantity: 3 })).toBe(13_500);
});

it("no tickets have no price", () => {
  expect(() => pricing([])).toThrow("no tickets have no price");
});
