import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asOf, DAY, expectProblem, HOUR, inMs, placesOf, recordsNothing, until } from "./events-asking.ts";
import { type NodeUnderTest, type Reply, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";

let node: NodeUnderTest;
let organizer: Signed;
let other: Signed;
beforeAll(async () => {
  node = await startNode();
  [organizer, other] = [await node.signUp(), await node.signUp()];
});
afterAll(() => node.close());

const NOWHERE = "7d9f5f0e-0000-4000-8000-000000000001";
const create = async (more: object = {}, token = organizer.token) => {
  const made = await node.call("POST", "/events", { token, body: { name: "Aurora", totalSeats: 5, ...more } });
  expect(made.statusCode, made.body).toBe(201);
  return made;
};
const reserve = (event: { eventId: string; ticketTypes: { ticketTypeId: string }[] }, token: string, quantity = 1) =>
  node.call("POST", `/events/${event.eventId}/reservations`, {
    token,
    body: { ticketTypeId: event.ticketTypes[0]?.ticketTypeId, quantity },
  });

describe("an event that was just made", () => {
  it("is found at once, by everybody, without a position", async () => {
    for (let i = 0; i < 20; i += 1) {
      const { eventId } = (await create()).json();
      const [got, counts] = await Promise.all([
        node.call("GET", `/events/${eventId}`),
        node.call("GET", `/events/${eventId}/availability`),
      ]);
      expect([got.statusCode, counts.statusCode]).toEqual([200, 200]);
    }
  });

  it("is in its organizer's list, newest first, with a position", async () => {
    const organizer = await node.signUp();
    const made: Reply[] = [];
    for (let i = 0; i < 5; i += 1) made.push(await create({ draft: i === 2 }, organizer.token));
    const last = made.at(-1) as Reply;
    const list = (query = "") =>
      node.call("GET", `/events?organizer=me${query}`, { token: organizer.token, headers: asOf(last) });
    const ids = (reply: Reply) => reply.json().items.map((one: { eventId: string }) => one.eventId);
    const all = await list();
    expect(ids(all)).toEqual(made.map((one) => one.json().eventId).reverse());
    expect(all.json().next).toBeNull();
    const first = await list("&limit=2");
    const second = await list(`&limit=2&cursor=${first.json().next}`);
    const third = await list(`&limit=2&cursor=${second.json().next}`);
    expect([...ids(first), ...ids(second), ...ids(third)]).toEqual(ids(all));
    expect(third.json().next).toBeNull();
  });
});

describe("the list of one's own events", () => {
  const list = (query: string, token = organizer.token) => node.call("GET", `/events${query}`, { token });

  it("is asked for by its name, within its limits", async () => {
    expect(placesOf(await list(""))).toEqual(["query /organizer"]);
    expect(placesOf(await list("?organizer=you"))).toEqual(["query /organizer"]);
    for (const limit of ["0", "201", "1.5", "x", ""]) {
      expect(placesOf(await list(`?organizer=me&limit=${limit}`))).toEqual(["query /limit"]);
    }
    expect(placesOf(await list("?organizer=me&colour=red"))).toEqual(["query /colour"]);
    for (const cursor of ["x", "", "%00", "bm9uZQ", Buffer.from("99999999999999999.x").toString("base64url")]) {
      const refused = await list(`?organizer=me&cursor=${cursor}`);
      expectProblem(refused, 400, "invalid");
      expect(placesOf(refused)).toEqual(["query /cursor"]);
    }
    const twice = await list("?organizer=me&organizer=me");
    expectProblem(twice, 400, "invalid");
  });

  it("is of accounts", async () => {
    expectProblem(await node.call("GET", "/events?organizer=me"), 401, "token-missing");
    expectProblem(await list("?organizer=me", (await node.guest()).token), 403, "account-required");
  });
});

describe("Boxoffice-Min-Position", () => {
  const get = (position: string, path: string) =>
    node.call("GET", path, { headers: { "boxoffice-min-position": position } });

  it("has the read see the writes it names, one or several", async () => {
    const made = await create();
    const event = made.json();
    const path = `/events/${event.eventId}/availability`;
    for (let held = 1; held <= 5; held += 1) {
      const position = String((await reserve(event, other.token)).headers["boxoffice-position"]);
      const older = String(made.headers["boxoffice-position"]);
      const counts = (await get(held % 2 === 0 ? `${older}, ${position}` : `${position},${older}`, path)).json();
      expect(counts.ticketTypes).toEqual([
        { ...counts.ticketTypes[0], total: 5, available: 5 - held, held, booked: 0 },
      ]);
      const details = (await get(position, `/events/${event.eventId}`)).json();
      expect(details).toMatchObject({ available: 5 - held, held, version: 1, updatedAt: event.updatedAt });
    }
    expect((await get(await node.head(), `/events/${event.eventId}`)).json().ticketTypes[0].saleStatus).toBe(
      "SOLD_OUT",
    );
  });

  it("that is out of reach gives 503 after 2 s", async () => {
    const { eventId } = (await create()).json();
    const beyond = "9000000000000000";
    const startedAt = performance.now();
    const answers = await Promise.all([
      get(beyond, `/events/${eventId}`),
      get(beyond, `/events/${eventId}/availability`),
      get(beyond, `/events/${NOWHERE}`),
      node.call("GET", "/events?organizer=me", {
        token: organizer.token,
        headers: { "boxoffice-min-position": beyond },
      }),
    ]);
    const took = performance.now() - startedAt;
    for (const answer of answers) {
      expectProblem(answer, 503, "read-model-behind");
      expect(answer.headers["retry-after"]).toMatch(/^\d+$/);
    }
    expect(took).toBeGreaterThan(1_800);
    expect(took).toBeLessThan(4_000);
  });

  it.each(["x", "-1", "1.5", "1;2", ",", "", "1,,2", "99999999999999999999999"])(
    "is no position: %j",
    async (position) => {
      const { eventId } = (await create()).json();
      for (const path of [`/events/${eventId}`, `/events/${eventId}/availability`]) {
        const refused = await get(position, path);
        expectProblem(refused, 400, "invalid");
        expect(placesOf(refused)).toEqual(["header /Boxoffice-Min-Position"]);
      }
    },
  );
});

describe("ETag", () => {
  it.each(["", "/availability"])("lets unchanged things be: /events/{eventId}%s", async (rest) => {
    const event = (await create()).json();
    const path = `/events/${event.eventId}${rest}`;
    const tag = (await node.call("GET", path)).headers.etag as string;
    expect(tag).toMatch(/^"[^"]+"$/);
    const get = (value: string, more: object = {}) =>
      node.call("GET", path, { headers: { "if-none-match": value, ...more } });
    for (const known of [tag, `W/${tag}`, `"x", ${tag}`, "*"]) {
      const unchanged = await get(known);
      expect([unchanged.statusCode, unchanged.body, unchanged.headers.etag]).toEqual([304, "", tag]);
    }
    expect((await get('"x"')).statusCode).toBe(200);
    const reserved = await reserve(event, other.token);
    const changed = await get(tag, asOf(reserved));
    expect(changed.statusCode).toBe(200);
    expect(changed.headers.etag).not.toBe(tag);
  });
});

describe("an event that is not there", () => {
  it.each([NOWHERE, "nobody", "x".repeat(300), "%00", "..%2f..", NOWHERE.toUpperCase()])("%s", async (id) => {
    for (const path of [`/events/${id}`, `/events/${id}/availability`]) {
      const answer = await node.call("GET", path);
      expect([404, 400]).toContain(answer.statusCode);
      if (id.startsWith("7D") || id === NOWHERE) expectProblem(answer, 404, "event-not-found");
    }
  });

  it("is found by its id in capitals", async () => {
    const { eventId } = (await create()).json();
    expect((await node.call("GET", `/events/${eventId.toUpperCase()}`)).json().eventId).toBe(eventId);
  });
});

describe("a draft", () => {
  it("is found by everybody from the moment on that it is public, though read models may not know yet", async () => {
    const { eventId } = (await create({ draft: true })).json();
    const path = `/events/${eventId}/availability`;
    expect((await node.call("GET", path)).statusCode).toBe(404);
    const projections = new pg.Client({ connectionString: node.databaseUrl });
    await projections.connect();
    await projections.query("begin; select from readmodels.projections for update");
    const published = node.call("POST", `/events/${eventId}/publish`, { token: organizer.token });
    await until(
      () => node.recorded(),
      (log) => log.some(({ type, stream }) => type === "ListingPublished" && stream.endsWith(eventId)),
    );
    const read = node.call("GET", path);
    await projections.query("select pg_sleep(0.1); commit");
    expect((await read).statusCode).toBe(200);
    expect((await published).statusCode).toBe(200);
    await projections.end();
  });

  it.each([
    ["to come", {}],
    ["over by time", { startsAt: inMs(-DAY) }],
    ["not on sale yet", { saleStartsAt: inMs(HOUR) }],
    ["closed to guests", { guestsAllowed: false }],
  ])("is there for its organizer only: one %s", async (_which, more) => {
    const event = (await create({ draft: true, ...more })).json();
    const path = `/events/${event.eventId}`;
    const ticketTypeId = event.ticketTypes[0].ticketTypeId;
    const [guest, admin] = [await node.guest(), await node.admin()];
    await recordsNothing(node, async () => {
      for (const token of [undefined, other.token, guest.token, admin.token]) {
        const as = token === undefined ? {} : { token };
        expectProblem(await node.call("GET", path, as), 404, "event-not-found");
        expectProblem(await node.call("GET", `${path}/availability`, as), 404, "event-not-found");
      }
      for (const { token } of [other, guest, admin]) {
        for (const quantity of [1, 6, 101])
          expectProblem(await reserve(event, token, quantity), 404, "event-not-found");
        const body = { ticketTypeId: NOWHERE, quantity: 1 };
        const unknown = await node.call("POST", `${path}/reservations`, { token, body });
        expectProblem(unknown, 404, "event-not-found");
      }
      for (const { token } of [other, admin]) {
        expectProblem(await node.call("PATCH", path, { token, body: { name: "x" } }), 404, "event-not-found");
        expectProblem(await node.call("POST", `${path}/publish`, { token }), 404, "event-not-found");
        const resized = await node.call("PATCH", `${path}/ticket-types/${ticketTypeId}`, {
          token,
          body: { capacity: 9 },
        });
        expectProblem(resized, 404, "event-not-found");
      }
    });
    const own = await node.call("GET", path, { token: organizer.token });
    expect([own.statusCode, own.json().status]).toEqual([200, "DRAFT"]);
    expect((await node.call("GET", `${path}/availability`, { token: organizer.token })).statusCode).toBe(200);
    const list = await node.call("GET", "/events?organizer=me&limit=1", { token: organizer.token });
    expect(list.json().items[0].eventId).toBe(event.eventId);
  });

  it("sells nothing to its organizer either, until it is published", async () => {
    const event = (await create({ draft: true })).json();
    const path = `/events/${event.eventId}`;
    expectProblem(await recordsNothing(node, () => reserve(event, organizer.token)), 409, "event-not-published");
    const changed = await node.call("PATCH", path, { token: organizer.token, body: { name: "Aurora Live" } });
    expect(changed.json()).toMatchObject({ status: "DRAFT", version: 2 });

    const published = await node.call("POST", `${path}/publish`, { token: organizer.token });
    expect(published.statusCode, published.body).toBe(200);
    expect(published.json()).toMatchObject({ status: "ACTIVE", version: 3, ticketTypes: [{ saleStatus: "OPEN" }] });
    expect((await node.call("GET", path, { headers: asOf(published) })).json()).toEqual(published.json());
    expect((await reserve(event, other.token)).statusCode).toBe(201);
  });

  it("is published once, also when asked again", async () => {
    const { eventId } = (await create({ draft: true })).json();
    const headers = { "idempotency-key": "publish" };
    const publish = (more: object = {}) =>
      node.call("POST", `/events/${eventId}/publish`, { token: organizer.token, ...more });
    const first = await publish({ headers });
    const replayed = await recordsNothing(node, () => publish({ headers }));
    expect(replayed.statusCode).toBe(200);
    expect(replayed.json()).toEqual(first.json());
    expect(replayed.headers["boxoffice-position"]).toBe(first.headers["boxoffice-position"]);
    const again = await recordsNothing(node, () => publish());
    expect([again.statusCode, again.json().version]).toEqual([200, 2]);
    expectProblem(await publish({ token: other.token }), 403, "forbidden");
    expectProblem(await publish({ token: (await node.guest()).token }), 403, "account-required");
  });
});
