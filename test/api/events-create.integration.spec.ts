import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asOf, DAY, expectProblem, HOUR, inMs, placesOf, recordsNothing } from "./events-asking.ts";
import { type NodeUnderTest, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";

let node: NodeUnderTest;
let organizer: Signed;
beforeAll(async () => {
  node = await startNode({ holdTtlSeconds: 321 });
  organizer = await node.signUp();
});
afterAll(() => node.close());

const create = (body: unknown, headers: Record<string, string> = {}, token = organizer.token) =>
  node.call("POST", "/events", { token, body, headers });
const regular = (more: object = {}) => ({ name: "Regular", capacity: 10, ...more });
const eventWith = (more: object) => ({ name: "Aurora Live", ticketTypes: [regular()], ...more });

describe("a new event", () => {
  it("keeps every field as it was said", async () => {
    const said = {
      name: "Aurora Live",
      code: "AUR-2027",
      description: "Doors open at 18:00.\nBring a coat.",
      venue: { name: "Riverside Arena", address: "Kai 1", city: "Berlin", country: "Germany" },
      performers: [{ name: "Aurora", bio: "Sings." }, { name: "The Others" }],
      startsAt: "2037-06-01T18:00:00+02:00",
      endsAt: "2037-06-01T23:00:00Z",
      timeZone: "Europe/Berlin",
      currency: "CHF",
      saleStartsAt: "2036-01-01T00:00:00Z",
      saleEndsAt: "2037-05-31T22:00:00.5Z",
      capacity: 5_100,
      additionalInfo: "No bags.",
      holdTtlSeconds: 120,
      guestsAllowed: false,
      refundPolicy: [
        { until: "2037-05-01T00:00:00Z", percent: 100 },
        { until: "2037-05-20T00:00:00Z", percent: 50 },
      ],
      draft: false,
      ticketTypes: [
        {
          name: "VIP",
          description: "With drinks",
          capacity: 100,
          price: { amount: 14_900, currency: "CHF" },
          saleStartsAt: "2036-02-01T00:00:00Z",
          saleEndsAt: "2037-04-01T00:00:00Z",
          maxPerUser: 4,
          maxPerOrder: 2,
        },
        { name: "Regular", capacity: 5_000 },
      ],
    };
    const made = await create(said);
    expect(made.statusCode, made.body).toBe(201);
    const event = made.json();
    const counts = (total: number) => ({ total, available: total, held: 0, booked: 0 });
    expect(event).toEqual({
      ...said,
      draft: undefined,
      eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      version: 1,
      status: "ACTIVE",
      paused: false,
      organizerId: organizer.accountId,
      createdAt: expect.any(String),
      updatedAt: event.createdAt,
      performers: [
        { name: "Aurora", bio: "Sings." },
        { name: "The Others", bio: null },
      ],
      startsAt: "2037-06-01T16:00:00.000Z",
      endsAt: "2037-06-01T23:00:00.000Z",
      saleStartsAt: "2036-01-01T00:00:00.000Z",
      saleEndsAt: "2037-05-31T22:00:00.500Z",
      refundPolicy: [
        { until: "2037-05-01T00:00:00.000Z", percent: 100 },
        { until: "2037-05-20T00:00:00.000Z", percent: 50 },
      ],
      ...counts(5_100),
      ticketTypes: [
        {
          ticketTypeId: expect.any(String),
          name: "VIP",
          description: "With drinks",
          price: { amount: 14_900, currency: "CHF" },
          reservedSeating: false,
          saleStartsAt: "2036-02-01T00:00:00.000Z",
          saleEndsAt: "2037-04-01T00:00:00.000Z",
          saleStatus: "UPCOMING",
          paused: false,
          maxPerUser: 4,
          maxPerOrder: 2,
          ...counts(100),
        },
        {
          ticketTypeId: expect.any(String),
          name: "Regular",
          description: null,
          price: { amount: 0, currency: "CHF" },
          reservedSeating: false,
          saleStartsAt: "2036-01-01T00:00:00.000Z",
          saleEndsAt: "2037-05-31T22:00:00.500Z",
          saleStatus: "UPCOMING",
          paused: false,
          maxPerUser: null,
          maxPerOrder: 100,
          ...counts(5_000),
        },
      ],
    });
    expect(Math.abs(Date.parse(event.createdAt) - Date.now())).toBeLessThan(60_000);
    expect(made.headers.location).toBe(`/events/${event.eventId}`);
    expect(made.headers["boxoffice-position"]).toMatch(/^\d+$/);
    expect(made.headers["idempotency-replayed"]).toBeUndefined();

    const got = await node.call("GET", `/events/${event.eventId}`, { headers: asOf(made) });
    expect(got.json()).toEqual(event);
  });

  it("takes its defaults for what was not said, in the short form too", async () => {
    const made = await create({ name: " Open Evening ", totalSeats: 200 });
    expect(made.statusCode, made.body).toBe(201);
    const event = made.json();
    expect(event).toEqual({
      eventId: event.eventId,
      version: 1,
      status: "ACTIVE",
      paused: false,
      organizerId: organizer.accountId,
      createdAt: event.createdAt,
      updatedAt: event.createdAt,
      name: "Open Evening",
      code: null,
      description: null,
      venue: null,
      performers: [],
      startsAt: null,
      endsAt: null,
      timeZone: null,
      currency: "EUR",
      saleStartsAt: expect.any(String),
      saleEndsAt: null,
      capacity: null,
      additionalInfo: null,
      holdTtlSeconds: 321,
      guestsAllowed: true,
      refundPolicy: null,
      total: 200,
      available: 200,
      held: 0,
      booked: 0,
      ticketTypes: [
        {
          ticketTypeId: expect.any(String),
          name: "General",
          description: null,
          price: { amount: 0, currency: "EUR" },
          reservedSeating: false,
          saleStartsAt: event.saleStartsAt,
          saleEndsAt: null,
          saleStatus: "OPEN",
          paused: false,
          maxPerUser: null,
          maxPerOrder: 100,
          total: 200,
          available: 200,
          held: 0,
          booked: 0,
        },
      ],
    });
    expect(event.saleStartsAt <= event.createdAt).toBe(true);
    const got = await node.call("GET", `/events/${event.eventId}`, { headers: asOf(made) });
    expect(got.json()).toEqual(event);
  });

  it("is on record with its inventories first and the listing last, by its organizer", async () => {
    const before = await node.head();
    const event = (
      await create(
        eventWith({ ticketTypes: [regular(), regular({ name: "VIP", price: { amount: 5, currency: "EUR" } })] }),
      )
    ).json();
    const recorded = await node.recorded(before);
    expect(recorded.map(({ type, stream }) => [type, stream])).toEqual([
      ["InventoryOpened", `inventory-${event.eventId}.${event.ticketTypes[0].ticketTypeId}`],
      ["InventoryOpened", `inventory-${event.eventId}.${event.ticketTypes[1].ticketTypeId}`],
      ["ListingCreated", `listing-${event.eventId}`],
    ]);
    for (const { metadata } of recorded) {
      expect(metadata.actor).toEqual({ account: organizer.accountId, role: "organizer" });
    }
    expect(recorded[1]?.data).toMatchObject({ capacity: 10, terms: { price: { amount: 5, currency: "EUR" } } });
  });

  it("says how its sale stands", async () => {
    const saleOf = async (event: object) => {
      const made = (await create(event)).json();
      return [made.status, ...made.ticketTypes.map((type: { saleStatus: string }) => type.saleStatus)];
    };
    expect(await saleOf(eventWith({ startsAt: inMs(DAY) }))).toEqual(["ACTIVE", "OPEN"]);
    expect(await saleOf(eventWith({ saleStartsAt: inMs(HOUR) }))).toEqual(["ACTIVE", "UPCOMING"]);
    expect(await saleOf(eventWith({ saleStartsAt: inMs(-DAY), saleEndsAt: inMs(-HOUR) }))).toEqual([
      "ACTIVE",
      "CLOSED",
    ]);
    expect(await saleOf(eventWith({ startsAt: inMs(-DAY) }))).toEqual(["ENDED", "CLOSED"]);
    expect(await saleOf(eventWith({ startsAt: inMs(-DAY), endsAt: inMs(DAY) }))).toEqual(["ACTIVE", "OPEN"]);
    expect(await saleOf(eventWith({ draft: true }))).toEqual(["DRAFT", "UPCOMING"]);
    const apart = [regular({ saleStartsAt: inMs(HOUR) }), regular({ name: "Late", saleStartsAt: inMs(-HOUR) })];
    expect(await saleOf(eventWith({ ticketTypes: apart }))).toEqual(["ACTIVE", "UPCOMING", "OPEN"]);
  });

  it("is made by accounts, not by guests, and not without a token", async () => {
    const guest = await node.guest();
    await recordsNothing(node, async () => {
      expectProblem(await create(eventWith({}), {}, guest.token), 403, "account-required");
      expectProblem(await node.call("POST", "/events", { body: eventWith({}) }), 401, "token-missing");
      expectProblem(await create(eventWith({}), {}, "nonsense"), 401, "token-invalid");
    });
  });

  it("takes the ends of the ranges", async () => {
    for (const event of [
      eventWith({ ticketTypes: [regular({ capacity: 1, maxPerOrder: 1, maxPerUser: 1 })], capacity: 1 }),
      eventWith({ ticketTypes: [regular({ capacity: 10_000_000 })], capacity: 10_000_000 }),
      eventWith({ holdTtlSeconds: 1 }),
      eventWith({ holdTtlSeconds: 86_400 }),
      { name: "x", totalSeats: 10_000_000 },
      eventWith({ startsAt: inMs(DAY), endsAt: inMs(DAY) }),
      eventWith({ refundPolicy: [] }),
      eventWith({ performers: [] }),
    ]) {
      const made = await create(event);
      expect(made.statusCode, made.body).toBe(201);
    }
  });
});

describe("a new event that can't be", () => {
  const refused = async (body: unknown) => recordsNothing(node, () => create(body));

  it.each([
    ["no name", { totalSeats: 1 }, ["body /name"]],
    ["an empty name", { name: "  ", totalSeats: 1 }, ["body /name"]],
    ["a long name", { name: "x".repeat(201), totalSeats: 1 }, ["body /name"]],
    ["neither ticket types nor seats", { name: "x" }, ["body /ticketTypes"]],
    ["both ticket types and seats", eventWith({ totalSeats: 3 }), ["body /ticketTypes"]],
    ["no ticket type", eventWith({ ticketTypes: [] }), ["body /ticketTypes"]],
    ["an unknown field", eventWith({ colour: "red" }), ["body /colour"]],
    ["an unknown field inside", eventWith({ venue: { name: "x", zip: "1" } }), ["body /venue/zip"]],
    ["null for a field", eventWith({ description: null }), ["body /description"]],
    ["no capacity", eventWith({ ticketTypes: [{ name: "x" }] }), ["body /ticketTypes/0/capacity"]],
    ["no room", { name: "x", totalSeats: 0 }, ["body /totalSeats"]],
    ["too much room", { name: "x", totalSeats: 10_000_001 }, ["body /totalSeats"]],
    ["half a seat", { name: "x", totalSeats: 1.5 }, ["body /totalSeats"]],
    ["seats as a text", { name: "x", totalSeats: "5" }, ["body /totalSeats"]],
    [
      "a negative price",
      eventWith({ ticketTypes: [regular({ price: { amount: -1, currency: "EUR" } })] }),
      ["body /ticketTypes/0/price/amount"],
    ],
    [
      "a price without a currency",
      eventWith({ ticketTypes: [regular({ price: { amount: 1 } })] }),
      ["body /ticketTypes/0/price/currency"],
    ],
    [
      "a price in another currency",
      eventWith({ ticketTypes: [regular({ price: { amount: 1, currency: "USD" } })] }),
      ["body /ticketTypes/0/price/currency"],
    ],
    ["two ticket types of one name", eventWith({ ticketTypes: [regular(), regular()] }), ["body /ticketTypes/1/name"]],
    [
      "an order of none",
      eventWith({ ticketTypes: [regular({ maxPerOrder: 0 })] }),
      ["body /ticketTypes/0/maxPerOrder"],
    ],
    ["none for a user", eventWith({ ticketTypes: [regular({ maxPerUser: 0 })] }), ["body /ticketTypes/0/maxPerUser"]],
    ["holds without an end", eventWith({ holdTtlSeconds: 86_401 }), ["body /holdTtlSeconds"]],
    ["holds of no time", eventWith({ holdTtlSeconds: 0 }), ["body /holdTtlSeconds"]],
    ["a time that isn't", eventWith({ startsAt: "tomorrow" }), ["body /startsAt"]],
    ["a time zone that isn't", eventWith({ timeZone: "Mars/Olympus" }), ["body /timeZone"]],
    ["a currency that isn't", eventWith({ currency: "euro" }), ["body /currency"]],
    [
      "refunds of more than all",
      eventWith({ refundPolicy: [{ until: "2037-01-01T00:00:00Z", percent: 101 }] }),
      ["body /refundPolicy/0/percent"],
    ],
    ["a NUL in a text", eventWith({ description: "a\u0000b" }), ["body /description"]],
    [
      "half a surrogate pair",
      eventWith({ description: "a\ud800b", venue: { name: "\udc00" } }),
      ["body /description", "body /venue/name"],
    ],
    [
      "more about performers than fits into the log",
      eventWith({ performers: [{ name: "x", bio: "x".repeat(2_001) }] }),
      ["body /performers/0/bio"],
    ],
    [
      "several errors at once",
      { name: "", totalSeats: -1, startsAt: 5, ticketTypes: [{ name: 3, capacity: 0 }] },
      ["body /name", "body /startsAt", "body /ticketTypes/0/capacity", "body /ticketTypes/0/name", "body /totalSeats"],
    ],
  ])("has %s", async (_what, body, places) => {
    const answer = await refused(body);
    expectProblem(answer, 400, "invalid");
    expect(placesOf(answer)).toEqual(places);
  });

  it.each([
    ["endsAt", { startsAt: inMs(DAY), endsAt: inMs(HOUR) }, ["body /endsAt"]],
    ["saleEndsAt", { saleStartsAt: inMs(DAY), saleEndsAt: inMs(HOUR) }, ["body /saleEndsAt"]],
    ["saleEndsAt before now", { saleEndsAt: inMs(-HOUR) }, ["body /saleEndsAt"]],
    [
      "both",
      { startsAt: inMs(DAY), endsAt: inMs(HOUR), saleStartsAt: inMs(DAY), saleEndsAt: inMs(HOUR) },
      ["body /endsAt", "body /saleEndsAt"],
    ],
    [
      "a ticket type",
      { ticketTypes: [regular({ saleStartsAt: inMs(DAY), saleEndsAt: inMs(HOUR) })] },
      ["body /ticketTypes/0/saleEndsAt"],
    ],
    [
      "a ticket type within the event's",
      { saleStartsAt: inMs(DAY), ticketTypes: [regular({ saleEndsAt: inMs(HOUR) })] },
      ["body /ticketTypes/0/saleEndsAt"],
    ],
  ])("ends before it begins: %s", async (_what, dates, places) => {
    const answer = await refused(eventWith(dates));
    expectProblem(answer, 400, "invalid-dates");
    expect(placesOf(answer)).toEqual(places);
  });

  it("offers more than it has room for", async () => {
    const answer = await refused(eventWith({ capacity: 19, ticketTypes: [regular(), regular({ name: "VIP" })] }));
    expect(expectProblem(answer, 400, "capacity-exceeded")).toMatchObject({ capacity: 19, offered: 20 });
  });

  it("has prices whose total could not be told to the cent", async () => {
    const dear = (amount: number, maxPerOrder?: number) =>
      eventWith({ ticketTypes: [regular({ price: { amount, currency: "EUR" }, maxPerOrder })] });
    expect((await create(dear(1_000_000_000_000, 9_007))).statusCode).toBe(201);
    for (const body of [dear(1_000_000_000_000, 9_008), dear(Number.MAX_SAFE_INTEGER), dear(1e300)]) {
      const answer = await refused(body);
      expectProblem(answer, 400, "invalid");
      expect(placesOf(answer)[0]).toMatch(/^body \/ticketTypes\/0\/price/);
    }
  });

  it("is no JSON, of another type, or too large", async () => {
    const raw = (payload: string, type = "application/json") =>
      node.boxoffice.api?.inject({
        method: "POST",
        url: "/events",
        headers: { authorization: `Bearer ${organizer.token}`, "content-type": type },
        payload,
      }) as ReturnType<typeof create>;
    await recordsNothing(node, async () => {
      for (const text of ["{", '{"name": "x", }', "nonsense"]) {
        expect(placesOf(await raw(text))).toEqual(["body /"]);
      }
      for (const text of ["", "null", "[]", '"x"', "3"]) expectProblem(await raw(text), 400, "invalid");
      expectProblem(await raw('{"name":"x","totalSeats":1}', "text/plain"), 415, "unsupported-media-type");
      expectProblem(
        await raw("name=x&totalSeats=1", "application/x-www-form-urlencoded"),
        415,
        "unsupported-media-type",
      );
      expectProblem(await create(eventWith({ description: "x".repeat(1024 * 1024) })), 413, "body-too-large");
    });
  });

  it("is as large as bodies may be, and fits into the log", async () => {
    const bio = "\u4e2d".repeat(2_000); // 3 bytes each in UTF-8
    const large = eventWith({
      description: "\u4e2d".repeat(20_000),
      additionalInfo: "\u4e2d".repeat(20_000),
      performers: Array.from({ length: 100 }, () => ({ name: "\u4e2d".repeat(200), bio })),
    });
    const made = await create(large);
    expect(made.statusCode, made.body.slice(0, 500)).toBe(201);
    const got = await node.call("GET", made.headers.location as string, { headers: asOf(made) });
    expect(got.json()).toEqual(made.json());
  });

  it("has texts in every script, kept as they are", async () => {
    const name = "Müller 漢字 🎟️ \u202e עברית e\u0301";
    const made = await create({ name, totalSeats: 1, description: "tab\tand\nline\r\nbreaks" });
    expect(made.statusCode, made.body).toBe(201);
    const got = await node.call("GET", made.headers.location as string, { headers: asOf(made) });
    expect([got.json().name, got.json().description]).toEqual([name, "tab\tand\nline\r\nbreaks"]);
  });
});
