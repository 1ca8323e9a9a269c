import type { Role } from "../../accounts/roles.ts";
import type { Scope } from "../../accounts/scopes.ts";

/**
 * Who may call a route.
 *
 * - `public`: everybody, and a token is not even looked at (health, docs, signing in)
 * - `anybody`: everybody; who sends a token must send a valid one, and `request.caller` is theirs
 * - `account`: whoever has a token, guests too
 * - `registered`: accounts, not guests
 * - roles: accounts that have one of them
 */
export type Access = "public" | "anybody" | "account" | "registered" | readonly Role[];

/** What a route may do to a thing, by whose it is. To one's own things it may do everything. */
export interface Reach {
  /** Who may do it to the things of others, too. */
  readonly others: readonly Role[];
  /**
   * What strangers are told. `not-found`: it is private, and for them there is none. `forbidden`: it is public, and not
   * theirs to change; but of a draft nobody but its organizer is told.
   */
  readonly strangers: "not-found" | "forbidden";
}

/** Who may do what by one route. */
export interface Rule {
  readonly who: Access;
  /** The scope that an API key needs, which besides may what its account may; null: none will do, it is for people. */
  readonly key: Scope | null;
  /** For routes that are about one thing of somebody: a booking by its id, but not the list of one's own bookings. */
  readonly thing?: Reach;
}

/** Rules by method and route, e.g. `GET /bookings/:bookingId`; `/docs/*` is for all that is beneath. */
export type Policy = Readonly<Record<string, Rule>>;

const PUBLIC: Rule = { who: "public", key: null };

/** A thing of whom it was made for, and of nobody else's concern. */
const PRIVATE: Reach = { others: [], strangers: "not-found" };
/** The same, but administrators help. */
const BOOKING: Reach = { others: ["admin"], strangers: "not-found" };
/** A booking, as far as its events are the caller's. */
const SOLD: Reach = { others: ["admin"], strangers: "not-found" };
/** An event, whose organizer decides about it. */
const EVENT: Reach = { others: ["admin"], strangers: "forbidden" };

/** What is on record of an event or a booking: for those who look over the organizer's shoulder. */
const ON_RECORD: Reach = { others: ["auditor", "admin"], strangers: "not-found" };
const EVENT_ON_RECORD: Reach = { ...ON_RECORD, strangers: "forbidden" };

/** Figures of an event: for those who evaluate sales. */
const FIGURES: Reach = { others: ["analyst", "admin"], strangers: "forbidden" };

/**
 * The access policy: every route there is, in one place. What it says is enforced by `admission.ts` (who, and the scopes
 * of keys) and `reach.ts` (whose thing it is); a route without a row here is not built, and one table of specs calls each
 * of them in every role, about one's own things and those of others.
 */
export const POLICY = {
  // Operations and documentation
  "GET /health/live": PUBLIC,
  "GET /health/ready": PUBLIC,
  "GET /metrics": PUBLIC,
  "GET /": PUBLIC,
  "GET /docs/*": PUBLIC,
  "GET /openapi.json": PUBLIC,
  "GET /problems": PUBLIC,
  "GET /problems/:code": PUBLIC,
  "GET /pages/*": PUBLIC,

  // Accounts
  "POST /sessions": PUBLIC,
  "POST /sessions/guest": PUBLIC,
  "DELETE /sessions": { who: "account", key: null },
  "DELETE /sessions/current": { who: "account", key: null },
  "POST /password-resets": PUBLIC,
  "GET /password-resets/page.js": PUBLIC,
  "GET /password-resets/:token": PUBLIC,
  "POST /password-resets/:token": PUBLIC,
  "POST /accounts": { who: "anybody", key: null },
  "GET /accounts/me": { who: "account", key: "read" },
  "PATCH /accounts/me": { who: "account", key: null },
  "DELETE /accounts/me": { who: "account", key: null },
  "GET /accounts/me/history": { who: "account", key: "read" },
  "GET /api-keys": { who: "registered", key: null },
  "POST /api-keys": { who: "registered", key: null },
  "GET /api-keys/:keyId": { who: "registered", key: null, thing: PRIVATE },
  "DELETE /api-keys/:keyId": { who: "registered", key: null, thing: PRIVATE },
  "GET /accounts": { who: ["admin"], key: null },
  "GET /accounts/:accountId": { who: ["admin"], key: null },
  "PUT /accounts/:accountId/roles": { who: ["admin"], key: null },
  "POST /accounts/:accountId/suspend": { who: ["admin"], key: null },
  "POST /accounts/:accountId/unsuspend": { who: ["admin"], key: null },

  // Events
  "POST /events": { who: "registered", key: "manage" },
  "GET /events": { who: "registered", key: "read" },
  "GET /events/search": { who: "anybody", key: "read" },
  "GET /events/:eventId": { who: "anybody", key: "read" },
  "GET /events/:eventId/proof": { who: "anybody", key: "read" },
  "GET /events/:eventId/availability": { who: "anybody", key: "read" },
  "GET /events/:eventId/availability/stream": { who: "anybody", key: "read" },
  "PATCH /events/:eventId": { who: "registered", key: "manage", thing: EVENT },
  "POST /events/:eventId/publish": { who: "registered", key: "manage", thing: EVENT },
  "POST /events/:eventId/cancel": { who: "registered", key: "manage", thing: EVENT },
  "GET /events/:eventId/cancellation": { who: "registered", key: "read", thing: EVENT },
  "POST /events/:eventId/pause": { who: "registered", key: "manage", thing: EVENT },
  "POST /events/:eventId/resume": { who: "registered", key: "manage", thing: EVENT },
  "POST /events/:eventId/ticket-types": { who: "registered", key: "manage", thing: EVENT },
  "POST /events/:eventId/ticket-types/:ticketTypeId/pause": { who: "registered", key: "manage", thing: EVENT },
  "POST /events/:eventId/ticket-types/:ticketTypeId/resume": { who: "registered", key: "manage", thing: EVENT },
  "DELETE /events/:eventId/ticket-types/:ticketTypeId": { who: "registered", key: "manage", thing: EVENT },
  "PATCH /events/:eventId/ticket-types/:ticketTypeId": { who: "registered", key: "manage", thing: EVENT },
  "GET /events/:eventId/ticket-types/:ticketTypeId/seats": { who: "anybody", key: "read" },
  "GET /events/:eventId/ticket-types/:ticketTypeId/seats/stream": { who: "anybody", key: "read" },
  "GET /events/:eventId/tickets": { who: "anybody", key: "read" },
  "POST /events/:eventId/ticket-types/:ticketTypeId/seats/block": { who: "registered", key: "manage", thing: EVENT },
  "POST /events/:eventId/ticket-types/:ticketTypeId/seats/unblock": { who: "registered", key: "manage", thing: EVENT },
  "GET /events/:eventId/waitlist": { who: "registered", key: "read", thing: EVENT },
  "GET /events/:eventId/bookings": { who: "registered", key: "read", thing: EVENT },

  // Reservations and carts
  "POST /events/:eventId/reservations": { who: "account", key: "sell" },
  "GET /reservations": { who: "account", key: "read" },
  "GET /reservations/:reservationId": { who: "account", key: "read", thing: PRIVATE },
  "POST /reservations/:reservationId/extend": { who: "account", key: "sell", thing: PRIVATE },
  "DELETE /reservations/:reservationId": { who: "account", key: "sell", thing: PRIVATE },
  "GET /cart": { who: "account", key: "read" },
  "PUT /cart/items/:ticketTypeId": { who: "account", key: "sell" },
  "DELETE /cart/items/:ticketTypeId": { who: "account", key: "sell" },
  "DELETE /cart": { who: "account", key: "sell" },

  // Waitlists
  "POST /events/:eventId/waitlist": { who: "account", key: "sell" },
  "GET /waitlist": { who: "account", key: "read" },
  "GET /waitlist/:entryId": { who: "account", key: "read", thing: PRIVATE },
  "DELETE /waitlist/:entryId": { who: "account", key: "sell", thing: PRIVATE },

  // Waiting rooms
  "PUT /events/:eventId/waiting-room": { who: "registered", key: "manage", thing: EVENT },
  "GET /events/:eventId/waiting-room": { who: "anybody", key: "read" },
  "POST /events/:eventId/waiting-room/entries": { who: "account", key: "sell" },
  "GET /events/:eventId/waiting-room/place": { who: "anybody", key: "read" },

  // Purchases and bookings
  "POST /purchases": { who: "account", key: "sell" },
  "GET /bookings": { who: "account", key: "read" },
  "GET /bookings/:id": { who: "account", key: "read", thing: BOOKING },
  "GET /bookings/:bookingId/history": { who: "account", key: "read", thing: BOOKING },
  "POST /bookings/:bookingId/refund-quote": { who: "account", key: "sell", thing: BOOKING },
  "POST /bookings/:bookingId/cancel": { who: "account", key: "sell", thing: BOOKING },
  "POST /bookings/:bookingId/resend": { who: "account", key: "sell", thing: BOOKING },
  "POST /bookings/:bookingId/refunds": { who: "registered", key: "manage", thing: SOLD },
  "POST /payments/webhook": PUBLIC,

  // Routes of earlier systems
  "POST /ticket/reserve": { who: "account", key: "sell" },
  "POST /ticket/confirmReservation": { who: "account", key: "sell" },
  "POST /holds": { who: "anybody", key: "sell" },
  "POST /book": { who: "anybody", key: "sell" },
  "POST /events/reserve": { who: "account", key: "sell" },
  "POST /bookings/:id": { who: "account", key: "sell" },

  // Audit
  "GET /audit/log": { who: "registered", key: "read", thing: ON_RECORD },
  "GET /audit/streams/:stream": { who: "registered", key: "read", thing: ON_RECORD },
  "GET /audit/bookings/:bookingId": { who: "registered", key: "read", thing: ON_RECORD },
  "GET /audit/bookings/:bookingId/state": { who: "registered", key: "read", thing: ON_RECORD },
  "GET /audit/events/:eventId": { who: "registered", key: "read", thing: EVENT_ON_RECORD },
  "GET /audit/schemas": PUBLIC,
  "GET /audit/export": { who: "registered", key: "read", thing: ON_RECORD },
  "GET /audit/inventories/:eventId/:ticketTypeId": { who: "registered", key: "read", thing: EVENT_ON_RECORD },

  "POST /audit/verifications": { who: ["auditor", "admin"], key: "manage" },
  "GET /audit/verifications/:verificationId": { who: ["auditor", "admin"], key: "read" },
  "GET /audit/heads": PUBLIC,
  "GET /audit/heads/latest": PUBLIC,
  "GET /audit/heads/keys": PUBLIC,

  // Analytics
  "GET /analytics/sales": { who: "registered", key: "read", thing: FIGURES },
  "GET /analytics/funnel": { who: "registered", key: "read", thing: FIGURES },
  "GET /analytics/revenue": { who: "registered", key: "read", thing: FIGURES },
  "GET /analytics/occupancy": { who: "registered", key: "read", thing: FIGURES },

  // Sandbox
  "POST /sandbox/clock/advance": { who: ["admin"], key: "manage" },
} as const satisfies Policy;

/** The rule of a route; undefined where there is none. What answers GET answers HEAD. */
export function ruleOf(policy: Policy, method: string, url: string): Rule | undefined {
  const route = `${method === "HEAD" ? "GET" : method} ${url}`;
  if (Object.hasOwn(policy, route)) return policy[route];
  const above = Object.keys(policy).find((row) => row.endsWith("/*") && `${route}/`.startsWith(row.slice(0, -1)));
  return above === undefined ? undefined : policy[above];
}
