import type { BookingEvent, BookingLine } from "../../../src/domain/booking-events.ts";
import { type Booking, evolve } from "../../../src/domain/booking-state.ts";
import { nextSteps } from "../../../src/domain/booking-steps.ts";

/** A booking by its log, as an auditor writes it down. */
export class BookingLedger {
  readonly bookingId: string;
  readonly types = new Set<BookingEvent["type"]>();
  /** The provider's key for the one attempt; null: nothing had to be paid. */
  attemptId: string | null = null;
  accountId = "";
  cartId: string | null = null;
  lines: readonly BookingLine[] = [];
  /** Minor units. */
  total = 0;
  /** How it stands; `missing` also when it was given up before it was recorded. */
  outcome: "missing" | "open" | "confirmed" | "paid" | "declined" | "timed-out" | "withdrawn" = "missing";
  /** Ordinals of tickets that were cancelled, by reservation. */
  readonly cancelled = new Map<string, Set<number>>();
  /** What was promised back, by refund, in minor units. */
  readonly refunds = new Map<string, { readonly amount: number; done: boolean }>();
  /** What was given back besides tickets, in minor units. */
  goodwill = 0;
  /** How long after its deadline it was taken up again because money had come; 0: it was not. */
  revivedAfterMs = 0;
  #expiresAtMs = 0;
  /** The product's own state: whether something is left to do is asked of it, and nothing else. */
  #state: Booking = { status: "missing" };

  constructor(bookingId: string) {
    this.bookingId = bookingId;
  }

  /** @param at when it was recorded, RFC 3339 */
  take(event: BookingEvent, at: string): void {
    this.#state = evolve(this.#state, event);
    this.types.add(event.type);
    switch (event.type) {
      case "BookingOpened":
        this.accountId = event.data.accountId;
        this.cartId = event.data.cartId;
        this.lines = event.data.lines;
        this.#expiresAtMs = Date.parse(event.data.expiresAt);
        this.total = event.data.total.amount;
        this.outcome = "open";
        break;
      case "PaymentRequested":
        this.attemptId = event.data.attemptId;
        break;
      case "BookingConfirmed":
        this.outcome = this.attemptId === null ? "paid" : "confirmed";
        break;
      case "PaymentCaptured":
        if (this.outcome === "confirmed") this.outcome = "paid";
        break;
      case "PaymentDeclined":
        this.outcome = "declined";
        break;
      case "BookingTimedOut":
        this.outcome = "timed-out";
        break;
      case "BookingRevived":
        this.outcome = "open";
        this.revivedAfterMs = Date.parse(at) - this.#expiresAtMs;
        break;
      case "BookingWithdrawn":
        this.outcome = "withdrawn";
        break;
      case "TicketsCancelled":
        for (const { reservationId, ordinals } of event.data.tickets) {
          const gone = this.cancelled.get(reservationId) ?? new Set();
          for (const ordinal of ordinals) gone.add(ordinal);
          this.cancelled.set(reservationId, gone);
        }
        if (event.data.refund !== null) this.#promised(event.data.refund.refundId, event.data.refund.amount.amount);
        break;
      case "RefundRequested":
        if (event.data.cause === "goodwill") this.goodwill += event.data.amount.amount;
        this.#promised(event.data.refundId, event.data.amount.amount);
        break;
      case "RefundSucceeded": {
        const refund = this.refunds.get(event.data.refundId);
        if (refund !== undefined) refund.done = true;
        break;
      }
    }
  }

  #promised(refundId: string, amount: number): void {
    this.refunds.set(refundId, { amount, done: false });
  }

  isAtRest(): boolean {
    return nextSteps(this.#state).length === 0;
  }

  /** Whether all of its tickets were cancelled after it was paid. */
  isCancelled(): boolean {
    return this.lines.every(({ reservationId, quantity }) => this.cancelled.get(reservationId)?.size === quantity);
  }
}
