import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Reply } from "../events-node.ts";
import type { Signed } from "../harness.ts";
import type { OnSale } from "../reservations-shop.ts";
import { type Asking, type EarlierClients, earlierClients } from "./earlier-clients.ts";

let clients: EarlierClients;
let user: Signed;
let sale: OnSale;
beforeAll(async () => {
  clients = await earlierClients();
  user = await clients.node.guest();
  const price = { amount: 4_500, currency: "EUR" };
  sale = await clients.shop.onSale({
    ticketTypes: [
      { name: "VIP", capacity: 1_000, price },
      { name: "Free", capacity: 1_000 },
    ],
  });
});
afterAll(() => clients.close());

const reserve = (body: object = {}, asking: Asking = {}): Promise<Reply> =>
  clients.post("/events/reserve", { eventId: sale.eventId, ...body }, { by: user, ...asking });
const purchase = (bookingId: string, method: string | null = "sandbox-ok", asking: Asking = {}): Promise<Reply> => {
  const body = method === null ? { bookingId } : { bookingId, paymentDetails: { method } };
  return clients.post("/purchases", body, { by: user, ...asking });
};
const booking = async (id: string, by: Signed = user) => (await clients.get(`/bookings/${id}`, by)).json();

async function reserved(seatType = "VIP"): Promise<string> {
  const reply = await reserve({ seatType, quantity: 2 });
  expect(reply.statusCode, reply.body).toBe(201);
  return reply.json().bookingId;
}

describe("POST /events/reserve", () => {
  it("holds seats of a type as a booking that is not paid yet", async () => {
    const reply = await reserve({ seatType: "VIP", quantity: 2 });
    expect(reply.statusCode, reply.body).toBe(201);
    const { bookingId, expiresAt, ...rest } = reply.json();
    expect(rest).toEqual({ status: "PENDING_PAYMENT" });
    expect(await booking(bookingId)).toEqual({
      bookingId,
      accountId: user.accountId,
      eventIds: [sale.eventId],
      status: "PENDING_PAYMENT",
      lines: [
        {
          reservationId: bookingId,
          eventId: sale.eventId,
          ticketTypeId: sale.ticketTypeIds[0],
          quantity: 2,
          unitPrice: { amount: 4_500, currency: "EUR" },
          total: { amount: 9_000, currency: "EUR" },
        },
      ],
      total: { amount: 9_000, currency: "EUR" },
      createdAt: expect.any(String),
      expiresAt,
      cancelledAt: null,
      payment: { status: "NOT_STARTED" },
      refunds: [],
      tickets: [],
    });
  });

  it.each([
    ["an unknown event", { eventId: crypto.randomUUID(), seatType: "VIP", quantity: 1 }, 404, "event-not-found"],
    ["an unknown type", { seatType: "Balcony", quantity: 1 }, 404, "ticket-type-not-found"],
    ["more than there are", { seatType: "Few", quantity: 3 }, 409, "sold-out"],
    ["no type", { quantity: 1 }, 400, "invalid"],
    ["no quantity", { seatType: "VIP" }, 400, "invalid"],
    ["seats beside a type", { seatType: "VIP", quantity: 1, seatIds: ["A-1-1"] }, 400, "invalid"],
    ["numbered seats, which the event has none of", { seatIds: ["A-1-1"] }, 400, "invalid"],
  ])("refuses %s", async (_, body, status, code) => {
    const few = await clients.shop.onSale({ ticketTypes: [{ name: "Few", capacity: 2 }] });
    const isFew = "seatType" in body && body.seatType === "Few";
    const reply = await reserve(isFew ? { ...body, eventId: few.eventId } : body);
    expect([reply.statusCode, reply.json().code]).toEqual([status, code]);
  });

  it("says which seats the event does not have", async () => {
    const problem = (await reserve({ seatIds: ["A-1-1"] })).json();
    expect(problem).toMatchObject({
      errors: [{ path: "/seatIds/0" }],
      message: expect.stringMatching(/seats of the event/),
    });
  });

  it("counts once for a key; another body is 422", async () => {
    const first = await reserve({ seatType: "VIP", quantity: 1 }, { key: "once" });
    const again = await reserve({ seatType: "VIP", quantity: 1 }, { key: "once" });
    expect([again.json(), again.headers["idempotency-replayed"]]).toEqual([first.json(), "true"]);
    expect((await reserve({ seatType: "VIP", quantity: 2 }, { key: "once" })).statusCode).toBe(422);
  });
});

describe("POST /purchases {bookingId, paymentDetails}", () => {
  it("pays, and both ids are the booking's from then on", async () => {
    const id = await reserved();
    const reply = await purchase(id);
    expect([reply.statusCode, reply.json()]).toEqual([200, { bookingId: expect.any(String), status: "PAID" }]);
    const { bookingId } = reply.json();
    const paid = await booking(bookingId);
    expect(paid).toMatchObject({ bookingId, status: "PAID", lines: [{ reservationId: id, quantity: 2 }] });
    expect(paid.tickets).toHaveLength(2);
    expect(await booking(id)).toEqual(paid);
  });

  it.each([
    ["sandbox-decline", "CANCELLED"],
    ["sandbox-never", "PENDING_PAYMENT"],
    ["sandbox-slow", "PENDING_PAYMENT"],
  ])("answers %s by %s", async (method, status) => {
    const reply = await purchase(await reserved(), method);
    expect([reply.statusCode, reply.json().status]).toEqual([200, status]);
  });

  it("needs no payment for what is free, and says so of what is not", async () => {
    expect((await purchase(await reserved("Free"), null)).json().status).toBe("PAID");
    expect((await purchase(await reserved("Free"))).json().status).toBe("PAID");
    const problem = (await purchase(await reserved(), null)).json();
    expect(problem).toMatchObject({ status: 400, errors: [{ path: "/paymentDetails" }] });
  });

  it("tells the same again, by either id, and makes one booking of twenty that come at once", async () => {
    const id = await reserved();
    const replies = await Promise.all(Array.from({ length: 20 }, () => purchase(id)));
    const first = replies[0]?.json();
    expect(replies.map((reply) => [reply.statusCode, reply.json()])).toEqual(replies.map(() => [200, first]));
    expect((await purchase(id, "sandbox-decline")).json()).toEqual(first);
    expect((await purchase(first.bookingId)).json()).toEqual(first);
    expect(first.status).toBe("PAID");
  });

  it("makes one booking of those that come at once with keys of their own", async () => {
    const id = await reserved();
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, n) => purchase(id, "sandbox-ok", n === 0 ? {} : { key: `${id} ${n}` })),
    );
    expect(new Set(replies.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
    const last = await purchase(id);
    expect(last.json().status).toBe("PAID");
    const opened = (await clients.node.recorded()).filter(
      ({ type, data }) => type === "BookingOpened" && JSON.stringify(data).includes(id),
    );
    expect(opened.map(({ data }) => data.bookingId)).toEqual([last.json().bookingId]);
  });

  it("may be tried again after it was declined, by another body under another key", async () => {
    const id = await reserved();
    const declined = await purchase(id, "sandbox-decline", { key: `${id} 1` });
    expect(declined.json().status).toBe("CANCELLED");
    const same = await purchase(id, "sandbox-decline", { key: `${id} 1` });
    expect([same.json(), same.headers["idempotency-replayed"]]).toEqual([declined.json(), "true"]);
    expect((await purchase(id, "sandbox-ok", { key: `${id} 1` })).statusCode).toBe(422);
    expect(await booking(id)).toMatchObject({ status: "PENDING_PAYMENT", payment: { status: "NOT_STARTED" } });
    expect((await purchase(id, "sandbox-ok", { key: `${id} 2` })).json().status).toBe("PAID");

    const other = await reserved();
    expect((await purchase(other, "sandbox-decline")).json().status).toBe("CANCELLED");
    expect((await purchase(other, "sandbox-decline")).json().status).toBe("CANCELLED");
    expect((await purchase(other)).json().status).toBe("PAID");
    const third = await reserved();
    for (let n = 0; n < 3; n += 1) await purchase(third, "sandbox-decline");
    expect((await purchase(third)).json()).toMatchObject({ status: 409, code: "too-many-attempts" });
  });

  it("tells what became of what was bought by the newer routes, given back, or called off", async () => {
    const bought = await reserved();
    const newer = await clients.post(
      "/purchases",
      { reservationIds: [bought], payment: { method: "sandbox-ok" } },
      { by: user },
    );
    const { bookingId } = newer.json();
    expect((await purchase(bought)).json()).toEqual({ bookingId, status: "PAID" });

    const back = await reserved();
    await clients.shop.on("DELETE", `/${back}`, user);
    expect((await purchase(back)).json()).toEqual({ bookingId: back, status: "CANCELLED" });
    expect((await booking(back)).status).toBe("CANCELLED");

    const off = await clients.shop.onSale();
    const held = (await reserve({ eventId: off.eventId, seatType: "Regular", quantity: 1 })).json().bookingId;
    await clients.node.call("POST", `/events/${off.eventId}/cancel`, { token: clients.organizer.token });
    expect((await purchase(held)).json()).toEqual({ bookingId: held, status: "CANCELLED" });
  });

  it("answers 404 for what is unknown or somebody else's, bought or not", async () => {
    const other = await clients.node.guest();
    const [open, paid] = [await reserved(), await reserved()];
    const { bookingId } = (await purchase(paid)).json();
    for (const id of [open, paid, bookingId, crypto.randomUUID(), "42"]) {
      const reply = await purchase(id, "sandbox-ok", { by: other });
      expect([reply.statusCode, reply.json().code], id).toEqual([404, "booking-not-found"]);
    }
    for (const id of [open, paid, bookingId]) {
      expect((await clients.get(`/bookings/${id}`, other)).statusCode).toBe(404);
    }
    expect((await booking(open, await clients.node.admin())).status).toBe("PENDING_PAYMENT");
  });

  it.each([
    [{ bookingId: "a", reservationIds: ["b"] }, "/reservationIds"],
    [{ bookingId: "a", cartId: "b" }, "/cartId"],
    [{ bookingId: "a", payment: { method: "sandbox-ok" } }, "/payment"],
    [{ bookingId: "a", paymentDetails: { method: "cash" } }, "/paymentDetails/method"],
    [{ bookingId: "a", paymentDetails: { method: "sandbox-ok", cardNumber: "4242" } }, "/paymentDetails/cardNumber"],
    [{ bookingId: "a", tip: 1 }, "/tip"],
    [{ reservationIds: ["a"], paymentDetails: { method: "sandbox-ok" } }, "/paymentDetails"],
    [{ reservationIds: ["a"], tip: 1 }, "/tip"],
    [{ paymentDetails: { method: "sandbox-ok" } }, "/reservationIds"],
  ])("takes 400 for %j, naming the place", async (body, path) => {
    const reply = await clients.post("/purchases", body, { by: user });
    expect(reply.statusCode, reply.body).toBe(400);
    expect(reply.json().errors.map((error: { path: string }) => error.path)).toContain(path);
  });

  it("tells TIMEOUT of a booking that was not paid in time, and of seats that were not bought in time", async () => {
    const [held, open] = [await reserved(), await reserved()];
    const { bookingId } = (await purchase(open, "sandbox-never")).json();
    await clients.advance(1_000);
    await expect.poll(async () => (await booking(bookingId)).status, { timeout: 10_000 }).toBe("TIMED_OUT");
    expect((await purchase(open)).json()).toEqual({ bookingId, status: "TIMEOUT" });
    expect((await purchase(bookingId)).json()).toEqual({ bookingId, status: "TIMEOUT" });
    expect((await purchase(held)).json()).toEqual({ bookingId: held, status: "TIMEOUT" });
    expect((await booking(held)).status).toBe("TIMED_OUT");
  });
});

describe("POST /bookings/{eventId}", () => {
  const seats = { ticketIds: ["STALLS-A-12"], paymentDetails: { method: "sandbox-ok" } };

  it.each([
    ["an unknown event", () => crypto.randomUUID(), seats, 404, "event-not-found"],
    ["seats of an event that has no numbered ones", () => sale.eventId, seats, 400, "invalid"],
    ["no seats", () => sale.eventId, { ...seats, ticketIds: [] }, 400, "invalid"],
    ["no method", () => sale.eventId, { ticketIds: ["STALLS-A-12"] }, 400, "invalid"],
  ])("refuses %s", async (_, eventId, body, status, code) => {
    const reply = await clients.post(`/bookings/${eventId()}`, body, { by: user });
    expect([reply.statusCode, reply.json().code]).toEqual([status, code]);
  });
});
