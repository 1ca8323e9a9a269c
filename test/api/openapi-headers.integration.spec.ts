import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type NodeUnderTest, startNode } from "./events-node.ts";
import { documentOf, type OpenApi, type Operation, operationsOf, replyChecker } from "./openapi-document.ts";

let node: NodeUnderTest;
let document: OpenApi;
beforeAll(async () => {
  node = await startNode();
  document = await documentOf(node);
});
afterAll(() => node.close());

/** What the log records: the reply says where. */
const RECORDING = [
  "DELETE /cart",
  "DELETE /cart/items/{ticketTypeId}",
  "DELETE /events/{eventId}/ticket-types/{ticketTypeId}",
  "DELETE /reservations/{reservationId}",
  "DELETE /waitlist/{entryId}",
  "PATCH /events/{eventId}",
  "PATCH /events/{eventId}/ticket-types/{ticketTypeId}",
  "POST /book",
  "POST /bookings/{bookingId}/cancel",
  "POST /bookings/{bookingId}/refunds",
  "POST /bookings/{id}",
  "POST /events",
  "POST /events/reserve",
  "POST /events/{eventId}/cancel",
  "POST /events/{eventId}/pause",
  "POST /events/{eventId}/publish",
  "POST /events/{eventId}/reservations",
  "POST /events/{eventId}/resume",
  "POST /events/{eventId}/ticket-types",
  "POST /events/{eventId}/ticket-types/{ticketTypeId}/pause",
  "POST /events/{eventId}/ticket-types/{ticketTypeId}/resume",
  "POST /events/{eventId}/ticket-types/{ticketTypeId}/seats/block",
  "POST /events/{eventId}/ticket-types/{ticketTypeId}/seats/unblock",
  "POST /events/{eventId}/waitlist",
  "POST /holds",
  "POST /purchases",
  "POST /reservations/{reservationId}/extend",
  "POST /ticket/confirmReservation",
  "POST /ticket/reserve",
  "PUT /cart/items/{ticketTypeId}",
  "PUT /events/{eventId}/waiting-room",
];
/** What counts once for a key, and the log says nothing about. */
const OUTSIDE_THE_LOG = [
  "POST /audit/verifications",
  "POST /bookings/{bookingId}/refund-quote",
  "POST /bookings/{bookingId}/resend",
  "POST /events/{eventId}/waiting-room/entries",
  "POST /sandbox/clock/advance",
];
const KEYED = [...RECORDING.filter((route) => route.startsWith("POST ")), ...OUTSIDE_THE_LOG].sort();
/** What raises the version of an event, but for publishing and calling off, which nobody takes back. */
const VERSIONED = RECORDING.filter((route) => /^PATCH |\/ticket-types(?!.*\/seats\/)|\/(pause|resume)$/.test(route));
const TAGGED = [
  "GET /accounts/me",
  "GET /accounts/{accountId}",
  "GET /api-keys/{keyId}",
  "GET /audit/bookings/{bookingId}/state",
  "GET /audit/events/{eventId}",
  "GET /audit/heads/keys",
  "GET /audit/heads/latest",
  "GET /audit/inventories/{eventId}/{ticketTypeId}",
  "GET /audit/verifications/{verificationId}",
  "GET /bookings/{id}",
  "GET /cart",
  "GET /events/{eventId}",
  "GET /events/{eventId}/availability",
  "GET /events/{eventId}/cancellation",
  "GET /events/{eventId}/proof",
  "GET /events/{eventId}/ticket-types/{ticketTypeId}/seats",
  "GET /events/{eventId}/waiting-room",
  "GET /reservations/{reservationId}",
  "GET /waitlist/{entryId}",
];
/** What they make can be read, an entry by its place in the line; a session can't. */
const LOCATED = [
  "POST /accounts",
  "POST /api-keys",
  "POST /audit/verifications",
  "POST /bookings/{bookingId}/refunds",
  "POST /events",
  "POST /events/{eventId}/cancel",
  "POST /events/{eventId}/reservations",
  "POST /events/{eventId}/ticket-types",
  "POST /events/{eventId}/waiting-room/entries",
  "POST /events/{eventId}/waitlist",
  "POST /purchases",
];
/** Its 200 is for clients of earlier systems, which look for no address. */
const WITH_ANSWERS_OF_EARLIER = "POST /purchases";

const successesOf = ({ responses }: Operation) =>
  Object.entries(responses).flatMap(([status, response]) => (status.startsWith("2") ? [response] : []));

const routesWhere = (holds: (operation: Operation) => boolean): string[] =>
  operationsOf(document)
    .flatMap(([route, operation]) => (holds(operation) ? [route] : []))
    .sort();

describe("the document", () => {
  it.each([
    ["Boxoffice-Position", RECORDING],
    ["Idempotency-Replayed", KEYED],
    ["ETag", TAGGED],
    ["Location", LOCATED],
  ])("has %s in the successes of those that give it", (header, routes) => {
    const gives = ({ headers }: Operation["responses"][string]) => headers?.[header] !== undefined;
    expect(routesWhere((operation) => successesOf(operation).some(gives))).toEqual(routes);
    const always = header === "Location" ? routes.filter((route) => route !== WITH_ANSWERS_OF_EARLIER) : routes;
    expect(routesWhere((operation) => successesOf(operation).every(gives))).toEqual(always);
  });

  it.each([
    ["If-Match", VERSIONED],
    ["If-None-Match", TAGGED],
    ["Idempotency-Key", KEYED],
  ])("has %s among the parameters of those that take it", (header, routes) => {
    const takes = ({ parameters = [] }: Operation) =>
      parameters.some(({ in: place, name, required = false }) => place === "header" && name === header && !required);
    expect(routesWhere(takes)).toEqual(routes);
  });

  it("has 304 without a body where there is a tag", () => {
    expect(routesWhere(({ responses }) => responses["304"] !== undefined)).toEqual(TAGGED);
    for (const [, { responses }] of operationsOf(document)) {
      const unchanged = responses["304"];
      if (unchanged === undefined) continue;
      expect(unchanged.content).toBeUndefined();
      expect(Object.keys(unchanged.headers ?? {})).toContain("ETag");
    }
  });

  it("says of a declined purchase where it is on record", () => {
    const declined = new Map(operationsOf(document)).get("POST /purchases")?.responses["402"]?.headers;
    expect(Object.keys(declined ?? {})).toEqual(expect.arrayContaining(["Boxoffice-Position", "Idempotency-Replayed"]));
  });

  it("has Retry-After with every 429 and 503, WWW-Authenticate with 401, and X-Request-Id with all", () => {
    for (const [route, { responses }] of operationsOf(document)) {
      for (const [status, { headers = {}, content = {} }] of Object.entries(responses)) {
        expect(headers, `${route} ${status}`).toHaveProperty("X-Request-Id");
        expect("WWW-Authenticate" in headers, `${route} ${status}`).toBe(status === "401");
        const problem = content["application/problem+json"] !== undefined;
        const waits = problem && (status === "429" || status === "503"); // readiness answers 503 as it is
        expect("Retry-After" in headers, `${route} ${status}`).toBe(waits);
      }
    }
  });
});

describe("replies", () => {
  it("have the headers that the document says, and no other of them", async () => {
    const check = replyChecker(document);
    const { token } = await node.signUp();
    const draft = { name: "A", draft: true, ticketTypes: [{ name: "B", capacity: 10 }] };

    const made = await node.call("POST", "/events", { token, body: draft, headers: { "idempotency-key": "one" } });
    expect(check("POST", "/events", made)).toBeNull();
    const again = await node.call("POST", "/events", { token, body: draft, headers: { "idempotency-key": "one" } });
    expect([again.headers["idempotency-replayed"], check("POST", "/events", again)]).toEqual(["true", null]);
    const { eventId, ticketTypes } = made.json();
    const { ticketTypeId } = ticketTypes[0];

    const at = { "if-match": '"1"' };
    const changed = await node.call("PATCH", `/events/${eventId}`, { token, body: { name: "C" }, headers: at });
    expect([changed.statusCode, check("PATCH", "/events/{eventId}", changed)]).toEqual([200, null]);
    const stale = await node.call("PATCH", `/events/${eventId}`, { token, body: { name: "D" }, headers: at });
    expect([stale.statusCode, check("PATCH", "/events/{eventId}", stale)]).toEqual([412, null]);
    const published = await node.call("POST", `/events/${eventId}/publish`, { token });
    expect([published.statusCode, check("POST", "/events/{eventId}/publish", published)]).toEqual([200, null]);

    const wish = { token, body: { ticketTypeId, quantity: 1 } };
    const held = await node.call("POST", `/events/${eventId}/reservations`, wish);
    expect([held.statusCode, check("POST", "/events/{eventId}/reservations", held)]).toEqual([201, null]);
    const one = String(held.headers.location);
    const position = { "boxoffice-min-position": String(held.headers["boxoffice-position"]) };
    const read = await node.call("GET", one, { token, headers: position });
    expect([read.statusCode, check("GET", "/reservations/{reservationId}", read)]).toEqual([200, null]);
    const known = { "if-none-match": String(read.headers.etag) };
    const unchanged = await node.call("GET", one, { token, headers: known });
    expect([unchanged.statusCode, check("GET", "/reservations/{reservationId}", unchanged)]).toEqual([304, null]);
    const released = await node.call("DELETE", one, { token });
    expect([released.statusCode, check("DELETE", "/reservations/{reservationId}", released)]).toEqual([204, null]);
    const missing = await node.call("GET", one);
    expect([missing.statusCode, check("GET", "/reservations/{reservationId}", missing)]).toEqual([401, null]);
    const guest = await node.call("POST", "/sessions/guest");
    expect([guest.statusCode, check("POST", "/sessions/guest", guest)]).toEqual([201, null]);
  });
});
