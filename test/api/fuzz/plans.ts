import fc from "fast-check";
import { catalogue } from "../../../src/api/problems/catalogue.ts";
import type { OpenApi, Operation } from "../openapi-document.ts";
import { junk } from "./junk.ts";
import { manglings } from "./mangling.ts";
import { withSeats } from "./seat-maps.ts";
import { mostly, Named, named, valuesOf } from "./values.ts";
import { messages, type Signing, signings, WEBHOOK_ROUTE } from "./webhooks.ts";

/** Who asks: whoever has the thing, somebody of a role that the operation wants, anybody, nobody, or a bad token. */
export type Asker = "owner" | "role" | "other" | "nobody" | "broken";

/** A request before it is known what there is: the same seed gives the same plans, whatever ids the server gives. */
export interface Plan {
  /** By the document, e.g. `POST /events/{eventId}/reservations`. */
  readonly route: string;
  readonly method: string;
  readonly asker: Asker;
  /** From 0 to 1: which of those who might ask, which of the things that are there. */
  readonly picks: readonly [who: number, thing: number, other: number];
  /** By the names of the path's parameters. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly query: readonly (readonly [name: string, value: unknown])[];
  readonly headers: Readonly<Record<string, unknown>>;
  /** undefined: none. */
  readonly body: unknown;
  /** A text that is sent instead of a JSON body. */
  readonly text: string | null;
  readonly mangling: string | null;
  /** Then the same bytes are sent a second time. */
  readonly twice: boolean;
  /** How the payment provider signs it, or somebody else; null: it is no message of one. */
  readonly signing: Signing | null;
}

const oneOf = (...values: string[]): fc.Arbitrary<string> => fc.constantFrom(...values);
/** Evenly: fast-check likes ends. */
const pick = fc.noBias(fc.nat(999_999)).map((millionths) => millionths / 1_000_000);
const picks: fc.Arbitrary<Plan["picks"]> = fc.tuple(pick, pick, pick);

export function plansOf(route: string, operation: Operation, document: OpenApi): fc.Arbitrary<Plan> {
  const [method, path] = route.split(" ") as [string, string];
  const { parameters = [] } = operation;
  const placed = (place: string) => parameters.filter((parameter) => parameter.in === place);
  const wantsRole = "x-roles" in operation;
  const askers = fc.oneof(
    ...(wantsRole ? [{ weight: 12, arbitrary: fc.constant<Asker>("role") }] : []),
    { weight: 12, arbitrary: fc.constant<Asker>("owner") },
    { weight: 6, arbitrary: fc.constant<Asker>("other") },
    { weight: 1, arbitrary: fc.constant<Asker>("nobody") },
    { weight: 2, arbitrary: fc.constant<Asker>("broken") },
  );
  return fc
    .record({
      asker: askers,
      picks,
      params: paramsOf(path),
      query: queriesOf(placed("query"), document),
      headers: headersOf(placed("header"), document),
      content: route === WEBHOOK_ROUTE ? messageContents : contentsOf(route, operation, document),
      signing: route === WEBHOOK_ROUTE ? signings : fc.constant(null),
      method: methodsFor(method),
      twice: pick.map((part) => part < 1 / 30),
    })
    .map(({ content, ...plan }) => ({ route, ...plan, ...content }));
}

/** Mostly its own. */
const methodsFor = (method: string): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 40, arbitrary: fc.constant(method) },
    { weight: 1, arbitrary: oneOf(...(method === "GET" ? ["HEAD", "HEAD"] : []), "OPTIONS", "DELETE", "PUT", "PATCH") },
  );

/** Parts of paths that no reply names. */
const WORDS: Readonly<Record<string, string[]>> = {
  code: Object.keys(catalogue),
  file: [
    "json",
    "events",
    "dashboard",
    "static/index.html",
    "static/swagger-ui.css",
    "static/../../package.json",
    "static//etc/passwd",
  ],
};

function paramsOf(path: string): fc.Arbitrary<Plan["params"]> {
  const wrong = fc.oneof(
    fc.constantFrom<unknown>(new Named("anything"), "7d9f5f0e-0000-4000-8000-000000000001", "me", "search"),
    fc.constantFrom(
      "%",
      "%00",
      "%ff",
      "%2e%2e%2f",
      "%C0%AF",
      "x".repeat(99),
      "x".repeat(200),
      "null",
      "__proto__",
      "*",
    ),
    fc.string({ unit: "grapheme" }).map((text) => encodeURIComponent(text)),
  );
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
  const right = (name: string) =>
    WORDS[name] === undefined ? (named(name) as fc.Arbitrary<unknown>) : oneOf(...WORDS[name]);
  const fields = names.map((name) => [name, mostly<unknown>(right(name), wrong)] as const);
  return fc.record(Object.fromEntries(fields));
}

type Parameters = NonNullable<Operation["parameters"]>;

function queriesOf(parameters: Parameters, document: OpenApi): fc.Arbitrary<Plan["query"]> {
  const fields = parameters.map(({ name, schema }) => [name, valuesOf(schema, document, name)] as const);
  const required = parameters.flatMap(({ name, required }) => (required === true ? [name] : []));
  const right = fc.tuple(
    fc.record(Object.fromEntries(fields), { requiredKeys: required }),
    fc.constantFrom(1, 1, 2, 9),
  );
  // A query with much in it seldom finds anything.
  const few = right.map(([object, most]) =>
    Object.entries(object).filter(([name], i) => required.includes(name) || i < most),
  );
  const any = fc.array(fc.tuple(fc.oneof(fc.string(), oneOf(...names(parameters), "__proto__", "a[]")), junk), {
    maxLength: 3,
  });
  return mostly<Plan["query"]>(few, any);
}

const names = (parameters: Parameters): string[] => ["limit", ...parameters.map(({ name }) => name)];

type Content = Pick<Plan, "body" | "text" | "mangling">;

const messageContents = fc.record({
  body: messages,
  text: fc.constant(null),
  mangling: fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: manglings }),
});

function contentsOf(route: string, { requestBody }: Operation, document: OpenApi): fc.Arbitrary<Content> {
  const nothing = { body: undefined, text: null, mangling: null };
  const { schema, example, examples = {} } = requestBody?.content["application/json"] ?? {};
  if (schema === undefined) {
    const some = fc.record({ body: junk, text: fc.constant(null), mangling: fc.option(manglings, { nil: null }) });
    return mostly<Content>(fc.constant(nothing), some);
  }
  const given = [...(example === undefined ? [] : [example]), ...Object.values(examples).map(({ value }) => value)];
  const bodies = withSeats(route, valuesOf(given.length === 0 ? schema : { ...schema, examples: given }, document));
  const whole = bodies.map((body): Content => ({ body, text: null, mangling: null }));
  const broken = fc.record({ body: bodies, text: fc.constant(null), mangling: manglings });
  const texts = fc.oneof(fc.string(), oneOf("", "{", "nul", "[1", '"')).map((text): Content => ({ ...nothing, text }));
  return fc.oneof(
    { weight: 24, arbitrary: whole },
    { weight: 3, arbitrary: broken },
    { weight: 1, arbitrary: texts },
    { weight: requestBody?.required === true ? 1 : 12, arbitrary: fc.constant<Content>(nothing) },
  );
}

/** What headers can carry: anything else a client's own HTTP library refuses. */
const headerTexts = fc.string({ unit: fc.constantFrom(...' "*,;:/-_.=%AZaz019\t\u00e9') }).map((text) => text.trim());
const UUIDS = ["0b9fbd54-6a0f-4d0f-9a9b-0d5f5b1f2f11", "0b9fbd54-6a0f-4d0f-9a9b-0d5f5b1f2f12"];

const NO_KEYS = [
  "\u00e9",
  "a b",
  '"a"',
  "a,b",
  "a;b",
  "-".repeat(36),
  "0".repeat(36),
  "__proto__",
  "null",
  "\t",
  "x".repeat(8_000),
];
const NO_TAGS = [
  '"',
  '""',
  "W/",
  'W/"1"',
  'w/"1"',
  '"1',
  '1"',
  '"1" "2"',
  '"1",,"2"',
  "**",
  '*, "1"',
  '"a\u00e9"',
  '"1", '.repeat(900),
];
const NO_EVENT_IDS = ["-1", "1.5", "1e3", "0x1", "NaN", "01", "9".repeat(16), "9".repeat(400), " 1", "1,2", "a\u00e9"];

/** The headers that any operation may be sent, right and wrong, and those that this one names. */
function headersOf(parameters: Parameters, document: OpenApi): fc.Arbitrary<Plan["headers"]> {
  const types = oneOf(
    ...["text/plain", "application/json; charset=utf-16", "application/json; charset=utf-8", "APPLICATION/JSON"],
    ...[
      "multipart/form-data",
      "multipart/form-data; boundary=x",
      "application/x-www-form-urlencoded",
      "text/csv",
      "json",
    ],
    ...["application/merge-patch+json", "application/json, text/plain", ""],
  );
  const keys = fc.oneof(oneOf("x".repeat(255), "x".repeat(256), "", ...NO_KEYS), headerTexts);
  const tags = fc.oneof(oneOf(...NO_TAGS), headerTexts);
  const positions = fc.oneof(oneOf("-1", "1,", "9".repeat(25), "18446744073709551616"), headerTexts);
  const known: Record<string, fc.Arbitrary<unknown>> = {
    "content-type": mostly(fc.constant("application/json"), types),
    "idempotency-key": mostly(oneOf(..."abcdefghijklmnopqrstuvwxyz", ...UUIDS, ...UUIDS), keys),
    "boxoffice-min-position": mostly<unknown>(fc.oneof(oneOf("0", "1,2"), named("position")), positions),
    "if-none-match": mostly<unknown>(fc.oneof(oneOf("*", '"x"', '"x", W/"y"'), named("etag")), tags),
    "if-match": mostly<unknown>(fc.oneof(oneOf("*", '"1"', '"1"', '"2"'), named("etag")), tags),
    accept: mostly(
      oneOf("application/json", "text/csv", "*/*"),
      fc.oneof(oneOf("text/csv;q=2", "text/event-stream"), headerTexts),
    ),
    "accept-encoding": oneOf("gzip", "identity;q=0", "*"),
    "content-encoding": oneOf("gzip", "br"),
    "content-length": oneOf("0", "1", "3", "99999999", "-1", "x", "1e3"),
    "last-event-id": mostly(oneOf("0", "1", "7", "999999999999999"), fc.oneof(oneOf(...NO_EVENT_IDS), headerTexts)),
    origin: oneOf("https://shop.example", "null", "x"),
    "access-control-request-method": oneOf("POST", "x"),
    "x-forwarded-for": oneOf("10.0.0.1", "x, y", "::1"),
    "x-http-method-override": oneOf("DELETE", "GET"),
    cookie: headerTexts,
    host: oneOf("example.org", "x y", ""),
  };
  const own = parameters.map(({ name, schema }) => [name.toLowerCase(), valuesOf(schema, document, name)] as const);
  const required = parameters.flatMap((one) => (one.required === true ? [one.name.toLowerCase()] : []));
  const rare = new Set(["content-length", "content-encoding", "x-http-method-override", "host", "accept-encoding"]);
  const often = Object.entries(known).filter(([name]) => !rare.has(name));
  const seldom = Object.entries(known).filter(([name]) => rare.has(name));
  const type = { "content-type": known["content-type"] as fc.Arbitrary<unknown> };
  const mine = Object.fromEntries([...own.filter(([name]) => known[name] === undefined), ...Object.entries(type)]);
  const mineIsThere = { requiredKeys: [...required, "content-type"] };
  const few = (more: readonly (readonly [string, fc.Arbitrary<unknown>])[]) =>
    fc.record({ ...Object.fromEntries(more), ...mine }, mineIsThere);
  return fc.oneof(
    { weight: 12, arbitrary: few([]) },
    {
      weight: 12,
      arbitrary: few(often.filter(([name]) => own.some(([ownName]) => ownName === name) || name === "accept")),
    },
    { weight: 2, arbitrary: few(often) },
    { weight: 1, arbitrary: few([...often, ...seldom]) },
    { weight: 1, arbitrary: fc.record(mine, { requiredKeys: [] }) },
  );
}
