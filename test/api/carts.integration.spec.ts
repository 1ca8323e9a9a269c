import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type CartHands, handsOn, lineOf } from "./carts-shop.ts";
import { asOf, DAY, expectProblem, HOUR, inMs, placesOf, recordsNothing, until } from "./events-asking.ts";
import { type NodeUnderTest, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";
import { openShop, type Shop } from "./reservations-shop.ts";

const NOWHERE = "7d9f5f0e-0000-4000-8000-000000000001";
let node: NodeUnderTest;
let organizer: Signed;
let buyer: Signed;
let shop: Shop;
let hands: CartHands;
beforeAll(async () => {
  node = await startNode();
  organizer = await node.signUp();
  shop = openShop(node, organizer);
  hands = handsOn(node);
});
afterAll(() => node.close());
beforeEach(async () => {
  buyer = await node.guest();
});

const type = (more: object = {}) => ({ name: "Regular", capacity: 10, ...more });
const priced = (amount: number, currency = "EUR") => ({ amount, currency });
const typesSince = async (before: string) => (await node.recorded(before)).map((event) => event.type);

describe("a cart", () => {
  it("is there before anything is in it", async () => {
    const reply = await recordsNothing(node, () => hands.get(buyer));
    expect([reply.statusCode, reply.json()]).toEqual([
      200,
      {
        cartId: null,
        status: "ACTIVE",
        expiresAt: null,
        items: [],
        total: { amount: 0, currency: expect.any(String) },
      },
    ]);
  });

  it("answers what was put in as a GET then does", async () => {
    const at = await shop.onSale({ holdTtlSeconds: 300, ticketTypes: [type({ price: priced(4_550) })] });
    const line = lineOf(at);
    const before = await node.head();
    const reply = await hands.set(line, buyer, 3);
    expect(reply.json()).toEqual({
      cartId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      status: "ACTIVE",
      expiresAt: expect.stringMatching(/Z$/),
      items: [
        {
          reservationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          ...line,
          quantity: 3,
          unitPrice: priced(4_550),
          total: priced(13_650),
        },
      ],
      total: priced(13_650),
    });
    const read = await hands.get(buyer, { headers: asOf(reply) });
    expect(read.body).toBe(reply.body);
    const recorded = await node.recorded(before);
    expect(recorded.map((event) => event.type)).toEqual(["CartOpened", "CartLineTouched", "TicketsReserved"]);
    const lasts = Date.parse(reply.json().expiresAt) - Date.parse(recorded[0]?.metadata.at ?? "");
    expect(lasts).toBe(300_000);
    expect(reply.headers["boxoffice-position"]).toBe(await node.head());
  });

  it("is tagged, and not sent again to those who have it", async () => {
    await hands.put(lineOf(await shop.onSale()), buyer, 1);
    const { headers } = await hands.get(buyer);
    const again = await hands.get(buyer, { headers: { "if-none-match": String(headers.etag) } });
    expect([again.statusCode, again.body]).toEqual([304, ""]);
  });

  it("holds lines of several events until the first one's end, and adds them up", async () => {
    const concert = await shop.onSale({
      ticketTypes: [type({ price: priced(1_000) }), type({ name: "VIP", price: priced(5_000) })],
    });
    const play = await shop.onSale({ holdTtlSeconds: 5, ticketTypes: [type({ price: priced(300) })] });
    const first = await hands.put(lineOf(concert, 1), buyer, 1);
    await hands.put(lineOf(play), buyer, 2);
    const cart = await hands.put(lineOf(concert), buyer, 4);
    expect([cart.cartId, cart.expiresAt]).toEqual([first.cartId, first.expiresAt]);
    expect(cart.items.map(({ ticketTypeId, quantity }) => [ticketTypeId, quantity])).toEqual([
      [concert.ticketTypeIds[1], 1],
      [play.ticketTypeIds[0], 2],
      [concert.ticketTypeIds[0], 4],
    ]);
    expect(cart.total).toEqual(priced(5_000 + 600 + 4_000));
  });

  it("has one line a ticket type, that is set to what was said last", async () => {
    const line = lineOf(await shop.onSale());
    const first = await hands.put(line, buyer, 2);
    const before = await node.head();
    const more = await hands.put(line, buyer, 7);
    const fewer = await hands.put(line, buyer, 1);
    await hands.put(line, buyer, 1);
    expect([more.items, fewer.items]).toMatchObject([[{ quantity: 7 }], [{ quantity: 1 }]]);
    expect(fewer.items[0]?.reservationId).toBe(first.items[0]?.reservationId);
    expect(await typesSince(before)).toEqual(["ReservationQuantityChanged", "ReservationQuantityChanged"]);
    const { ticketTypes } = (await node.call("GET", `/events/${line.eventId}/availability`)).json();
    expect(ticketTypes).toMatchObject([{ available: 9, held: 1 }]);
  });

  it("shows its lines among the reservations, which end with it and can't be extended", async () => {
    const { items, expiresAt } = await hands.put(lineOf(await shop.onSale()), buyer, 2);
    const id = items[0]?.reservationId;
    const reservation = await shop.on("GET", `/${id}`, buyer);
    expect(reservation.json()).toMatchObject({ reservationId: id, quantity: 2, status: "HELD", expiresAt });
    expectProblem(await shop.on("POST", `/${id}/extend`, buyer), 409, "not-extendable");
    const released = await shop.on("DELETE", `/${id}`, buyer);
    expect((await hands.get(buyer, { headers: asOf(released) })).json()).toMatchObject({ items: [] });
  });

  it("is one's own", async () => {
    const line = lineOf(await shop.onSale());
    await hands.put(line, buyer, 2);
    const other = await node.guest();
    expect((await hands.get(other)).json()).toMatchObject({ cartId: null, items: [] });
    await hands.remove(line.ticketTypeId, other);
    await hands.clear(other);
    expect((await hands.get(buyer)).json()).toMatchObject({ items: [{ quantity: 2 }] });
    for (const [method, path] of [
      ["GET", ""],
      ["PUT", `/items/${line.ticketTypeId}`],
      ["DELETE", `/items/${line.ticketTypeId}`],
      ["DELETE", ""],
    ] as const) {
      expectProblem(await node.call(method, `/cart${path}`, {}), 401, "token-missing");
    }
  });
});

describe("taking out", () => {
  it("a line gives its tickets back, and again changes nothing", async () => {
    const at = await shop.onSale({ ticketTypes: [type(), type({ name: "VIP" })] });
    await hands.put(lineOf(at), buyer, 2);
    await hands.put(lineOf(at, 1), buyer, 1);
    const before = await node.head();
    const removed = await hands.remove(lineOf(at).ticketTypeId, buyer);
    expect([removed.statusCode, removed.body], removed.body).toEqual([204, ""]);
    expect(await typesSince(before)).toEqual(["ReservationReleased"]);
    const cart = await hands.get(buyer, { headers: asOf(removed) });
    expect(cart.json()).toMatchObject({ items: [{ ticketTypeId: at.ticketTypeIds[1] }] });
    const again = await recordsNothing(node, () => hands.remove(lineOf(at).ticketTypeId, buyer));
    expect([again.statusCode, again.headers["boxoffice-position"]]).toEqual([204, expect.stringMatching(/^\d+$/)]);
  });

  it("by 0 answers the cart without it", async () => {
    const line = lineOf(await shop.onSale());
    const { cartId } = await hands.put(line, buyer, 2);
    expect(await hands.put(line, buyer, 0)).toMatchObject({ cartId, status: "ACTIVE", items: [] });
    await recordsNothing(node, () => hands.put(line, buyer, 0));
  });

  it("where there is no cart records nothing", async () => {
    const line = lineOf(await shop.onSale());
    await recordsNothing(node, async () => {
      expect(await hands.put(line, buyer, 0)).toMatchObject({ cartId: null, items: [] });
      expect((await hands.remove(line.ticketTypeId, buyer)).statusCode).toBe(204);
      expect((await hands.clear(buyer)).statusCode).toBe(204);
      expectProblem(await hands.remove("regular", buyer), 404, "ticket-type-not-found");
    });
  });

  it("everything ends the cart, and the next line is in another", async () => {
    const [concert, play] = [lineOf(await shop.onSale()), lineOf(await shop.onSale())];
    await hands.put(concert, buyer, 2);
    const { cartId } = await hands.put(play, buyer, 3);
    const before = await node.head();
    const cleared = await hands.clear(buyer);
    expect([cleared.statusCode, cleared.body], cleared.body).toEqual([204, ""]);
    expect((await typesSince(before)).sort()).toEqual(["CartCleared", "ReservationReleased", "ReservationReleased"]);
    expect((await hands.get(buyer, { headers: asOf(cleared) })).json()).toMatchObject({ items: [] });
    expect((await recordsNothing(node, () => hands.clear(buyer))).statusCode).toBe(204);
    const next = await hands.put(concert, buyer, 10);
    expect(next.cartId).not.toBe(cartId);
    expect(next.items).toMatchObject([{ quantity: 10 }]);
  });
});

describe("a line that is refused leaves no trace", () => {
  const refused = async (more: object, by: Signed, quantity: number, code: string) =>
    hands.refused(lineOf(await shop.onSale(more)), by, quantity, 409, code);
  const ended = { startsAt: inMs(-2 * DAY), endsAt: inMs(-DAY) };
  const notOpen = { saleStartsAt: inMs(DAY) };
  const closed = { saleStartsAt: inMs(-DAY), saleEndsAt: inMs(-HOUR) };

  it("for each reason, in the order of reasons", async () => {
    await refused({ ...ended, ...notOpen, draft: true, guestsAllowed: false }, organizer, 101, "event-ended");
    await refused({ ...notOpen, draft: true, guestsAllowed: false }, organizer, 101, "event-not-published");
    await refused({ ...notOpen, guestsAllowed: false }, buyer, 101, "sale-not-open");
    await refused({ ...closed, guestsAllowed: false }, buyer, 101, "sale-closed");
    await refused({ guestsAllowed: false }, buyer, 101, "guests-not-allowed");
    expect(await refused({}, buyer, 101, "limit-exceeded")).toMatchObject({ maxPerOrder: 100 });
    expect(await refused({}, buyer, 11, "sold-out")).toMatchObject({ available: 10 });
    expect((await hands.get(buyer)).json()).toMatchObject({ cartId: null });
  });

  it("by what a person may have, whether in the cart or beside it", async () => {
    const at = await shop.onSale({ ticketTypes: [type({ maxPerUser: 3 })] });
    await shop.reserved(at, buyer, { quantity: 1 });
    expect(await hands.refused(lineOf(at), buyer, 3, 409, "limit-exceeded")).toMatchObject({
      maxPerUser: 3,
      remaining: 2,
    });
    await hands.put(lineOf(at), buyer, 2);
    await hands.refused(lineOf(at), buyer, 3, 409, "limit-exceeded");
    expectProblem(await shop.reserve(at, buyer), 409, "limit-exceeded");
  });

  it("and keeps what it had before", async () => {
    const line = lineOf(await shop.onSale());
    await hands.put(line, buyer, 4);
    await hands.put(line, await node.guest(), 4);
    expect(await hands.refused(line, buyer, 7, 409, "sold-out")).toMatchObject({ available: 2 });
    expect((await hands.get(buyer)).json()).toMatchObject({ items: [{ quantity: 4 }] });
  });

  it("in another currency, unless nothing is in the cart", async () => {
    const euros = lineOf(await shop.onSale({ ticketTypes: [type({ price: priced(100) })] }));
    const dollars = lineOf(await shop.onSale({ currency: "USD", ticketTypes: [type({ price: priced(100, "USD") })] }));
    const { cartId } = await hands.put(euros, buyer, 1);
    expect(await hands.refused(dollars, buyer, 1, 409, "currency-mixed")).toMatchObject({ currency: "EUR" });
    await hands.put(euros, buyer, 0);
    const cart = await hands.put(dollars, buyer, 2);
    expect(cart).toMatchObject({ items: [{ quantity: 2 }], total: priced(200, "USD") });
    expect(cart.cartId).not.toBe(cartId);
    await hands.refused(euros, buyer, 1, 409, "currency-mixed");
  });

  it("of what is not there, as 404", async () => {
    const [at, other] = [lineOf(await shop.onSale()), lineOf(await shop.onSale())];
    const hidden = lineOf(await shop.onSale({ draft: true }));
    await hands.refused(hidden, buyer, 1, 404, "event-not-found");
    await hands.refused({ ...at, eventId: NOWHERE }, buyer, 1, 404, "event-not-found");
    await hands.refused({ ...at, eventId: "nobody" }, buyer, 1, 404, "event-not-found");
    await hands.refused({ ...at, ticketTypeId: NOWHERE }, buyer, 1, 404, "ticket-type-not-found");
    await hands.refused({ ...at, ticketTypeId: other.ticketTypeId }, buyer, 1, 404, "ticket-type-not-found");
    await hands.refused({ ...at, ticketTypeId: "regular" }, buyer, 1, 404, "ticket-type-not-found");
  });

  it("of what can't be, as 400 with each place", async () => {
    const { eventId, ticketTypeId } = lineOf(await shop.onSale());
    const ask = (body: unknown) => node.call("PUT", `/cart/items/${ticketTypeId}`, { token: buyer.token, body });
    await recordsNothing(node, async () => {
      for (const quantity of [-1, 1.5, "2", null, undefined]) {
        const answer = await ask({ eventId, quantity });
        expectProblem(answer, 400, "invalid");
        expect(placesOf(answer)).toEqual(["body /quantity"]);
      }
      expect(placesOf(await ask({ quantity: 1 }))).toEqual(["body /eventId"]);
      expect(placesOf(await ask({ eventId, quantity: 1, seats: ["A-1"] }))).toEqual(["body /seats"]);
      expect(placesOf(await ask({ eventId, quantity: 1, bestAvailable: 2 }))).toEqual(["body /bestAvailable"]);
    });
  });
});

describe("a cart whose time is over", () => {
  it("reads as EXPIRED with nothing in it, and the next line opens a new one", async () => {
    const line = lineOf(await shop.onSale({ holdTtlSeconds: 1 }));
    const lasting = lineOf(await shop.onSale());
    const { cartId, expiresAt } = await hands.put(line, buyer, 2);
    const before = await node.head();
    const over = await until(
      async () => (await hands.get(buyer)).json(),
      ({ status }) => status === "EXPIRED",
    );
    expect(over).toMatchObject({ cartId, expiresAt, items: [] });
    expect(await node.recorded(before)).toEqual([]);

    const next = await hands.put(lasting, buyer, 1);
    expect(next).toMatchObject({ status: "ACTIVE", items: [{ quantity: 1 }] });
    expect(next.cartId).not.toBe(cartId);
    expect(await typesSince(before)).toEqual(["CartExpired", "CartOpened", "CartLineTouched", "TicketsReserved"]);
    const opened = (await node.recorded(before)).find((event) => event.type === "CartOpened");
    expect(Date.parse(next.expiresAt ?? "") - Date.parse(opened?.metadata.at ?? "")).toBe(600_000);
    await hands.put(line, await node.guest(), 10);
  });
});
