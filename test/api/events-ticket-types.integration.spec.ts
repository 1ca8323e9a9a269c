import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asOf, DAY, expectProblem, HOUR, inMs, placesOf, recordsNothing } from "./events-asking.ts";
import { type NodeUnderTest, type Reply, startNode } from "./events-node.ts";
import type { CallOptions, Signed } from "./harness.ts";

let node: NodeUnderTest;
let organizer: Signed;
let buyer: Signed;
beforeAll(async () => {
  node = await startNode();
  [organizer, buyer] = [await node.signUp(), await node.signUp()];
});
afterAll(() => node.close());

const eur = (amount: number) => ({ amount, currency: "EUR" });

let eventId: string;
let url: string;
let vip: string;
let regular: string;
beforeEach(async () => {
  const body = {
    name: "Aurora Live",
    startsAt: inMs(2 * DAY),
    capacity: 100,
    ticketTypes: [
      { name: "VIP", capacity: 10, price: eur(14_900) },
      { name: "Regular", capacity: 20, price: eur(4_500) },
    ],
  };
  const made = await node.call("POST", "/events", { token: organizer.token, body });
  expect(made.statusCode, made.body).toBe(201);
  ({ eventId } = made.json());
  url = `/events/${eventId}`;
  [vip, regular] = made.json().ticketTypes.map(({ ticketTypeId }: { ticketTypeId: string }) => ticketTypeId);
});

const add = (body: unknown, options: CallOptions = {}) =>
  node.call("POST", `${url}/ticket-types`, { token: organizer.token, body, ...options });
const patch = (body: unknown, ticketTypeId = vip, options: CallOptions = {}) =>
  node.call("PATCH", `${url}/ticket-types/${ticketTypeId}`, { token: organizer.token, body, ...options });
const remove = (ticketTypeId = vip, options: CallOptions = {}) =>
  node.call("DELETE", `${url}/ticket-types/${ticketTypeId}`, { token: organizer.token, ...options });
const read = async (asOfReply: Reply) => (await node.call("GET", url, { headers: asOf(asOfReply) })).json();
const reserve = (ticketTypeId = vip, quantity = 1) =>
  node.call("POST", `${url}/reservations`, { token: buyer.token, body: { ticketTypeId, quantity } });
const ifMatch = (value: string) => ({ headers: { "if-match": value } });

describe("adding a ticket type", () => {
  it("answers the event with it, as a GET of the event does, and it is on sale", async () => {
    const made = await add({ name: "Balcony", capacity: 30, price: eur(6_500), maxPerUser: 4 });
    expect(made.statusCode, made.body).toBe(201);
    expect(made.headers.location).toBe(url);
    expect(made.json()).toMatchObject({
      eventId,
      version: 2,
      total: 60,
      ticketTypes: [
        { name: "VIP" },
        { name: "Regular" },
        {
          name: "Balcony",
          description: null,
          price: eur(6_500),
          saleStatus: "OPEN",
          paused: false,
          maxPerUser: 4,
          maxPerOrder: 100,
          total: 30,
          available: 30,
        },
      ],
    });
    expect(await read(made)).toEqual(made.json());
    expect((await reserve(made.json().ticketTypes[2].ticketTypeId)).statusCode).toBe(201);
  });

  it("without a price makes it free; search finds the event by the new prices", async () => {
    const made = await add({ name: "Standing", capacity: 5 });
    expect(made.json().ticketTypes[2].price).toEqual(eur(0));
    const found = await node.call("GET", "/events/search?keyword=aurora&maxPrice=0&pageSize=100", {
      headers: asOf(made),
    });
    expect(found.json().items).toContainEqual(
      expect.objectContaining({ eventId, minPrice: eur(0), maxPrice: eur(14_900), total: 35 }),
    );
  });

  it("with a key makes one, and the same answer", async () => {
    const headers = { "idempotency-key": randomUUID() };
    const first = await add({ name: "Balcony", capacity: 3 }, { headers });
    const again = await recordsNothing(node, () => add({ name: "Balcony", capacity: 3 }, { headers }));
    expect(again.statusCode).toBe(201);
    expect(again.headers["idempotency-replayed"]).toBe("true");
    expect(again.json()).toEqual(first.json());
    expectProblem(await add({ name: "Balcony", capacity: 4 }, { headers }), 422, "idempotency-key-reused");
  });

  it("is refused for what can't be, each with its place", async () => {
    const refused = (body: unknown, options: CallOptions = {}) => recordsNothing(node, () => add(body, options));
    const wrong = await refused({ name: "", capacity: 0, price: 3, colour: "red" });
    expectProblem(wrong, 400, "invalid");
    expect(placesOf(wrong)).toEqual(["body /capacity", "body /colour", "body /name", "body /price"]);
    const named = await refused({ name: "VIP", capacity: 1 });
    expectProblem(named, 400, "invalid");
    expect(placesOf(named)).toEqual(["body /name"]);
    const franc = await refused({ name: "x", capacity: 1, price: { amount: 1, currency: "CHF" } });
    expect(placesOf(franc)).toEqual(["body /price/currency"]);
    expectProblem(await refused({ name: "x", capacity: 71 }), 400, "capacity-exceeded");
    const over = await refused({ name: "x", capacity: 1, saleStartsAt: inMs(HOUR), saleEndsAt: inMs(0) });
    expectProblem(over, 400, "invalid-dates");
    expect(placesOf(over)).toEqual(["body /saleEndsAt"]);
    expectProblem(await refused({ name: "x", capacity: 1 }, ifMatch('"7"')), 412, "version-mismatch");
    expectProblem(await refused({ name: "x", capacity: 1 }, { token: buyer.token }), 403, "forbidden");
  });

  it("goes to 100 of them", async () => {
    const ticketTypes = Array.from({ length: 99 }, (_, n) => ({ name: `Type ${n}`, capacity: 1 }));
    const made = await node.call("POST", "/events", { token: organizer.token, body: { name: "Full", ticketTypes } });
    url = `/events/${made.json().eventId}`;
    expect((await add({ name: "Hundredth", capacity: 1 })).statusCode).toBe(201);
    expectProblem(await add({ name: "One more", capacity: 1 }), 409, "too-many-ticket-types");
  });
});

describe("changing a ticket type", () => {
  it("changes all that a new one may say, in one version", async () => {
    const said = {
      name: "Loge",
      description: "Up there",
      capacity: 12,
      price: eur(9_900),
      saleStartsAt: inMs(-HOUR),
      saleEndsAt: inMs(DAY),
      maxPerUser: 3,
      maxPerOrder: 2,
    };
    const changed = await patch(said);
    expect(changed.statusCode, changed.body).toBe(200);
    const { capacity: total, ...shown } = said;
    expect(changed.json()).toMatchObject({ version: 2, total: 32, ticketTypes: [{ ...shown, total }, {}] });
    expect(await read(changed)).toEqual(changed.json());
    expect((await recordsNothing(node, () => patch(said))).json().version).toBe(2);
    const back = await patch({ description: null, saleStartsAt: null, saleEndsAt: null, maxPerUser: null });
    expect(back.json().ticketTypes[0]).toMatchObject({
      name: "Loge",
      description: null,
      saleEndsAt: null,
      maxPerUser: null,
    });
  });

  it("prices what is reserved from then on; what is held, and lines of carts, keep theirs", async () => {
    const held = (await reserve()).json();
    const setLine = (quantity: number) =>
      node.call("PUT", `/cart/items/${regular}`, { token: buyer.token, body: { eventId, quantity } });
    await setLine(1);
    const changed = await patch({ price: eur(20_000) });
    await patch({ price: eur(0) }, regular);
    expect((await reserve()).json()).toMatchObject({ unitPrice: eur(20_000) });
    const same = await node.call("GET", `/reservations/${held.reservationId}`, {
      token: buyer.token,
      headers: asOf(changed),
    });
    expect(same.json()).toMatchObject({ unitPrice: eur(14_900), total: eur(14_900) });
    expect((await setLine(2)).json()).toMatchObject({
      items: [{ quantity: 2, unitPrice: eur(4_500), total: eur(9_000) }],
    });
    const found = await node.call("GET", "/events/search?keyword=aurora&minPrice=20000&pageSize=100", {
      headers: asOf(changed),
    });
    expect(found.json().items.map((one: { eventId: string }) => one.eventId)).toContain(eventId);
  });

  it("limits who buys from then on, by what they have already", async () => {
    await reserve(vip, 2);
    await patch({ maxPerUser: 3 });
    expect(expectProblem(await reserve(vip, 2), 409, "limit-exceeded")).toMatchObject({ maxPerUser: 3, remaining: 1 });
    await patch({ maxPerUser: null, maxPerOrder: 1 });
    expect(expectProblem(await reserve(vip, 2), 409, "limit-exceeded")).toMatchObject({ maxPerOrder: 1 });
  });

  it("opens and closes its sale", async () => {
    await patch({ saleStartsAt: inMs(HOUR) });
    expectProblem(await reserve(), 409, "sale-not-open");
    await patch({ saleStartsAt: null, saleEndsAt: inMs(1) });
    expectProblem(await reserve(), 409, "sale-closed");
    expect((await reserve(regular)).statusCode).toBe(201);
  });

  it("is refused for what can't be, and then changes nothing of it", async () => {
    await reserve(vip, 6);
    const refused = (body: unknown, options: CallOptions = {}) => recordsNothing(node, () => patch(body, vip, options));
    expect(placesOf(await refused({ name: "Regular", capacity: 7 }))).toEqual(["body /name"]);
    expect(placesOf(await refused({ price: { amount: 1, currency: "CHF" }, capacity: 7 }))).toEqual([
      "body /price/currency",
    ]);
    expectProblem(await refused({ capacity: 81, description: "x" }), 400, "capacity-exceeded");
    expectProblem(await refused({ capacity: 5, description: "x" }), 409, "capacity-below-commitments");
    const dates = await refused({ saleEndsAt: inMs(-DAY), capacity: 7 });
    expectProblem(dates, 400, "invalid-dates");
    expect(placesOf(dates)).toEqual(["body /saleEndsAt"]);
    expect(placesOf(await refused({ name: null, price: null, maxPerOrder: null }))).toEqual([
      "body /maxPerOrder",
      "body /name",
      "body /price",
    ]);
    expectProblem(await refused({ capacity: 7, name: "x" }, ifMatch('"7"')), 412, "version-mismatch");
  });

  it("of a draft, and of one that was paused, works as well", async () => {
    await node.call("POST", `${url}/pause`, { token: organizer.token });
    expect((await patch({ price: eur(1) })).json().ticketTypes[0]).toMatchObject({
      price: eur(1),
      saleStatus: "PAUSED",
    });
    const body = { name: "Draft", draft: true, totalSeats: 5 };
    const draft = (await node.call("POST", "/events", { token: organizer.token, body })).json();
    url = `/events/${draft.eventId}`;
    const changed = await patch({ name: "Stalls", price: eur(900) }, draft.ticketTypes[0].ticketTypeId);
    expect(changed.json()).toMatchObject({ status: "DRAFT", ticketTypes: [{ name: "Stalls", price: eur(900) }] });
    const published = await node.call("POST", `${url}/publish`, { token: organizer.token });
    expect(published.json().ticketTypes[0]).toMatchObject({ name: "Stalls", price: eur(900), saleStatus: "OPEN" });
  });
});

describe("deleting a ticket type", () => {
  it("takes it from the event, its availability and the search, and leaves its history", async () => {
    const before = (await node.call("GET", `${url}/availability`)).json();
    const removed = await remove();
    expect([removed.statusCode, removed.body]).toEqual([204, ""]);
    expect(removed.headers["boxoffice-position"]).toMatch(/^\d+$/);
    const event = await read(removed);
    expect(event).toMatchObject({ version: 2, total: 20, available: 20, ticketTypes: [{ ticketTypeId: regular }] });
    const counts = (await node.call("GET", `${url}/availability`, { headers: asOf(removed) })).json();
    expect(counts.ticketTypes.map(({ ticketTypeId }: { ticketTypeId: string }) => ticketTypeId)).toEqual([regular]);
    expect(counts.revision).toBeGreaterThan(before.revision);
    const dear = await node.call("GET", "/events/search?keyword=aurora&minPrice=14900&pageSize=100", {
      headers: asOf(removed),
    });
    expect(dear.json().items.map((one: { eventId: string }) => one.eventId)).not.toContain(eventId);
    expectProblem(await reserve(), 404, "ticket-type-not-found");
    expectProblem(await patch({ name: "x" }), 404, "ticket-type-not-found");
    const recorded = (await node.recorded()).filter(({ stream }) => stream === `inventory-${eventId}.${vip}`);
    expect(recorded.map(({ type }) => type)).toEqual(["InventoryOpened", "InventoryRemoved"]);
  });

  it("again is 204 again", async () => {
    await remove();
    expect((await recordsNothing(node, () => remove())).statusCode).toBe(204);
  });

  it("is refused while tickets are held or booked or somebody waits, and possible when all came back", async () => {
    const { reservationId } = (await reserve(vip, 10)).json();
    const held = await recordsNothing(node, () => remove());
    expect(expectProblem(held, 409, "has-commitments")).toMatchObject({ committed: 10, waiting: 0 });
    const joined = await node.call("POST", `${url}/waitlist`, {
      token: organizer.token,
      body: { ticketTypeId: vip, quantity: 1 },
    });
    expect(joined.statusCode, joined.body).toBe(201);
    const { entryId } = joined.json();
    expect(expectProblem(await remove(), 409, "has-commitments")).toMatchObject({ committed: 10, waiting: 1 });
    await node.call("DELETE", `/waitlist/${entryId}`, { token: organizer.token });
    await node.call("DELETE", `/reservations/${reservationId}`, { token: buyer.token });
    expect((await remove()).statusCode).toBe(204);
  });

  it("leaves the last one, and says what is committed of it first", async () => {
    await remove(vip);
    const { reservationId } = (await reserve(regular, 1)).json();
    const held = await recordsNothing(node, () => remove(regular));
    expect(expectProblem(held, 409, "has-commitments")).toMatchObject({ committed: 1 });
    await node.call("DELETE", `/reservations/${reservationId}`, { token: buyer.token });
    expectProblem(await recordsNothing(node, () => remove(regular)), 409, "last-ticket-type");
    expect((await add({ name: "VIP", capacity: 100 - 20 })).statusCode).toBe(201);
    expect((await remove(regular)).statusCode).toBe(204);
  });

  it("takes the event's version, and is the organizer's", async () => {
    await recordsNothing(node, async () => {
      expectProblem(await remove(vip, ifMatch('"7"')), 412, "version-mismatch");
      expectProblem(await remove(vip, { token: buyer.token }), 403, "forbidden");
      expectProblem(await remove(randomUUID()), 404, "ticket-type-not-found");
      expectProblem(await remove("x"), 404, "ticket-type-not-found");
    });
    expect((await remove(vip, ifMatch('"1"'))).statusCode).toBe(204);
  });
});

it("a cancelled event's ticket types stay as they are", async () => {
  await node.call("POST", `${url}/cancel`, { token: organizer.token });
  expectProblem(await add({ name: "x", capacity: 1 }), 409, "event-cancelled");
  expectProblem(await patch({ name: "x" }), 409, "event-cancelled");
  expectProblem(await remove(), 409, "event-cancelled");
});
