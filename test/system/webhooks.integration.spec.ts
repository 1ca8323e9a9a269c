import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Office, startOffice } from "./office.ts";
import { type Buyer, becomes, bookingIn, bookingNow, buy } from "./purchasing.ts";
import { expectStatus, openSale } from "./shop.ts";

describe("POST /payments/webhook", () => {
  let office: Office;
  let url: string;
  beforeAll(async () => {
    office = await startOffice("api,projector");
    url = `http://127.0.0.1:${office.port}/payments/webhook`;
  });
  afterAll(() => office.close());

  const post = async ({ headers, body }: { headers: Record<string, string>; body: string }) => {
    const reply = await fetch(url, { method: "POST", headers, body });
    const text = await reply.text();
    return [reply.status, text === "" ? null : JSON.parse(text).code];
  };
  const cancel = ({ token, reply }: Buyer) =>
    expectStatus(200, office.client.call("POST", `/bookings/${bookingIn(reply).bookingId}/cancel`, { token }));
  const paidNews = ({ reply }: Buyer, attemptId: string) => ({
    type: "charge.changed",
    timestamp: new Date().toISOString(),
    data: { attemptId, bookingId: bookingIn(reply).bookingId, chargeId: "ch_1", status: "captured" },
  });

  it("refuses what the provider has not signed, or signed long ago", async () => {
    const buyer = await buy(office.client, await openSale(office.client, 1), "sandbox-never");
    const charge = await office.chargeOf(buyer);
    const news = paidNews(buyer, charge.attemptId);
    const signed = await office.sandbox.signed(news);
    const old = await office.sandbox.signed(news, new Date(Date.now() - 3_600_000));
    const forged = { ...signed, body: signed.body.replace("ch_1", "ch_2") };
    const unsigned = { body: signed.body, headers: { "content-type": "application/json" } };
    const foreign = { ...signed, headers: { ...signed.headers, "webhook-signature": `v1,${"A".repeat(43)}=` } };
    for (const one of [old, forged, unsigned, foreign]) expect(await post(one)).toEqual([400, "invalid-webhook"]);
    expect((await bookingNow(office.client, buyer)).payment.status).toBe("PENDING");
  });

  it("believes nobody what became of a payment: it asks the provider", async () => {
    const buyer = await buy(office.client, await openSale(office.client, 1), "sandbox-never");
    const charge = await office.chargeOf(buyer);
    const news = await office.sandbox.signed(paidNews(buyer, charge.attemptId));
    expect(await post(news)).toEqual([204, null]);
    await cancel(buyer); // waits for what the news have begun
    expect(await bookingNow(office.client, buyer)).toMatchObject({
      status: "CANCELLED",
      payment: { status: "VOIDED" },
    });
    expect(await office.logOf(buyer)).not.toContain("PaymentAuthorized");
    expect(await office.chargeOf(buyer)).toMatchObject({ status: "voided" });
  });

  it("has no effect when it comes again, late, or about nothing", async () => {
    const sale = await openSale(office.client, 1);
    const buyer = await buy(office.client, sale, "sandbox-slow");
    await becomes(office.client, buyer, "PAID", "SUCCEEDED");
    const before = await office.logOf(buyer);
    const charge = await office.chargeOf(buyer);
    const news = await office.sandbox.signed(paidNews(buyer, charge.attemptId));
    const unknown = await office.sandbox.signed({
      type: "charge.changed",
      data: { attemptId: crypto.randomUUID(), bookingId: crypto.randomUUID() },
    });
    const replies = await Promise.all(Array.from({ length: 20 }, (_, n) => post(n % 4 === 3 ? unknown : news)));
    expect(replies).toEqual(Array.from({ length: 20 }, () => [204, null]));
    await cancel(buyer); // waits for what the news have begun
    expect((await office.logOf(buyer)).slice(0, before.length + 1)).toEqual([...before, "TicketsCancelled"]);
    expect(await office.chargeOf(buyer)).toMatchObject({ status: "captured", refundedMinor: 4_500 });
  });
});
