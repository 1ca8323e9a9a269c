import { describe, expect, it } from "vitest";
import { InvalidWebhook } from "../../src/payments/port.ts";
import { openAccount, request } from "./stripe-account.ts";

async function paid() {
  const account = await openAccount();
  const { attemptId, bookingId, chargeId } = await account.provider.authorize(request());
  return {
    ...account,
    news: { attemptId, bookingId },
    intent: account.stripe.payments.intents.get(chargeId) as object,
  };
}

describe("tells which attempt to look up", () => {
  it.each([
    "payment_intent.amount_capturable_updated",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "payment_intent.requires_action",
  ])("%s", async (type) => {
    const { stripe, provider, news, intent } = await paid();
    const { headers, body } = stripe.webhook(type, intent);
    expect(provider.webhook(headers, body)).toEqual(news);
  });

  it.each(["refund.created", "refund.updated", "refund.failed"])("%s", async (type) => {
    const { stripe, provider, news } = await paid();
    const refund = { id: "re_1", object: "refund", metadata: { refundId: "r", ...news } };
    const { headers, body } = stripe.webhook(type, refund);
    expect(provider.webhook(headers, body)).toEqual(news);
  });

  it("each time it is delivered: that changes nothing", async () => {
    const { stripe, provider, news, intent } = await paid();
    const { headers, body } = stripe.webhook("payment_intent.succeeded", intent);
    expect([provider.webhook(headers, body), provider.webhook(headers, body)]).toEqual([news, news]);
  });
});

describe("is nothing to us", () => {
  it("about something else", async () => {
    const { stripe, provider, news } = await paid();
    for (const type of ["customer.created", "payout.paid", "payment_intents.odd"]) {
      const { headers, body } = stripe.webhook(type, { object: "customer", metadata: news });
      expect(provider.webhook(headers, body)).toBeNull();
    }
  });

  it.each([{}, { metadata: null }, { metadata: {} }, { metadata: { attemptId: "a" } }])(
    "about a payment that is not ours: %j",
    async (object) => {
      const { stripe, provider } = await paid();
      const { headers, body } = stripe.webhook("payment_intent.succeeded", object);
      expect(provider.webhook(headers, body)).toBeNull();
    },
  );
});

describe("is not believed", () => {
  it("when it was signed with another secret, or not at all", async () => {
    const { stripe, provider, intent } = await paid();
    const { headers, body } = stripe.webhook("payment_intent.succeeded", intent, { secret: "whsec_guess" });
    expect(() => provider.webhook(headers, body)).toThrow(InvalidWebhook);
    expect(() => provider.webhook({}, body)).toThrow(InvalidWebhook);
    expect(() => provider.webhook({ "stripe-signature": "nonsense" }, body)).toThrow(InvalidWebhook);
    const twice = ["stripe-signature", "stripe-signature"].map(() => headers["stripe-signature"] ?? "");
    expect(() => provider.webhook({ "stripe-signature": twice }, body)).toThrow(InvalidWebhook);
  });

  it("when it was changed on its way", async () => {
    const { stripe, provider, news, intent } = await paid();
    const { headers, body } = stripe.webhook("payment_intent.succeeded", intent);
    const changed = body.replace(news.bookingId, "another");
    expect(changed).not.toBe(body);
    expect(() => provider.webhook(headers, changed)).toThrow(InvalidWebhook);
  });

  it("when it is more than five minutes old", async () => {
    const nowMs = Date.parse("2026-03-01T10:00:00Z");
    const { stripe, provider } = await openAccount({ nowMs: () => nowMs });
    const object = { metadata: { attemptId: "a", bookingId: "b" } };
    const delivered = (atMs: number) => {
      const { headers, body } = stripe.webhook("payment_intent.succeeded", object, { atMs });
      return provider.webhook(headers, body);
    };
    expect(delivered(nowMs - 300_000)).toEqual({ attemptId: "a", bookingId: "b" });
    expect(() => delivered(nowMs - 301_000)).toThrow(InvalidWebhook);
  });
});
