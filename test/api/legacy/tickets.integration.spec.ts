import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Signed } from "../harness.ts";
import type { OnSale } from "../reservations-shop.ts";
import { type Asking, type EarlierClients, earlierClients } from "./earlier-clients.ts";

let clients: EarlierClients;
let user: Signed;
let sale: OnSale;
beforeAll(async () => {
  clients = await earlierClients();
  user = await clients.node.signUp();
  sale = await clients.twoTypes();
});
afterAll(() => clients.close());

const wish = (more: object = {}) => ({
  userID: user.accountId,
  eventID: sale.eventId,
  ticketType: "VIP",
  ticketCount: 1,
  ...more,
});
const reserve = (body: object = wish(), asking: Asking = {}) =>
  clients.post("/ticket/reserve", body, { by: user, ...asking });
const confirm = (body: object, { by = user, userID = by.accountId, key }: Asking & { userID?: string } = {}) =>
  clients.post("/ticket/confirmReservation", body, { by, key, headers: { userID } });

async function reserved(more: object = {}): Promise<string> {
  const reply = await reserve(wish(more));
  expect(reply.statusCode, reply.body).toBe(200);
  return reply.json().reservationId;
}

/** One type of one ticket: nothing that other specs hold is in the way. */
async function lastTicket() {
  const { eventId } = await clients.shop.onSale({ ticketTypes: [{ name: "VIP", capacity: 1 }] });
  return { eventID: eventId };
}

describe("POST /ticket/reserve", () => {
  it("holds tickets of a type by its name, and says until when", async () => {
    const reply = await reserve();
    expect(reply.statusCode, reply.body).toBe(200);
    const { reservationId, expirationTime, ...rest } = reply.json();
    expect(rest).toEqual({ message: "success" });
    const held = (await clients.get(`/reservations/${reservationId}`, user)).json();
    expect(held).toMatchObject({ status: "HELD", quantity: 1, ticketTypeId: sale.ticketTypeIds[0] });
    expect(held.expiresAt).toBe(expirationTime);
  });

  it("takes the id of a type, too, whatever its case", async () => {
    const id = sale.ticketTypeIds[1] as string;
    const reservationId = await reserved({ ticketType: id.toUpperCase(), ticketCount: 2 });
    const held = (await clients.get(`/reservations/${reservationId}`, user)).json();
    expect(held).toMatchObject({ ticketTypeId: id, quantity: 2, total: { amount: 9_000 } });
  });

  it.each([
    ["an unknown event", { eventID: crypto.randomUUID() }, "event-not-found"],
    ["an event of no id of ours", { eventID: "42" }, "event-not-found"],
    ["an unknown type", { ticketType: "Balcony" }, "ticket-type-not-found"],
    ["an unknown id of a type", { ticketType: crypto.randomUUID() }, "ticket-type-not-found"],
    ["more than there are", { ticketCount: 6 }, "sold-out"],
    ["more than one may have", { ticketCount: 101 }, "limit-exceeded"],
    ["somebody else's userID", { userID: crypto.randomUUID() }, "invalid"],
    ["no tickets", { ticketCount: 0 }, "invalid"],
    ["a field that nobody knows", { seat: "A1" }, "invalid"],
  ])("answers 400 for %s, with a message beside the problem", async (_, more, code) => {
    const reply = await reserve(wish(more));
    expect(reply.headers["content-type"]).toBe("application/problem+json");
    const problem = reply.json();
    expect([reply.statusCode, problem.status, problem.code]).toEqual([400, 400, code]);
    expect(problem).toMatchObject({ detail: expect.any(String), errors: [{ in: "body" }] });
  });

  it("tells in the message which field is wrong", async () => {
    const problem = (await reserve(wish({ userID: crypto.randomUUID(), seat: "A1" }))).json();
    expect([problem.message, problem.errors]).toMatchObject(["seat unknown field", [{ path: "/seat" }]]);
    expect((await reserve(wish({ userID: crypto.randomUUID() }))).json().message).toMatch(/^userID takes the account/);
  });

  it("answers 400 when the tickets are sold out, saying how many are left", async () => {
    const last = await lastTicket();
    await reserved(last);
    expect((await reserve(wish(last))).json()).toMatchObject({ status: 400, code: "sold-out", available: 0 });
  });

  it("knows no drafts of others, and takes none of an event that was called off", async () => {
    const draft = await clients.shop.onSale({ draft: true });
    const hidden = await reserve(wish({ eventID: draft.eventId, ticketType: "Regular" }));
    expect([hidden.statusCode, hidden.json().code]).toEqual([400, "event-not-found"]);
    const off = await clients.shop.onSale();
    await clients.node.call("POST", `/events/${off.eventId}/cancel`, { token: clients.organizer.token });
    const late = await reserve(wish({ eventID: off.eventId, ticketType: "Regular" }));
    expect([late.statusCode, late.json().code]).toEqual([400, "event-cancelled"]);
  });

  it("needs a token, and answers 401 without one as ever, with a message", async () => {
    const reply = await reserve(wish(), { by: undefined });
    expect([reply.statusCode, reply.json().code]).toEqual([401, "token-missing"]);
  });

  it("counts once for a key; another body is 422", async () => {
    const first = await reserve(wish(), { key: "once" });
    const again = await reserve(wish(), { key: "once" });
    expect([again.json(), again.headers["idempotency-replayed"]]).toEqual([first.json(), "true"]);
    expect((await reserve(wish({ ticketCount: 2 }), { key: "once" })).statusCode).toBe(422);
  });
});

describe("POST /ticket/confirmReservation", () => {
  it.each(["reservationId", "reserverationId"])("buys what is held, named by %s; again: the same", async (field) => {
    const id = await reserved(await lastTicket());
    const reply = await confirm({ [field]: id });
    expect([reply.statusCode, reply.json()]).toEqual([200, { message: "success", reservationId: id }]);
    expect((await clients.get(`/reservations/${id}`, user)).json()).toMatchObject({ status: "CONFIRMED" });
    const again = await confirm({ [field]: id });
    expect([again.statusCode, again.json()]).toEqual([200, reply.json()]);
    expect((await clients.get(`/bookings/${id}`, user)).json()).toMatchObject({ status: "PAID" });
  });

  it("charges what has a price by the sandbox", async () => {
    const id = await reserved({ ticketType: "Regular" });
    expect((await confirm({ reservationId: id })).statusCode).toBe(200);
    const booking = (await clients.get(`/bookings/${id}`, user)).json();
    expect(booking).toMatchObject({ status: "PAID", total: { amount: 4_500 }, payment: { status: "SUCCEEDED" } });
  });

  it("makes one booking of twenty that come at once, with keys and without", async () => {
    const id = await reserved({ ticketType: "Regular" });
    const asked = Array.from({ length: 20 }, (_, n) =>
      confirm({ reservationId: id }, { key: n % 3 === 0 ? undefined : n % 3 === 1 ? "the same" : `key ${n}` }),
    );
    expect(new Set((await Promise.all(asked)).map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
    const opened = (await clients.node.recorded()).filter(
      ({ type, data }) => type === "BookingOpened" && JSON.stringify(data).includes(id),
    );
    expect(opened).toHaveLength(1);
  });

  it.each([
    ["an id of ours", crypto.randomUUID()],
    ["any text", "42"],
  ])("answers 400 where there is no such reservation, by %s", async (_, reservationId) => {
    const reply = await confirm({ reservationId });
    expect([reply.statusCode, reply.json().code]).toEqual([400, "reservation-not-found"]);
  });

  it("answers 400 for somebody else's userID, and for somebody else's reservation, bought or not", async () => {
    const id = await reserved({ ticketType: "Regular" });
    const other = await clients.node.signUp();
    const posing = await confirm({ reservationId: id }, { userID: other.accountId });
    expect([posing.statusCode, posing.json().errors]).toMatchObject([400, [{ in: "header", path: "/userID" }]]);
    const strange = await confirm({ reservationId: id }, { by: other });
    expect([strange.statusCode, strange.json().code]).toEqual([400, "reservation-not-found"]);
    expect((await confirm({ reservationId: id })).statusCode).toBe(200);
    const late = await confirm({ reservationId: id }, { by: other });
    expect([late.statusCode, late.json().code]).toEqual([400, "reservation-not-found"]);
  });

  it("needs the header", async () => {
    const reply = await clients.post("/ticket/confirmReservation", { reservationId: "42" }, { by: user });
    expect([reply.statusCode, reply.json().errors]).toMatchObject([400, [{ in: "header", path: "/userID" }]]);
  });

  it.each([[{}], [{ reservationId: "a", reserverationId: "a" }], [{ reservationId: 1 }]])(
    "answers 400 for %j",
    async (body) => {
      const reply = await confirm(body);
      expect([reply.statusCode, reply.json().errors]).toMatchObject([400, [{ path: "/reservationId" }]]);
    },
  );

  it("says `reservation invalid now` of what was given back, is being bought otherwise, or was", async () => {
    const invalid = [400, "reservation invalid now"];
    const back = await reserved({ ticketType: "Regular" });
    await clients.shop.on("DELETE", `/${back}`, user);
    const released = await confirm({ reservationId: back });
    expect([released.statusCode, released.json().message]).toEqual(invalid);

    const bought = await reserved({ ticketType: "Regular" });
    await clients.post("/purchases", { reservationIds: [bought], payment: { method: "sandbox-ok" } }, { by: user });
    const sold = await confirm({ reservationId: bought });
    expect([sold.statusCode, sold.json().message]).toEqual(invalid);

    const open = await reserved({ ticketType: "Regular" });
    await clients.post("/purchases", { reservationIds: [open], payment: { method: "sandbox-never" } }, { by: user });
    const claimed = await confirm({ reservationId: open });
    expect([claimed.statusCode, claimed.json().message]).toEqual(invalid);
  });

  it("counts once for a key; another body is 422", async () => {
    const [one, two] = [await reserved({ ticketType: "Regular" }), await reserved({ ticketType: "Regular" })];
    await confirm({ reservationId: one }, { key: "confirm" });
    const again = await confirm({ reservationId: one }, { key: "confirm" });
    expect([again.statusCode, again.headers["idempotency-replayed"]]).toEqual([200, "true"]);
    const other = await confirm({ reservationId: two }, { key: "confirm" });
    expect([other.statusCode, other.json().code]).toEqual([422, "idempotency-key-reused"]);
  });

  it("says `reservation invalid now` once the time is over", async () => {
    const { eventID } = await lastTicket();
    const id = await reserved({ eventID });
    await clients.advance(601);
    const late = await confirm({ reservationId: id });
    expect([late.statusCode, late.json().message, late.json().code]).toEqual([
      400,
      "reservation invalid now",
      "reservation-expired",
    ]);
  });
});
