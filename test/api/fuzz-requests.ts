import fc from "fast-check";
import type { Method } from "./events-node.ts";
import { junk, valuesOf } from "./fuzz-schema.ts";
import type { OpenApi, Operation } from "./openapi-document.ts";

export interface FuzzRequest {
  readonly method: Method;
  /** As the document has it. */
  readonly path: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string | undefined;
}

/** Where requests may go: things that are there, by the names that the document gives their ids. */
export interface Target {
  readonly eventId: string;
  readonly ticketTypeId: string;
  readonly reservationId: string;
  /** In a waitlist. */
  readonly entryId: string;
  /** Paid. */
  readonly bookingId: string;
  /** Of that booking. */
  readonly ticketId: string;
  /** An event that nothing else is done with. */
  readonly doomedEventId: string;
  /** Of a hold that needs no token of an account. */
  readonly holdId: string;
  readonly paymentToken: string;
}

export interface FuzzWorld {
  readonly document: OpenApi;
  readonly targets: readonly Target[];
  /** Whom most requests come from. */
  readonly tokens: { readonly organizer: string; readonly guest: string };
  /** Of whom the first token is. */
  readonly organizerId: string;
}

const NOWHERE = "7d9f5f0e-0000-4000-8000-000000000001";

const mostly = <Value>(right: fc.Arbitrary<Value>, wrong: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: wrong });

const oneOf = (...values: string[]): fc.Arbitrary<string> => fc.constantFrom(...values);

/** A request for an operation, as the document describes it, or nearly so. */
export const requestsOf = (route: string, operation: Operation, world: FuzzWorld): fc.Arbitrary<FuzzRequest> =>
  fc.constantFrom(...world.targets).chain((target) => {
    const [method, path] = route.split(" ") as [Method, string];
    return fc
      .record({
        ids: pathIds(route, target),
        query: queriesOf(operation, world.document),
        payload: payloadsOf(operation, world, target),
        headers: headersOf(world),
      })
      .map(({ ids, query, payload, headers }) => {
        const filled = ids.reduce((url, id) => url.replace(/\{\w+\}/, () => id), path);
        const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, text(value)]));
        return { method, path, url: search.size === 0 ? filled : `${filled}?${search}`, headers, payload };
      });
  });

function pathIds(route: string, target: Target): fc.Arbitrary<string[]> {
  const wrong = fc.oneof(
    oneOf(...Object.values(target), NOWHERE, "%", "%00", "%ff", "x".repeat(200)),
    fc.string({ unit: "grapheme" }).map(encodeURIComponent),
  );
  const names = [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as keyof Target | "id");
  const calledOff = /\/events\/\{eventId\}\/cancel/.test(route) ? { eventId: target.doomedEventId } : {};
  const id = route.startsWith("POST ") ? target.eventId : target.bookingId; // below /bookings
  return fc.tuple(...names.map((name) => mostly(fc.constant({ ...target, ...calledOff, id }[name]), wrong)));
}

function queriesOf({ parameters = [] }: Operation, document: OpenApi): fc.Arbitrary<object> {
  const fields = parameters
    .filter((parameter) => parameter.in === "query")
    .map(({ name, schema }) => [name, valuesOf(schema, document, {})] as const);
  const required = parameters.flatMap((one) => (one.in === "query" && one.required === true ? [one.name] : []));
  return mostly<object>(
    fc.record(Object.fromEntries(fields), { requiredKeys: required }),
    fc.dictionary(fc.string(), junk, { maxKeys: 2 }),
  );
}

function payloadsOf({ requestBody }: Operation, world: FuzzWorld, target: Target): fc.Arbitrary<string | undefined> {
  const schema = requestBody?.content["application/json"]?.schema;
  if (schema === undefined) return mostly<string | undefined>(fc.constant(undefined), junk.map(asJson));
  const broken = fc.oneof(
    fc.string(),
    fc.constantFrom(undefined, "{", '{"__proto__":{}}', "[".repeat(100_000), `${'{"a":'.repeat(9_000)}`),
  );
  return mostly<string | undefined>(
    valuesOf(schema, world.document, knownOf(target, world)).map(inOneForm).map(asJson),
    broken,
  );
}

/** What no schema can tell: ids of things that are there, and how the sandbox is paid. */
function knownOf(target: Target, { organizerId }: FuzzWorld): Record<string, fc.Arbitrary<unknown>> {
  const { eventId, ticketTypeId, reservationId, ticketId, bookingId, holdId, paymentToken } = target;
  const known = (...values: unknown[]) => mostly<unknown>(fc.constantFrom(...values), junk);
  return {
    eventId: known(eventId),
    ticketTypeId: known(ticketTypeId),
    reservationIds: known([reservationId]),
    ticketIds: known([ticketId]),
    method: known("sandbox-ok", "sandbox-charge", "sandbox-decline", "sandbox-action"),
    // As earlier systems call them.
    userID: known(organizerId),
    eventID: known(eventId),
    event_id: known(eventId),
    ticketType: known(ticketTypeId),
    seatType: known(ticketTypeId),
    reservationId: known(reservationId),
    reserverationId: known(reservationId),
    bookingId: known(reservationId, bookingId),
    hold_id: known(holdId),
    payment_token: known(paymentToken),
  };
}

/** Fields that exclude each other, which the document can't say: with one of those before others, these go. */
const INSTEAD: readonly (readonly [string, readonly string[]])[] = [
  ["ticketTypes", ["totalSeats", "total_seats"]],
  ["totalSeats", ["total_seats"]],
  ["reservationIds", ["cartId", "bookingId", "paymentDetails"]],
  ["bookingId", ["cartId", "payment"]],
  ["cartId", ["paymentDetails"]],
  ["seatType", ["seatIds"]],
  ["reservationId", ["reserverationId"]],
];

function inOneForm(body: unknown): unknown {
  if (typeof body !== "object" || body === null) return body;
  const form: Record<string, unknown> = { ...body };
  for (const [field, others] of INSTEAD) if (field in form) for (const other of others) delete form[other];
  return form;
}

/** What headers can carry: anything else a client's own HTTP library refuses. */
const headerTexts = fc.string({ unit: fc.constantFrom(...' "*,;:/-_.=%AZaz019\t\u00e9') }).map((text) => text.trim());

function headersOf({ tokens: { organizer, guest }, organizerId }: FuzzWorld): fc.Arbitrary<Record<string, string>> {
  const tokens = fc.oneof(oneOf("Bearer", "Bearer x", "Basic eDp5", `Bearer ${organizer}x`), headerTexts);
  const types = oneOf("text/plain", "application/json; charset=utf-16", "multipart/form-data", "");
  const keys = fc.oneof(oneOf("x".repeat(256), ""), headerTexts);
  const positions = fc.oneof(oneOf("-1", "1,", "9".repeat(25)), headerTexts);
  const headers = {
    authorization: mostly(
      fc.oneof(
        { weight: 4, arbitrary: oneOf(`Bearer ${organizer}`) },
        { weight: 1, arbitrary: oneOf(`Bearer ${guest}`) },
      ),
      tokens,
    ),
    "content-type": mostly(oneOf("application/json"), types),
    "idempotency-key": mostly(oneOf(..."abcdefghijklmnopqrstuvwxyz"), keys),
    "boxoffice-min-position": mostly(oneOf("0", "1,2", "1, 1"), positions),
    "if-none-match": mostly(oneOf("*", '"x"', 'W/"x"'), headerTexts),
    userid: mostly(oneOf(organizerId), headerTexts),
    "if-match": mostly(oneOf("*", '"1"', '"2"'), headerTexts),
  };
  return mostly(
    fc.record(headers, { requiredKeys: ["authorization", "content-type"] }),
    fc.record(headers, { requiredKeys: ["content-type"] }),
  );
}

const asJson = (value: unknown): string => JSON.stringify(value) ?? "null";
const text = (value: unknown): string => (typeof value === "string" ? value : asJson(value));
