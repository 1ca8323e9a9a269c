import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Method, type NodeUnderTest, type Reply, startNode } from "../events-node.ts";
import type { Signed } from "../harness.ts";
import { documentOf, type JsonSchema, type OpenApi, type Operation, operationsOf } from "../openapi-document.ts";

let node: NodeUnderTest;
let document: OpenApi;
let admin: Signed;
beforeAll(async () => {
  node = await startNode();
  [document, admin] = [await documentOf(node), await node.admin()];
});
afterAll(() => node.close());

const NOWHERE = "7d9f5f0e-0000-4000-8000-000000000001";
const UNCHANGED = Object.getOwnPropertyNames(Object.prototype).toSorted();
const isUnpolluted = () => {
  expect(Object.getOwnPropertyNames(Object.prototype).toSorted()).toEqual(UNCHANGED);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
};

/** The webhook takes any message: its signature is what counts, and what it says is not looked at. */
const TAKES_ANY = "POST /payments/webhook";
/** Pages and streams of their own; everything else is asked. */
const isAsked = ([route]: readonly [string, Operation]) => !route.endsWith("/stream");

const operations = () => operationsOf(document).filter(isAsked);
const withBodies = () =>
  operations().filter(([route, { requestBody }]) => requestBody !== undefined && route !== TAKES_ANY);

function resolved(schema: JsonSchema): JsonSchema {
  if (schema.$ref === undefined) return schema;
  return resolved(document.components.schemas[schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1)] as JsonSchema);
}

/** What the document gives as an example of a body, as text. */
function exampleOf({ requestBody }: Operation): string {
  const content = requestBody?.content["application/json"];
  const [named] = Object.values(content?.examples ?? {});
  const example = content?.example ?? named?.value ?? resolved(content?.schema ?? {}).examples?.[0] ?? {};
  return JSON.stringify(example);
}

/** Names that a body may have, whatever its shape is. */
function fieldsOf(schema: JsonSchema): string[] {
  const { properties, anyOf = [], oneOf = [], allOf = [] } = resolved(schema);
  return [...Object.keys(properties ?? {}), ...[...anyOf, ...oneOf, ...allOf].flatMap(fieldsOf)];
}

function send(route: string, payload?: string, search = "", headers: Record<string, string> = {}): Promise<Reply> {
  const [method, path = ""] = route.split(" ") as [Method, string];
  return node.unchecked({
    method,
    url: `${path.replace(/\{\w+\}/g, NOWHERE)}${search}`,
    headers: {
      authorization: `Bearer ${admin.token}`,
      ...(payload === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(payload === undefined ? {} : { payload }),
  });
}

/** The example with a member put into each object of it by turns, as text: `__proto__` is no member of a literal. */
function withMember(example: string, member: string): string[] {
  return [...example.matchAll(/\{/g)].map(({ index }) => {
    const rest = example.slice(index + 1);
    return `${example.slice(0, index + 1)}${member}${rest.startsWith("}") ? "" : ","}${rest}`;
  });
}

describe("prototypes", () => {
  it.each([
    ["__proto__", '"__proto__":{"polluted":"yes"}'],
    ["__proto__ that is escaped", '"\\u005f_proto__":{"polluted":"yes"}'],
    ["constructor", '"constructor":{"prototype":{"polluted":"yes"}}'],
    ["prototype", '"prototype":{"polluted":"yes"}'],
    ["toString", '"toString":"yes"'],
  ])("%s anywhere in a body is refused by every route that takes one", async (name, member) => {
    expect(withBodies().length).toBeGreaterThan(20);
    for (const [route, operation] of withBodies()) {
      for (const body of withMember(exampleOf(operation), member)) {
        const reply = await send(route, body);
        expect([route, body, reply.statusCode]).toEqual([route, body, 400]);
        const { errors } = reply.json() as { errors: { path: string; message: string }[] };
        const unknown = errors.some(
          ({ path, message }) => path.endsWith(`/${name.split(" ")[0]}`) && message === "unknown field",
        );
        expect([route, body, unknown || errors]).toEqual([route, body, true]);
      }
    }
    isUnpolluted();
  });

  it("in a query are refused by every route, in headers and paths they are nothing", async () => {
    for (const [route] of operations()) {
      for (const search of ["?__proto__[polluted]=yes", "?__proto__=yes", "?constructor.prototype.polluted=yes"]) {
        const reply = await send(route, undefined, search);
        const isRefused = [400, 401, 403, 404].includes(reply.statusCode);
        expect([route, search, isRefused, reply.statusCode]).toEqual([route, search, true, reply.statusCode]);
      }
    }
    const reply = await node.unchecked({
      method: "GET",
      url: "/events/__proto__",
      headers: { __proto__x: "1", constructor: "x" },
    });
    expect(reply.statusCode).toBe(404);
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      expect((await node.unchecked({ method: "GET", url: `/problems/${name}` })).statusCode).toBe(404);
    }
    isUnpolluted();
  });

  it("in a message that nobody signed change nothing", async () => {
    const reply = await send(
      TAKES_ANY,
      '{"type":"x","__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}',
    );
    expect([reply.statusCode, reply.json().code]).toEqual([400, "invalid-webhook"]);
    isUnpolluted();
  });
});

/** What is decided by the server, or by others than who asks: as people would try it. */
const NOT_THEIRS = {
  roles: ["admin"],
  role: "admin",
  isAdmin: true,
  admin: true,
  accountId: NOWHERE,
  account_id: NOWHERE,
  organizerId: NOWHERE,
  ownerId: NOWHERE,
  actor: { role: "admin" },
  guest: false,
  suspended: false,
  status: "PAID",
  paid: true,
  unitPrice: { amount: 0, currency: "EUR" },
  total: { amount: 0, currency: "EUR" },
  version: 1,
  available: 1_000,
  held: 0,
  booked: 0,
  expiresAt: "2999-01-01T00:00:00Z",
  createdAt: "2000-01-01T00:00:00Z",
  passwordHash: "x",
  password_hash: "x",
  refunds: [],
  tickets: [],
} as const;

describe("what is not theirs to say", () => {
  it("is refused as unknown wherever a body takes no such field", async () => {
    let tried = 0;
    for (const [route, operation] of withBodies()) {
      const schema = operation.requestBody?.content["application/json"]?.schema ?? {};
      const known = new Set(fieldsOf(schema));
      const example = JSON.parse(exampleOf(operation)) as object;
      for (const [name, value] of Object.entries(NOT_THEIRS)) {
        if (known.has(name)) continue;
        tried += 1;
        const reply = await send(route, JSON.stringify({ ...example, [name]: value }));
        expect([route, name, reply.statusCode]).toEqual([route, name, 400]);
      }
    }
    expect(tried).toBeGreaterThan(400);
  });

  it("is a field of few routes only", () => {
    const said = withBodies().flatMap(([route, operation]) => {
      const known = fieldsOf(operation.requestBody?.content["application/json"]?.schema ?? {});
      return known.filter((name) => name in NOT_THEIRS).map((name) => `${route} ${name}`);
    });
    expect(said).toEqual(["PUT /accounts/{accountId}/roles roles"]); // administrators only
  });

  it("does not make an admin of who signs up, nor an organizer of somebody else", async () => {
    const person = { email: "mallory@example.org", password: "a good password", name: "Mallory" };
    for (const more of [{ roles: ["admin"] }, { role: "admin" }]) {
      const reply = await node.unchecked({ method: "POST", url: "/accounts", payload: { ...person, ...more } });
      expect(reply.statusCode).toBe(400);
    }
    const made = await node.unchecked({ method: "POST", url: "/accounts", payload: person });
    expect(made.json()).toMatchObject({ roles: ["customer"] });
  });
});

describe("types", () => {
  it("other than those that are taken are refused by every route, whatever they are", async () => {
    for (const [route] of withBodies()) {
      for (const body of ["[]", '"text"', "1", "true", "null", '[{"a":1}]', "{}x", '{"a":1', "\u0000", "NaN"]) {
        const reply = await send(route, body);
        const refused = reply.statusCode === 400 || (body === "null" && reply.statusCode < 500);
        expect([route, body, refused, reply.statusCode]).toEqual([route, body, true, reply.statusCode]);
      }
    }
  });
});
