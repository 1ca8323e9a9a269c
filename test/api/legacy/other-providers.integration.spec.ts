import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type StripeNode, startStripeNode } from "../stripe-node.ts";

let at: StripeNode;
beforeAll(async () => {
  at = await startStripeNode();
});
afterAll(() => at.close());

const held = async (ticketType: "Regular" | "Free") => {
  const [regular, free] = at.sale.ticketTypeIds;
  return at.shop.reserved(at.sale, at.buyer, { ticketTypeId: ticketType === "Free" ? free : regular });
};
const confirm = (reservationId: string) =>
  at.node.call("POST", "/ticket/confirmReservation", {
    token: at.buyer.token,
    headers: { userID: at.buyer.accountId },
    body: { reservationId },
  });

describe("where the provider is not the sandbox, a route that carries no payment", () => {
  it("completes what is free", async () => {
    const { id } = await held("Free");
    expect((await confirm(id)).json()).toEqual({ message: "success", reservationId: id });
    expect((await confirm(id)).json()).toEqual({ message: "success", reservationId: id });
  });

  it("answers 402 for what has a price, charges nothing, and leaves it held", async () => {
    const { id } = await held("Regular");
    const reply = await confirm(id);
    expect([reply.statusCode, reply.json()]).toMatchObject([
      402,
      { code: "payment-required", message: expect.any(String) },
    ]);
    expect(at.stripe.payments.intents.size).toBe(0);
    const reservation = await at.shop.on("GET", `/${id}`, at.buyer);
    expect(reservation.json().status).toBe("HELD");
  });

  it("answers the same for a hold", async () => {
    const price = { amount: 4_500, currency: "EUR" };
    const { eventId } = await at.shop.onSale({ ticketTypes: [{ name: "A", capacity: 5, price }] });
    const { hold_id, payment_token } = (
      await at.node.call("POST", "/holds", { body: { event_id: eventId, qty: 1 } })
    ).json();
    const reply = await at.node.call("POST", "/book", { body: { hold_id, payment_token } });
    expect([reply.statusCode, reply.json().code]).toEqual([402, "payment-required"]);
  });
});
