import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromStripe, toStripe } from "../../src/payments/stripe/amounts.ts";

describe("amounts, as Stripe counts them", () => {
  it.each([
    ["cents are cents", { amount: 4_500, currency: "EUR" }, { amount: 4_500, currency: "eur" }],
    ["yen have no minor unit", { amount: 500, currency: "JPY" }, { amount: 500, currency: "jpy" }],
    [
      "krónur have none in ISO 4217, and two decimals at Stripe",
      { amount: 5, currency: "ISK" },
      { amount: 500, currency: "isk" },
    ],
    ["Ugandan shillings likewise", { amount: 5, currency: "UGX" }, { amount: 500, currency: "ugx" }],
    [
      "ariary have two in ISO 4217, and none at Stripe",
      { amount: 700, currency: "MGA" },
      { amount: 7, currency: "mga" },
    ],
    ["dinars have three, the last of them 0", { amount: 5_120, currency: "KWD" }, { amount: 5_120, currency: "kwd" }],
  ])("%s", (_what, money, amount) => {
    expect(toStripe(money)).toEqual(amount);
    expect(fromStripe(amount)).toEqual(money);
  });

  it.each([
    { amount: 5_124, currency: "KWD" },
    { amount: 1, currency: "TND" },
    { amount: 750, currency: "MGA" },
    { amount: Number.MAX_SAFE_INTEGER, currency: "ISK" },
  ])("$amount $currency can't be said", (money) => expect(toStripe(money)).toBeNull());

  it("come back as they went", () => {
    const currency = fc.constantFrom("EUR", "USD", "JPY", "ISK", "UGX", "MGA", "KWD", "BHD", "HUF");
    fc.assert(
      fc.property(fc.nat({ max: 1_000_000_000 }), currency, (amount, currency) => {
        const there = toStripe({ amount, currency });
        expect(there === null ? { amount, currency } : fromStripe(there)).toEqual({ amount, currency });
      }),
    );
  });
});
