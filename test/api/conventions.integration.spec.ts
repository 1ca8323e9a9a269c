import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { commandContext, recordedAt } from "../../src/api/conventions/commands.ts";
import { idParam, money, text, time } from "../../src/api/conventions/fields.ts";
import { idempotencyOf } from "../../src/api/conventions/idempotency.ts";
import { listOf, listQuery } from "../../src/api/conventions/lists.ts";
import { minPosition } from "../../src/api/conventions/positions.ts";
import type { RoutePlugin } from "../../src/api/conventions/route-config.ts";
import { Problem, refusal } from "../../src/api/problems/problem.ts";
import { Busy, KeyReused } from "../../src/commands/outcome.ts";
import { refuse } from "../../src/domain/decision.ts";
import { OutcomeUnknown, StoreUnavailable } from "../../src/eventstore/port.ts";
import { ReadModelBehind } from "../../src/projections/consistent-read.ts";
import { decodeCursor, encodeCursor, InvalidCursor } from "../../src/projections/cursor.ts";
import { type ApiUnderTest, startApi } from "./harness.ts";

const failures: Record<string, () => Error> = {
  refused: () => refusal(refuse("sold-out", { available: 3 })),
  "refused-400": () => refusal(refuse("invalid-dates", { path: "/endsAt", message: "must not be before startsAt" })),
  unlisted: () => new Problem("email-taken"),
  busy: () => new Busy("full", 7),
  away: () => new StoreUnavailable("no connection to 10.0.0.7"),
  unknown: () => new OutcomeUnknown("no answer from 10.0.0.7"),
  reused: () => new KeyReused("other body"),
  behind: () => new ReadModelBehind("behind"),
  cursor: () => new InvalidCursor("none of ours"),
  database: () => Object.assign(new Error("connect ECONNREFUSED 10.0.0.7:5432"), { code: "ECONNREFUSED" }),
  stopping: () => Object.assign(new Error("terminating connection"), { code: "57P01" }),
  bug: () => new TypeError("cannot read secret of undefined"),
};

const policy = {
  "POST /probes/:eventId": { who: "account", key: null },
  "GET /probes": { who: "anybody", key: null },
  "GET /probes/fail/:how": { who: "public", key: null },
  "GET /probes/lying": { who: "public", key: null },
  "POST /probes/keys": { who: "anybody", key: null },
  "POST /probes/nothing": { who: "public", key: null },
} as const;

/** Routes that show what came in, and fail as asked. */
const probes: RoutePlugin = (api) => {
  api.route({
    method: "POST",
    url: "/probes/:eventId",
    schema: {
      tags: ["Probes"],
      params: z.strictObject({ eventId: idParam("event-not-found") }),
      body: z.strictObject({
        name: text(1, 20),
        startsAt: time.optional(),
        ticketTypes: z.array(z.strictObject({ capacity: z.int().min(1), price: money.optional() })).optional(),
        order: z
          .union([z.strictObject({ quantity: z.int() }), z.strictObject({ seats: z.array(z.string()) })])
          .optional(),
      }),
      response: {
        201: z.strictObject({ keyHash: z.string().nullable(), bodyHash: z.string().nullable(), role: z.string() }),
      },
    },
    config: { idempotent: true, problems: ["event-not-found"] },
    handler: async (request, reply) => {
      const { idempotency, actor } = commandContext(request);
      recordedAt(reply, { position: 42n, replayed: request.body.name === "again" });
      reply.code(201);
      const role = "role" in actor ? actor.role : "";
      return { keyHash: idempotency?.keyHash ?? null, bodyHash: idempotency?.bodyHash ?? null, role };
    },
  });

  api.route({
    method: "GET",
    url: "/probes",
    schema: { tags: ["Probes"], querystring: z.strictObject(listQuery), response: { 200: listOf(z.number()) } },
    config: { minPosition: true },
    handler: async (request) => {
      const { limit, cursor } = request.query;
      const from = cursor === undefined ? 0 : decodeCursor(cursor).createdAtMs;
      const items = Array.from({ length: Math.min(limit, 250 - from) }, (_, i) => from + i);
      const position = minPosition(request);
      if (position !== null) return { items: [], next: position.toString() };
      return { items, next: from + limit < 250 ? encodeCursor({ createdAtMs: from + limit, id: EVENT }) : null };
    },
  });

  api.route({
    method: "GET",
    url: "/probes/fail/:how",
    schema: { tags: ["Probes"], params: z.strictObject({ how: z.string() }) },
    config: {
      idempotent: true,
      minPosition: true,
      problems: ["sold-out", "invalid-dates", "unavailable"],
    },
    handler: async ({ params }) => {
      throw failures[params.how]?.() ?? new Error("no such failure");
    },
  });

  api.route({
    method: "GET",
    url: "/probes/lying",
    schema: { tags: ["Probes"], response: { 200: z.strictObject({ promised: z.string() }) } },
    handler: async () => ({ promised: 3 }) as never,
  });

  api.route({
    method: "POST",
    url: "/probes/keys",
    schema: { tags: ["Probes"], response: { 200: z.strictObject({ keyHash: z.string().nullable() }) } },
    config: { idempotent: true, outsideTheLog: true },
    handler: async (request) => ({ keyHash: idempotencyOf(request)?.keyHash ?? null }),
  });

  api.route({
    method: "POST",
    url: "/probes/nothing",
    schema: { tags: ["Probes"], response: { 204: z.undefined() } },
    handler: async (_request, reply) => void reply.code(204),
  });
};

const EVENT = "7d9f5f0e-0000-4000-8000-000000000001";
let app: ApiUnderTest;
let token: string;
beforeAll(async () => {
  app = await startApi({ routes: [probes], policy });
  token = (await app.guest()).token;
});
afterAll(() => app.close());

const post = (body: unknown, headers: Record<string, string> = {}, path = EVENT) =>
  app.call("POST", `/probes/${path}`, { token, body, headers });

describe("malformed input", () => {
  const json = { "content-type": "application/json" };

  it("is told by the path of each error", async () => {
    const refused = await post({
      name: "",
      startsAt: "tomorrow",
      ticketTypes: [{ capacity: 1 }, { capacity: 0, price: { amount: "4", currency: "EUR" }, colour: "red" }],
      "a/b": 1,
    });
    expect(refused.statusCode).toBe(400);
    expect(refused.headers["content-type"]).toBe("application/problem+json");
    const problem = refused.json();
    expect(problem).toMatchObject({
      type: "/problems/invalid",
      title: "Invalid request",
      status: 400,
      code: "invalid",
    });
    expect(problem.requestId).toBe(refused.headers["x-request-id"]);
    expect(problem.errors.map((error: { in: string; path: string }) => `${error.in} ${error.path}`).sort()).toEqual([
      "body /a~1b",
      "body /name",
      "body /startsAt",
      "body /ticketTypes/1/capacity",
      "body /ticketTypes/1/colour",
      "body /ticketTypes/1/price/amount",
    ]);
  });

  it("of a body with several shapes is told for the closest one", async () => {
    const refused = await post({ name: "x", order: { quantity: "2" } });
    expect(refused.json().errors).toEqual([expect.objectContaining({ path: "/order/quantity" })]);
  });

  it("is limited in what is told", async () => {
    const refused = await post({ name: "x", ticketTypes: Array.from({ length: 5_000 }, () => ({ capacity: 0 })) });
    expect(refused.json().errors).toHaveLength(50);
  });

  it.each(["{", '{"name": "x"', "nonsense", '{"name":"x",}'])("is no JSON: %s", async (body) => {
    const refused = await app.api.inject({
      method: "POST",
      url: `/probes/${EVENT}`,
      headers: { ...json, authorization: `Bearer ${token}` },
      payload: body,
    });
    expect(refused.statusCode).toBe(400);
    expect(refused.json().errors).toEqual([{ in: "body", path: "/", message: "is not valid JSON" }]);
  });

  it.each(["[]", "null", "3", '"text"', ""])("is no object: %s", async (body) => {
    const headers = { ...json, authorization: `Bearer ${token}` };
    const refused = await app.api.inject({ method: "POST", url: `/probes/${EVENT}`, headers, payload: body });
    expect(refused.statusCode).toBe(400);
    expect(refused.json().errors[0].path).toBe("/");
  });

  it("doesn't get a prototype in", async () => {
    const payload = '{"name":"x","__proto__":{"admin":true}}';
    const headers = { ...json, authorization: `Bearer ${token}` };
    const refused = await app.api.inject({ method: "POST", url: `/probes/${EVENT}`, headers, payload });
    expect(refused.statusCode).toBe(400);
    expect(refused.json().errors).toEqual([{ in: "body", path: "/__proto__", message: "unknown field" }]);
  });

  it("has control characters, or a time or currency that isn't", async () => {
    for (const body of [
      { name: "a\u0000b" },
      { name: "a\ud800b" },
      { name: "\udc00" },
      { name: "x", startsAt: "2026-02-30T10:00:00Z" },
      { name: "x", startsAt: "2026-02-20" },
      { name: "x", startsAt: "0000-06-01T00:00:00Z" },
      { name: "x", startsAt: "1970-01-01T00:00:00+10:00" },
      { name: "x", startsAt: "2999-12-31T23:59:59-10:00" },
      { name: "x", ticketTypes: [{ capacity: 1, price: { amount: 1, currency: "euro" } }] },
      { name: "x", ticketTypes: [{ capacity: 1.5 }] },
      { name: "x", ticketTypes: [{ capacity: 1e300 }] },
    ]) {
      expect((await post(body)).statusCode).toBe(400);
    }
  });

  it("takes a whole surrogate pair, and says what is wrong with half of one", async () => {
    expect((await post({ name: "a \ud83c\udfb8" })).statusCode).toBe(201);
    const [error] = (await post({ name: "a \ud83c" })).json().errors;
    expect(error).toMatchObject({ path: "/name", message: "has half a surrogate pair" });
  });

  it("says which years it takes", async () => {
    const [error] = (await post({ name: "x", startsAt: "0000-06-01T00:00:00Z" })).json().errors;
    expect(error).toMatchObject({ path: "/startsAt", message: "takes a time in the years 1970 to 2999, UTC" });
  });

  it("is of another type, or too large", async () => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "text/plain" };
    const refused = await app.api.inject({ method: "POST", url: `/probes/${EVENT}`, headers, payload: "name=x" });
    expect([refused.statusCode, refused.json().code]).toEqual([415, "unsupported-media-type"]);
    const large = await post({ name: "x".repeat(1024 * 1024) });
    expect([large.statusCode, large.json().code]).toEqual([413, "body-too-large"]);
  });

  it("in an id of a path is simply of nothing", async () => {
    for (const id of ["nobody", "7d9f5f0e", "x".repeat(99), "x".repeat(101)]) {
      expect((await post({ name: "x" }, {}, id)).statusCode).toBe(404);
    }
    expect((await post({ name: "x" }, {}, "nobody")).json().code).toBe("event-not-found");
    expect((await post({ name: "x" }, {}, "%E0%A4%A")).statusCode).toBe(400);
  });

  it("where nothing is taken is refused too", async () => {
    expect((await app.call("POST", "/probes/nothing")).statusCode).toBe(204);
    expect((await app.call("POST", "/probes/nothing", { headers: json })).statusCode).toBe(204);
    const refused = await app.call("POST", "/probes/nothing?why=so", { body: { a: 1 } });
    expect(refused.json().errors).toEqual([{ in: "body", path: "/a", message: "unknown field" }]);
    expect((await app.call("POST", "/probes/nothing?why=so")).json().errors[0]).toMatchObject({
      in: "query",
      path: "/why",
    });
  });
});

describe("what no text can hold", () => {
  const NOT_TEXT = ["\u0000", "a\u0000 long password", "\ud800", "a long \udfff password", "\udc00\ud800".repeat(20)];

  it.each(NOT_TEXT)("is 400 as the name of an account: %j", async (name) => {
    const body = { email: "half@example.org", password: "a good password", name };
    const refused = await app.call("POST", "/accounts", { body });
    expect([refused.statusCode, refused.json().errors[0].path]).toEqual([400, "/name"]);
    const { token: own } = await app.signUp();
    expect((await app.call("PATCH", "/accounts/me", { token: own, body: { name } })).statusCode).toBe(400);
  });

  it.each(NOT_TEXT)("is 400 in an e-mail: %j", async (part) => {
    const email = `${part}@example.org`;
    for (const [path, body] of [
      ["/accounts", { email, password: "a good password", name: "Ada" }],
      ["/sessions", { email, password: "a good password" }],
      ["/sessions/guest", { email }],
    ] as const) {
      const refused = await app.call("POST", path, { body });
      expect([refused.statusCode, refused.json().errors[0].path]).toEqual([400, "/email"]);
    }
  });

  it.each(NOT_TEXT)("never breaks a password: %j", async (part) => {
    const email = `p${NOT_TEXT.indexOf(part)}@example.org`;
    const password = `${part} and more`;
    const wrong = await app.call("POST", "/sessions", { body: { email: "root@example.org", password } });
    expect([wrong.statusCode, wrong.json().code]).toEqual([401, "bad-credentials"]);
    const made = await app.call("POST", "/accounts", { body: { email, password, name: "Ada" } });
    expect([201, 400]).toContain(made.statusCode);
    const session = await app.call("POST", "/sessions", { body: { email, password } });
    expect(session.statusCode).toBe(made.statusCode === 201 ? 201 : 401);
  });
});

describe("errors", () => {
  const fail = (how: string) => app.call("GET", `/probes/fail/${how}`);

  it("carry what belongs to a refusal beside the standard members", async () => {
    const refused = await fail("refused");
    expect(refused.statusCode).toBe(409);
    expect(refused.json()).toEqual({
      type: "/problems/sold-out",
      title: "Not enough tickets left",
      status: 409,
      detail: "Fewer tickets are free than were asked for; `available` says how many.",
      code: "sold-out",
      available: 3,
      requestId: refused.headers["x-request-id"],
    });
  });

  it("of the domain with status 400 have their place", async () => {
    const refused = await fail("refused-400");
    expect(refused.statusCode).toBe(400);
    expect(refused.json().errors).toEqual([{ in: "body", path: "/endsAt", message: "must not be before startsAt" }]);
  });

  it("about a cursor that a read model doesn't know name it", async () => {
    const refused = await fail("cursor");
    expect([refused.statusCode, refused.json().code]).toEqual([400, "invalid"]);
    const message = "takes the `next` of an earlier answer to the same list";
    expect(refused.json().errors).toEqual([{ in: "query", path: "/cursor", message }]);
  });

  it.each([
    ["busy", 503, "busy", "7"],
    ["away", 503, "busy", "2"],
    ["unknown", 503, "outcome-unknown", "2"],
    ["behind", 503, "read-model-behind", "1"],
    ["database", 503, "unavailable", "2"],
    ["stopping", 503, "unavailable", "2"],
    ["reused", 422, "idempotency-key-reused", undefined],
    ["bug", 500, "internal", undefined],
  ])("of kind %s answer %i %s", async (how, status, code, retryAfter) => {
    const failed = await fail(how);
    expect([failed.statusCode, failed.json().code]).toEqual([status, code]);
    expect(failed.headers["retry-after"]).toBe(retryAfter);
    expect(failed.body).not.toMatch(/10\.0\.0\.7|secret|stack|\.ts/);
  });

  it("are logged with the request's id, when they are ours", async () => {
    const failed = await fail("bug");
    const line = app.logged.find(({ requestId }) => requestId === failed.headers["x-request-id"]);
    expect(line).toMatchObject({ level: 50, err: { message: "cannot read secret of undefined" } });
  });

  it("of an outage are logged once a second, not once a request", async () => {
    const failed = await Promise.all(Array.from({ length: 20 }, () => fail("database")));
    const ids = failed.map(({ headers }) => headers["x-request-id"]);
    const told = app.logged.filter(({ requestId, level }) => ids.includes(String(requestId)) && level === 50);
    expect(told.length).toBeLessThanOrEqual(2); // the clock may strike in between
  });

  it("that a route doesn't document fail its specs", async () => {
    const failed = await app.unchecked("GET", "/probes/fail/unlisted");
    expect(failed.statusCode).toBe(500);
    expect(failed.body).toContain("undocumented problem email-taken");
  });

  it("of routes that there aren't say so, and name the methods that there are", async () => {
    const missing = await app.call("GET", "/nowhere");
    expect([missing.statusCode, missing.json().code]).toEqual([404, "not-found"]);
    const method = await app.call("DELETE", `/probes/${EVENT}`);
    expect([method.statusCode, method.json().code]).toEqual([405, "method-not-allowed"]);
    expect(method.headers.allow).toBe("POST");
    expect((await app.call("PUT", "/probes")).headers.allow).toBe("GET, HEAD");
    const headers = { "content-type": "no type" };
    const other = await app.api.inject({ method: "PUT", url: "/probes", headers, payload: "x" });
    expect([other.statusCode, other.json().code]).toEqual([415, "unsupported-media-type"]);
  });

  it("include replies that break their schema, in specs", async () => {
    expect((await app.call("GET", "/probes/lying")).statusCode).toBe(500);
  });
});

describe("Idempotency-Key", () => {
  const hashes = async (body: unknown, headers: Record<string, string>, as = token, path = EVENT) =>
    (await app.call("POST", `/probes/${path}`, { token: as, body, headers })).json();

  it("makes the same hashes of the same caller, path and bytes, and others of others", async () => {
    const key = { "idempotency-key": "k" };
    const first = await hashes({ name: "x" }, key);
    expect(await hashes({ name: "x" }, key)).toEqual(first);
    expect((await hashes({ name: "y" }, key)).keyHash).toBe(first.keyHash);
    expect((await hashes({ name: "y" }, key)).bodyHash).not.toBe(first.bodyHash);
    const others = [
      await hashes({ name: "x" }, { "idempotency-key": "l" }),
      await hashes({ name: "x" }, key, (await app.guest()).token),
      await hashes({ name: "x" }, key, token, EVENT.replace(/1$/, "2")),
    ];
    for (const other of others) expect(other.keyHash).not.toBe(first.keyHash);
    expect((await hashes({ name: "x" }, {})).keyHash).toBeNull();
  });

  it("of a caller without a token has to be a UUID", async () => {
    const keyed = (key: string, as?: string) =>
      app.call("POST", "/probes/keys", {
        headers: { "idempotency-key": key },
        ...(as === undefined ? {} : { token: as }),
      });
    const refused = await keyed("mine");
    expect([refused.statusCode, refused.json().errors[0].path]).toEqual([400, "/Idempotency-Key"]);
    const hash = (await keyed(EVENT)).json().keyHash;
    expect(hash).toMatch(/^[\w-]{43}$/);
    expect((await keyed(EVENT, token)).json().keyHash).not.toBe(hash);
    expect((await keyed("mine", token)).statusCode).toBe(200);
  });

  it("has 1 to 255 characters", async () => {
    expect((await post({ name: "x" }, { "idempotency-key": "k".repeat(255) })).statusCode).toBe(201);
    for (const key of ["", "k".repeat(256)]) {
      const refused = await post({ name: "x" }, { "idempotency-key": key });
      expect(refused.statusCode).toBe(400);
      expect(refused.json().errors[0]).toMatchObject({ in: "header", path: "/Idempotency-Key" });
    }
  });
});

describe("positions", () => {
  it("are in the reply to a write, which also says when it is a first answer again", async () => {
    const first = await post({ name: "first" });
    expect(first.headers).toMatchObject({ "boxoffice-position": "42" });
    expect(first.headers["idempotency-replayed"]).toBeUndefined();
    expect((await post({ name: "again" })).headers["idempotency-replayed"]).toBe("true");
  });

  it.each([
    ["7", "7"],
    ["7,12 , 9", "12"],
    ["18446744073709551615", "18446744073709551615"],
  ])("are awaited: of %s the greatest", async (header, greatest) => {
    const read = await app.call("GET", "/probes", { headers: { "boxoffice-min-position": header } });
    expect(read.json().next).toBe(greatest);
  });

  it.each(["", "x", "-1", "1,", "1 2", "18446744073709551616", "1e3"])("are refused malformed: %j", async (header) => {
    const read = await app.call("GET", "/probes", { headers: { "boxoffice-min-position": header } });
    expect(read.statusCode).toBe(400);
    expect(read.json().errors[0]).toMatchObject({ in: "header", path: "/Boxoffice-Min-Position" });
  });
});

describe("lists", () => {
  it("are walked by cursor to the end", async () => {
    const seen: number[] = [];
    let url: string | null = "/probes?limit=100";
    while (url !== null) {
      const page: { items: number[]; next: string | null } = (await app.call("GET", url)).json();
      seen.push(...page.items);
      url = page.next === null ? null : `/probes?limit=100&cursor=${page.next}`;
    }
    expect(seen).toEqual(Array.from({ length: 250 }, (_, i) => i));
    expect((await app.call("GET", "/probes")).json().items).toHaveLength(50);
  });

  it.each(["limit=0", "limit=201", "limit=x", "limit=", "limit=1&limit=2", "cursor=nonsense", "cursor=", "page=2"])(
    "refuse %s",
    async (query) => {
      const refused = await app.call("GET", `/probes?${query}`);
      expect(refused.statusCode).toBe(400);
      expect(refused.json().errors[0].in).toBe("query");
    },
  );
});

describe("ETag", () => {
  it("gives 304 to those who have the resource as it is", async () => {
    const read = () => app.call("GET", "/accounts/me", { token });
    const etag = String((await read()).headers.etag);
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const again = await app.call("GET", "/accounts/me", { token, headers: { "if-none-match": known } });
      expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, "", etag]);
    }
    await app.call("PATCH", "/accounts/me", { token, body: { name: "Changed" } });
    const changed = await app.call("GET", "/accounts/me", { token, headers: { "if-none-match": etag } });
    expect(changed.statusCode).toBe(200);
  });

  it("is given to HEAD too, with all that GET says of itself", async () => {
    const { date: _, "x-request-id": __, ...said } = (await app.call("GET", "/accounts/me", { token })).headers;
    const head = await app.call("HEAD", "/accounts/me", { token });
    expect([head.statusCode, head.body]).toEqual([200, ""]);
    expect(head.headers).toMatchObject(said);
    const headers = { "if-none-match": String(said.etag) };
    expect((await app.call("HEAD", "/accounts/me", { token, headers })).statusCode).toBe(304);
  });

  it("is not on errors", async () => {
    expect((await app.call("GET", "/accounts/me")).headers.etag).toBeUndefined();
  });
});
