import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asOf, DAY, expectProblem, HOUR, inMs, placesOf, recordsNothing } from "./events-asking.ts";
import { type NodeUnderTest, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";
import { openShop, type Shop } from "./reservations-shop.ts";

const NOWHERE = "7d9f5f0e-0000-4000-8000-000000000001";
let node: NodeUnderTest;
let organizer: Signed;
let buyer: Signed;
let guest: Signed;
let shop: Shop;
beforeAll(async () => {
  node = await startNode({ holdTtlSeconds: 432 });
  [organizer, buyer, guest] = [await node.signUp(), await node.signUp(), await node.guest()];
  shop = openShop(node, organizer);
});
afterAll(() => node.close());

const type = (more: object = {}) => ({ name: "Regular", capacity: 10, ...more });

describe("a reservation", () => {
  it("answers with all there is to know, and what a GET answers", async () => {
    const price = { amount: 4_550, currency: "EUR" };
    const at = await shop.onSale({ ticketTypes: [type({ price })] });
    const before = await node.head();
    const { id, reply } = await shop.reserved(at, buyer, { quantity: 3 });
    expect(reply.json()).toEqual({
      reservationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      eventId: at.eventId,
      ticketTypeId: at.ticketTypeIds[0],
      quantity: 3,
      unitPrice: price,
      total: { amount: 13_650, currency: "EUR" },
      status: "HELD",
      expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    expect(reply.headers.location).toBe(`/reservations/${id}`);
    expect(reply.headers["boxoffice-position"]).toMatch(/^\d+$/);
    expect(reply.headers["idempotency-replayed"]).toBeUndefined();
    const got = await shop.on("GET", `/${id}`, buyer, { headers: asOf(reply) });
    expect(got.json()).toEqual(reply.json());

    const recorded = await node.recorded(before);
    expect(recorded).toMatchObject([
      {
        type: "TicketsReserved",
        stream: `inventory-${at.eventId}.${at.ticketTypeIds[0]}`,
        data: { reservationId: id, accountId: buyer.accountId, quantity: 3, unitPrice: price },
        metadata: { actor: { account: buyer.accountId, role: "customer" }, keyHash: null },
      },
    ]);
  });

  it("is for guests too, and told so on record", async () => {
    const at = await shop.onSale();
    const before = await node.head();
    const { reply } = await shop.reserved(at, guest);
    expect(reply.json()).toMatchObject({
      unitPrice: { amount: 0, currency: "EUR" },
      total: { amount: 0, currency: "EUR" },
    });
    expect((await node.recorded(before))[0]?.metadata.actor).toEqual({ account: guest.accountId, role: "guest" });
  });

  it("costs what it costs to the last cent, however much that is", async () => {
    const price = { amount: 1_000_000_000_000, currency: "EUR" };
    const at = await shop.onSale({ ticketTypes: [type({ price, capacity: 9_007, maxPerOrder: 9_007 })] });
    const { id, reply } = await shop.reserved(at, buyer, { quantity: 9_007 });
    expect(reply.json().total.amount).toBe(9_007_000_000_000_000);
    expect((await shop.on("GET", `/${id}`, buyer, { headers: asOf(reply) })).json()).toEqual(reply.json());
  });

  it("is held as long as the event says, else as the setting says", async () => {
    for (const [more, seconds] of [
      [{}, 432],
      [{ holdTtlSeconds: 86_400 }, 86_400],
    ] as const) {
      const before = await node.head();
      const { reply } = await shop.reserved(await shop.onSale(more), buyer);
      const reserved = (await node.recorded(before)).find((one) => one.type === "TicketsReserved");
      const at = Date.parse(reserved?.metadata.at ?? "");
      expect(Date.parse(reply.json().expiresAt) - at).toBe(seconds * 1_000);
    }
  });

  it("takes ids in capitals as well", async () => {
    const at = await shop.onSale();
    const { reply } = await shop.reserved(at, buyer, { ticketTypeId: at.ticketTypeIds[0]?.toUpperCase() });
    expect(reply.json().ticketTypeId).toBe(at.ticketTypeIds[0]);
  });
});

describe("a refusal", () => {
  /** Asks for a reservation that must be refused. */
  const refused = async (more: object, wish: object, by: Signed, code: string) => {
    const at = await shop.onSale(more);
    return expectProblem(await recordsNothing(node, () => shop.reserve(at, by, wish)), 409, code);
  };
  const ended = { startsAt: inMs(-2 * DAY), endsAt: inMs(-DAY) };
  const notOpen = { saleStartsAt: inMs(DAY) };
  const closed = { saleStartsAt: inMs(-DAY), saleEndsAt: inMs(-HOUR) };
  const tooMany = { quantity: 101 };

  it("for each reason, in the order of reasons", async () => {
    await refused({ ...ended, ...notOpen, draft: true, guestsAllowed: false }, tooMany, organizer, "event-ended");
    await refused({ ...ended, ...closed, guestsAllowed: false }, tooMany, guest, "event-ended");
    await refused({ startsAt: inMs(-HOUR) }, {}, buyer, "event-ended");
    await refused({ ...notOpen, draft: true, guestsAllowed: false }, tooMany, organizer, "event-not-published");
    await refused({ ...closed, draft: true }, tooMany, organizer, "event-not-published");
    await refused({ ...notOpen, guestsAllowed: false }, tooMany, guest, "sale-not-open");
    await refused({ ...closed, guestsAllowed: false }, tooMany, guest, "sale-closed");
    await refused({ guestsAllowed: false }, tooMany, guest, "guests-not-allowed");
    await refused({}, tooMany, guest, "limit-exceeded");
    await refused({}, { quantity: 11 }, guest, "sold-out");
  });

  it("by the ticket type's own dates, where it has some", async () => {
    await refused({ ...closed, ticketTypes: [type({ saleEndsAt: inMs(-HOUR - 1) })] }, {}, buyer, "sale-closed");
    await refused({ ticketTypes: [type(notOpen)] }, {}, buyer, "sale-not-open");
    const later = await shop.onSale({ ...notOpen, ticketTypes: [type({ saleStartsAt: inMs(-HOUR) })] });
    expect((await shop.reserve(later, buyer)).statusCode).toBe(201);
    const longer = await shop.onSale({ ...closed, ticketTypes: [type({ saleEndsAt: inMs(HOUR) })] });
    expect((await shop.reserve(longer, buyer)).statusCode).toBe(201);
  });

  it("for more than fit into an order, however many", async () => {
    for (const quantity of [101, 10_000_000, 10_000_001, Number.MAX_SAFE_INTEGER]) {
      expect(await refused({}, { quantity }, buyer, "limit-exceeded")).toMatchObject({ maxPerOrder: 100 });
    }
    const few = { ticketTypes: [type({ maxPerOrder: 2 })] };
    expect(await refused(few, { quantity: 3 }, buyer, "limit-exceeded")).toMatchObject({ maxPerOrder: 2 });
  });

  it("for more than a person may have, until some are given back", async () => {
    const at = await shop.onSale({ ticketTypes: [type({ maxPerUser: 3 })] });
    const { id } = await shop.reserved(at, buyer, { quantity: 2 });
    const wish = { quantity: 2 };
    expect(expectProblem(await shop.reserve(at, buyer, wish), 409, "limit-exceeded")).toMatchObject({
      maxPerUser: 3,
      remaining: 1,
    });
    expect((await shop.reserve(at, guest, wish)).statusCode).toBe(201);
    await shop.on("DELETE", `/${id}`, buyer);
    expect((await shop.reserve(at, buyer, { quantity: 3 })).statusCode).toBe(201);
  });

  it("when too few are left says how many", async () => {
    const at = await shop.onSale();
    await shop.reserved(at, buyer, { quantity: 7 });
    expect(expectProblem(await shop.reserve(at, guest, { quantity: 4 }), 409, "sold-out")).toMatchObject({
      available: 3,
    });
    await shop.reserved(at, guest, { quantity: 3 });
    expect(expectProblem(await shop.reserve(at, guest), 409, "sold-out")).toMatchObject({ available: 0 });
  });

  it("of what is not there is 404", async () => {
    const [at, other] = [await shop.onSale(), await shop.onSale()];
    await recordsNothing(node, async () => {
      const ask = (eventId: string, ticketTypeId: string | undefined) =>
        shop.reserve({ ...at, eventId }, buyer, { ticketTypeId });
      expectProblem(await ask(NOWHERE, at.ticketTypeIds[0]), 404, "event-not-found");
      expectProblem(await ask("nobody", at.ticketTypeIds[0]), 404, "event-not-found");
      for (const unknown of [NOWHERE, other.ticketTypeIds[0], "regular", "../x", "x\u0000", "\ud800"]) {
        expectProblem(await ask(at.eventId, unknown), 404, "ticket-type-not-found");
      }
      expectProblem(await ask(NOWHERE, "regular"), 404, "event-not-found");
    });
  });

  it("of what can't be is 400, with each place", async () => {
    const at = await shop.onSale();
    const [ticketTypeId] = at.ticketTypeIds;
    const ask = (body: unknown) =>
      node.call("POST", `/events/${at.eventId}/reservations`, { token: buyer.token, body });
    await recordsNothing(node, async () => {
      for (const quantity of [0, -1, 1.5, "2", null, undefined]) {
        const answer = await ask({ ticketTypeId, quantity });
        expectProblem(answer, 400, "invalid");
        expect(placesOf(answer)).toEqual(["body /quantity"]);
      }
      expect(placesOf(await ask({}))).toEqual(["body /quantity", "body /ticketTypeId"]);
      expect(placesOf(await ask({ ticketTypeId: 5, quantity: 0, colour: "red" }))).toEqual([
        "body /colour",
        "body /quantity",
        "body /ticketTypeId",
      ]);
      for (const body of [undefined, []]) expect(placesOf(await ask(body))).toEqual(["body /"]);
      const query = await node.call("POST", `/events/${at.eventId}/reservations?x=1`, {
        token: buyer.token,
        body: { ticketTypeId, quantity: 1 },
      });
      expect(placesOf(query)).toEqual(["query /x"]);
    });
  });

  it("of nobody is 401", async () => {
    const at = await shop.onSale();
    const body = { ticketTypeId: at.ticketTypeIds[0], quantity: 1 };
    const answer = await recordsNothing(node, () => node.call("POST", `/events/${at.eventId}/reservations`, { body }));
    expectProblem(answer, 401, "token-missing");
  });
});

describe("100 who want 10 tickets at once", () => {
  it("get 10, and the rest is told that there are none", async () => {
    const at = await shop.onSale();
    const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => shop.reserve(at, i % 2 ? buyer : guest)));
    expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(10);
    const soldOut = answers.filter(({ statusCode }) => statusCode === 409);
    expect(soldOut).toHaveLength(90);
    for (const answer of soldOut) expect(expectProblem(answer, 409, "sold-out")).toMatchObject({ available: 0 });
    const positions = answers.flatMap(({ headers }) => headers["boxoffice-position"] ?? []).join();
    const headers = { "boxoffice-min-position": positions };
    const counts = (await node.call("GET", `/events/${at.eventId}/availability`, { headers })).json();
    expect(counts.ticketTypes).toEqual([
      { ticketTypeId: at.ticketTypeIds[0], total: 10, available: 0, held: 10, booked: 0 },
    ]);
  });
});
