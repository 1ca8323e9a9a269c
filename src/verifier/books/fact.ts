/** One event of the log, as far as books are kept of it. */
export interface Fact {
  readonly stream: string;
  readonly revision: number;
  /** Decimal. */
  readonly position: string;
  /** RFC 3339 UTC. */
  readonly at: string;
  readonly type: string;
  readonly data: unknown;
}

/** What must never stand in a log. */
export type ViolationCode =
  | "oversell"
  | "seat-twice"
  | "charge-without-ticket"
  | "ticket-without-charge"
  | "waitlist-order"
  | "chain-broken"
  | "head-differs"
  | "admission-reused"
  | "draw-differs"
  | "refund-exceeds-charge"
  | "reservation-contradicts"
  | "booking-contradicts"
  | "cart-contradicts"
  | "order-contradicts"
  | "replay-fails";

export interface Violation {
  readonly code: ViolationCode;
  /** Of the event at which it shows; null where it is about no single one. */
  readonly position: string | null;
  readonly stream: string | null;
  readonly revision: number | null;
  readonly detail: string;
}

/** Takes note of a violation at an event. */
export type Report = (code: ViolationCode, detail: string, at: Pick<Fact, "position" | "stream" | "revision">) => void;
