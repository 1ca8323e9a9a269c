import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SCOPES, type Scope } from "../../src/accounts/scopes.ts";
import { POLICY } from "../../src/api/security/policy.ts";
import { type Params, type Things, thingsOf } from "./access-policy-things.ts";
import { type Method, type NodeUnderTest, type Reply, startNode } from "./events-node.ts";
import { ADMIN, type Signed } from "./harness.ts";
import { patiently } from "./patiently.ts";

const CALLERS = ["nobody", "guest", "customer", "auditor", "analyst", "admin"] as const;
type CallerName = (typeof CALLERS)[number];
type Outcomes = Readonly<Record<CallerName, string>>;

const all = (outcome: string): Outcomes =>
  Object.fromEntries(CALLERS.map((name) => [name, outcome])) as Record<CallerName, string>;
const everybody = all("ok");
const signedIn: Outcomes = { ...everybody, nobody: "token-missing" };
const registered: Outcomes = { ...signedIn, guest: "account-required" };
const admins: Outcomes = { ...all("forbidden"), nobody: "token-missing", admin: "ok" };

/** What becomes of it where the thing is somebody else's: those who may be told so, but for some who may do it. */
const strangers = (own: Outcomes, told: string, ...but: readonly CallerName[]): Outcomes =>
  Object.fromEntries(
    CALLERS.map((name) => [name, own[name] === "ok" && !but.includes(name) ? told : own[name]]),
  ) as Record<CallerName, string>;

interface Row {
  /** With things of one's own; without any, with those of somebody else. */
  readonly own: Outcomes;
  /** With things of somebody else, where the route is about things. */
  readonly others: Outcomes | null;
  /** What a key needs; null: none will do; `unread`: tokens are not looked at. */
  readonly key: Scope | null | "unread";
  /** The body, which may need things. */
  readonly body?: (params: Params) => object;
  readonly params?: (of: Things) => Promise<Params>;
  /** Always by somebody new: nothing can be done with the token afterwards, or it counts what they did before. */
  readonly anew?: true;
}

const one = (own: Outcomes, key: Row["key"], more: Omit<Row, "own" | "others" | "key"> = {}): Row => ({
  own,
  others: null,
  key,
  ...more,
});
const open: Row = one(everybody, "unread");
const event = (key: Scope, more: Partial<Row> = {}): Row => ({
  own: registered,
  others: strangers(registered, "forbidden", "admin"),
  key,
  params: (of) => of.event(),
  ...more,
});
const seated = (key: Scope, more: Partial<Row>): Row => event(key, { params: (of) => of.seatedEvent(), ...more });
const chosenSeats: Partial<Row> = { body: () => ({ seats: ["STALLS-A-1"] }) };
const seenByAll: Partial<Row> = { own: everybody, others: everybody };
const reservation = (key: Scope): Row => ({
  own: signedIn,
  others: strangers(signedIn, "reservation-not-found"),
  key,
  params: (of) => of.reservation(),
});
const entry = (key: Scope): Row => ({
  own: signedIn,
  others: strangers(signedIn, "waitlist-entry-not-found"),
  key,
  params: (of) => of.entry(),
});
const booking = (key: Scope): Row => ({
  own: signedIn,
  others: strangers(signedIn, "booking-not-found", "admin"),
  key,
  params: (of) => of.booking(),
});
/** What is on record of something of an organizer's. */
const onRecord = (told: string, params: NonNullable<Row["params"]>): Row => ({
  own: registered,
  others: strangers(registered, told, "auditor", "admin"),
  key: "read",
  params,
});
/** Lists of what is of events: those of organizers, for whoever organizes any. */
const ofEvents = (...seeingAll: readonly CallerName[]): Row => ({
  own: registered,
  others: strangers(registered, "forbidden", ...seeingAll),
  key: "read",
  params: (of) => of.event(),
  anew: true,
});
const ofAccount = (more: Partial<Row> = {}): Row => ({ ...one(admins, null), params: (of) => of.account(), ...more });

const password = "a good password";
const newAccount = () => ({ email: `${crypto.randomUUID()}@example.org`, password, name: "New" });
const someTickets = ({ ticketTypeId }: Params) => ({ ticketTypeId, quantity: 1 });

/** Who may do what, written once more, so that a change of the policy that nobody wanted is seen. */
const TABLE: Readonly<Record<keyof typeof POLICY, Row>> = {
  "GET /health/live": open,
  "GET /health/ready": open,
  "GET /metrics": open,
  "GET /": open,
  "GET /docs/*": { ...open, params: async () => ({ "*": "json" }) },
  "GET /openapi.json": open,
  "GET /problems": open,
  "GET /pages/*": { ...open, params: async () => ({ "*": "events" }) },
  "GET /problems/:code": { ...open, params: async () => ({ code: "invalid" }) },

  "POST /sessions": { ...open, body: () => ADMIN },
  "POST /sessions/guest": open,
  "DELETE /sessions": one(signedIn, null, { anew: true }),
  "DELETE /sessions/current": one(signedIn, null, { anew: true }),
  "POST /password-resets": { ...open, body: () => ({ email: "nobody@example.org" }) },
  "GET /password-resets/page.js": open,
  "GET /password-resets/:token": { ...open, params: async () => ({ token: "x" }) },
  "POST /password-resets/:token": one(all("password-reset-not-found"), "unread", {
    params: async () => ({ token: "x" }),
    body: () => ({ password }),
  }),
  "POST /accounts": one(everybody, null, { body: newAccount, anew: true }),
  "GET /accounts/me": one(signedIn, "read"),
  "PATCH /accounts/me": one(signedIn, null, { body: () => ({ name: "Changed" }) }),
  "DELETE /accounts/me": one(signedIn, null, { anew: true }),
  "GET /accounts/me/history": one(signedIn, "read"),
  "GET /api-keys": one(registered, null),
  "POST /api-keys": one(registered, null, { body: () => ({ name: "Till", scopes: ["read"] }) }),
  "GET /api-keys/:keyId": {
    own: registered,
    others: strangers(registered, "api-key-not-found"),
    key: null,
    params: (of) => of.key(),
  },
  "DELETE /api-keys/:keyId": {
    own: registered,
    others: strangers(registered, "api-key-not-found"),
    key: null,
    params: (of) => of.key(),
  },
  "GET /accounts": one(admins, null),
  "GET /accounts/:accountId": ofAccount(),
  "PUT /accounts/:accountId/roles": ofAccount({ body: () => ({ roles: ["auditor"] }) }),
  "POST /accounts/:accountId/suspend": ofAccount(),
  "POST /accounts/:accountId/unsuspend": ofAccount(),

  "POST /events": one(registered, "manage", { body: () => ({ name: "New", totalSeats: 1 }) }),
  "GET /events": one(registered, "read"),
  "GET /events/search": one(everybody, "read"),
  "GET /events/:eventId/proof": event("read", { own: everybody, others: everybody }),
  "GET /events/:eventId": event("read", { own: everybody, others: everybody }),
  "GET /events/:eventId/availability": event("read", { own: everybody, others: everybody }),
  "GET /events/:eventId/availability/stream": event("read", {
    own: everybody,
    others: everybody,
    params: (of) => of.cancelledEvent(), // of others the stream would not end
  }),
  "PATCH /events/:eventId": event("manage", { body: () => ({ description: "Changed" }) }),
  "POST /events/:eventId/publish": event("manage"),
  "POST /events/:eventId/cancel": event("manage"),
  "GET /events/:eventId/cancellation": event("read", { params: (of) => of.cancelledEvent() }),
  "POST /events/:eventId/pause": event("manage"),
  "POST /events/:eventId/resume": event("manage"),
  "POST /events/:eventId/ticket-types": event("manage", { body: () => ({ name: "Balcony", capacity: 1 }) }),
  "POST /events/:eventId/ticket-types/:ticketTypeId/pause": event("manage"),
  "POST /events/:eventId/ticket-types/:ticketTypeId/resume": event("manage"),
  "DELETE /events/:eventId/ticket-types/:ticketTypeId": event("manage"),
  "PATCH /events/:eventId/ticket-types/:ticketTypeId": event("manage", { body: () => ({ capacity: 20 }) }),
  "GET /events/:eventId/ticket-types/:ticketTypeId/seats": seated("read", seenByAll),
  "GET /events/:eventId/ticket-types/:ticketTypeId/seats/stream": seated("read", {
    ...seenByAll,
    params: (of) => of.cancelledSeatedEvent(), // of others the stream would not end
  }),
  "GET /events/:eventId/tickets": seated("read", seenByAll),
  "POST /events/:eventId/ticket-types/:ticketTypeId/seats/block": seated("manage", chosenSeats),
  "POST /events/:eventId/ticket-types/:ticketTypeId/seats/unblock": seated("manage", chosenSeats),
  "PUT /events/:eventId/waiting-room": event("manage", { body: () => ({ enabled: false }) }),
  "GET /events/:eventId/waiting-room": event("read", { own: everybody, others: everybody }),
  "POST /events/:eventId/waiting-room/entries": event("sell", { own: signedIn, others: signedIn }),
  "GET /events/:eventId/waiting-room/place": event("read", { own: everybody, others: everybody }),
  "GET /events/:eventId/waitlist": event("read"),
  "GET /events/:eventId/bookings": event("read"),

  "POST /events/:eventId/reservations": event("sell", { own: signedIn, others: signedIn, body: someTickets }),
  "GET /reservations": one(signedIn, "read"),
  "GET /reservations/:reservationId": reservation("read"),
  "POST /reservations/:reservationId/extend": reservation("sell"),
  "DELETE /reservations/:reservationId": reservation("sell"),
  "GET /cart": one(signedIn, "read"),
  "PUT /cart/items/:ticketTypeId": one(signedIn, "sell", {
    params: (of) => of.event(),
    body: ({ eventId }) => ({ eventId, quantity: 1 }),
  }),
  "DELETE /cart/items/:ticketTypeId": one(signedIn, "sell", { params: (of) => of.event() }),
  "DELETE /cart": one(signedIn, "sell"),

  "POST /events/:eventId/waitlist": event("sell", { own: signedIn, others: signedIn, body: someTickets }),
  "GET /waitlist": one(signedIn, "read"),
  "GET /waitlist/:entryId": entry("read"),
  "DELETE /waitlist/:entryId": entry("sell"),

  "POST /purchases": {
    ...reservation("sell"),
    body: ({ reservationId }) => ({ reservationIds: [reservationId] }),
  },
  "GET /bookings": one(signedIn, "read"),
  "GET /bookings/:id": { ...booking("read"), params: async (of) => ({ id: (await of.booking()).bookingId as string }) },
  "GET /bookings/:bookingId/history": booking("read"),
  "POST /bookings/:bookingId/refund-quote": booking("sell"),
  "POST /bookings/:bookingId/cancel": booking("sell"),
  "POST /bookings/:bookingId/resend": booking("sell"),
  "POST /bookings/:bookingId/refunds": {
    own: registered,
    others: strangers(registered, "booking-not-found", "admin"),
    key: "manage",
    params: (of) => of.sale(),
    body: () => ({ amount: { amount: 1, currency: "EUR" } }),
  },
  "POST /payments/webhook": one(all("invalid-webhook"), "unread", { body: () => ({}) }),

  "POST /ticket/reserve": one(
    { ...all("invalid"), nobody: "token-missing" }, // to those who say that they are somebody else
    "sell",
    {
      params: (of) => of.event(),
      body: ({ eventId }) => ({ userID: crypto.randomUUID(), eventID: eventId, ticketType: "Regular", ticketCount: 1 }),
    },
  ),
  "POST /ticket/confirmReservation": one({ ...all("invalid"), nobody: "token-missing" }, "sell", {
    params: (of) => of.reservation(),
    body: ({ reservationId }) => ({ reservationId }),
  }),
  "POST /holds": one(everybody, "sell", {
    params: (of) => of.event(),
    body: ({ eventId }) => ({ event_id: eventId, qty: 1 }),
  }),
  "POST /book": one(everybody, "sell", {
    params: (of) => of.hold(),
    body: ({ hold_id, payment_token }) => ({ hold_id, payment_token }),
  }),
  "POST /events/reserve": one(signedIn, "sell", {
    params: (of) => of.event(),
    body: ({ eventId }) => ({ eventId, seatType: "Regular", quantity: 1 }),
  }),
  "POST /bookings/:id": one({ ...all("invalid"), nobody: "token-missing" }, "sell", {
    params: async (of) => ({ id: (await of.event()).eventId as string }),
    body: () => ({ ticketIds: ["STALLS-A-1"], paymentDetails: { method: "sandbox-ok" } }),
  }),

  "GET /audit/log": ofEvents("auditor", "admin"),
  "GET /audit/streams/:stream": onRecord("stream-not-found", async (of) => ({
    stream: `listing-${(await of.event()).eventId}`,
  })),
  "GET /audit/bookings/:bookingId": onRecord("booking-not-found", (of) => of.booking()),
  "GET /audit/bookings/:bookingId/state": onRecord("booking-not-found", (of) => of.booking()),
  "GET /audit/events/:eventId": onRecord("forbidden", async (of) => ({
    eventId: (await of.event()).eventId as string,
  })),
  "GET /audit/schemas": open,
  "GET /audit/export": ofEvents("auditor", "admin"),
  "GET /audit/inventories/:eventId/:ticketTypeId": onRecord("forbidden", (of) => of.event()),
  "POST /audit/verifications": one({ ...admins, auditor: "ok" }, "manage"),
  "GET /audit/verifications/:verificationId": one(
    { ...admins, auditor: "verification-not-found", admin: "verification-not-found" },
    "read",
    { params: async () => ({ verificationId: crypto.randomUUID() }) },
  ),
  "GET /audit/heads": open,
  "GET /audit/heads/latest": one(all("head-not-found"), "unread"), // processes, which sign heads, do not run here
  "GET /audit/heads/keys": open,

  "GET /analytics/sales": ofEvents("analyst", "admin"),
  "GET /analytics/funnel": ofEvents("analyst", "admin"),
  "GET /analytics/revenue": ofEvents("analyst", "admin"),
  "GET /analytics/occupancy": ofEvents("analyst", "admin"),

  "POST /sandbox/clock/advance": one(admins, "manage", { body: () => ({ seconds: 1 }) }),
};

let node: NodeUnderTest;
let host: Signed;
let stranger: Signed;
let callers: Readonly<Record<CallerName, Signed>>;
beforeAll(async () => {
  node = await startNode();
  [host, stranger] = [await node.signUp(), await node.signUp()];
  callers = Object.fromEntries(
    await Promise.all(CALLERS.map(async (name) => [name, await caller(name)] as const)),
  ) as Record<CallerName, Signed>;
});
afterAll(() => node.close());

/** A new one; nobody has things in somebody else's name. */
async function caller(name: CallerName): Promise<Signed> {
  if (name === "guest") return node.guest();
  const person = await node.signUp();
  if (name === "nobody" || name === "customer") return person;
  const { token } = await node.admin();
  const url = `/accounts/${person.accountId}/roles`;
  expect((await node.call("PUT", url, { token, body: { roles: [name] } })).statusCode).toBe(200);
  return person;
}

const routes = Object.entries(TABLE) as [keyof typeof POLICY, Row][];

async function send(route: string, { params, body }: Row, of: Things, token: string | undefined): Promise<Reply> {
  const [method, path] = route.split(" ") as [Method, string];
  const filled = (await params?.(of)) ?? {};
  const url = path.replace(/:(\w+)|\*/g, (part, name: string | undefined) => filled[name ?? part] as string);
  const sent = body?.(filled);
  const asked = path === "/events" && method === "GET" ? `${url}?organizer=me` : url;
  const by = { ...(token === undefined ? {} : { token }), ...(sent === undefined ? {} : { body: sent }) };
  return patiently(() => node.call(method, asked, by));
}

/** Whether it was let through to what the state says, or why not. */
const outcomeOf = (reply: Reply): string =>
  reply.statusCode < 400 || reply.statusCode === 409 ? "ok" : reply.json().code;

describe("every route", () => {
  it("is in the table, and is there", () => {
    expect(Object.keys(TABLE).sort()).toEqual(Object.keys(POLICY).sort());
    const missing = Object.keys(POLICY).filter((route) => {
      const [method = "", url = ""] = route.split(" ");
      return !url.endsWith("/*") && node.boxoffice.api?.hasRoute({ method: method as "GET", url }) !== true;
    });
    expect(missing).toEqual([]);
  });
});

/** What becomes of the route in each role. */
async function inEachRole(route: string, row: Row, thingsFor: (name: CallerName, by: Signed) => Things) {
  const outcomes = CALLERS.map(async (name) => {
    const by = row.anew === true ? await caller(name) : callers[name];
    const reply = await send(route, row, thingsFor(name, by), name === "nobody" ? undefined : by.token);
    return [name, outcomeOf(reply)] as const;
  });
  return Object.fromEntries(await Promise.all(outcomes));
}

const ownThings = (name: CallerName, by: Signed) => thingsOf(node, by, name === "guest", host);
const strangersThings = () => thingsOf(node, stranger, false, stranger);

describe("one's own", () => {
  it.each(routes)("%s in every role", async (route, row) => {
    expect(await inEachRole(route, row, ownThings)).toEqual(row.own);
  });
});

describe("somebody else's", () => {
  it.each(routes.filter(([, { others }]) => others !== null))("%s in every role", async (route, row) => {
    expect(await inEachRole(route, row, strangersThings)).toEqual(row.others);
  });
});

describe("somebody else's draft, which is not there, whoever asks but those who read the log", () => {
  it.each(routes.filter(([route]) => route.includes(":eventId")))("%s in every role", async (route, row) => {
    const ofDraft: Row = { ...row, params: (of) => of.draft() };
    const seeing: readonly CallerName[] = route.includes("/audit/") ? ["auditor", "admin"] : [];
    expect(await inEachRole(route, ofDraft, strangersThings)).toEqual(strangers(row.own, "event-not-found", ...seeing));
  });
});

describe("a key of each scope", () => {
  it.each(routes)("%s", async (route, row) => {
    const by = row.own.customer === "forbidden" ? callers.admin : callers.customer;
    for (const scope of SCOPES) {
      const made = await node.call("POST", "/api-keys", { token: by.token, body: { name: scope, scopes: [scope] } });
      const { keyId, key } = made.json();
      const outcome = outcomeOf(await send(route, row, ownThings("customer", by), key));
      await node.call("DELETE", `/api-keys/${keyId}`, { token: by.token });
      const allowed = row.key === "unread" || row.key === scope;
      expect([scope, outcome]).toEqual([
        scope,
        allowed ? row.own[by === callers.admin ? "admin" : "customer"] : "scope-missing",
      ]);
    }
  });
});
