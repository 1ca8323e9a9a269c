import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type NodeUnderTest, type Reply, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";
import type { OnSale } from "./reservations-shop.ts";
import { HALL, hall, money, seatsShop } from "./seats-shop.ts";

let node: NodeUnderTest;
let shop: ReturnType<typeof seatsShop>;
let call: typeof shop.call;
let seenAfter: typeof shop.seenAfter;
let reserve: typeof shop.reserve;
let organizer: Signed;
let ada: Signed;
let bob: Signed;

beforeAll(async () => {
  node = await startNode({ roles: new Set(["api", "projector", "processes"]) });
  shop = seatsShop(node);
  ({ call, seenAfter, reserve } = shop);
  [organizer, ada, bob] = [await node.signUp(), await node.signUp(), await node.guest()];
});
afterAll(() => node.close());

const onSale = (more: object = {}) => shop.onSale(organizer, more);

const pay = (by: Signed, of: object): Promise<Reply> =>
  call("POST", "/purchases", by, { ...of, payment: { method: "sandbox-ok" } });

describe("an event with a seat map", () => {
  it("has as many tickets as seats that are not blocked, and says that they are numbered", async () => {
    const { eventId, reply } = await onSale();
    expect(reply.json()).toMatchObject({
      total: 12,
      ticketTypes: [{ reservedSeating: true, total: 12, available: 12 }],
    });
    expect((await seenAfter(reply, `/events/${eventId}`, ada)).json()).toEqual(reply.json());
  });

  it("may get more of them, with seats that no other ticket type has", async () => {
    const { eventId } = await onSale({ ticketTypes: [{ name: "Standing", capacity: 5 }, hall()] });
    const add = (body: object) => call("POST", `/events/${eventId}/ticket-types`, organizer, body);
    const refused = await add(hall({ name: "Again" }));
    expect(refused.statusCode).toBe(400);
    expect(refused.json().errors).toEqual([
      { in: "body", path: "/seatMap/sections", message: "STALLS-A-1 is a seat of another ticket type too" },
    ]);
    const other = { sections: [{ name: "STALLS", rows: [{ name: "C", seats: "1-2" }] }] };
    const added = await add(hall({ name: "More", seatMap: other }));
    expect(added.json()).toMatchObject({
      total: 19,
      ticketTypes: [{}, {}, { name: "More", reservedSeating: true, total: 2 }],
    });
    expect((await add(hall({ name: "Twice", seatMap: other }))).statusCode).toBe(400);
    const { ticketTypeId } = added.json().ticketTypes[2];
    const resized = await call("PATCH", `/events/${eventId}/ticket-types/${ticketTypeId}`, organizer, { capacity: 9 });
    expect(resized.json()).toMatchObject({ code: "invalid", errors: [{ path: "/capacity" }] });
    const renamed = await call("PATCH", `/events/${eventId}/ticket-types/${ticketTypeId}`, organizer, {
      name: "Row C",
    });
    expect(renamed.json().ticketTypes[2]).toMatchObject({ name: "Row C", total: 2 });
  });

  it("is refused with all that is wrong with its map", async () => {
    const seatMap = {
      sections: [{ name: "S", price: money(1), rows: [{ name: "A", seats: ["1", "1"], blocked: ["7"] }] }],
    };
    const ticketTypes = [hall({ seatMap }), { name: "Both", capacity: 1, seatMap: HALL }, { name: "Neither" }];
    const refused = await call("POST", "/events", organizer, { name: "Aurora", ticketTypes });
    const { errors } = refused.json() as { errors: { path: string }[] };
    expect(refused.statusCode).toBe(400);
    expect(errors.map(({ path }) => path)).toContain("/ticketTypes/1/capacity");
    const alone = await call("POST", "/events", organizer, { name: "Aurora", ticketTypes: [hall({ seatMap })] });
    expect(alone.json().errors).toEqual([
      { in: "body", path: "/ticketTypes/0/seatMap/sections/0/rows/0/seats/1", message: "names 1 twice" },
      { in: "body", path: "/ticketTypes/0/seatMap/sections/0/rows/0/blocked/0", message: "7 is no seat of this row" },
    ]);
    const numbers = { sections: [{ name: "S", rows: [{ name: "A", seats: ["1", 2] }] }] };
    const mistyped = await call("POST", "/events", organizer, {
      name: "Aurora",
      ticketTypes: [hall({ seatMap: numbers })],
    });
    expect(mistyped.json().errors).toMatchObject([{ path: "/ticketTypes/0/seatMap/sections/0/rows/0/seats/1" }]);
  });
});

describe("reserving seats", () => {
  it("by name, at what each costs, and reads the same as it was answered", async () => {
    const sale = await onSale();
    const reply = await reserve(sale, ada, { seats: ["STALLS-A-4", "BALCONY-A-1"] });
    expect(reply.statusCode, reply.body).toBe(201);
    expect(reply.json()).toMatchObject({
      quantity: 2,
      seats: ["STALLS-A-4", "BALCONY-A-1"],
      unitPrice: null,
      lines: [
        { seat: "STALLS-A-4", price: money(9_000) },
        { seat: "BALCONY-A-1", price: money(4_500) },
      ],
      total: money(13_500),
      status: "HELD",
    });
    const url = `/reservations/${reply.json().reservationId}`;
    expect((await seenAfter(reply, url, ada)).json()).toEqual(reply.json());
    const taken = await reserve(sale, bob, { seats: ["STALLS-A-5", "STALLS-A-4", "BALCONY-A-4"] });
    expect(taken.json()).toMatchObject({ status: 409, code: "seat-taken", seats: ["STALLS-A-4", "BALCONY-A-4"] });
    const unknown = await reserve(sale, bob, { seats: ["STALLS-A-5", "STALLS-A-7"] });
    expect(unknown.json()).toMatchObject({ status: 400, errors: [{ path: "/seats/1" }] });
    const twice = await reserve(sale, bob, { seats: ["STALLS-A-5", "STALLS-A-5"] });
    expect(twice.json()).toMatchObject({ status: 400, errors: [{ path: "/seats/1" }] });
    const noWay = await reserve(sale, bob, { seats: ["STALLS-A-5"], quantity: 1 });
    expect(noWay.json()).toMatchObject({ status: 400, errors: [{ path: "/seats" }] });
    const released = await call("DELETE", url, ada);
    expect(released.statusCode).toBe(204);
    expect((await reserve(sale, bob, { seats: ["STALLS-A-4"] })).statusCode).toBe(201);
  });

  it("the best ones for a group, apart only if it may, with accessible ones only if asked for", async () => {
    const sale = await onSale();
    const best = async (wish: object) => (await reserve(sale, ada, wish)).json();
    expect(await best({ bestAvailable: 5 })).toMatchObject({ code: "no-adjacent-seats", status: 409 });
    expect(await best({ bestAvailable: 2 })).toMatchObject({
      seats: ["STALLS-A-3", "STALLS-A-4"],
      unitPrice: money(9_000),
    });
    expect(await best({ bestAvailable: 2, accessible: 1 })).toMatchObject({ seats: ["STALLS-A-1", "STALLS-A-2"] });
    expect(await best({ bestAvailable: 9 })).toMatchObject({ code: "sold-out", available: 8 });
    expect(await best({ bestAvailable: 7, split: true })).toMatchObject({ quantity: 7 });
    expect(await best({ quantity: 1 })).toMatchObject({ quantity: 1 });
    expect(await best({ quantity: 1 })).toMatchObject({ code: "sold-out", available: 0 });
  });

  it("is refused where tickets are not numbered", async () => {
    const sale = await onSale({ ticketTypes: [{ name: "Standing", capacity: 5 }] });
    expect((await reserve(sale, ada, { seats: ["A-1-1"] })).json()).toMatchObject({
      status: 400,
      errors: [{ path: "/seats" }],
    });
    expect((await reserve(sale, ada, { bestAvailable: 2 })).json()).toMatchObject({
      errors: [{ path: "/bestAvailable" }],
    });
  });
});

describe("seats in a cart", () => {
  it("are set to others at once, bought together, and cancelled one by one, each at its price", async () => {
    const sale = await onSale();
    const [ticketTypeId] = sale.ticketTypeIds;
    const put = (wish: object, by = ada) =>
      call("PUT", `/cart/items/${ticketTypeId}`, by, { eventId: sale.eventId, ...wish });
    expect((await put({ seats: ["STALLS-A-3", "STALLS-A-4"] })).json().items).toMatchObject([
      { seats: ["STALLS-A-3", "STALLS-A-4"], unitPrice: money(9_000), total: money(18_000) },
    ]);
    expect((await put({ seats: ["STALLS-A-4"] }, bob)).json()).toMatchObject({
      code: "seat-taken",
      seats: ["STALLS-A-4"],
    });
    const changed = await put({ seats: ["STALLS-A-4", "BALCONY-A-2"] });
    expect(changed.json()).toMatchObject({
      items: [{ quantity: 2, seats: ["STALLS-A-4", "BALCONY-A-2"], unitPrice: null, total: money(13_500) }],
      total: money(13_500),
    });
    expect((await put({ seats: ["STALLS-A-3"] }, bob)).statusCode).toBe(200);
    const bought = await pay(ada, { cartId: changed.json().cartId });
    expect(bought.statusCode, bought.body).toBe(201);
    const booking = bought.json();
    expect(booking).toMatchObject({
      status: "PAID",
      total: money(13_500),
      lines: [{ seats: ["STALLS-A-4", "BALCONY-A-2"], unitPrice: null, total: money(13_500) }],
      tickets: [
        { seat: "STALLS-A-4", status: "VALID" },
        { seat: "BALCONY-A-2", status: "VALID" },
      ],
    });
    const url = `/bookings/${booking.bookingId}`;
    expect((await seenAfter(bought, url, ada)).json()).toEqual(booking);
    const [, second] = booking.tickets;
    const quote = await call("POST", `${url}/refund-quote`, ada, {});
    expect(quote.json()).toMatchObject({
      tickets: [{ amount: money(9_000) }, { amount: money(4_500) }],
      total: money(13_500),
    });
    const cancelled = await call("POST", `${url}/cancel`, ada, { ticketIds: [second.ticketId] });
    expect(cancelled.statusCode, cancelled.body).toBe(200);
    expect(cancelled.json()).toMatchObject({
      refunds: [{ amount: money(4_500) }],
      tickets: [{ status: "VALID" }, { seat: "BALCONY-A-2", status: "CANCELLED" }],
    });
    expect((await reserve(sale, bob, { seats: ["BALCONY-A-2"] })).statusCode).toBe(201);
    expect((await reserve(sale, bob, { seats: ["STALLS-A-4"] })).json()).toMatchObject({ code: "seat-taken" });
    await call("DELETE", "/cart", bob);
  });
});

describe("blocking seats", () => {
  const blocking = ({ eventId, ticketTypeIds }: OnSale, by: Signed, verb: "block" | "unblock", seats: string[]) =>
    call("POST", `/events/${eventId}/ticket-types/${ticketTypeIds[0]}/seats/${verb}`, by, { seats });

  it("takes them out of the sale, all or none, and puts them back", async () => {
    const sale = await onSale();
    const blocked = await blocking(sale, organizer, "block", ["STALLS-A-3", "BALCONY-A-4"]);
    expect(blocked.statusCode, blocked.body).toBe(200);
    expect(blocked.json()).toMatchObject({ total: 11, ticketTypes: [{ total: 11, available: 11 }] });
    expect((await seenAfter(blocked, `/events/${sale.eventId}`, ada)).json()).toEqual(blocked.json());
    const refused = await reserve(sale, ada, { seats: ["STALLS-A-3"] });
    expect(refused.json()).toMatchObject({ code: "seat-taken", seats: ["STALLS-A-3"] });
    await reserve(sale, ada, { seats: ["STALLS-A-4"] });
    const taken = await blocking(sale, organizer, "block", ["STALLS-A-5", "STALLS-A-4"]);
    expect(taken.json()).toMatchObject({ status: 409, code: "seat-taken", seats: ["STALLS-A-4"] });
    const unblocked = await blocking(sale, organizer, "unblock", ["STALLS-A-3", "BALCONY-A-4", "STALLS-A-5"]);
    expect(unblocked.json()).toMatchObject({ total: 13, ticketTypes: [{ total: 13, available: 12, held: 1 }] });
    expect((await reserve(sale, ada, { seats: ["STALLS-A-3", "STALLS-A-5", "BALCONY-A-4"] })).statusCode).toBe(201);
  });

  it("is once, however often it is sent with a key", async () => {
    const sale = await onSale();
    const url = `/events/${sale.eventId}/ticket-types/${sale.ticketTypeIds[0]}/seats`;
    const send = (verb: string, headers = {}) =>
      node.call("POST", `${url}/${verb}`, { token: organizer.token, headers, body: { seats: ["STALLS-A-3"] } });
    const first = await send("block", { "idempotency-key": "rig" });
    await send("unblock");
    const again = await send("block", { "idempotency-key": "rig" });
    expect([again.statusCode, again.headers["idempotency-replayed"]]).toEqual([200, "true"]);
    expect(again.headers["boxoffice-position"]).toBe(first.headers["boxoffice-position"]);
    expect(again.json()).toMatchObject({ total: 12 });
  });

  it("is told what is no seat, in which place, and where tickets are not numbered at all", async () => {
    const sale = await onSale({ ticketTypes: [hall(), { name: "Standing", capacity: 5 }] });
    const unknown = await blocking(sale, organizer, "block", ["STALLS-A-3", "STALLS-A-7"]);
    expect(unknown.json()).toMatchObject({ status: 400, errors: [{ in: "body", path: "/seats/1" }] });
    const standing = { ...sale, ticketTypeIds: [sale.ticketTypeIds[1] as string] };
    for (const verb of ["block", "unblock"] as const) {
      const none = await blocking(standing, organizer, verb, ["STALLS-A-3"]);
      expect(none.json()).toMatchObject({ status: 400, errors: [{ path: "/seats" }] });
    }
  });
});

describe("seats as clients of earlier systems name them", () => {
  it("are held by POST /events/reserve, and bought by POST /purchases", async () => {
    const sale = await onSale({ ticketTypes: [{ name: "Standing", capacity: 5 }, hall()] });
    const hold = (seatIds: readonly string[]) =>
      call("POST", "/events/reserve", ada, { eventId: sale.eventId, seatIds });
    const held = await hold(["STALLS-A-3", "STALLS-A-4"]);
    expect(held.json()).toMatchObject({ status: "PENDING_PAYMENT" });
    expect((await hold(["STALLS-A-4"])).json()).toMatchObject({ code: "seat-taken", seats: ["STALLS-A-4"] });
    expect((await hold(["STALLS-A-5", "NOWHERE-A-1"])).json()).toMatchObject({
      status: 400,
      errors: [{ path: "/seatIds/1" }],
    });
    const { bookingId } = held.json();
    const paid = await call("POST", "/purchases", ada, { bookingId, paymentDetails: { method: "sandbox-ok" } });
    expect(paid.json()).toMatchObject({ status: "PAID" });
  });

  it("are bought at once by POST /bookings/{eventId}, or somebody else has them", async () => {
    const sale = await onSale();
    const buy = (by: Signed, ticketIds: readonly string[]) =>
      call("POST", `/bookings/${sale.eventId}`, by, { ticketIds, paymentDetails: { method: "sandbox-ok" } });
    const bought = await buy(ada, ["STALLS-A-3", "BALCONY-A-1"]);
    expect([bought.statusCode, bought.json().status], bought.body).toEqual([201, "PAID"]);
    const booking = await seenAfter(bought, `/bookings/${bought.json().bookingId}`, ada);
    expect(booking.json().tickets).toMatchObject([{ seat: "STALLS-A-3" }, { seat: "BALCONY-A-1" }]);
    expect((await buy(bob, ["BALCONY-A-1"])).json()).toMatchObject({ code: "seat-taken", seats: ["BALCONY-A-1"] });
  });
});

describe("seats after a restart", () => {
  it("are still whose they were", async () => {
    const sale = await onSale();
    await reserve(sale, ada, { seats: ["STALLS-A-3"] });
    await node.restart();
    expect((await reserve(sale, bob, { seats: ["STALLS-A-3"] })).json()).toMatchObject({ code: "seat-taken" });
    expect((await reserve(sale, bob, { seats: ["STALLS-A-4"] })).statusCode).toBe(201);
  });
});
