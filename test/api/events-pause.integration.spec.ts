import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asOf, DAY, expectProblem, HOUR, inMs, placesOf, recordsNothing, until } from "./events-asking.ts";
import { type NodeUnderTest, startNode } from "./events-node.ts";
import type { CallOptions, Signed } from "./harness.ts";

let node: NodeUnderTest;
let organizer: Signed;
let buyer: Signed;
let waiting: Signed;
beforeAll(async () => {
  node = await startNode();
  [organizer, buyer, waiting] = [await node.signUp(), await node.signUp(), await node.signUp()];
});
afterAll(() => node.close());

let url: string;
let vip: string;
let regular: string;
beforeEach(async () => {
  const ticketTypes = [
    { name: "VIP", capacity: 2 },
    { name: "Regular", capacity: 20 },
  ];
  const event = await newEvent({ ticketTypes, startsAt: inMs(2 * DAY) });
  [vip, regular] = event.ticketTypes.map(({ ticketTypeId }: { ticketTypeId: string }) => ticketTypeId);
  url = `/events/${event.eventId}`;
});

async function newEvent(body: object) {
  const made = await node.call("POST", "/events", { token: organizer.token, body: { name: "Aurora", ...body } });
  expect(made.statusCode, made.body).toBe(201);
  return made.json();
}

const post = (path: string, options: CallOptions = {}) =>
  node.call("POST", `${url}${path}`, { token: organizer.token, ...options });
const ofType = (ticketTypeId: string, verb: string) => `/ticket-types/${ticketTypeId}/${verb}`;
const reserve = (ticketTypeId: string, { token }: Signed = buyer, quantity = 1) =>
  post("/reservations", { token, body: { ticketTypeId, quantity } });
const setLine = (ticketTypeId: string, quantity: number) =>
  node.call("PUT", `/cart/items/${ticketTypeId}`, {
    token: buyer.token,
    body: { eventId: url.slice("/events/".length), quantity },
  });

describe("pausing an event", () => {
  it("pauses the sale of all its ticket types until it is resumed, and raises the version", async () => {
    const paused = await post("/pause");
    expect(paused.statusCode, paused.body).toBe(200);
    expect(paused.json()).toMatchObject({
      version: 2,
      paused: true,
      ticketTypes: [
        { saleStatus: "PAUSED", paused: false },
        { saleStatus: "PAUSED", paused: false },
      ],
    });
    expect((await node.call("GET", url, { headers: asOf(paused) })).json()).toEqual(paused.json());
    for (const ticketTypeId of [vip, regular]) expectProblem(await reserve(ticketTypeId), 409, "sale-paused");
    const resumed = await post("/resume");
    expect(resumed.json()).toMatchObject({
      version: 3,
      paused: false,
      ticketTypes: [{ saleStatus: "OPEN" }, { saleStatus: "OPEN" }],
    });
    expect((await reserve(vip)).statusCode).toBe(201);
  });

  it("is on record with who did it, in the listing and in each inventory", async () => {
    const before = await node.head();
    await post("/pause");
    const recorded = await node.recorded(before);
    expect(recorded.map(({ type, data }) => [type, data])).toEqual([
      ["ListingPaused", {}],
      ["SalePaused", { scope: "event" }],
      ["SalePaused", { scope: "event" }],
    ]);
    const actor = { account: organizer.accountId, role: "organizer" };
    expect(recorded.map(({ metadata }) => metadata.actor)).toEqual([actor, actor, actor]);
  });

  it("again, or resuming what goes on, changes nothing", async () => {
    await recordsNothing(node, async () => {
      const running = await post("/resume");
      expect([running.statusCode, running.json().version]).toEqual([200, 1]);
    });
    await post("/pause");
    const again = await recordsNothing(node, () => post("/pause"));
    expect([again.statusCode, again.json().version, again.json().paused]).toEqual([200, 2, true]);
  });

  it("leaves what is paused by itself paused when it is resumed", async () => {
    const one = await post(ofType(vip, "pause"));
    expect(one.json()).toMatchObject({
      version: 2,
      paused: false,
      ticketTypes: [
        { saleStatus: "PAUSED", paused: true },
        { saleStatus: "OPEN", paused: false },
      ],
    });
    expect((await reserve(regular)).statusCode).toBe(201);
    await post("/pause");
    await post("/resume");
    expectProblem(await reserve(vip), 409, "sale-paused");
    expect((await reserve(regular)).statusCode).toBe(201);
    await post("/pause");
    await post(ofType(vip, "resume"));
    expectProblem(await reserve(vip), 409, "sale-paused");
    expect((await post("/resume")).json()).toMatchObject({ ticketTypes: [{ saleStatus: "OPEN" }, {}] });
  });

  it("is of the draft that it is, too", async () => {
    const draft = await newEvent({ draft: true, totalSeats: 5 });
    url = `/events/${draft.eventId}`;
    expect((await post("/pause")).json()).toMatchObject({ status: "DRAFT", paused: true, version: 2 });
    const published = await post("/publish");
    expect(published.json()).toMatchObject({ status: "ACTIVE", ticketTypes: [{ saleStatus: "PAUSED" }] });
    expectProblem(await reserve(draft.ticketTypes[0].ticketTypeId), 409, "sale-paused");
  });
});

describe("while a sale is paused", () => {
  it("what is held is extended, given back and bought, and a line of a cart can become smaller", async () => {
    const [first, second] = [(await reserve(regular)).json(), (await reserve(regular)).json()];
    expect((await setLine(regular, 3)).statusCode).toBe(200);
    await post("/pause");
    expectProblem(await setLine(regular, 4), 409, "sale-paused");
    expectProblem(await setLine(vip, 1), 409, "sale-paused");
    expect((await setLine(regular, 2)).statusCode).toBe(200);
    const extended = `/reservations/${first.reservationId}`;
    expect((await node.call("POST", `${extended}/extend`, { token: buyer.token })).statusCode).toBe(200);
    const released = await node.call("DELETE", `/reservations/${second.reservationId}`, { token: buyer.token });
    expect(released.statusCode).toBe(204);
    const bought = await node.call("POST", "/purchases", {
      token: buyer.token,
      body: { reservationIds: [first.reservationId] },
    });
    expect([bought.statusCode, bought.json().status], bought.body).toEqual([201, "PAID"]);
    const { cartId } = (await node.call("GET", "/cart", { token: buyer.token })).json();
    const checkedOut = await node.call("POST", "/purchases", { token: buyer.token, body: { cartId } });
    expect([checkedOut.statusCode, checkedOut.json().status], checkedOut.body).toEqual([201, "PAID"]);
  });

  it("nobody joins the waitlist and nobody is offered anything; resumed, those who wait come first", async () => {
    const held = (await reserve(vip, buyer, 2)).json();
    const join = () => post("/waitlist", { token: waiting.token, body: { ticketTypeId: vip, quantity: 1 } });
    const { entryId } = (await join()).json();
    await post("/pause");
    expectProblem(
      await post("/waitlist", { token: buyer.token, body: { ticketTypeId: vip, quantity: 1 } }),
      409,
      "sale-paused",
    );
    const released = await node.call("DELETE", `/reservations/${held.reservationId}`, { token: buyer.token });
    const entry = (headers: Record<string, string>) =>
      node.call("GET", `/waitlist/${entryId}`, { token: waiting.token, headers });
    expect((await entry(asOf(released))).json().status).toBe("WAITING");
    const resumed = await post("/resume");
    expect((await entry(asOf(resumed))).json().status).toBe("OFFERED");
    expect(expectProblem(await reserve(vip, buyer, 2), 409, "sold-out")).toMatchObject({ available: 1 });
  });

  it("that comes before the dates of the sale, and after the end of the event", async () => {
    await post("/pause");
    const patch = (body: object) => node.call("PATCH", url, { token: organizer.token, body });
    const later = await patch({ saleStartsAt: inMs(HOUR) });
    expect(later.json().ticketTypes[0].saleStatus).toBe("PAUSED");
    expectProblem(await reserve(vip), 409, "sale-paused");
    const over = await patch({ startsAt: inMs(-HOUR) });
    expect(over.json()).toMatchObject({ status: "ENDED", ticketTypes: [{ saleStatus: "CLOSED" }, {}] });
    expectProblem(await reserve(vip), 409, "event-ended");
    expect((await post("/resume")).statusCode).toBe(200);
  });
});

describe("a pause", () => {
  it("with a key is done once, also when it was taken back since", async () => {
    const headers = { "idempotency-key": randomUUID() };
    const first = await post("/pause", { headers });
    await post("/resume");
    const again = await recordsNothing(node, () => post("/pause", { headers }));
    expect([again.statusCode, again.headers["idempotency-replayed"]]).toEqual([200, "true"]);
    expect(again.json().paused).toBe(false);
    expect(first.headers["idempotency-replayed"]).toBeUndefined();
  });

  it("takes the event's version", async () => {
    const ifMatch = (value: string) => ({ headers: { "if-match": value } });
    expectProblem(await recordsNothing(node, () => post("/pause", ifMatch('"7"'))), 412, "version-mismatch");
    expectProblem(await post(ofType(vip, "pause"), ifMatch("seven")), 400, "invalid");
    expect((await post("/pause", ifMatch('"1"'))).json().version).toBe(2);
    expect((await post(ofType(vip, "pause"), ifMatch('"2"'))).json().version).toBe(3);
    const answers = await Promise.all(
      ["/resume", ofType(vip, "resume"), ofType(regular, "pause")].map((path) => post(path, ifMatch('"3"'))),
    );
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 412, 412]);
  });

  it("is the organizer's, of an event and a ticket type that there are", async () => {
    await recordsNothing(node, async () => {
      expectProblem(await post("/pause", { token: buyer.token }), 403, "forbidden");
      expectProblem(await post(ofType(vip, "pause"), { token: buyer.token }), 403, "forbidden");
      expectProblem(await post(ofType(randomUUID(), "pause")), 404, "ticket-type-not-found");
      expectProblem(await post(ofType("x", "resume")), 404, "ticket-type-not-found");
      url = `/events/${randomUUID()}`;
      expectProblem(await post("/pause"), 404, "event-not-found");
    });
  });

  it("is refused once the event is cancelled", async () => {
    await post("/cancel");
    for (const path of ["/pause", "/resume", ofType(vip, "pause")]) {
      expectProblem(await recordsNothing(node, () => post(path)), 409, "event-cancelled");
    }
  });

  it("takes no body", async () => {
    expect(placesOf(await post("/pause", { body: { reason: "x" } }))).toEqual(["body /reason"]);
  });
});

it("a sale is paused for everybody once the pause is answered, however many reserve meanwhile", async () => {
  const big = await newEvent({ totalSeats: 10_000 });
  url = `/events/${big.eventId}`;
  const [{ ticketTypeId }] = big.ticketTypes;
  const answers: { readonly code: number; readonly startedAtMs: number }[] = [];
  const buying = new AbortController();
  const buyers = Array.from({ length: 8 }, async () => {
    while (!buying.signal.aborted) {
      const startedAtMs = performance.now();
      answers.push({ code: (await reserve(ticketTypeId)).statusCode, startedAtMs });
    }
  });
  await until(
    async () => answers.length,
    (count) => count > 20,
  );
  const paused = await post("/pause");
  const pausedAtMs = performance.now();
  await until(
    async () => answers.filter(({ startedAtMs }) => startedAtMs > pausedAtMs).length,
    (count) => count > 20,
  );
  buying.abort();
  await Promise.all(buyers);
  expect(paused.statusCode).toBe(200);
  expect(answers.filter(({ code }) => code === 201).length).toBeGreaterThan(0);
  expect(answers.filter(({ startedAtMs, code }) => startedAtMs > pausedAtMs && code !== 409)).toEqual([]);
});
