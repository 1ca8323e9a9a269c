import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { ProviderUnavailable } from "../../src/payments/port.ts";
import { byOurId, openAccount, request } from "./stripe-account.ts";

const DECLINED = "pm_card_visa_chargeDeclinedInsufficientFunds";
const THREE_D_SECURE = "pm_card_threeDSecure2Required";

it("takes payment methods that Stripe.js made, and no sandbox's", async () => {
  const { provider } = await openAccount();
  expect(["pm_1PqXyzAbC", "pm_card_visa"].map(provider.accepts)).toEqual([true, true]);
  const others = ["sandbox-ok", "pm_", "tok_visa", "pm_a/../b", "pm_a b", `pm_${"x".repeat(300)}`];
  expect(others.map(provider.accepts)).toEqual(others.map(() => false));
});

it("asks with the attempt's id as the key, and has both ids in the metadata", async () => {
  const { stripe, provider } = await openAccount();
  const { attemptId, bookingId, ...rest } = request();
  await provider.authorize({ attemptId, bookingId, ...rest });
  expect(stripe.requests).toEqual([{ method: "POST", path: "/v1/payment_intents", idempotencyKey: attemptId }]);
  expect([...stripe.payments.intents.values()]).toMatchObject([
    { amount: 4_500, currency: "eur", metadata: { attemptId, bookingId }, status: "requires_capture" },
  ]);
});

it("declines with the reason of the buyer's bank", async () => {
  const { provider } = await openAccount();
  expect(await provider.authorize(request({ method: DECLINED }))).toMatchObject({
    status: "declined",
    declineReason: "insufficient_funds",
  });
});

it.each([
  ["a payment method that is unknown", { method: "pm_unknown" }, "resource_missing"],
  ["an amount below Stripe's least", { amount: { amount: 49, currency: "EUR" } }, "amount_too_small"],
  ["an amount that no card is charged with", { amount: { amount: 1_234, currency: "KWD" } }, "amount-not-chargeable"],
])("declines %s, of which no charge is made", async (_what, changes, declineReason) => {
  const { provider, stripe } = await openAccount();
  const order = request(changes);
  const charge = await provider.authorize(order);
  expect(charge).toMatchObject({ status: "declined", declineReason, chargeId: "", amount: order.amount });
  expect(stripe.payments.intents.size).toBe(0);
});

describe("3-D Secure", () => {
  it("is authorized once the buyer has confirmed", async () => {
    const { stripe, provider } = await openAccount();
    const { chargeId, attemptId } = await provider.authorize(request({ method: THREE_D_SECURE }));
    stripe.payments.finish(chargeId, "requires_capture");
    expect(await provider.lookUp(attemptId)).toMatchObject({ status: "authorized", clientSecret: null });
  });

  it("that failed is declined for good: the buyer can't go on with the secret that he has", async () => {
    const { stripe, provider, another } = await openAccount();
    const { chargeId, attemptId } = await provider.authorize(request({ method: THREE_D_SECURE }));
    stripe.payments.finish(chargeId, "requires_payment_method");
    const charge = await provider.lookUp(attemptId);
    expect(charge).toMatchObject({ status: "declined", declineReason: "insufficient_funds", clientSecret: null });
    expect(stripe.payments.intents.get(chargeId)?.status).toBe("canceled");
    expect(await another().lookUp(attemptId)).toMatchObject({ status: "declined" });
  });

  it("confirmed with another card before that could be closed counts as it is", async () => {
    const { stripe, provider } = await openAccount();
    const { chargeId, attemptId } = await provider.authorize(request({ method: THREE_D_SECURE }));
    stripe.payments.finish(chargeId, "requires_payment_method");
    stripe.beforeNext("POST", () => stripe.payments.finish(chargeId, "processing"));
    expect(await provider.lookUp(attemptId)).toMatchObject({ status: "pending" });
  });
});

describe("when an answer is lost", () => {
  it("the same request again finds what the first one did", async () => {
    const { stripe, provider, another } = await openAccount();
    const order = request();
    stripe.faults.push("lose-answer", "lose-answer"); // the SDK tries a closed connection once more
    await expect(provider.authorize(order)).rejects.toBeInstanceOf(ProviderUnavailable);
    expect(await another().authorize(order)).toMatchObject({ status: "authorized" });
    expect(stripe.payments.intents.size).toBe(1);
  });

  it("a decline is told again", async () => {
    const { stripe, provider } = await openAccount();
    stripe.faults.push("lose-answer");
    const charge = await provider.authorize(request({ method: DECLINED }));
    expect(charge).toMatchObject({ status: "declined", declineReason: "insufficient_funds" });
    expect(stripe.payments.intents.size).toBe(1);
  });

  it("what became of it meanwhile counts, not the first answer", async () => {
    const { stripe, provider, another } = await openAccount();
    const order = request({ method: THREE_D_SECURE });
    const { chargeId } = await provider.authorize(order);
    stripe.payments.finish(chargeId, "requires_capture");
    expect(await another().authorize(order)).toMatchObject({ status: "authorized", clientSecret: null });
  });

  it("a look-up finds it, though Stripe's search does not have it yet", async () => {
    const { stripe, provider, another } = await openAccount({ timeoutMs: 100 });
    const order = request();
    stripe.payments.searchIsBehind = true;
    stripe.faults.push("no-answer");
    await expect(provider.authorize(order)).rejects.toThrow("Stripe: StripeConnectionError (ETIMEDOUT)");
    expect(await another().lookUp(order.attemptId)).toMatchObject({ status: "authorized", bookingId: order.bookingId });
  });

  it("a look-up finds an old one by searching", async () => {
    const { stripe, provider, another } = await openAccount();
    stripe.payments.nowMs = () => Date.now() - 7_200_000;
    const charge = await provider.authorize(request());
    expect(await another().lookUp(charge.attemptId)).toEqual(charge);
    expect(stripe.requests.map(({ path }) => path)).toContain("/v1/payment_intents/search");
  });

  it("a look-up by Stripe's id asks for that alone, and checks whose it is", async () => {
    const { stripe, provider, another } = await openAccount();
    const [one, other] = [await provider.authorize(request()), await provider.authorize(request())];
    stripe.requests.length = 0;
    const later = another();
    expect(await later.lookUp(one.attemptId, one.chargeId)).toEqual(one);
    expect(stripe.requests).toHaveLength(1);
    expect(await later.lookUp(one.attemptId, other.chargeId)).toEqual(one);
    expect(await later.lookUp(one.attemptId, "pi_unknown")).toEqual(one);
  });
});

describe("when Stripe is in trouble", () => {
  it.each([
    ["it has an error", { status: 500 }, "Stripe: StripeAPIError (500, req_standin)"],
    ["it is asked too often", { status: 429 }, "Stripe: StripeRateLimitError (429, rate_limit, req_standin)"],
    ["the key is used by a request under way", { status: 409 }, "Stripe: StripeAPIError (409, req_standin)"],
    ["our key is not accepted", { status: 401 }, "Stripe: StripeAuthenticationError (401, req_standin)"],
  ])("%s: nothing is known of the payment", async (_what, fault, message) => {
    const { stripe, provider } = await openAccount();
    const order = request();
    const charge = await provider.authorize(request());
    const calls = [
      () => provider.authorize(order),
      () => provider.capture(charge),
      () => provider.void(charge),
      () => provider.refund({ ...charge, refundId: "r" }),
      () => provider.lookUp(order.attemptId),
      () => Array.fromAsync(provider.chargesSince(0)),
    ];
    for (const call of calls) {
      stripe.faults.push(fault);
      await expect(call()).rejects.toThrow(new ProviderUnavailable(message));
    }
    expect(await provider.authorize(order)).toMatchObject({ status: "authorized" });
  });

  it("the SDK tries again, with the same key", async () => {
    const { stripe, provider } = await openAccount({ retries: 1 });
    stripe.faults.push({ status: 500 });
    const order = request();
    expect(await provider.authorize(order)).toMatchObject({ status: "authorized" });
    expect(stripe.requests.map(({ idempotencyKey }) => idempotencyKey)).toEqual([order.attemptId, order.attemptId]);
  });

  it("nobody listens: it is unavailable", async () => {
    const { stripe, provider } = await openAccount();
    await stripe.close();
    await expect(provider.lookUp(request().attemptId)).rejects.toThrow("Stripe: StripeConnectionError (ECONNREFUSED)");
  });
});

it("no error that it throws has the client secret or our key in it", async () => {
  const { stripe, provider } = await openAccount();
  const charge = await provider.authorize(request({ method: THREE_D_SECURE }));
  expect(charge.clientSecret).toContain("_secret_");
  const failures: unknown[] = [await provider.capture(charge).catch((error: unknown) => error)];
  stripe.faults.push({ status: 401 });
  failures.push(await provider.capture(charge).catch((error: unknown) => error));
  const shown = inspect(failures, { depth: null, showHidden: true });
  expect(failures.every((failure) => failure instanceof Error)).toBe(true);
  expect(shown).not.toContain("_secret_");
  expect(shown).not.toContain(stripe.secretKey);
});

it("a void whose attempt is not to be found, though Stripe has its key, has to be asked again", async () => {
  const { stripe, provider, another } = await openAccount();
  const order = request();
  stripe.payments.nowMs = () => Date.now() - 7_200_000; // not among the latest
  stripe.payments.searchIsBehind = true;
  await provider.authorize(order);
  const later = another();
  await expect(later.void(byOurId(order))).rejects.toThrow(/can't find it yet/);
  stripe.payments.searchIsBehind = false;
  expect(await later.void(byOurId(order))).toMatchObject({ status: "voided" });
  expect(stripe.payments.intents.size).toBe(1);
});
