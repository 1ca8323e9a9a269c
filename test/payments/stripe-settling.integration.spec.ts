import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ChargeNotPossible, ProviderUnavailable } from "../../src/payments/port.ts";
import { type Account, byOurId, openAccount, request } from "./stripe-account.ts";

const captured = async ({ provider }: Account) => provider.capture(await provider.authorize(request()));
const euros = (amount: number) => ({ amount, currency: "EUR" });

describe("capturing", () => {
  it("whose answer was lost is told by capturing again", async () => {
    const account = await openAccount();
    const { stripe, provider } = account;
    const charge = await provider.authorize(request());
    stripe.faults.push("lose-answer", "lose-answer");
    await expect(provider.capture(charge)).rejects.toBeInstanceOf(ProviderUnavailable);
    expect(await account.another().capture(byOurId(charge))).toEqual({ ...charge, status: "captured" });
  });

  it("that failed is not remembered by Stripe: the next one is another try", async () => {
    const { stripe, provider } = await openAccount();
    const charge = await provider.authorize(request());
    stripe.faults.push({ status: 500, kept: true });
    await expect(provider.capture(charge)).rejects.toBeInstanceOf(ProviderUnavailable);
    expect(await provider.capture(charge)).toMatchObject({ status: "captured" });
  });
});

describe("voiding", () => {
  it("what was captured behind our back leaves it captured", async () => {
    const { stripe, provider } = await openAccount();
    const charge = await provider.authorize(request());
    stripe.beforeNext("POST", () => stripe.payments.finish(charge.chargeId, "succeeded"));
    expect(await provider.void(charge)).toMatchObject({ status: "captured" });
  });

  it("can't stop what Stripe is processing", async () => {
    const { stripe, provider } = await openAccount();
    const charge = await provider.authorize(request({ method: "pm_slow" }));
    expect(await provider.void(charge)).toMatchObject({ status: "pending" });
    stripe.payments.finish(charge.chargeId, "requires_capture");
    expect(await provider.void(charge)).toMatchObject({ status: "voided" });
  });

  it("an attempt that never arrived uses its key up, on nothing that is charged or listed", async () => {
    const { stripe, provider, another } = await openAccount();
    const order = request();
    expect(await provider.void(byOurId(order))).toMatchObject({
      status: "voided",
      bookingId: "",
      amount: { amount: 0 },
    });
    expect(await another().authorize(order)).toMatchObject({ status: "voided", bookingId: order.bookingId });
    expect([...stripe.payments.intents.values()]).toMatchObject([{ status: "canceled", latest_charge: null }]);
    expect(await Array.fromAsync(provider.chargesSince(0))).toEqual([]);
  });

  it("an attempt that never arrived, stopped half-way, is gone on with", async () => {
    const { stripe, provider, another } = await openAccount();
    const order = request();
    stripe.beforeNext("POST", () => stripe.faults.push({ status: 500 })); // the cancelling after it
    await expect(provider.void(byOurId(order))).rejects.toBeInstanceOf(ProviderUnavailable);
    expect(await another().void(byOurId(order))).toMatchObject({ status: "voided" });
    expect(stripe.payments.intents.size).toBe(1);
  });
});

describe("refunding", () => {
  it("tells Stripe which refund of ours it is", async () => {
    const account = await openAccount();
    const charge = await captured(account);
    const refundId = randomUUID();
    await account.provider.refund({ ...byOurId(charge), refundId, amount: euros(500) });
    const { attemptId, bookingId } = charge;
    expect([...account.stripe.payments.refunds.values()]).toMatchObject([
      { amount: 500, payment_intent: charge.chargeId, metadata: { refundId, attemptId, bookingId } },
    ]);
    expect(account.stripe.requests.at(-1)).toMatchObject({ path: "/v1/refunds", idempotencyKey: refundId });
  });

  it("whose answer was lost is made once", async () => {
    const account = await openAccount();
    const { stripe, provider } = account;
    const charge = await captured(account);
    const part = { ...charge, refundId: randomUUID(), amount: euros(500) };
    stripe.faults.push("ok", "lose-answer", "lose-answer"); // the look at the charge; then the refund, and the SDK's second try
    await expect(provider.refund(part)).rejects.toBeInstanceOf(ProviderUnavailable);
    expect(await account.another().refund(part)).toMatchObject({ status: "succeeded" });
    expect(stripe.payments.refunds.size).toBe(1);
  });

  it("is made once, even when Stripe has forgotten its key", async () => {
    const account = await openAccount();
    const charge = await captured(account);
    const part = { ...charge, refundId: randomUUID(), amount: euros(500) };
    const made = await account.provider.refund(part);
    account.stripe.forgetKeys();
    expect(await account.another().refund(part)).toEqual(made);
    expect(account.stripe.payments.refunds.size).toBe(1);
  });

  it("finds its own among more than Stripe sends along with a charge", async () => {
    const account = await openAccount();
    const charge = await captured(account);
    const parts = Array.from({ length: 12 }, () => ({ ...charge, refundId: randomUUID(), amount: euros(10) }));
    for (const part of parts) await account.provider.refund(part);
    account.stripe.forgetKeys();
    for (const part of parts) await account.provider.refund(part);
    expect(account.stripe.payments.refunds.size).toBe(12);
    expect(await account.provider.lookUp(charge.attemptId)).toMatchObject({ refundedMinor: 120 });
  });

  it("is pending until Stripe says more; one that failed counts for nothing", async () => {
    const account = await openAccount();
    const { stripe, provider } = account;
    const charge = await captured(account);
    const part = { ...charge, refundId: randomUUID(), amount: euros(500) };
    stripe.payments.refundsBecome = "pending";
    const { providerRefundId, status } = await provider.refund(part);
    expect(status).toBe("pending");
    expect(await provider.lookUp(charge.attemptId)).toMatchObject({ refundedMinor: 0 });
    for (const becomes of ["succeeded", "failed"] as const) {
      stripe.payments.refundBecomes(providerRefundId, becomes);
      expect(await provider.refund(part)).toEqual({ providerRefundId, status: becomes });
    }
    expect(await provider.lookUp(charge.attemptId)).toMatchObject({ refundedMinor: 0 });
  });

  it("that failed is made by another with its id in the metadata, which somebody made by hand", async () => {
    const account = await openAccount();
    const { payments } = account.stripe;
    const charge = await captured(account);
    const part = { ...charge, refundId: randomUUID(), amount: euros(500) };
    payments.refundsBecome = "failed";
    const failed = await account.provider.refund(part);
    const [first] = payments.refunds.values();
    if (first === undefined) throw new Error("no refund");
    payments.refunds.set("re_by_hand", { ...first, id: "re_by_hand", status: "succeeded" });
    payments.refunds.set("re_by_mistake", { ...first, id: "re_by_mistake" });
    expect(failed.status).toBe("failed");
    const made = { providerRefundId: "re_by_hand", status: "succeeded" };
    expect(await account.another().refund(part)).toEqual(made);
    expect(payments.refunds.size).toBe(3);
  });

  it("is another one with another amount, which the same id can't be", async () => {
    const account = await openAccount();
    const charge = await captured(account);
    const part = { ...charge, refundId: randomUUID(), amount: euros(500) };
    await account.provider.refund(part);
    const other = account.provider.refund({ ...part, amount: euros(600) });
    await expect(other).rejects.toBeInstanceOf(ChargeNotPossible);
    expect(account.stripe.payments.refunds.size).toBe(1);
  });

  it("of all that is left twice over is refused by Stripe", async () => {
    const account = await openAccount();
    const charge = await captured(account);
    await account.provider.refund({ ...charge, refundId: randomUUID() });
    const again = account.provider.refund({ ...charge, refundId: randomUUID(), amount: euros(1) });
    await expect(again).rejects.toThrow(
      "Stripe: StripeInvalidRequestError (400, charge_already_refunded, req_standin)",
    );
  });
});
