import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type NodeUnderTest, type Reply, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";
import { idempotent, type OnSale, openShop, type Shop } from "./reservations-shop.ts";

let node: NodeUnderTest;
let shop: Shop;
let organizer: Signed;
let buyer: Signed;
let sale: OnSale;

const PRICED = { name: "Regular", capacity: 1_000, price: { amount: 4_500, currency: "EUR" } };

beforeAll(async () => {
  node = await startNode({ roles: new Set(["api", "projector", "processes"]) });
  organizer = await node.signUp();
  shop = openShop(node, organizer);
  sale = await shop.onSale({ ticketTypes: [PRICED, { name: "Free", capacity: 1_000 }] });
});
afterAll(() => node.close());

const purchase = (body: object, by: Signed, key?: string): Promise<Reply> =>
  node.call("POST", "/purchases", { token: by.token, body, headers: idempotent(key) });

const pay = (method: string, ...reservationIds: readonly string[]) => ({ reservationIds, payment: { method } });

/** A GET that has seen what the reply before recorded. */
const seenAfter = (reply: Reply, url: string, by: Signed): Promise<Reply> =>
  node.call("GET", url, {
    token: by.token,
    headers: { "boxoffice-min-position": String(reply.headers["boxoffice-position"]) },
  });

describe("POST /purchases", () => {
  it("answers 201 with what a GET answers: paid, with a ticket for each seat and codes of their own", async () => {
    buyer = await node.guest();
    const { id } = await shop.reserved(sale, buyer, { quantity: 3 });
    const reply = await purchase(pay("sandbox-ok", id), buyer);
    expect(reply.statusCode, reply.body).toBe(201);
    const booking = reply.json();
    expect(booking).toMatchObject({
      status: "PAID",
      total: { amount: 13_500, currency: "EUR" },
      payment: { status: "SUCCEEDED" },
      eventIds: [sale.eventId],
      lines: [{ reservationId: id, quantity: 3, unitPrice: { amount: 4_500 }, total: { amount: 13_500 } }],
    });
    expect(new Set(booking.tickets.map(({ code }: { code: string }) => code)).size).toBe(3);
    expect(reply.headers.location).toBe(`/bookings/${booking.bookingId}`);
    const read = await seenAfter(reply, `/bookings/${booking.bookingId}`, buyer);
    expect(read.json()).toEqual(booking);
    const reservation = await seenAfter(reply, `/reservations/${id}`, buyer);
    expect(reservation.json()).toMatchObject({ status: "CONFIRMED" });
    const list = await seenAfter(reply, "/bookings", buyer);
    expect(list.json()).toEqual({ items: [booking], next: null });
  });

  it("writes neither codes nor client secrets into the log", async () => {
    const { id } = await shop.reserved(sale, buyer);
    const booking = (await purchase(pay("sandbox-ok", id), buyer)).json();
    const log = JSON.stringify(await node.recorded());
    expect(log).toContain(booking.bookingId);
    expect(log).not.toContain(booking.tickets[0].code);
  });

  it("needs no payment for what is free", async () => {
    const { id } = await shop.reserved(sale, buyer, { ticketTypeId: sale.ticketTypeIds[1] });
    const reply = await purchase({ reservationIds: [id] }, buyer);
    expect(reply.statusCode, reply.body).toBe(201);
    expect(reply.json()).toMatchObject({ status: "PAID", payment: { status: "NOT_STARTED" } });
  });

  it("takes 400 for what has a price and no payment, naming the place", async () => {
    const { id } = await shop.reserved(sale, buyer);
    const reply = await purchase({ reservationIds: [id] }, buyer);
    expect(reply.statusCode).toBe(400);
    expect(reply.json().errors).toMatchObject([{ in: "body", path: "/payment" }]);
  });

  it.each([
    [{}, "/reservationIds"],
    [{ reservationIds: [] }, "/reservationIds"],
    [{ reservationIds: ["a", "a"] }, "/reservationIds"],
    [{ reservationIds: ["a"], cartId: "b" }, "/reservationIds"],
    [{ reservationIds: ["a"], payment: { method: "pm_card_visa" } }, "/payment/method"],
    [{ reservationIds: ["a"], payment: { method: "sandbox-ok", card: "4242" } }, "/payment/card"],
    [{ reservationIds: ["a"], tip: 1 }, "/tip"],
  ])("takes 400 for %j", async (body, path) => {
    const reply = await purchase(body, buyer);
    expect(reply.statusCode, reply.body).toBe(400);
    expect(reply.json().errors.map((error: { path: string }) => error.path)).toContain(path);
  });

  it("answers 404 for a reservation that is unknown or somebody else's", async () => {
    const other = await node.guest();
    const { id } = await shop.reserved(sale, other);
    for (const unknown of [id, "nothing", crypto.randomUUID()]) {
      const reply = await purchase(pay("sandbox-ok", unknown), buyer);
      expect([reply.statusCode, reply.json().code]).toEqual([404, "reservation-not-found"]);
    }
  });

  it("answers 402 when the payment is declined; the same key again, too; another key may try again", async () => {
    const { id } = await shop.reserved(sale, buyer);
    const first = await purchase(pay("sandbox-decline", id), buyer, "declined");
    expect([first.statusCode, first.json().code]).toEqual([402, "payment-declined"]);
    const { bookingId } = first.json();
    const again = await purchase(pay("sandbox-decline", id), buyer, "declined");
    expect([again.statusCode, again.json().bookingId]).toEqual([402, bookingId]);
    const read = await seenAfter(first, `/bookings/${bookingId}`, buyer);
    expect(read.json()).toMatchObject({ status: "DECLINED", payment: { status: "FAILED" }, tickets: [] });
    const held = await seenAfter(first, `/reservations/${id}`, buyer);
    expect(held.json()).toMatchObject({ status: "HELD" });
    expect((await purchase(pay("sandbox-ok", id), buyer, "declined")).statusCode).toBe(422);
    expect((await purchase(pay("sandbox-ok", id), buyer, "another")).statusCode).toBe(201);
  });

  it("takes three declined payments for a reservation, and no more", async () => {
    const { id } = await shop.reserved(sale, buyer);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      expect((await purchase(pay("sandbox-decline", id), buyer)).statusCode).toBe(402);
    }
    const reply = await purchase(pay("sandbox-ok", id), buyer);
    expect([reply.statusCode, reply.json().code]).toEqual([409, "too-many-attempts"]);
  });

  it("has one effect for one key, however often and at once it is sent", async () => {
    const { id } = await shop.reserved(sale, buyer);
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => purchase(pay("sandbox-ok", id), buyer, "twice")),
    );
    expect(new Set(replies.map(({ statusCode }) => statusCode))).toEqual(new Set([201]));
    expect(new Set(replies.map((reply) => reply.json().bookingId)).size).toBe(1);
    const replayed = replies.filter(({ headers }) => headers["idempotency-replayed"] === "true");
    expect(replayed.length).toBe(9);
    const later = await purchase(pay("sandbox-ok", id), buyer, "twice");
    expect(later.json()).toEqual(replies[0]?.json());
  });

  it("has one effect when ten buy the same reservation with keys of their own", async () => {
    const { id } = await shop.reserved(sale, buyer);
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, n) => purchase(pay("sandbox-ok", id), buyer, `race-${n}`)),
    );
    const codes = replies.map((reply) => (reply.statusCode === 201 ? "paid" : reply.json().code));
    expect(codes.filter((code) => code === "paid")).toHaveLength(1);
    for (const code of codes) expect(["paid", "payment-in-progress", "reservation-not-held"]).toContain(code);
  });

  it("answers 202 while the payment is open; the reservation is held until the booking's end", async () => {
    const { id } = await shop.reserved(sale, buyer);
    const reply = await purchase(pay("sandbox-never", id), buyer);
    expect(reply.statusCode, reply.body).toBe(202);
    const booking = reply.json();
    expect(booking).toMatchObject({ status: "PENDING_PAYMENT", payment: { status: "PENDING" }, tickets: [] });
    const held = (await seenAfter(reply, `/reservations/${id}`, buyer)).json();
    expect(held).toMatchObject({ status: "HELD", expiresAt: booking.expiresAt });
    for (const path of [`/${id}/extend`, `/${id}`]) {
      const busy = await shop.on(path.endsWith("extend") ? "POST" : "DELETE", path, buyer);
      expect([busy.statusCode, busy.json().code]).toEqual([409, "payment-in-progress"]);
    }
    const cancelled = await node.call("POST", `/bookings/${booking.bookingId}/cancel`, { token: buyer.token });
    expect(cancelled.statusCode, cancelled.body).toBe(200);
    expect(cancelled.json()).toMatchObject({ status: "CANCELLED", payment: { status: "VOIDED" }, tickets: [] });
    expect((await seenAfter(cancelled, `/reservations/${id}`, buyer)).json()).toMatchObject({ status: "RELEASED" });
  });

  it("asks the buyer to act, gives the secret to nobody else, and is paid once he has", async () => {
    const { id } = await shop.reserved(sale, buyer);
    const reply = await purchase(pay("sandbox-action", id), buyer, "to act");
    expect(reply.statusCode, reply.body).toBe(202);
    const again = await purchase(pay("sandbox-action", id), buyer, "to act");
    expect([again.statusCode, again.json()]).toEqual([202, reply.json()]);
    const { bookingId, payment } = reply.json();
    expect(payment).toMatchObject({ status: "REQUIRES_ACTION", clientSecret: expect.any(String) });
    const read = await seenAfter(reply, `/bookings/${bookingId}`, buyer);
    expect(read.json().payment).toEqual({ status: "REQUIRES_ACTION" });
    expect(JSON.stringify(await node.recorded())).not.toContain(payment.clientSecret);
  });

  it("of a reservation that has expired or was given back tells which", async () => {
    const short = await shop.onSale({ holdTtlSeconds: 1, ticketTypes: [PRICED] });
    const { id: expired } = await shop.reserved(short, buyer);
    const { id: released } = await shop.reserved(sale, buyer);
    await shop.on("DELETE", `/${released}`, buyer);
    await expect
      .poll(async () => (await shop.on("GET", `/${expired}`, buyer)).json().status, { timeout: 5_000 })
      .toBe("EXPIRED");
    const codes = [];
    for (const id of [expired, released]) codes.push((await purchase(pay("sandbox-ok", id), buyer)).json().code);
    expect(codes).toEqual(["reservation-expired", "reservation-not-held"]);
  });
});

describe("bookings", () => {
  async function paid(quantity = 2, more: object = {}) {
    const at = Object.keys(more).length === 0 ? sale : await shop.onSale({ ticketTypes: [PRICED], ...more });
    const { id } = await shop.reserved(at, buyer, { quantity });
    const reply = await purchase(pay("sandbox-ok", id), buyer);
    expect(reply.statusCode, reply.body).toBe(201);
    await seenAfter(reply, `/bookings/${reply.json().bookingId}`, buyer);
    return { at, booking: reply.json() };
  }
  const cancel = (bookingId: string, body: object, by = buyer, key?: string) =>
    node.call("POST", `/bookings/${bookingId}/cancel`, { token: by.token, body, headers: idempotent(key) });
  const availability = async (at: OnSale, seen: Reply) =>
    (await seenAfter(seen, `/events/${at.eventId}/availability`, buyer)).json().ticketTypes[0];

  it("are private", async () => {
    const { booking } = await paid();
    const other = await node.guest();
    for (const [method, path] of [
      ["GET", ""],
      ["POST", "/cancel"],
      ["POST", "/refund-quote"],
    ] as const) {
      const reply = await node.call(method, `/bookings/${booking.bookingId}${path}`, { token: other.token });
      expect([reply.statusCode, reply.json().code]).toEqual([404, "booking-not-found"]);
    }
    const admin = await node.admin();
    expect((await node.call("GET", `/bookings/${booking.bookingId}`, { token: admin.token })).statusCode).toBe(200);
  });

  it("are cancelled ticket by ticket, refunded by the policy of the purchase, tickets back on sale once", async () => {
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const { at, booking } = await paid(3, { refundPolicy: [{ until, percent: 50 }] });
    const changed = await node.call("PATCH", `/events/${at.eventId}`, {
      token: organizer.token,
      body: { refundPolicy: [] },
    });
    expect(changed.statusCode, changed.body).toBe(200);
    const [first] = booking.tickets;
    const ticketIds = [first.ticketId];
    const quoted = await node.call("POST", `/bookings/${booking.bookingId}/refund-quote`, {
      token: buyer.token,
      body: { ticketIds },
    });
    expect(quoted.json()).toEqual({
      tickets: [{ ticketId: first.ticketId, amount: { amount: 2_250, currency: "EUR" } }],
      total: { amount: 2_250, currency: "EUR" },
      validUntil: until,
    });
    const wrong = await cancel(booking.bookingId, { ticketIds, expectedTotal: { amount: 4_500, currency: "EUR" } });
    expect([wrong.statusCode, wrong.json()]).toMatchObject([409, { code: "refund-changed", total: { amount: 2_250 } }]);
    const done = await cancel(booking.bookingId, { ticketIds, expectedTotal: quoted.json().total });
    expect(done.json()).toMatchObject({
      status: "PAID",
      payment: { status: "PARTIALLY_REFUNDED" },
      refunds: [{ amount: { amount: 2_250 }, status: "SUCCEEDED" }],
    });
    expect(done.json().tickets.map(({ status }: { status: string }) => status)).toEqual([
      "CANCELLED",
      "VALID",
      "VALID",
    ]);
    expect(await availability(at, done)).toMatchObject({ booked: 2, held: 0, available: 998 });
    const again = await cancel(booking.bookingId, { ticketIds });
    expect([again.statusCode, again.json()]).toMatchObject([409, { code: "ticket-already-cancelled", ticketIds }]);
    const rest = await cancel(booking.bookingId, {});
    expect(rest.json()).toMatchObject({ status: "CANCELLED", cancelledAt: expect.any(String) });
    expect(await availability(at, rest)).toMatchObject({ booked: 0, available: 1_000 });
    expect((await cancel(booking.bookingId, {})).json().code).toBe("ticket-already-cancelled");
  });

  it("are cancelled by administrators in their own name", async () => {
    const { booking } = await paid();
    const admin = await node.admin();
    expect((await cancel(booking.bookingId, {}, admin)).json()).toMatchObject({ status: "CANCELLED" });
    const recorded = (await node.recorded()).find(
      ({ type, stream }) => type === "TicketsCancelled" && stream === `booking-${booking.bookingId}`,
    );
    expect(recorded?.metadata.actor).toEqual({ account: admin.accountId, role: "admin" });
  });

  it("are cancelled once by one key", async () => {
    const { booking } = await paid(2);
    const replies = await Promise.all(Array.from({ length: 5 }, () => cancel(booking.bookingId, {}, buyer, "once")));
    expect(replies.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200, 200]);
    const [reply] = replies;
    expect(reply?.json().refunds).toHaveLength(1);
  });

  it("tell of tickets that are not theirs", async () => {
    const { booking } = await paid();
    const reply = await cancel(booking.bookingId, { ticketIds: [crypto.randomUUID()] });
    expect([reply.statusCode, reply.json().code]).toEqual([404, "ticket-not-found"]);
  });

  it("get goodwill from each organizer for his own tickets, and show him no others", async () => {
    const otto = await node.signUp();
    const [at, his] = [
      await shop.onSale({ ticketTypes: [PRICED] }),
      await shop.onSale({ ticketTypes: [{ ...PRICED, price: { amount: 1_000, currency: "EUR" } }] }, otto),
    ];
    const [one, other] = [await shop.reserved(at, buyer, { quantity: 2 }), await shop.reserved(his, buyer)];
    const bought = await purchase(pay("sandbox-ok", one.id, other.id), buyer);
    const give = (amount: number, by: Signed) =>
      node.call("POST", `/bookings/${bought.json().bookingId}/refunds`, {
        token: by.token,
        body: { amount: { amount, currency: "EUR" } },
      });
    await seenAfter(bought, `/bookings/${bought.json().bookingId}`, buyer);
    const reply = await give(600, otto);
    expect(reply.statusCode, reply.body).toBe(201);
    expect(reply.json()).toMatchObject({ eventIds: [his.eventId], refunds: [{ amount: { amount: 600 } }] });
    expect(reply.json().tickets).toHaveLength(1);
    expect((await give(600, otto)).json()).toMatchObject({
      code: "refund-exceeds-payment",
      refundable: { amount: 400 },
    });
    const byAdmin = await give(100, await node.admin());
    expect(byAdmin.json().tickets).toHaveLength(3);
    expect(byAdmin.json().refunds).toHaveLength(2);
  });

  it("get goodwill from their organizer, never more than was paid", async () => {
    const { booking } = await paid(1);
    const path = `/bookings/${booking.bookingId}/refunds`;
    const give = (amount: number, by: Signed, currency = "EUR") =>
      node.call("POST", path, { token: by.token, body: { amount: { amount, currency } } });
    const reply = await give(1_000, organizer);
    expect(reply.statusCode, reply.body).toBe(201);
    expect(reply.json()).toMatchObject({ status: "PAID", payment: { status: "PARTIALLY_REFUNDED" } });
    expect((await give(4_000, organizer)).json()).toMatchObject({
      code: "refund-exceeds-payment",
      refundable: { amount: 3_500 },
    });
    expect((await give(100, organizer, "CHF")).statusCode).toBe(400);
    expect((await give(100, await node.signUp())).statusCode).toBe(404);
    expect((await give(0, organizer)).statusCode).toBe(400);
  });
});
