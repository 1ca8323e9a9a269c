import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type NodeUnderTest, startNode } from "../events-node.ts";
import type { Signed } from "../harness.ts";
import { type Asking, type EarlierClients, earlierClients } from "./earlier-clients.ts";

interface Hold {
  readonly hold_id: string;
  readonly expires_at: string;
  readonly payment_token: string;
}

let clients: EarlierClients;
let account: Signed;
let eventId: string;
beforeAll(async () => {
  clients = await earlierClients();
  account = await clients.node.signUp();
  eventId = await clients.freeEvent(1_000);
});
afterAll(() => clients.close());

const hold = (body: object, asking?: Asking) => clients.post("/holds", body, asking);
const book = ({ hold_id, payment_token }: Hold, asking?: Asking) =>
  clients.post("/book", { hold_id, payment_token }, asking);

async function held(asking: Asking = {}, of = eventId): Promise<Hold> {
  const reply = await hold({ event_id: of, qty: 1 }, asking);
  expect(reply.statusCode, reply.body).toBe(201);
  return reply.json();
}

const openedFor = async ({ hold_id }: Hold) =>
  (await clients.node.recorded()).filter(
    ({ type, data }) => type === "BookingOpened" && JSON.stringify(data).includes(hold_id),
  );

describe.each([
  ["without a token", () => undefined],
  ["with a token", () => account],
])("POST /holds and POST /book %s", (_, who) => {
  it("holds for two minutes, and books", async () => {
    const reply = await hold({ event_id: eventId, qty: 3 }, { by: who() });
    expect(reply.statusCode, reply.body).toBe(201);
    expect(Object.keys(reply.json()).sort()).toEqual(["expires_at", "hold_id", "payment_token"]);
    const [reserved] = (await clients.node.recorded()).slice(-1);
    expect(reserved).toMatchObject({ type: "TicketsReserved", data: { quantity: 3 } });
    expect(Date.parse(reply.json().expires_at) - Date.parse(String(reserved?.metadata.at))).toBe(120_000);

    const booked = await book(reply.json(), { by: who() });
    expect(booked.statusCode, booked.body).toBe(201);
    expect(booked.json()).toEqual({ booking_id: expect.any(String) });
    const admin = await clients.node.admin();
    const booking = (await clients.get(`/bookings/${booked.json().booking_id}`, admin)).json();
    expect(booking).toMatchObject({ status: "PAID", lines: [{ reservationId: reply.json().hold_id, quantity: 3 }] });
  });

  it("gives the same booking again, and one to twenty who come at once", async () => {
    const mine = await held({ by: who() });
    const asked = Array.from({ length: 20 }, () => book(mine, { by: who() }));
    const replies = await Promise.all(asked);
    expect(new Set(replies.map(({ statusCode }) => statusCode))).toEqual(new Set([201]));
    const again = await book(mine, { by: who() });
    const ids = [...replies, again].map((reply) => reply.json().booking_id);
    expect(new Set(ids).size).toBe(1);
    expect(await openedFor(mine)).toHaveLength(1);
  });

  it("gives the first hold again to the same key, its token too; another body is 422", async () => {
    const key = crypto.randomUUID();
    const first = await hold({ event_id: eventId, qty: 1 }, { by: who(), key });
    const again = await hold({ event_id: eventId, qty: 1 }, { by: who(), key });
    expect([again.statusCode, again.json()]).toEqual([201, first.json()]);
    expect(again.headers["idempotency-replayed"]).toBe("true");
    expect((await hold({ event_id: eventId, qty: 2 }, { by: who(), key })).statusCode).toBe(422);

    const booked = await book(first.json(), { by: who(), key });
    const replayed = await book(first.json(), { by: who(), key });
    expect([replayed.json(), replayed.headers["idempotency-replayed"]]).toEqual([booked.json(), "true"]);
    expect((await book(await held({ by: who() }), { by: who(), key })).statusCode).toBe(422);
  });

  it.each([
    ["an unknown event", { event_id: crypto.randomUUID(), qty: 1 }, 404, "event-not-found"],
    ["an event of no id of ours", { event_id: "42", qty: 1 }, 404, "event-not-found"],
    ["no seats", { qty: 0 }, 400, "invalid"],
    ["more than one may have", { qty: 101 }, 400, "limit-exceeded"],
    ["a field that nobody knows", { qty: 1, name: "Ada" }, 400, "invalid"],
  ])("refuses %s", async (_what, body, status, code) => {
    const reply = await hold({ event_id: eventId, ...body }, { by: who() });
    expect([reply.statusCode, reply.json().code]).toEqual([status, code]);
  });

  it("answers 400 when there are not enough seats, saying how many are left", async () => {
    const small = await clients.freeEvent(2);
    const reply = await hold({ event_id: small, qty: 3 }, { by: who() });
    expect([reply.statusCode, reply.json()]).toMatchObject([400, { code: "sold-out", available: 2, status: 400 }]);
  });

  it("answers 400 for an event with several ticket types", async () => {
    const two = await clients.twoTypes();
    const reply = await hold({ event_id: two.eventId, qty: 1 }, { by: who() });
    expect([reply.statusCode, reply.json().errors]).toMatchObject([400, [{ path: "/event_id" }]]);
  });

  it("answers 404 where there is no such hold, and 400 for a token of another", async () => {
    const [mine, other] = [await held({ by: who() }), await held({ by: who() })];
    for (const hold_id of [crypto.randomUUID(), "42"]) {
      const reply = await book({ ...mine, hold_id }, { by: who() });
      expect([reply.statusCode, reply.json().code]).toEqual([404, "reservation-not-found"]);
    }
    for (const payment_token of [other.payment_token, "", "ü".repeat(43)]) {
      const reply = await book({ ...mine, payment_token }, { by: who() });
      expect([reply.statusCode, reply.json().errors]).toMatchObject([400, [{ path: "/payment_token" }]]);
    }
  });
});

describe("POST /holds without a token", () => {
  it("takes no key but a UUID, which then is the caller's alone", async () => {
    const reply = await hold({ event_id: eventId, qty: 1 }, { key: "mine" });
    expect([reply.statusCode, reply.json().errors]).toMatchObject([400, [{ path: "/Idempotency-Key" }]]);
    const key = crypto.randomUUID();
    expect((await held({ key, by: account })).hold_id).not.toBe((await held({ key })).hold_id);
  });

  it("makes a guest for each hold, of whom nothing is kept but the id", async () => {
    const [one, two] = [await held(), await held()];
    const guests = (await clients.node.recorded()).flatMap(({ type, data, metadata }) =>
      type === "TicketsReserved" && [one.hold_id, two.hold_id].includes(String(data.reservationId))
        ? [{ accountId: data.accountId, actor: metadata.actor }]
        : [],
    );
    expect(new Set(guests.map(({ accountId }) => accountId)).size).toBe(2);
    for (const { accountId, actor } of guests) {
      expect(actor).toEqual({ account: accountId, role: "guest" });
      expect(await clients.node.tablesWith(String(accountId))).not.toContain("accounts.account");
    }
  });

  it("is not for events that sell to accounts only", async () => {
    const { eventId: closed } = await clients.shop.onSale({ guestsAllowed: false });
    const reply = await hold({ event_id: closed, qty: 1 });
    expect([reply.statusCode, reply.json().code]).toEqual([400, "guests-not-allowed"]);
    expect((await hold({ event_id: closed, qty: 1 }, { by: account })).statusCode).toBe(201);
  });

  it("refuses a token that is none", async () => {
    const reply = await hold({ event_id: eventId, qty: 1 }, { by: { ...account, token: "none" } });
    expect([reply.statusCode, reply.json().code]).toEqual([401, "token-invalid"]);
  });

  it("is limited by address", async () => {
    const limited = await startNode({ rateLimitPerMinute: 5 });
    const replies = [];
    for (let n = 0; n < 8; n += 1) {
      replies.push(await limited.call("POST", "/holds", { body: { event_id: crypto.randomUUID(), qty: 1 } }));
    }
    await limited.close();
    expect(replies.at(-1)?.json()).toMatchObject({ status: 429, code: "rate-limited", message: expect.any(String) });
  });
});

describe("POST /book", () => {
  it("takes the hold of a guest from whoever has its token, and keeps it the guest's", async () => {
    const mine = await held();
    const booked = await book(mine, { by: account });
    expect(booked.statusCode, booked.body).toBe(201);
    expect((await book(mine)).json()).toEqual(booked.json());
    const reply = await clients.get(`/bookings/${booked.json().booking_id}`, account);
    expect(reply.statusCode).toBe(404);
  });

  it("takes the hold of an account from that account only", async () => {
    const mine = await held({ by: account });
    expect((await book(mine)).json()).toMatchObject({ status: 401, code: "token-missing" });
    const other = await clients.node.signUp();
    expect((await book(mine, { by: other })).json()).toMatchObject({ status: 404, code: "reservation-not-found" });
    const booked = await book(mine, { by: account });
    expect(booked.statusCode).toBe(201);
    expect((await book(mine, { by: other })).statusCode).toBe(404);
    expect((await clients.get(`/bookings/${booked.json().booking_id}`, account)).json().status).toBe("PAID");
  });

  it("charges what has a price by the sandbox", async () => {
    const price = { amount: 4_500, currency: "EUR" };
    const { eventId: priced } = await clients.shop.onSale({ ticketTypes: [{ name: "A", capacity: 5, price }] });
    const { booking_id } = (await book(await held({ by: account }, priced), { by: account })).json();
    const booking = (await clients.get(`/bookings/${booking_id}`, account)).json();
    expect(booking).toMatchObject({ status: "PAID", total: price, payment: { status: "SUCCEEDED" } });
  });

  it("answers 400 for what was bought by another way, or given back", async () => {
    const sold = await held({ by: account });
    const bought = await clients.post("/purchases", { reservationIds: [sold.hold_id] }, { by: account });
    expect(bought.statusCode, bought.body).toBe(201);
    expect((await book(sold, { by: account })).json()).toMatchObject({ status: 400, code: "reservation-not-held" });

    const confirmed = await held({ by: account });
    const { hold_id: reservationId } = confirmed;
    const headers = { userID: account.accountId };
    await clients.post("/ticket/confirmReservation", { reservationId }, { by: account, headers });
    expect((await book(confirmed, { by: account })).json()).toMatchObject({
      status: 400,
      code: "reservation-not-held",
    });

    const back = await held({ by: account });
    await clients.shop.on("DELETE", `/${back.hold_id}`, account);
    expect((await book(back, { by: account })).json()).toMatchObject({ status: 400, code: "reservation-not-held" });
  });

  it("gives the same booking after a cancellation, after a day, after a restart and on another node", async () => {
    const mine = await held({ by: account });
    const first = (await book(mine, { by: account })).json();
    await clients.get(`/bookings/${first.booking_id}`, account);
    const cancelled = await clients.node.call("POST", `/bookings/${first.booking_id}/cancel`, { token: account.token });
    expect(cancelled.statusCode, cancelled.body).toBe(200);
    expect((await book(mine, { by: account })).json()).toEqual(first);

    await clients.node.restart();
    expect((await book(mine, { by: account })).json()).toEqual(first);
    const { databaseUrl } = clients.node;
    const other: NodeUnderTest = await startNode({ databaseUrl, databaseReadUrl: databaseUrl });
    const { hold_id, payment_token } = mine;
    const there = await other.call("POST", "/book", { token: account.token, body: { hold_id, payment_token } });
    await other.close();
    expect([there.statusCode, there.json()]).toEqual([201, first]);

    await clients.advance(2 * 86_400);
    expect((await book(mine, { by: account })).json()).toEqual(first);
    expect(await openedFor(mine)).toHaveLength(1);
  });

  it("makes one booking of a hold that two nodes are asked for at once", async () => {
    const { databaseUrl } = clients.node;
    const other = await startNode({ databaseUrl, databaseReadUrl: databaseUrl });
    const mine = await held();
    const { hold_id, payment_token } = mine;
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => [
        book(mine),
        other.call("POST", "/book", { body: { hold_id, payment_token } }),
      ]).flat(),
    );
    await other.close();
    expect(new Set(replies.map((reply) => JSON.stringify([reply.statusCode, reply.json().booking_id]))).size).toBe(1);
    expect(replies[0]?.statusCode, replies[0]?.body).toBe(201);
    expect(await openedFor(mine)).toHaveLength(1);
  });

  it("answers 400 once the two minutes are over", async () => {
    const late = await held();
    const kept = await held();
    const first = (await book(kept)).json();
    await clients.advance(121);
    expect((await book(late)).json()).toMatchObject({ status: 400, code: "reservation-expired" });
    expect((await book(kept)).json()).toEqual(first);
  });
});
