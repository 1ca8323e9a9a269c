/** What a code means to somebody who gets it. */
export interface ProblemDefinition {
  readonly status: 400 | 401 | 402 | 403 | 404 | 405 | 408 | 409 | 412 | 413 | 415 | 422 | 429 | 431 | 500 | 503;
  /** The same for every occurrence. */
  readonly title: string;
  /** For the page `/problems/{code}`, and the `detail` of an occurrence that says no more. */
  readonly explanation: string;
}

/**
 * Every error that a client can get, by its stable code. A refusal of the domain has the same code here; a spec checks
 * that none is missing. Codes are never renamed and never reused.
 */
export const catalogue = {
  // 400: the request can't be right, whatever the state
  invalid: {
    status: 400,
    title: "Invalid request",
    explanation: "Something in the request has a wrong form. `errors` names each place and what it takes.",
  },
  "capacity-exceeded": {
    status: 400,
    title: "More tickets than the event has room for",
    explanation: "The ticket types together offer more tickets than the `capacity` of the event.",
  },
  "invalid-dates": {
    status: 400,
    title: "Dates that contradict each other",
    explanation: "An end lies before its beginning. `errors` names the field.",
  },

  "invalid-webhook": {
    status: 400,
    title: "Not a webhook of the payment provider",
    explanation: "The signature is missing, wrong or too old.",
  },

  // 401: who are you
  "token-missing": {
    status: 401,
    title: "No token",
    explanation:
      "This needs `Authorization: Bearer <token>`, with a token from `POST /sessions` or `POST /sessions/guest`, or an API key.",
  },
  "token-invalid": {
    status: 401,
    title: "Not a valid token",
    explanation:
      "The token in `Authorization` was not given out here, or it was changed on its way; or it is an API key that was revoked.",
  },
  "token-expired": {
    status: 401,
    title: "The token has expired",
    explanation: "Tokens stand for 24 hours. Get a new one from `POST /sessions`.",
  },
  "session-ended": {
    status: 401,
    title: "The session was ended",
    explanation: "The session of this token was signed out or withdrawn. Get a new one from `POST /sessions`.",
  },
  "bad-credentials": {
    status: 401,
    title: "Wrong e-mail or password",
    explanation: "There is no account with this e-mail and password.",
  },

  // 402: payment
  "payment-declined": {
    status: 402,
    title: "The payment was declined",
    explanation:
      "Nothing was charged. The reservations stay held until their own `expiresAt`, and another purchase may follow, three " +
      "in all. `bookingId` names the booking that was declined. Another method is another body: take a new key.",
  },

  "payment-required": {
    status: 402,
    title: "It has a price",
    explanation:
      "What has a price can't be bought by this route here, because it takes no payment. Buy it by `POST /purchases`.",
  },

  // 403: known, but not allowed
  forbidden: {
    status: 403,
    title: "Not allowed",
    explanation: "Your role does not allow this, or it is public but not yours to change.",
  },
  "account-required": {
    status: 403,
    title: "Not for guests",
    explanation: "A guest can't do this. `POST /accounts` with the guest's token makes an account of it.",
  },
  "scope-missing": {
    status: 403,
    title: "Not for this API key",
    explanation: "The key lacks the scope that this needs; `scope` names it, or is null where no key will do: sign in.",
  },
  "account-suspended": {
    status: 403,
    title: "The account is suspended",
    explanation: "An administrator has suspended this account.",
  },
  "admission-required": {
    status: 403,
    title: "An admission is needed",
    explanation:
      "The event has a waiting room. Stand in line with `POST /events/{eventId}/waiting-room/entries`, and send what " +
      "`GET .../place` gives when your turn has come as `Admission-Token`.",
  },
  "admission-invalid": {
    status: 403,
    title: "Not your admission",
    explanation: "The `Admission-Token` is not one of ours, of another event or round, or of somebody else.",
  },
  "admission-expired": {
    status: 403,
    title: "The admission is over",
    explanation: "Your turn came more than 15 minutes ago. Stand in line again.",
  },
  "admission-used": {
    status: 403,
    title: "The admission is used",
    explanation: "An admission makes one reservation. Stand in line again for another one.",
  },
  "entry-invalid": {
    status: 403,
    title: "Not your entry",
    explanation: "The `Entry-Token` is not one of ours, of another event or round, or of somebody else.",
  },
  "priority-code-invalid": {
    status: 403,
    title: "Not the code",
    explanation: "There is no such priority class, or the code is not its.",
  },

  // 404: no such thing, or a private thing of somebody else
  "not-found": { status: 404, title: "No such route", explanation: "There is nothing at this address. See `/docs`." },
  "account-not-found": { status: 404, title: "No such account", explanation: "There is no account with this id." },
  "api-key-not-found": {
    status: 404,
    title: "No such API key",
    explanation: "There is no key with this id among yours; it may have been revoked.",
  },
  "password-reset-not-found": {
    status: 404,
    title: "Not a token to choose a password by",
    explanation:
      "The token was used, its hour is over, or it was not given out here. `POST /password-resets` mails a new one.",
  },
  "event-not-found": {
    status: 404,
    title: "No such event",
    explanation: "There is no event with this id. Drafts are seen by their organizer only.",
  },
  "ticket-type-not-found": {
    status: 404,
    title: "No such ticket type",
    explanation: "The event has no ticket type with this id.",
  },
  "seat-map-not-found": {
    status: 404,
    title: "No numbered seats",
    explanation: "Tickets of this type are not numbered seats: they are counted, see the event's availability.",
  },
  "reservation-not-found": {
    status: 404,
    title: "No such reservation",
    explanation: "There is no reservation with this id among yours.",
  },
  "booking-not-found": {
    status: 404,
    title: "No such booking",
    explanation: "There is no booking with this id among yours.",
  },
  "ticket-not-found": {
    status: 404,
    title: "No such ticket",
    explanation: "The booking has no ticket with this id.",
  },
  "stream-not-found": {
    status: 404,
    title: "No such stream",
    explanation: "The log has no stream of this name, or none of an event of yours.",
  },
  "verification-not-found": {
    status: 404,
    title: "No such verification",
    explanation: "There was no verification of this id, or it was so long ago that it is kept no more.",
  },
  "head-not-found": {
    status: 404,
    title: "No signed head yet",
    explanation:
      "The log's first head is signed within seconds of the first event, by a process with the role `processes`.",
  },
  "waitlist-entry-not-found": {
    status: 404,
    title: "No such entry in a waitlist",
    explanation: "There is no entry with this id among yours.",
  },
  "cancellation-not-found": {
    status: 404,
    title: "The event is not cancelled",
    explanation: "There is no cancellation of this event.",
  },
  "method-not-allowed": {
    status: 405,
    title: "Method not allowed",
    explanation: "This address takes other methods; the header `Allow` lists them.",
  },

  // 409: the state forbids it
  "waiting-room-closed": {
    status: 409,
    title: "There is no waiting room",
    explanation: "The event has no waiting room, or it is closed: tickets can be had without an admission.",
  },
  "waiting-room-changed": {
    status: 409,
    title: "It was set up meanwhile",
    explanation: "Somebody else set the waiting room up at the same time. Read it, and repeat the change.",
  },
  "waiting-room-fixed": {
    status: 409,
    title: "It stays as it is",
    explanation:
      "People in the waiting room rely on this (`field`): when it has opened, its classes, and what the draw is committed " +
      "to. Close it and set it up anew to begin a new round.",
  },
  "already-exists": {
    status: 409,
    title: "It exists already",
    explanation: "Something with this id exists already. Read it before you try again.",
  },
  "email-taken": {
    status: 409,
    title: "The e-mail has an account",
    explanation: "There is an account with this e-mail. Sign in with `POST /sessions`.",
  },
  "too-many-api-keys": {
    status: 409,
    title: "Too many API keys",
    explanation: "An account has 50 keys at most. Revoke those that nobody uses; `lastUsedAt` tells which.",
  },
  "code-taken": { status: 409, title: "The code is taken", explanation: "Another of your events has this `code`." },
  "event-cancelled": { status: 409, title: "The event is cancelled", explanation: "The event was cancelled." },
  "event-ended": { status: 409, title: "The event is over", explanation: "The event has ended." },
  "event-not-published": {
    status: 409,
    title: "The event is a draft",
    explanation: "Nothing of an event is for sale before it is published.",
  },
  "sale-paused": { status: 409, title: "The sale is paused", explanation: "The organizer has paused this sale." },
  "sale-not-open": {
    status: 409,
    title: "The sale has not begun",
    explanation: "The sale begins at the ticket type's `saleStartsAt`.",
  },
  "sale-closed": { status: 409, title: "The sale is over", explanation: "The sale ended at the `saleEndsAt`." },
  "guests-not-allowed": {
    status: 409,
    title: "Not for guests",
    explanation: "This event sells to accounts only. `POST /accounts` with the guest's token makes an account of it.",
  },
  "limit-exceeded": {
    status: 409,
    title: "Too many for one buyer",
    explanation:
      "The order is beyond `maxPerOrder`, or with what you have it is beyond `maxPerUser`; or it is more than one purchase " +
      "or cart can have (`maxTickets`, `maxTotal`, `maxLines`).",
  },
  "sold-out": {
    status: 409,
    title: "Not enough tickets left",
    explanation: "Fewer tickets are free than were asked for; `available` says how many.",
  },
  "seat-taken": {
    status: 409,
    title: "Seats are taken",
    explanation: "Somebody has some of the seats, or they are blocked; `seats` names them. Nothing was reserved.",
  },
  "no-adjacent-seats": {
    status: 409,
    title: "No seats side by side",
    explanation:
      "As many seats are free, but not next to each other as the group needs them. With `split` it may sit apart.",
  },
  "reservation-not-held": {
    status: 409,
    title: "The reservation is not held",
    explanation: "The reservation was confirmed, released or has expired.",
  },
  "reservation-expired": {
    status: 409,
    title: "The reservation has expired",
    explanation: "The reservation ended at its `expiresAt`. Reserve again.",
  },
  "extension-used": {
    status: 409,
    title: "Extended before",
    explanation: "A reservation can be extended once.",
  },
  "not-extendable": {
    status: 409,
    title: "It can't be extended",
    explanation: "Lines of a cart go by the cart's time, and offers by the waitlist's.",
  },
  "payment-in-progress": {
    status: 409,
    title: "A purchase is under way",
    explanation: "A booking is open for this. Wait for its end, or cancel it first.",
  },
  "too-many-attempts": {
    status: 409,
    title: "Declined too often",
    explanation: "Three payments for this reservation were declined. Reserve again.",
  },
  "cart-empty": { status: 409, title: "The cart is empty", explanation: "There is nothing in the cart to buy." },
  "cart-expired": {
    status: 409,
    title: "The cart has expired",
    explanation: "The cart ended at its `expiresAt`, or is not the current one. Fill a new one.",
  },
  "currency-mixed": {
    status: 409,
    title: "More than one currency",
    explanation: "What is bought together has one currency; buy the others apart.",
  },
  "tickets-available": {
    status: 409,
    title: "There are tickets",
    explanation: "As many tickets as you want to wait for are free: reserve them.",
  },
  "already-waiting": {
    status: 409,
    title: "Waiting already",
    explanation: "You have an entry in this waitlist, or an open offer from it: one at a time.",
  },
  "waitlist-full": { status: 409, title: "The waitlist is full", explanation: "No more people can wait for this." },
  "booking-not-paid": {
    status: 409,
    title: "The booking is not paid",
    explanation: "This can be done with paid bookings only.",
  },
  "ticket-already-cancelled": {
    status: 409,
    title: "The ticket is cancelled already",
    explanation: "One of the tickets was cancelled before; `ticketIds` names those.",
  },
  "refund-changed": {
    status: 409,
    title: "The refund is another one now",
    explanation:
      "What would be given back is not `expectedTotal` any more; `total` says what it is. Ask for a new quote.",
  },
  "refund-exceeds-payment": {
    status: 409,
    title: "More than was paid",
    explanation: "Refunds together can't be more than what was paid; `refundable` says what is left.",
  },
  "capacity-below-commitments": {
    status: 409,
    title: "Below what is held and booked",
    explanation: "The capacity can't go below the tickets that are held or booked; `committed` says how many.",
  },
  "has-commitments": {
    status: 409,
    title: "Somebody has tickets or waits for some",
    explanation:
      "A ticket type can be deleted when none of its tickets are held or booked (`committed`) and nobody waits for any " +
      "(`waiting`). Pause it, or end its sale, to sell no more of it.",
  },
  "last-ticket-type": {
    status: 409,
    title: "The only ticket type",
    explanation: "An event has one ticket type at least: add another one first, or pause this one.",
  },
  "too-many-ticket-types": {
    status: 409,
    title: "Too many ticket types",
    explanation: "An event has 100 ticket types at most, and 300 in its life, those that were deleted included.",
  },
  "currency-fixed": {
    status: 409,
    title: "The currency stays",
    explanation: "Prices keep their `currency` once the event is published; only a draft's can be changed.",
  },
  "version-mismatch": {
    status: 412,
    title: "Changed meanwhile",
    explanation: "The event is not at the version in `If-Match` any more. Read it again and repeat the change.",
  },

  // what HTTP itself says
  "request-timeout": {
    status: 408,
    title: "The request took too long",
    explanation: "The request did not arrive in full in time.",
  },
  "body-too-large": {
    status: 413,
    title: "The body is too large",
    explanation: "A request body may have 1 MiB, or 1 KiB where none is taken.",
  },
  "unsupported-media-type": {
    status: 415,
    title: "Not JSON",
    explanation: "Bodies are JSON: send `Content-Type: application/json`.",
  },
  "headers-too-large": {
    status: 431,
    title: "The headers are too large",
    explanation: "The headers of a request may have 16 KiB together.",
  },
  "idempotency-key-reused": {
    status: 422,
    title: "The key was used for something else",
    explanation: "The same `Idempotency-Key` came with another body within 24 hours. Use a new key for a new wish.",
  },

  // later
  "rate-limited": {
    status: 429,
    title: "Too many requests",
    explanation: "You have sent too many requests. Wait as long as `Retry-After` says.",
  },
  internal: {
    status: 500,
    title: "Something broke here",
    explanation:
      "An error on our side. `requestId` helps us to find it. Repeating with the same `Idempotency-Key` is safe.",
  },
  busy: {
    status: 503,
    title: "Busy",
    explanation: "Nothing was done. Try again after the seconds in `Retry-After`.",
  },
  "outcome-unknown": {
    status: 503,
    title: "It is not known whether it was done",
    explanation:
      "The event store did not answer in time: it may or may not have been recorded. Repeat the request with the same " +
      "`Idempotency-Key`; it has one effect however often it is repeated.",
  },
  "read-model-behind": {
    status: 503,
    title: "Not there yet",
    explanation: "The read models have not reached `Boxoffice-Min-Position` within 2 s. Try again.",
  },
  unavailable: {
    status: 503,
    title: "A database is away",
    explanation: "A database that this needs can't be reached. Try again after the seconds in `Retry-After`.",
  },
} as const satisfies Record<string, ProblemDefinition>;

export type ProblemCode = keyof typeof catalogue;

export const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(catalogue, code);
