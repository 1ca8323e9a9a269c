import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type NodeUnderTest, startNode } from "./events-node.ts";
import {
  codesOf,
  documentOf,
  type JsonSchema,
  type OpenApi,
  type Operation,
  operationsOf,
  validatorOf,
} from "./openapi-document.ts";

let node: NodeUnderTest;
let document: OpenApi;
beforeAll(async () => {
  node = await startNode();
  document = await documentOf(node);
});
afterAll(() => node.close());

const TOKEN = "token-missing token-invalid token-expired session-ended account-suspended scope-missing";
/** Of a token that need not be there. */
const TOKEN_GIVEN = "token-invalid token-expired session-ended account-suspended scope-missing";
const BODY = "body-too-large unsupported-media-type";
const COMMAND = "busy outcome-unknown";
const KEY = `idempotency-key-reused ${COMMAND}`;
const OF_ORGANIZERS = "account-required forbidden event-not-found event-cancelled version-mismatch read-model-behind";
const OF_BLOCKING =
  "account-required forbidden event-not-found event-cancelled ticket-type-not-found read-model-behind";
const OF_FIGURES = `account-required event-not-found forbidden read-model-behind busy ${TOKEN}`;
const OF_CANCELLING =
  "booking-not-found booking-not-paid payment-in-progress ticket-not-found ticket-already-cancelled";
const OF_ADMISSION = "admission-required admission-invalid admission-expired admission-used";
const OF_RESERVING = `${OF_ADMISSION} event-not-found ticket-type-not-found event-cancelled event-ended event-not-published sale-paused
  sale-not-open sale-closed guests-not-allowed limit-exceeded sold-out`;
const OF_BUYING_ONCE = `reservation-not-found reservation-not-held reservation-expired payment-in-progress too-many-attempts
  event-cancelled limit-exceeded payment-required read-model-behind`;
/** Whoever sends there is not to be held up. */
const UNLIMITED = new Set(["POST /payments/webhook", "GET /metrics"]);
/** Who looks whether there is too much to do is not sent away for it. */
const LET_IN = new Set(["GET /metrics"]);
/** They may be sent without the body that they take. */
const WITHOUT_BODY = [
  "POST /bookings/{bookingId}/cancel",
  "POST /bookings/{bookingId}/refund-quote",
  "POST /events/{eventId}/waiting-room/entries",
  "POST /sessions/guest",
];

/** What clients can rely on: who may call, the success, and every error beside those of any route. */
const ROUTES: Readonly<
  Record<string, readonly [access: "public" | "anybody" | "token", success: number | readonly number[], codes: string]>
> = {
  "POST /accounts": ["anybody", 201, `email-taken busy ${BODY} ${TOKEN_GIVEN}`],
  "GET /accounts/me": ["token", 200, `account-not-found ${TOKEN}`],
  "PATCH /accounts/me": ["token", 200, `account-not-found ${BODY} ${TOKEN}`],
  "GET /accounts/me/history": ["token", 200, `read-model-behind ${TOKEN}`],
  "DELETE /accounts/me": ["token", 204, `${BODY} ${TOKEN}`],
  "GET /accounts": ["token", 200, `forbidden ${TOKEN}`],
  "GET /accounts/{accountId}": ["token", 200, `forbidden account-not-found ${TOKEN}`],
  "GET /api-keys": ["token", 200, `account-required ${TOKEN}`],
  "POST /api-keys": ["token", 201, `account-required account-not-found too-many-api-keys ${BODY} ${TOKEN}`],
  "GET /api-keys/{keyId}": ["token", 200, `account-required api-key-not-found ${TOKEN}`],
  "DELETE /api-keys/{keyId}": ["token", 204, `account-required api-key-not-found ${BODY} ${TOKEN}`],
  "PUT /accounts/{accountId}/roles": ["token", 200, `forbidden account-not-found ${BODY} ${TOKEN}`],
  "POST /accounts/{accountId}/suspend": ["token", 200, `forbidden account-not-found ${BODY} ${TOKEN}`],
  "POST /accounts/{accountId}/unsuspend": ["token", 200, `forbidden account-not-found ${BODY} ${TOKEN}`],
  "POST /sessions": ["public", 201, `bad-credentials account-suspended busy unavailable ${BODY}`],
  "POST /sessions/guest": ["public", 201, `unavailable ${BODY}`],
  "POST /password-resets": ["public", 202, `unavailable ${BODY}`],
  "POST /password-resets/{token}": ["public", 204, `password-reset-not-found busy unavailable ${BODY}`],
  "DELETE /sessions": ["token", 204, `${BODY} ${TOKEN}`],
  "DELETE /sessions/current": ["token", 204, `${BODY} ${TOKEN}`],

  "POST /events": ["token", 201, `account-required code-taken capacity-exceeded invalid-dates ${KEY} ${BODY} ${TOKEN}`],
  "GET /events": ["token", 200, `account-required read-model-behind ${TOKEN}`],
  "GET /events/search": ["anybody", 200, `read-model-behind busy ${TOKEN_GIVEN}`],
  "GET /events/{eventId}": ["anybody", 200, `event-not-found read-model-behind busy ${TOKEN_GIVEN}`],
  "GET /events/{eventId}/proof": ["anybody", 200, `event-not-found busy ${TOKEN_GIVEN}`],
  "PATCH /events/{eventId}": [
    "token",
    200,
    `account-required forbidden event-not-found event-cancelled version-mismatch capacity-exceeded invalid-dates
     currency-fixed code-taken read-model-behind ${COMMAND} ${BODY} ${TOKEN}`,
  ],
  "POST /events/{eventId}/publish": [
    "token",
    200,
    `account-required forbidden event-not-found event-cancelled read-model-behind ${KEY} ${BODY} ${TOKEN}`,
  ],
  "POST /events/{eventId}/cancel": ["token", 202, `account-required forbidden event-not-found ${KEY} ${BODY} ${TOKEN}`],
  "GET /events/{eventId}/cancellation": [
    "token",
    200,
    `account-required forbidden event-not-found cancellation-not-found busy ${TOKEN}`,
  ],
  "POST /events/{eventId}/pause": ["token", 200, `${OF_ORGANIZERS} ${KEY} ${BODY} ${TOKEN}`],
  "POST /events/{eventId}/resume": ["token", 200, `${OF_ORGANIZERS} ${KEY} ${BODY} ${TOKEN}`],
  "POST /events/{eventId}/ticket-types": [
    "token",
    201,
    `${OF_ORGANIZERS} too-many-ticket-types capacity-exceeded invalid-dates ${KEY} ${BODY} ${TOKEN}`,
  ],
  "PATCH /events/{eventId}/ticket-types/{ticketTypeId}": [
    "token",
    200,
    `${OF_ORGANIZERS} ticket-type-not-found capacity-exceeded capacity-below-commitments invalid-dates
     ${COMMAND} ${BODY} ${TOKEN}`,
  ],
  "DELETE /events/{eventId}/ticket-types/{ticketTypeId}": [
    "token",
    204,
    `${OF_ORGANIZERS} ticket-type-not-found has-commitments last-ticket-type ${COMMAND} ${BODY} ${TOKEN}`,
  ],
  "POST /events/{eventId}/ticket-types/{ticketTypeId}/pause": [
    "token",
    200,
    `${OF_ORGANIZERS} ticket-type-not-found ${KEY} ${BODY} ${TOKEN}`,
  ],
  "POST /events/{eventId}/ticket-types/{ticketTypeId}/resume": [
    "token",
    200,
    `${OF_ORGANIZERS} ticket-type-not-found ${KEY} ${BODY} ${TOKEN}`,
  ],
  "GET /events/{eventId}/ticket-types/{ticketTypeId}/seats": [
    "anybody",
    200,
    `${OF_ADMISSION} event-not-found ticket-type-not-found seat-map-not-found read-model-behind busy ${TOKEN_GIVEN}`,
  ],
  "GET /events/{eventId}/ticket-types/{ticketTypeId}/seats/stream": [
    "anybody",
    [200, 204],
    `${OF_ADMISSION} event-not-found ticket-type-not-found seat-map-not-found read-model-behind busy ${TOKEN_GIVEN}`,
  ],
  "GET /events/{eventId}/tickets": [
    "anybody",
    200,
    `${OF_ADMISSION} event-not-found read-model-behind busy ${TOKEN_GIVEN}`,
  ],
  "POST /events/{eventId}/ticket-types/{ticketTypeId}/seats/block": [
    "token",
    200,
    `${OF_BLOCKING} seat-taken ${KEY} ${BODY} ${TOKEN}`,
  ],
  "POST /events/{eventId}/ticket-types/{ticketTypeId}/seats/unblock": [
    "token",
    200,
    `${OF_BLOCKING} ${KEY} ${BODY} ${TOKEN}`,
  ],
  "GET /events/{eventId}/availability": ["anybody", 200, `event-not-found read-model-behind busy ${TOKEN_GIVEN}`],
  "GET /events/{eventId}/availability/stream": [
    "anybody",
    [200, 204],
    `event-not-found read-model-behind busy ${TOKEN_GIVEN}`,
  ],

  "POST /events/{eventId}/reservations": [
    "token",
    201,
    `${OF_RESERVING} seat-taken no-adjacent-seats ${KEY} ${BODY} ${TOKEN}`,
  ],
  "GET /reservations": ["token", 200, `read-model-behind ${TOKEN}`],
  "GET /reservations/{reservationId}": ["token", 200, `reservation-not-found read-model-behind busy ${TOKEN}`],
  "POST /reservations/{reservationId}/extend": [
    "token",
    200,
    `reservation-not-found event-cancelled extension-used not-extendable payment-in-progress reservation-expired reservation-not-held
     read-model-behind ${KEY} ${BODY} ${TOKEN}`,
  ],
  "DELETE /reservations/{reservationId}": [
    "token",
    204,
    `reservation-not-found payment-in-progress read-model-behind ${COMMAND} ${BODY} ${TOKEN}`,
  ],

  "GET /cart": ["token", 200, `read-model-behind ${TOKEN}`],
  "PUT /cart/items/{ticketTypeId}": [
    "token",
    200,
    `event-not-found ticket-type-not-found event-cancelled event-ended event-not-published sale-paused
     sale-not-open sale-closed
     guests-not-allowed ${OF_ADMISSION} limit-exceeded sold-out seat-taken no-adjacent-seats currency-mixed payment-in-progress read-model-behind ${COMMAND} ${BODY}
     ${TOKEN}`,
  ],
  "DELETE /cart/items/{ticketTypeId}": [
    "token",
    204,
    `ticket-type-not-found payment-in-progress ${COMMAND} ${BODY} ${TOKEN}`,
  ],
  "DELETE /cart": ["token", 204, `payment-in-progress ${COMMAND} ${BODY} ${TOKEN}`],

  "POST /events/{eventId}/waitlist": [
    "token",
    201,
    `event-not-found ticket-type-not-found event-cancelled event-ended event-not-published sale-paused
     sale-not-open sale-closed
     guests-not-allowed ${OF_ADMISSION} limit-exceeded tickets-available already-waiting waitlist-full ${KEY} ${BODY} ${TOKEN}`,
  ],
  "GET /events/{eventId}/bookings": [
    "token",
    200,
    `account-required forbidden event-not-found read-model-behind busy ${TOKEN}`,
  ],
  "GET /events/{eventId}/waitlist": [
    "token",
    200,
    `account-required forbidden event-not-found read-model-behind busy ${TOKEN}`,
  ],
  "PUT /events/{eventId}/waiting-room": [
    "token",
    200,
    `account-required forbidden event-not-found event-cancelled event-not-published waiting-room-fixed ${COMMAND} ${BODY} ${TOKEN}`,
  ],
  "GET /events/{eventId}/waiting-room": ["anybody", 200, `event-not-found busy ${TOKEN_GIVEN}`],
  "POST /events/{eventId}/waiting-room/entries": [
    "token",
    201,
    `event-not-found event-cancelled event-ended waiting-room-closed priority-code-invalid idempotency-key-reused
     ${BODY} ${TOKEN}`,
  ],
  "GET /events/{eventId}/waiting-room/place": [
    "anybody",
    200,
    `event-not-found waiting-room-closed entry-invalid admission-expired ${TOKEN_GIVEN}`,
  ],
  "GET /waitlist": ["token", 200, `read-model-behind ${TOKEN}`],
  "GET /waitlist/{entryId}": ["token", 200, `waitlist-entry-not-found read-model-behind busy ${TOKEN}`],
  "DELETE /waitlist/{entryId}": [
    "token",
    204,
    `waitlist-entry-not-found payment-in-progress read-model-behind ${COMMAND} ${BODY} ${TOKEN}`,
  ],

  "POST /purchases": [
    "token",
    [200, 201, 202],
    `payment-declined booking-not-found reservation-not-found reservation-expired reservation-not-held cart-empty cart-expired
     currency-mixed limit-exceeded payment-in-progress too-many-attempts event-cancelled read-model-behind ${KEY} ${BODY} ${TOKEN}`,
  ],
  "GET /bookings": ["token", 200, `read-model-behind ${TOKEN}`],
  "GET /bookings/{id}": ["token", 200, `booking-not-found read-model-behind busy ${TOKEN}`],
  "GET /bookings/{bookingId}/history": ["token", 200, `booking-not-found read-model-behind busy ${TOKEN}`],
  "POST /bookings/{bookingId}/resend": [
    "token",
    202,
    `booking-not-found booking-not-paid busy idempotency-key-reused ${BODY} ${TOKEN}`,
  ],
  "POST /bookings/{bookingId}/refund-quote": [
    "token",
    200,
    `${OF_CANCELLING} read-model-behind busy idempotency-key-reused ${BODY} ${TOKEN}`,
  ],
  "POST /bookings/{bookingId}/cancel": [
    "token",
    200,
    `${OF_CANCELLING} refund-changed read-model-behind ${KEY} ${BODY} ${TOKEN}`,
  ],
  "POST /bookings/{bookingId}/refunds": [
    "token",
    201,
    `booking-not-found account-required forbidden booking-not-paid refund-exceeds-payment read-model-behind ${KEY} ${BODY}
     ${TOKEN}`,
  ],

  "POST /ticket/reserve": ["token", 200, `${OF_RESERVING} ${KEY} ${BODY} ${TOKEN}`],
  "POST /ticket/confirmReservation": ["token", 200, `${OF_BUYING_ONCE} ${KEY} ${BODY} ${TOKEN}`],
  "POST /holds": ["anybody", 201, `${OF_RESERVING} ${KEY} ${BODY} ${TOKEN_GIVEN}`],
  "POST /book": ["anybody", 201, `${OF_BUYING_ONCE} ${KEY} ${BODY} ${TOKEN}`],
  "POST /events/reserve": ["token", 201, `${OF_RESERVING} seat-taken no-adjacent-seats ${KEY} ${BODY} ${TOKEN}`],
  "POST /bookings/{id}": [
    "token",
    201,
    `${OF_RESERVING} seat-taken no-adjacent-seats booking-not-found currency-mixed too-many-attempts read-model-behind ${KEY}
     ${BODY} ${TOKEN}`,
  ],

  "POST /payments/webhook": ["public", 204, `invalid-webhook ${BODY}`],
  "GET /metrics": ["public", 200, "forbidden token-missing token-invalid"],
  "GET /audit/log": ["token", 200, `account-required forbidden read-model-behind busy ${TOKEN}`],
  "GET /audit/streams/{stream}": ["token", 200, `account-required stream-not-found busy ${TOKEN}`],
  "GET /audit/bookings/{bookingId}": [
    "token",
    200,
    `account-required booking-not-found read-model-behind busy ${TOKEN}`,
  ],
  "GET /audit/bookings/{bookingId}/state": ["token", 200, `account-required booking-not-found busy ${TOKEN}`],
  "GET /audit/events/{eventId}": ["token", 200, `account-required event-not-found forbidden busy ${TOKEN}`],
  "GET /audit/schemas": ["public", 200, "busy"],
  "GET /audit/export": ["token", 200, `account-required forbidden stream-not-found read-model-behind busy ${TOKEN}`],
  "GET /audit/inventories/{eventId}/{ticketTypeId}": [
    "token",
    200,
    `account-required forbidden event-not-found ticket-type-not-found busy ${TOKEN}`,
  ],
  "POST /audit/verifications": [
    "token",
    [201, 202],
    `forbidden verification-not-found idempotency-key-reused ${BODY} ${TOKEN}`,
  ],
  "GET /audit/verifications/{verificationId}": ["token", 200, `forbidden verification-not-found ${TOKEN}`],
  "GET /audit/heads": ["public", 200, "unavailable"],
  "GET /audit/heads/latest": ["public", 200, "head-not-found unavailable"],
  "GET /audit/heads/keys": ["public", 200, "unavailable"],
  "GET /analytics/sales": ["token", 200, OF_FIGURES],
  "GET /analytics/funnel": ["token", 200, OF_FIGURES],
  "GET /analytics/revenue": ["token", 200, OF_FIGURES],
  "GET /analytics/occupancy": ["token", 200, OF_FIGURES],
  "POST /sandbox/clock/advance": ["token", 200, `forbidden idempotency-key-reused ${BODY} ${TOKEN}`],
};

describe("/openapi.json", () => {
  it("is a valid OpenAPI 3.1 document", async () => {
    const validator = new Validator();
    const result = await validator.validate({ ...structuredClone(document) });
    expect(result.errors).toBeUndefined();
    expect([result.valid, validator.version]).toEqual([true, "3.1"]);
  });

  it.each(Object.entries(ROUTES))("has %s with its access, success and errors", (route, [access, success, codes]) => {
    const operation = new Map(operationsOf(document)).get(route);
    expect(operation, route).toBeDefined();
    if (operation === undefined) return;
    const security = { public: [], anybody: [{}, { token: [] }], token: [{ token: [] }] };
    expect(operation.security).toEqual(security[access]);
    expect(Object.keys(operation.responses).filter((status) => status.startsWith("2"))).toEqual(
      [success].flat().map(String),
    );
    const always = LET_IN.has(route) ? [] : access === "public" ? ["busy"] : ["busy", "unavailable"];
    if (!UNLIMITED.has(route)) always.push("rate-limited");
    const expected = new Set([...codes.split(/\s+/), ...always, "invalid", "internal"]);
    expect(codesOf(operation).sort()).toEqual([...expected].sort());
    const key = operation.parameters?.some(({ name }) => name === "Idempotency-Key") ?? false;
    expect(key).toBe(codes.includes("idempotency-key-reused"));
  });

  it("has no route that this page doesn't know", () => {
    const elsewhere = /^\w+ \/health\b/;
    const routes = operationsOf(document).flatMap(([route]) => (elsewhere.test(route) ? [] : [route]));
    expect(routes.sort()).toEqual(Object.keys(ROUTES).sort());
  });

  it("says where a body may be left out", () => {
    const without = operationsOf(document).flatMap(([route, { requestBody }]) =>
      requestBody === undefined || requestBody.required === true ? [] : [route],
    );
    expect(without.sort()).toEqual(WITHOUT_BODY);
  });

  it("gives an example of everything that is sent", () => {
    const without = operationsOf(document).flatMap(([route, { requestBody }]) => {
      const { schema, example, examples } = requestBody?.content["application/json"] ?? {};
      if (schema === undefined || example !== undefined || examples !== undefined) return [];
      const name = schema.$ref?.split("/").at(-1) ?? "";
      return hasExample(document.components.schemas[name] ?? schema) ? [] : [route];
    });
    expect(without).toEqual([]);
  });

  it("gives an example of everything that is answered", () => {
    const without = operationsOf(document).flatMap(([route, { responses }]) =>
      Object.entries(responses).flatMap(([status, { content = {} }]) => {
        const { schema, example } = content["application/json"] ?? {};
        if (schema === undefined || example !== undefined) return [];
        const name = schema.$ref?.split("/").at(-1) ?? "";
        return hasExample(document.components.schemas[name] ?? schema) ? [] : [`${route} ${status}`];
      }),
    );
    expect(without, "a line in test/api/examples/story.ts, then `npm run examples`").toEqual([]);
  });

  it("gives examples that fit their schemas", () => {
    const check = validatorOf(document);
    let examples = 0;
    const visit = (schema: JsonSchema, where: string): void => {
      for (const example of schema.examples ?? []) {
        examples += 1;
        expect(check(schema, example), `${where}: ${JSON.stringify(example)}`).toBeNull();
      }
      for (const [key, inner] of Object.entries(schema)) {
        if (key !== "examples" && typeof inner === "object" && inner !== null) visit(inner, `${where}/${key}`);
      }
    };
    for (const [name, schema] of Object.entries(document.components.schemas)) visit(schema, name);
    for (const [route, { parameters = [], responses }] of operationsOf(document)) {
      for (const { name, schema } of parameters) visit(schema, `${route} ${name}`);
      for (const [status, { content = {} }] of Object.entries(responses)) {
        for (const { schema, example, examples: named = {} } of Object.values(content)) {
          if (example !== undefined) {
            examples += 1;
            const told = "its reply has changed: `npm run examples` records it again";
            expect(check(schema, example), `${route} ${status}: ${told}`).toBeNull();
          }
          for (const [code, { value }] of Object.entries(named)) {
            examples += 1;
            expect(check(schema, value), `${route} ${status} ${code}`).toBeNull();
            expect(value).toMatchObject({ code, status: Number(status) });
          }
        }
      }
    }
    expect(examples).toBeGreaterThan(100);
  });

  it("says what each operation is about, where it belongs, and what becomes of it", () => {
    for (const [route, operation] of operationsOf(document)) {
      expect(operation, route).toMatchObject({ summary: expect.any(String), tags: [expect.any(String)] });
      for (const [status, { description }] of Object.entries(operation.responses)) {
        expect(description, `${route} ${status}`).not.toBe("Default Response");
      }
    }
  });

  it("has each component once, and none that nothing refers to", () => {
    const names = Object.keys(document.components.schemas);
    expect(names).toEqual(expect.arrayContaining(["Event", "NewEvent", "Reservation", "Booking", "Money", "Problem"]));
    expect(names.filter((name) => name.endsWith("Input"))).toEqual([]);
    const referred = JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g);
    expect([...new Set([...referred].map(([, name]) => name))].sort()).toEqual(names.sort());
  });

  it("gives examples of 400 at places that the route takes", () => {
    const without: string[] = [];
    for (const [route, operation] of operationsOf(document)) {
      const examples = operation.responses["400"]?.content?.["application/problem+json"]?.examples ?? {};
      for (const [code, { value }] of Object.entries(examples)) {
        if (value.errors === undefined) without.push(`${code} ${route}`);
        for (const { in: part, path } of value.errors ?? []) {
          expect(placesOf(operation), `${code} ${route}`).toContain(`${part} ${path}`);
        }
      }
    }
    const nowhere =
      /^invalid (GET \/(health|metrics|accounts|api-keys\/|audit\/(heads\/|schemas|verifications)|events\/\{eventId\}\/(proof|cancellation|waiting-room))|DELETE|POST \/(accounts\/\{accountId\}|audit\/verifications))/;
    expect(without.filter((route) => !nowhere.test(route))).toEqual([]);
  });

  /** The first steps of every path that an error of this operation can have. */
  function placesOf({ parameters = [], requestBody }: Operation): string[] {
    const schema = requestBody?.content["application/json"]?.schema;
    const name = schema?.$ref?.split("/").at(-1) ?? "";
    const { properties = {} } = document.components.schemas[name] ?? schema ?? {};
    const ofBody = Object.keys(properties).map((field) => `body /${field}`);
    return [
      ...parameters.map(({ in: part, name: field }) => `${part} /${field}`),
      ...(schema === undefined ? [] : ["body /", ...ofBody]),
    ];
  }
});

/** Of the whole, or of each field that has to be there. */
const hasExample = ({ examples, properties = {}, required = [] }: JsonSchema): boolean =>
  examples !== undefined ||
  (required.length > 0 && required.every((field) => properties[field]?.examples !== undefined));
