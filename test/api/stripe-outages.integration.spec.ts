import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Fault } from "../support/stripe/server.ts";
import { type StripeNode, startStripeNode } from "./stripe-node.ts";

/** Long enough for a purchase to be looked up by its timer, which takes 5 s and as long as a busy machine adds. */
const PAYMENT_WINDOW_SECONDS = 15;

/** With `processes`: nobody tells the node anything, its timers find out. */
let shop: StripeNode;
beforeAll(async () => {
  shop = await startStripeNode({
    roles: new Set(["api", "projector", "processes"]),
    paymentWindowSeconds: PAYMENT_WINDOW_SECONDS,
  });
});
afterAll(() => shop.close());

/** The SDK asks once more by itself when a connection breaks, whatever its retries are set to. */
const CUT: readonly Fault[] = ["cut", "cut"];
const ANSWER_LOST: readonly Fault[] = ["lose-answer", "lose-answer"];

/** More than the calls of one purchase. */
const AWAY: readonly Fault[] = Array.from({ length: 200 }, () => "cut");

/** A purchase that comes upon these faults, and upon a Stripe that is away for as long as its buyer waits. */
async function pending(...faults: readonly Fault[]): Promise<{ bookingId: string; reservationId: string }> {
  shop.stripe.faults.push(...faults, ...AWAY);
  const { reply, reservationId } = await shop.purchase("pm_card_visa");
  shop.stripe.faults.length = 0;
  expect(reply.statusCode, reply.body).toBe(202);
  expect(reply.json()).toMatchObject({ status: "PENDING_PAYMENT", payment: { status: "PENDING" }, tickets: [] });
  expect(reply.json().payment).not.toHaveProperty("clientSecret");
  return { bookingId: reply.json().bookingId, reservationId };
}

/** What can become of one call. */
const FAULTS: readonly [string, readonly Fault[]][] = [
  ["does not take the request", CUT],
  ["answers 500", [{ status: 500 }]],
  ["makes the intent, and its answer is lost", ANSWER_LOST],
  ["makes the intent, and does not answer in time", ["no-answer"]],
  ["captures, and its answer is lost", ["ok", ...ANSWER_LOST]],
];

describe("a purchase is 201 PAID by one PaymentIntent, which is looked up while the buyer waits", () => {
  it.each(FAULTS)("when Stripe once %s", async (_, faults) => {
    shop.stripe.faults.push(...faults);
    const { reply } = await shop.purchase("pm_card_visa");
    expect([reply.statusCode, reply.json()]).toMatchObject([201, { status: "PAID" }]);
    expect(shop.intentsOf(reply.json().bookingId)).toMatchObject([{ status: "succeeded", amount: 4_500 }]);
    expect(shop.stripe.faults).toEqual([]);
  });
});

describe("a purchase is 202 PENDING, and paid by one PaymentIntent once its timer has looked it up", () => {
  it.each(FAULTS)("when Stripe %s, and is away from then on", async (_, faults) => {
    const { bookingId } = await pending(...faults);
    expect(await shop.becomes(bookingId, "PAID")).toMatchObject({ payment: { status: "SUCCEEDED" } });
    expect(shop.intentsOf(bookingId)).toMatchObject([{ status: "succeeded", amount: 4_500 }]);
  });

  it("when Stripe's search does not have the intent yet", async () => {
    shop.stripe.payments.searchIsBehind = true;
    const { bookingId } = await pending(...ANSWER_LOST);
    await shop.node.restart(); // so that this process does not remember it either
    await shop.becomes(bookingId, "PAID");
    expect(shop.intentsOf(bookingId)).toMatchObject([{ status: "succeeded" }]);
    shop.stripe.payments.searchIsBehind = false;
  });
});

describe("a cancellation while Stripe is away", () => {
  it("is refunded once when it is back", async () => {
    const { reply } = await shop.purchase("pm_card_visa");
    const { bookingId } = reply.json();
    await shop.becomes(bookingId, "PAID");
    shop.stripe.faults.push("ok", ...ANSWER_LOST); // the look at the intent; the refund
    const cancelled = await shop.node.call("POST", `/bookings/${bookingId}/cancel`, { token: shop.buyer.token });
    expect(cancelled.json()).toMatchObject({ status: "CANCELLED", refunds: [{ status: "PENDING" }] });
    const refunded = async () => (await shop.booking(bookingId)).payment.status;
    await expect.poll(refunded, { timeout: 30_000 }).toBe("REFUNDED");
    const ofBooking = [...shop.stripe.payments.refunds.values()].filter((one) => one.metadata.bookingId === bookingId);
    expect(ofBooking).toMatchObject([{ amount: 4_500, status: "succeeded" }]);
  });
});

describe("a purchase that Stripe answers 500 to for as long as it keeps the key", () => {
  it("is over at its deadline, its tickets are free, and nothing is ever charged", async () => {
    shop.stripe.faults.push({ status: 500, kept: true });
    const { reply } = await shop.purchase("pm_card_visa");
    expect(reply.statusCode, reply.body).toBe(202);
    const { bookingId } = reply.json();
    await shop.becomes(bookingId, "TIMED_OUT");
    expect(shop.intentsOf(bookingId)).toEqual([]);
    shop.stripe.forgetKeys();
    const payment = async () => (await shop.booking(bookingId)).payment.status;
    await expect.poll(payment, { timeout: 50_000, interval: 200 }).toBe("VOIDED");
    const attemptId = (await shop.node.recorded())
      .filter(({ stream, type }) => stream === `booking-${bookingId}` && type === "PaymentRequested")
      .map(({ data }) => data.attemptId)[0];
    const made = [...shop.stripe.payments.intents.values()].filter(({ metadata }) => metadata.attemptId === attemptId);
    expect(made).toMatchObject([{ status: "canceled", latest_charge: null }]);
    expect(await shop.life(bookingId)).toContain("ReservationsLetGo");
  }, 120_000);
});

it("what Stripe answers when it fails, secrets among it, goes neither into the log nor into any table", async () => {
  const logged = shop.node.logged.join("");
  expect(logged).toContain("the payment provider has to be asked again");
  for (const text of [await shop.everythingKept(), logged]) expect(text).not.toMatch(/pi_\w+_secret/);
});
