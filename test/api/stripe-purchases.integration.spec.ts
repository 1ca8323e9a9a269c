import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type StripeNode, startStripeNode } from "./stripe-node.ts";

/** Without `processes`, so that nothing but requests and webhooks brings a booking on. */
let shop: StripeNode;
beforeAll(async () => {
  shop = await startStripeNode();
});
afterAll(() => shop.close());

const THREE_D_SECURE = "pm_card_threeDSecure2Required";
const PAID = ["BookingOpened", "PaymentRequested", "PaymentAuthorized", "BookingConfirmed", "PaymentCaptured"];
const PAID_AFTER_ACTION = PAID.toSpliced(2, 0, "PaymentActionRequired");

/** A purchase that waits for its buyer. */
async function waiting() {
  const { reply, reservationId } = await shop.purchase(THREE_D_SECURE);
  expect(reply.statusCode, reply.body).toBe(202);
  const { bookingId, payment } = reply.json();
  const [intent] = shop.intentsOf(bookingId);
  if (intent === undefined) throw new Error("Stripe was not asked");
  return { bookingId: bookingId as string, reservationId, payment, intent };
}

const authenticate = ({ id }: { readonly id: string }) => shop.stripe.payments.finish(id, "requires_capture");
const failToAuthenticate = ({ id }: { readonly id: string }) =>
  shop.stripe.payments.finish(id, "requires_payment_method");
const cancel = (bookingId: string) =>
  shop.node.call("POST", `/bookings/${bookingId}/cancel`, { token: shop.buyer.token });

describe("a purchase", () => {
  it("by a card is paid: one PaymentIntent that is captured, which knows booking and attempt", async () => {
    const { reply } = await shop.purchase("pm_card_visa");
    expect(reply.statusCode, reply.body).toBe(201);
    const { bookingId, status, payment, tickets } = reply.json();
    expect([status, payment, tickets.length]).toEqual(["PAID", { status: "SUCCEEDED" }, 1]);
    expect(shop.intentsOf(bookingId)).toMatchObject([
      { status: "succeeded", amount: 4_500, currency: "eur", metadata: { attemptId: expect.any(String), bookingId } },
    ]);
    expect(await shop.life(bookingId)).toEqual(PAID);
  });

  it("of what is free does not ask Stripe", async () => {
    const asked = shop.stripe.requests.length;
    const { id } = await shop.shop.reserved(shop.sale, shop.buyer, { ticketTypeId: shop.sale.ticketTypeIds[1] });
    const body = { reservationIds: [id] };
    const reply = await shop.node.call("POST", "/purchases", { token: shop.buyer.token, body });
    expect([reply.statusCode, reply.json().payment]).toEqual([201, { status: "NOT_STARTED" }]);
    expect(shop.stripe.requests.length).toBe(asked);
  });

  it("by a card that is declined is 402; the reservation is held, and another card may pay for it", async () => {
    const { reply, reservationId } = await shop.purchase("pm_card_visa_chargeDeclinedInsufficientFunds");
    expect([reply.statusCode, reply.json().code]).toEqual([402, "payment-declined"]);
    const { bookingId } = reply.json();
    expect(await shop.booking(bookingId)).toMatchObject({ status: "DECLINED", payment: { status: "FAILED" } });
    const declined = (await shop.node.recorded()).find(({ type }) => type === "PaymentDeclined");
    expect(declined?.data).toMatchObject({ reason: "insufficient_funds" });
    expect((await shop.buy(reservationId, "pm_card_visa")).statusCode).toBe(201);
  });

  it("by a card that Stripe does not know is declined, too", async () => {
    const { reply } = await shop.purchase("pm_unknown");
    expect([reply.statusCode, reply.json().code]).toEqual([402, "payment-declined"]);
  });

  it.each(["sandbox-ok", "sandbox-decline", "sandbox-slow", "card", "pm_", "pm_visa; drop"])(
    "by %j is 400 at the method, and leaves nothing on record",
    async (method) => {
      const before = await shop.node.head();
      const reply = await shop.buy(crypto.randomUUID(), method);
      expect(reply.statusCode).toBe(400);
      expect(reply.json().errors).toMatchObject([{ in: "body", path: "/payment/method" }]);
      expect(await shop.node.head()).toBe(before);
    },
  );
});

describe("3-D Secure", () => {
  it("asks the buyer, whose browser gets the secret: nobody else ever does", async () => {
    const { bookingId, payment, intent } = await waiting();
    expect(payment).toEqual({ status: "REQUIRES_ACTION", clientSecret: intent.client_secret });
    expect(await shop.booking(bookingId)).toMatchObject({
      status: "PENDING_PAYMENT",
      payment: { status: "REQUIRES_ACTION" },
      tickets: [],
    });
    expect((await shop.booking(bookingId)).payment).not.toHaveProperty("clientSecret");
  });

  it("is done when Stripe's webhook comes: the booking is paid", async () => {
    const { bookingId, intent } = await waiting();
    authenticate(intent);
    const reply = await shop.tell("payment_intent.amount_capturable_updated", bookingId);
    expect([reply.statusCode, reply.body]).toEqual([204, ""]);
    const paid = await shop.becomes(bookingId, "PAID");
    expect(paid).toMatchObject({ payment: { status: "SUCCEEDED" }, tickets: [{ status: "VALID" }] });
    expect(intent.status).toBe("succeeded");
    expect(await shop.life(bookingId)).toEqual(PAID_AFTER_ACTION);
  });

  it("is done when the buyer asks again with the same key, too; until then he gets his secret again", async () => {
    const { reply, reservationId } = await shop.purchase(THREE_D_SECURE, "3ds");
    const again = await shop.buy(reservationId, THREE_D_SECURE, "3ds");
    expect([again.statusCode, again.json()]).toEqual([202, reply.json()]);
    const [intent] = shop.intentsOf(reply.json().bookingId);
    authenticate(intent as typeof intent & object);
    const done = await shop.buy(reservationId, THREE_D_SECURE, "3ds");
    expect([done.statusCode, done.headers["idempotency-replayed"]]).toEqual([201, "true"]);
    expect(done.json()).toMatchObject({ status: "PAID", payment: { status: "SUCCEEDED" } });
    expect(shop.intentsOf(reply.json().bookingId)).toHaveLength(1);
  });

  it("that fails declines the purchase and closes the intent: the secret is of no use any more", async () => {
    const { bookingId, reservationId, intent } = await waiting();
    failToAuthenticate(intent);
    await shop.tell("payment_intent.payment_failed", bookingId);
    const declined = await shop.becomes(bookingId, "DECLINED");
    expect(declined).toMatchObject({ payment: { status: "FAILED" }, tickets: [] });
    expect(intent.status).toBe("canceled");
    await expect.poll(() => shop.life(bookingId)).toContain("ReservationsLetGo");
    expect((await shop.buy(reservationId, "pm_card_visa")).statusCode).toBe(201);
  });

  it("survives a restart in between", async () => {
    const { bookingId, intent } = await waiting();
    await shop.node.restart();
    authenticate(intent);
    await shop.tell("payment_intent.amount_capturable_updated", bookingId);
    await shop.becomes(bookingId, "PAID");
    expect(shop.intentsOf(bookingId)).toHaveLength(1);
  });

  it("that the buyer leaves by cancelling is called off at Stripe, too", async () => {
    const { bookingId, reservationId, intent } = await waiting();
    const reply = await cancel(bookingId);
    expect(reply.statusCode, reply.body).toBe(200);
    expect(reply.json()).toMatchObject({ status: "CANCELLED", payment: { status: "VOIDED" } });
    expect(intent.status).toBe("canceled");
    const released = await shop.shop.on("GET", `/${reservationId}`, shop.buyer);
    expect(released.json().status).toBe("RELEASED");
  });
});

describe("a webhook", () => {
  it("that comes twice, late and in another order has one effect", async () => {
    const { bookingId, intent } = await waiting();
    expect((await shop.tell("payment_intent.succeeded", bookingId)).statusCode).toBe(204); // it has not succeeded
    authenticate(intent);
    const types = ["amount_capturable_updated", "amount_capturable_updated", "requires_action", "payment_failed"];
    const replies = await Promise.all(types.map((type) => shop.tell(`payment_intent.${type}`, bookingId)));
    expect(replies.map(({ statusCode }) => statusCode)).toEqual([204, 204, 204, 204]);
    await shop.becomes(bookingId, "PAID");
    await shop.tell("payment_intent.canceled", bookingId);
    // Drives of one booking take turns: this one comes after all that the webhooks have begun.
    expect((await cancel(bookingId)).statusCode).toBe(200);
    expect(await shop.life(bookingId)).toEqual([
      ...PAID_AFTER_ACTION,
      "TicketsCancelled",
      "CancelledTicketsReturned",
      "RefundSucceeded",
    ]);
    expect(shop.intentsOf(bookingId)).toMatchObject([{ status: "succeeded" }]);
  });

  it("that comes before Stripe's own answer pays the booking; the buyer is told so", async () => {
    const { id } = await shop.shop.reserved(shop.sale, shop.buyer);
    const known = shop.stripe.payments.intents.size;
    shop.stripe.faults.push("no-answer");
    const buying = shop.buy(id, "pm_card_visa");
    await vi.waitFor(() => expect(shop.stripe.payments.intents.size).toBe(known + 1));
    const intent = [...shop.stripe.payments.intents.values()].at(-1);
    const bookingId = intent?.metadata.bookingId ?? "";
    expect((await shop.tell("payment_intent.amount_capturable_updated", bookingId)).statusCode).toBe(204);
    const reply = await buying;
    expect([reply.statusCode, reply.json()]).toMatchObject([201, { bookingId, status: "PAID" }]);
    expect(shop.intentsOf(bookingId)).toMatchObject([{ status: "succeeded" }]);
    expect(await shop.life(bookingId)).toEqual(PAID);
  });

  it("that is forged, changed on its way, unsigned or too old is 400 and changes nothing", async () => {
    const { bookingId, intent } = await waiting();
    authenticate(intent);
    const before = await shop.node.head();
    const asked = shop.stripe.requests.length;
    const { headers, body } = shop.stripe.webhook("payment_intent.amount_capturable_updated", intent);
    const tooOld = { atMs: Date.now() - 301_000 };
    const replies = [
      await shop.tell("payment_intent.amount_capturable_updated", bookingId, { secret: "whsec_guess" }),
      await shop.tell("payment_intent.amount_capturable_updated", bookingId, tooOld),
      await shop.post({ headers, body: body.replace("4500", "1") }),
      await shop.post({ headers: {}, body }),
      await shop.post({ headers: { "stripe-signature": "t=1,v1=nonsense" }, body }),
    ];
    for (const reply of replies) expect([reply.statusCode, reply.json().code]).toEqual([400, "invalid-webhook"]);
    expect([await shop.node.head(), shop.stripe.requests.length]).toEqual([before, asked]);
    expect((await shop.booking(bookingId)).payment.status).toBe("REQUIRES_ACTION");
    await shop.post({ headers, body });
    await shop.becomes(bookingId, "PAID");
  });

  it("about what is not ours is taken, and left", async () => {
    const before = await shop.node.head();
    const ours = { attemptId: crypto.randomUUID(), bookingId: crypto.randomUUID() };
    for (const [type, object] of [
      ["customer.created", { object: "customer" }],
      ["payment_intent.succeeded", { object: "payment_intent", metadata: {} }],
      ["payment_intent.succeeded", { object: "payment_intent", metadata: ours }], // of another log
    ] as const) {
      expect((await shop.post(shop.stripe.webhook(type, object))).statusCode).toBe(204);
    }
    expect((await shop.purchase("pm_card_visa")).reply.statusCode).toBe(201);
    const since = (await shop.node.recorded(before)).map(({ stream }) => stream);
    expect(since).not.toContain(`booking-${ours.bookingId}`);
  });
});

describe("cancelling a paid booking", () => {
  const paid = async () => (await shop.purchase("pm_card_visa")).reply.json().bookingId as string;
  const refundsOf = (bookingId: string) =>
    [...shop.stripe.payments.refunds.values()].filter(({ metadata }) => metadata.bookingId === bookingId);

  it("refunds it at Stripe, once, under our id", async () => {
    const bookingId = await paid();
    await shop.becomes(bookingId, "PAID");
    const reply = await cancel(bookingId);
    expect(reply.statusCode, reply.body).toBe(200);
    const { refunds, ...booking } = reply.json();
    expect(booking).toMatchObject({ status: "CANCELLED", payment: { status: "REFUNDED" } });
    expect(refunds).toMatchObject([{ amount: { amount: 4_500, currency: "EUR" }, status: "SUCCEEDED" }]);
    expect(refundsOf(bookingId)).toMatchObject([{ amount: 4_500, metadata: { refundId: refunds[0].refundId } }]);
  });

  it("refunds it when Stripe says so, where that takes days", async () => {
    const bookingId = await paid();
    await shop.becomes(bookingId, "PAID");
    shop.stripe.payments.refundsBecome = "pending";
    const reply = await cancel(bookingId);
    expect(reply.json()).toMatchObject({ refunds: [{ status: "PENDING" }], payment: { status: "SUCCEEDED" } });
    const [refund] = refundsOf(bookingId);
    shop.stripe.payments.refundBecomes(refund?.id ?? "", "succeeded");
    await shop.post(shop.stripe.webhook("refund.updated", refund ?? {}));
    await expect.poll(async () => (await shop.booking(bookingId)).payment.status).toBe("REFUNDED");
    expect(refundsOf(bookingId)).toHaveLength(1);
    shop.stripe.payments.refundsBecome = "succeeded";
  });

  it("stays to be refunded, with a line in the log, where Stripe can't", async () => {
    const bookingId = await paid();
    await shop.becomes(bookingId, "PAID");
    shop.stripe.payments.refundsBecome = "failed";
    const { refunds } = (await cancel(bookingId)).json();
    shop.stripe.payments.refundsBecome = "succeeded";
    expect(refunds).toMatchObject([{ status: "PENDING" }]);
    expect(shop.node.errors).toMatchObject([{ msg: "a refund was refused", bookingId, refundId: refunds[0].refundId }]);
    expect(refundsOf(bookingId)).toMatchObject([{ status: "failed" }]);
  });
});

it("there is no clock to be moved", async () => {
  const admin = await shop.node.admin();
  const reply = await shop.node.call("POST", "/sandbox/clock/advance", { token: admin.token, body: { seconds: 60 } });
  expect(reply.statusCode).toBe(404);
  expect((await shop.node.call("GET", "/openapi.json")).body).not.toContain("/sandbox/clock");
});

it("client secrets and Stripe's keys are neither in the log, at any level, nor in any table", async () => {
  const kept = await shop.everythingKept();
  const logged = shop.node.logged.join("");
  expect(kept).toContain("PaymentActionRequired");
  expect(logged).toContain("/purchases");
  for (const text of [kept, logged]) {
    expect(text).not.toMatch(/pi_\w+_secret/);
    expect(text).not.toContain(shop.stripe.secretKey);
    expect(text).not.toContain(shop.stripe.webhookSecret);
  }
});
