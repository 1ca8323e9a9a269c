/**
 * What a box office should be like, by plain arithmetic: no events, no streams, no batches, nothing staged or indexed.
 * It shares no code with the product, whose answers and records are compared with it step by step.
 */
export interface Office {
  nowMs: number;
  readonly events: Map<string, Event>;
  readonly types: Map<string, TicketType>;
  /** By account. */
  readonly carts: Map<string, Cart>;
  readonly bookings: Map<string, Booking>;
  /** Every reservation that there ever was, with its ticket type and whose it is. */
  readonly reservations: Map<string, { readonly type: string; readonly account: string }>;
  /** What the payment provider should have, by booking. */
  readonly charges: Map<string, Charge>;
  /** Calls of the provider that go wrong next, in turn. */
  faults: ProviderFault[];
  /** How long a started purchase keeps its tickets. */
  readonly paymentWindowMs: number;
  readonly offerTtlMs: number;
  /** What the reservation is called that is a cart's line. */
  readonly lineId: (cart: string, type: string) => string;
}

export interface ProviderFault {
  readonly call: "authorize" | "capture" | "void" | "refund";
  readonly fault: "away" | "answer-lost";
}

export interface Event {
  readonly id: string;
  isDraft: boolean;
  isCancelled: boolean;
  holdTtlMs: number;
  saleEndsAtMs: number | null;
  startsAtMs: number | null;
  policy: readonly RefundShare[] | null;
  guestsAllowed: boolean;
  isPaused: boolean;
  /** Those that were deleted included. */
  readonly typeIds: string[];
}

/** Until this time so much is given back. */
export interface RefundShare {
  readonly untilMs: number;
  readonly percent: number;
}

export interface TicketType {
  readonly id: string;
  readonly eventId: string;
  capacity: number;
  price: number;
  readonly currency: string;
  maxPerUser: number | null;
  maxPerOrder: number;
  isPaused: boolean;
  isDeleted: boolean;
  readonly held: Map<string, Held>;
  readonly bought: Map<string, Bought>;
  /** Who waits, the first to come first. */
  waiting: Waiting[];
}

/** Tickets that are somebody's until a time. */
export interface Held {
  readonly account: string;
  quantity: number;
  readonly price: number;
  endsAtMs: number;
  /** Only plain ones may be extended. */
  readonly kind: "plain" | "line" | "offer";
  extended: boolean;
  /** Payments that were declined. */
  declined: number;
  /** While a booking has it: that booking's deadline. It ends a minute later then, whatever its own time. */
  claim: { readonly booking: string; readonly deadlineMs: number } | null;
}

export interface Bought {
  readonly account: string;
  readonly booking: string;
  /** Those that did not come back. */
  tickets: number[];
}

export interface Waiting {
  readonly entry: string;
  readonly account: string;
  readonly quantity: number;
}

export interface Cart {
  readonly id: string;
  status: "active" | "checkout" | "completed" | "cleared" | "expired";
  booking: string | null;
  readonly currency: string;
  readonly endsAtMs: number;
  /** Ticket types that were put in, whether they hold tickets or not. */
  readonly types: string[];
}

export interface Booking {
  readonly id: string;
  readonly account: string;
  readonly cart: string | null;
  readonly lines: readonly Line[];
  readonly total: number;
  readonly currency: string;
  readonly method: string | null;
  readonly deadlineMs: number;
  /** What each event said about refunds at the purchase. */
  readonly said: ReadonlyMap<string, { readonly startsAtMs: number | null; readonly policy: Event["policy"] }>;
  status: "open" | "confirmed" | "paid" | "declined" | "timed-out" | "withdrawn";
  /** What is known of the money; `none` where nothing has to be paid. */
  money: "none" | "asked" | "captured" | "declined" | "voided";
  /** What it has in the inventories is seen to, when it came to nothing. */
  isLetGo: boolean;
  readonly cancelled: Set<string>;
  cancellations: { readonly tickets: readonly string[]; isReturned: boolean }[];
  /** `isGiven`: the provider has done it; `isDone`: and we heard of it. */
  refunds: { readonly amount: number; isGiven: boolean; isDone: boolean }[];
}

export interface Line {
  readonly reservation: string;
  readonly type: string;
  readonly event: string;
  readonly quantity: number;
  readonly price: number;
}

export interface Charge {
  status: "pending" | "requires-action" | "authorized" | "captured" | "declined" | "voided";
  readonly method: string;
  readonly amount: number;
  refunded: number;
}

/** Who asks. */
export interface User {
  readonly account: string;
  readonly guest: boolean;
}

/** How it should be answered. Of details only those that matter to the caller are named. */
export type Verdict =
  | { readonly granted: true }
  | { readonly granted: false; readonly code: string; readonly details: Readonly<Record<string, number>> };

export const granted: Verdict = { granted: true };

export const refused = (code: string, details: Readonly<Record<string, number>> = {}): Verdict => ({
  granted: false,
  code,
  details,
});

/** So long after a booking's deadline its tickets are kept for a payment that is on its way. */
export const GRACE_MS = 60_000;

export const typeOf = (office: Office, id: string): TicketType => known(office.types.get(id));
export const eventOf = (office: Office, type: TicketType): Event => known(office.events.get(type.eventId));

export function known<One>(one: One | undefined): One {
  if (one === undefined) throw new Error("the model lost something");
  return one;
}

export const sum = (numbers: Iterable<number>): number => {
  let total = 0;
  for (const one of numbers) total += one;
  return total;
};
