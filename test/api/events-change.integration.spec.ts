import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asOf, DAY, expectProblem, HOUR, inMs, placesOf, recordsNothing } from "./events-asking.ts";
import { type NodeUnderTest, type Reply, startNode } from "./events-node.ts";
import type { CallOptions, Signed } from "./harness.ts";

let node: NodeUnderTest;
let organizer: Signed;
let buyer: Signed;
let guest: Signed;
beforeAll(async () => {
  node = await startNode();
  [organizer, buyer, guest] = [await node.signUp(), await node.signUp(), await node.guest()];
});
afterAll(() => node.close());

let event: { eventId: string; version: number; ticketTypes: { ticketTypeId: string }[] };
let url: string;
let ticketTypeUrl: string;
beforeEach(async () => {
  const body = {
    name: "Aurora Live",
    description: "Loud",
    venue: { name: "Arena" },
    startsAt: inMs(2 * DAY),
    capacity: 100,
    ticketTypes: [
      { name: "VIP", capacity: 10 },
      { name: "Regular", capacity: 20 },
    ],
  };
  const made = await node.call("POST", "/events", { token: organizer.token, body });
  expect(made.statusCode, made.body).toBe(201);
  event = made.json();
  url = `/events/${event.eventId}`;
  ticketTypeUrl = `${url}/ticket-types/${event.ticketTypes[0]?.ticketTypeId}`;
});

const patch = (body: unknown, options: CallOptions = {}, path = url) =>
  node.call("PATCH", path, { token: organizer.token, body, ...options });
const ifMatch = (value: string) => ({ headers: { "if-match": value } });
const reserve = (token: string, quantity = 1) =>
  node.call("POST", `${url}/reservations`, {
    token,
    body: { ticketTypeId: event.ticketTypes[0]?.ticketTypeId, quantity },
  });

describe("a change of an event", () => {
  it("answers what a GET answers, and where it is recorded", async () => {
    const changed = await patch({
      description: "Louder",
      venue: { name: "Arena", city: "Berlin" },
      holdTtlSeconds: 60,
    });
    expect(changed.statusCode, changed.body).toBe(200);
    expect(changed.json()).toMatchObject({
      name: "Aurora Live",
      description: "Louder",
      venue: { name: "Arena", address: null, city: "Berlin", country: null },
      holdTtlSeconds: 60,
      version: 2,
    });
    expect(changed.headers["boxoffice-position"]).toMatch(/^\d+$/);
    const got = await node.call("GET", url, { headers: asOf(changed) });
    expect(got.json()).toEqual(changed.json());
  });

  it("is recorded with only what is new, by the organizer", async () => {
    const before = await node.head();
    await patch({ name: "Aurora Live", description: "Louder" });
    const recorded = await node.recorded(before);
    expect(recorded.map(({ type, data }) => [type, data])).toEqual([
      ["ListingChanged", { changes: { description: "Louder" } }],
    ]);
    expect(recorded[0]?.metadata.actor).toEqual({ account: organizer.accountId, role: "organizer" });
  });

  it("that changes nothing raises no version and records nothing", async () => {
    for (const body of [{}, { name: "Aurora Live" }, { venue: { name: "Arena" }, capacity: 100 }]) {
      const answer = await recordsNothing(node, () => patch(body));
      expect([answer.statusCode, answer.json().version], answer.body).toEqual([200, 1]);
    }
  });

  it("with null takes a field away", async () => {
    const changed = await patch({
      description: null,
      venue: null,
      startsAt: null,
      endsAt: null,
      timeZone: null,
      saleEndsAt: null,
      capacity: null,
      additionalInfo: null,
      refundPolicy: null,
    });
    expect(changed.json()).toMatchObject({
      description: null,
      venue: null,
      startsAt: null,
      capacity: null,
      version: 2,
    });
  });

  it("is made on the version that If-Match names", async () => {
    expect((await patch({ name: "Two" }, ifMatch('"1"'))).json()).toMatchObject({ name: "Two", version: 2 });
    const late = await recordsNothing(node, () => patch({ name: "Three" }, ifMatch('"1"')));
    expect(expectProblem(late, 412, "version-mismatch")).toMatchObject({ version: 2 });
    expect((await patch({ name: "Four" }, ifMatch("*"))).json()).toMatchObject({ name: "Four", version: 3 });
    expect((await patch({ name: "Five" })).json()).toMatchObject({ name: "Five", version: 4 });
  });

  it.each(["1", '"one"', 'W/"1"', '"-1"', '"1", "2"', '""', '"99999999999"'])(
    "takes no If-Match of another form: %s",
    async (value) => {
      const refused = await recordsNothing(node, () => patch({ name: "x" }, ifMatch(value)));
      expectProblem(refused, 400, "invalid");
      expect(placesOf(refused)).toEqual(["header /If-Match"]);
    },
  );

  it("of one version succeeds once, however many come at the same time", async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => patch({ name: `Name ${i}` }, ifMatch('"1"'))),
    );
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, ...Array(7).fill(412)]);
    const got = await node.call("GET", url, { headers: asOf(answers.find((one) => one.statusCode === 200) as Reply) });
    expect(got.json().version).toBe(2);
  });

  it("is refused for what can't be, each with its place", async () => {
    const refused = (body: unknown) => recordsNothing(node, () => patch(body));
    const wrong = await refused({ name: "", colour: "red", capacity: 0, venue: { name: 3 }, holdTtlSeconds: 86_401 });
    expectProblem(wrong, 400, "invalid");
    expect(placesOf(wrong)).toEqual([
      "body /capacity",
      "body /colour",
      "body /holdTtlSeconds",
      "body /name",
      "body /venue/name",
    ]);
    for (const fixed of ["ticketTypes", "draft", "version", "eventId"]) {
      expect(placesOf(await refused({ [fixed]: "x" }))).toEqual([`body /${fixed}`]);
    }
    expect(placesOf(await refused({ name: null }))).toEqual(["body /name"]);
    expect(placesOf(await refused(undefined))).toEqual(["body /"]);
    expect(placesOf(await refused({ description: "\ud800" }))).toEqual(["body /description"]);
    expectProblem(await refused({ capacity: 29 }), 400, "capacity-exceeded");
    const ends = await refused({ endsAt: inMs(DAY) });
    expectProblem(ends, 400, "invalid-dates");
    expect(placesOf(ends)).toEqual(["body /endsAt"]);
    expectProblem(await refused({ saleEndsAt: inMs(-DAY) }), 400, "invalid-dates");
  });

  it("is the organizer's, and an administrator's", async () => {
    await recordsNothing(node, async () => {
      expectProblem(await patch({ name: "x" }, { token: buyer.token }), 403, "forbidden");
      expectProblem(await patch({ name: "x" }, { token: guest.token }), 403, "account-required");
      expectProblem(await node.call("PATCH", url, { body: { name: "x" } }), 401, "token-missing");
      const nowhere = "/events/7d9f5f0e-0000-4000-8000-000000000001";
      expectProblem(await patch({ name: "x" }, {}, nowhere), 404, "event-not-found");
      expectProblem(await patch({ name: "x" }, {}, "/events/nobody"), 404, "event-not-found");
    });
    const admin = await node.admin();
    const before = await node.head();
    expect((await patch({ name: "x" }, { token: admin.token })).statusCode).toBe(200);
    expect((await node.recorded(before))[0]?.metadata.actor).toEqual({ account: admin.accountId, role: "admin" });
  });
});

describe("an event's code", () => {
  const other = async (body: object = {}) =>
    (
      await node.call("POST", "/events", { token: organizer.token, body: { name: "Other", totalSeats: 1, ...body } })
    ).json();

  it("is given, changed and taken away, and is unique among the organizer's", async () => {
    const code = `SUMMER-${event.eventId}`;
    expect((await patch({ code })).json()).toMatchObject({ code, version: 2 });
    expect((await recordsNothing(node, () => patch({ code }))).json()).toMatchObject({ code, version: 2 });
    const { eventId } = await other();
    const taken = () => recordsNothing(node, () => patch({ code, name: "x" }, {}, `/events/${eventId}`));
    expectProblem(await taken(), 409, "code-taken");
    const renamed = await patch({ code: `${code}-2`, name: "Renamed" });
    expect(renamed.json()).toMatchObject({ code: `${code}-2`, name: "Renamed", version: 3 });
    expect((await node.call("GET", url, { headers: asOf(renamed) })).json()).toEqual(renamed.json());
    expect((await patch({ code: null })).json()).toMatchObject({ code: null, version: 4 });
    const stranger = await node.call("POST", "/events", {
      token: buyer.token,
      body: { name: "Theirs", totalSeats: 1, code },
    });
    expect(stranger.statusCode, stranger.body).toBe(201);
  });

  it("is not claimed by a change that is refused", async () => {
    const code = `LATE-${event.eventId}`;
    expectProblem(await patch({ code }, ifMatch('"7"')), 412, "version-mismatch");
    expect((await other({ code })).code).toBe(code);
  });
});

describe("an event's currency", () => {
  it("is a draft's to change, and its prices keep their amounts", async () => {
    const body = {
      name: "Draft",
      draft: true,
      ticketTypes: [
        { name: "VIP", capacity: 1, price: { amount: 14_900, currency: "EUR" } },
        { name: "Free", capacity: 1 },
      ],
    };
    const made = await node.call("POST", "/events", { token: organizer.token, body });
    const draft = `/events/${made.json().eventId}`;
    const changed = await patch({ currency: "CHF" }, {}, draft);
    expect(changed.json()).toMatchObject({
      currency: "CHF",
      ticketTypes: [{ price: { amount: 14_900, currency: "CHF" } }, { price: { amount: 0, currency: "CHF" } }],
    });
    await node.call("POST", `${draft}/publish`, { token: organizer.token });
    const fixed = await recordsNothing(node, () => patch({ currency: "EUR" }, {}, draft));
    expect(expectProblem(fixed, 409, "currency-fixed")).toMatchObject({ currency: "CHF" });
    expect((await patch({ currency: "CHF" }, {}, draft)).statusCode).toBe(200);
    expect(placesOf(await patch({ currency: "francs" }, {}, draft))).toEqual(["body /currency"]);
  });
});

describe("a change that concerns the sale reaches the inventories before its reply", () => {
  it("saleStartsAt and saleEndsAt", async () => {
    await patch({ saleStartsAt: inMs(HOUR) });
    expectProblem(await reserve(buyer.token), 409, "sale-not-open");
    await patch({ saleStartsAt: inMs(-DAY), saleEndsAt: inMs(-HOUR) });
    expectProblem(await reserve(buyer.token), 409, "sale-closed");
    await patch({ saleEndsAt: null });
    expect((await reserve(buyer.token)).statusCode).toBe(201);
  });

  it("guestsAllowed", async () => {
    expect((await reserve(guest.token)).statusCode).toBe(201);
    await patch({ guestsAllowed: false });
    expectProblem(await reserve(guest.token), 409, "guests-not-allowed");
    expect((await reserve(buyer.token)).statusCode).toBe(201);
  });

  it("holdTtlSeconds", async () => {
    await patch({ holdTtlSeconds: 86_400 });
    const { expiresAt } = (await reserve(buyer.token)).json();
    expect(Math.abs(Date.parse(expiresAt) - Date.now() - DAY)).toBeLessThan(30_000);
  });

  it("startsAt and endsAt", async () => {
    const ended = await patch({ startsAt: inMs(-HOUR) });
    expect(ended.json()).toMatchObject({
      status: "ENDED",
      ticketTypes: [{ saleStatus: "CLOSED" }, { saleStatus: "CLOSED" }],
    });
    expectProblem(await reserve(buyer.token), 409, "event-ended");
    expect((await patch({ endsAt: inMs(HOUR) })).json().status).toBe("ACTIVE");
    expect((await reserve(buyer.token)).statusCode).toBe(201);
  });
});

describe("a ticket type's capacity", () => {
  const resize = (capacity: unknown, options: CallOptions = {}) => patch({ capacity }, options, ticketTypeUrl);

  it("grows and shrinks, and everything counts by it", async () => {
    const grown = await resize(50);
    expect(grown.statusCode, grown.body).toBe(200);
    expect(grown.json()).toMatchObject({
      version: 2,
      total: 70,
      available: 70,
      ticketTypes: [{ total: 50 }, { total: 20 }],
    });
    expect((await node.call("GET", url, { headers: asOf(grown) })).json()).toEqual(grown.json());
    expect((await resize(1)).json()).toMatchObject({ version: 3, total: 21 });
    const same = await recordsNothing(node, () => resize(1));
    expect([same.statusCode, same.json().version]).toEqual([200, 3]);
    expectProblem(await reserve(buyer.token, 2), 409, "sold-out");
  });

  it("never goes below what is held", async () => {
    expect((await reserve(buyer.token, 6)).statusCode).toBe(201);
    const refused = await recordsNothing(node, () => resize(5));
    expect(expectProblem(refused, 409, "capacity-below-commitments")).toMatchObject({ committed: 6 });
    const changed = await resize(6);
    expect(changed.json()).toMatchObject({ total: 26, available: 20, held: 6 });
    expect(changed.json().ticketTypes[0]).toMatchObject({ total: 6, available: 0, held: 6, saleStatus: "SOLD_OUT" });
  });

  it("never goes beyond the event's", async () => {
    const refused = await recordsNothing(node, () => resize(81));
    expect(expectProblem(refused, 400, "capacity-exceeded")).toMatchObject({ capacity: 100, offered: 101 });
    expect((await resize(80)).statusCode).toBe(200);
  });

  it("takes the event's version", async () => {
    expectProblem(await recordsNothing(node, () => resize(11, ifMatch('"7"'))), 412, "version-mismatch");
    expect((await resize(11, ifMatch('"1"'))).json().version).toBe(2);
    expectProblem(await resize(11, ifMatch("7")), 400, "invalid");
  });

  it("is refused for what can't be", async () => {
    await recordsNothing(node, async () => {
      for (const capacity of [0, -1, 1.5, 10_000_001, "5", null]) {
        expect(placesOf(await resize(capacity))).toEqual(["body /capacity"]);
      }
      expect(placesOf(await patch({ capacity: 5, seats: 3 }, {}, ticketTypeUrl))).toEqual(["body /seats"]);
      expectProblem(await resize(5, { token: buyer.token }), 403, "forbidden");
      expectProblem(await resize(5, { token: guest.token }), 403, "account-required");
      const other = `${url}/ticket-types/7d9f5f0e-0000-4000-8000-000000000001`;
      expectProblem(await patch({ capacity: 5 }, {}, other), 404, "ticket-type-not-found");
    });
  });
});
