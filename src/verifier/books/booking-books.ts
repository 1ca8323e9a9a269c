import type { Fact, Report } from "./fact.ts";

interface Money {
  readonly amount: number;
}

interface Line {
  readonly reservationId: string;
  readonly quantity: number;
  readonly unitPrice: Money;
  readonly prices?: readonly number[];
}

interface Opened {
  readonly bookingId: string;
  readonly lines: readonly Line[];
  readonly total: Money;
  readonly expiresAt: string;
}

interface Tickets {
  readonly reservationId: string;
  readonly ordinals: readonly number[];
}

/** Tickets of a booking as the inventories have them. */
interface Booked {
  readonly quantity: number;
  readonly returned: Set<number>;
  readonly at: Fact;
}

/** What is under way for longer than this by the log's own time will not come by itself. */
const UNSETTLED_MS = 24 * 3_600_000;

/**
 * The books of one booking, from its own stream and from what inventories say of it: who paid has tickets, who has tickets
 * paid, nothing is taken, cancelled or given back twice, and the two sides tell of the same tickets.
 */
export class BookingBooks {
  readonly #report: Report;
  readonly #bookingId: string;
  #opened: Opened | null = null;
  #abandoned = false;
  #state: "open" | "confirmed" | "ended" = "open";
  #letGo = false;
  #authorized = false;
  #captured = 0;
  #captures = 0;
  #confirmedAt: Fact | null = null;
  #capturedAt: Fact | null = null;
  readonly #refunds = new Map<string, { readonly amount: number; done: boolean }>();
  readonly #cancellations = new Map<string, { readonly tickets: readonly Tickets[]; returned: Fact | null }>();
  readonly #cancelled = new Set<string>();
  readonly #booked = new Map<string, Booked>();
  #last: Fact | null = null;

  constructor(bookingId: string, report: Report) {
    this.#bookingId = bookingId;
    this.#report = report;
  }

  /** An inventory booked tickets for it, or got some back. */
  takeOfInventory(fact: Fact): void {
    const { reservationId } = fact.data as { reservationId: string };
    if (fact.type === "ReservationConfirmed") {
      const { quantity } = fact.data as { quantity: number };
      const before = this.#booked.get(reservationId);
      const isAgain = before !== undefined && before.returned.size < before.quantity;
      if (isAgain) this.#wrong(`${reservationId} was booked twice`, fact);
      this.#booked.set(reservationId, { quantity, returned: new Set(), at: fact });
    } else if (fact.type === "TicketsReturned") {
      const { ordinals } = fact.data as { ordinals: number[] };
      for (const ordinal of ordinals) this.#booked.get(reservationId)?.returned.add(ordinal);
    }
  }

  /** An event of its own stream. */
  take(fact: Fact): void {
    this.#last = fact;
    const { type, data } = fact;
    if (type === "BookingOpened") {
      this.#open(data as Opened, fact);
      return;
    }
    if (type === "BookingAbandoned") {
      this.#abandoned = true;
      return;
    }
    if (this.#opened === null) {
      this.#wrong(`${type} before it was opened`, fact);
      return;
    }
    switch (type) {
      case "PaymentRequested": {
        const { amount } = data as { amount: Money };
        if (amount.amount !== this.#opened.total.amount) {
          this.#wrong("another amount was asked for than its total", fact);
        }
        return;
      }
      case "PaymentAuthorized":
        this.#authorized = true;
        return;
      case "BookingConfirmed":
        if (this.#opened.total.amount > 0 && !this.#authorized) {
          this.#report("ticket-without-charge", "confirmed though no money was set aside", fact);
        }
        this.#state = "confirmed";
        this.#confirmedAt = fact;
        return;
      case "PaymentCaptured":
        this.#captures += 1;
        this.#captured = this.#opened.total.amount;
        this.#capturedAt = fact;
        if (this.#captures > 1) this.#wrong("paid twice", fact);
        return;
      case "PaymentDeclined":
      case "BookingTimedOut":
      case "BookingWithdrawn":
        this.#state = "ended";
        this.#letGo = false;
        return;
      case "BookingRevived":
        this.#state = "open";
        this.#letGo = false;
        return;
      case "ReservationsLetGo":
        this.#letGo = true;
        return;
      case "TicketsCancelled":
        this.#cancel(data as Cancelled, fact);
        return;
      case "CancelledTicketsReturned": {
        const { cancellationId } = data as { cancellationId: string };
        const cancellation = this.#cancellations.get(cancellationId);
        if (cancellation === undefined) {
          this.#wrong(`there was no cancellation ${cancellationId}`, fact);
          return;
        }
        cancellation.returned = fact;
        return;
      }
      case "RefundRequested": {
        const { refundId, amount } = data as { refundId: string; amount: Money };
        this.#promise(refundId, amount.amount, fact);
        return;
      }
      case "RefundSucceeded": {
        const refund = this.#refunds.get((data as { refundId: string }).refundId);
        if (refund === undefined) {
          this.#wrong("money was given back that nobody had promised", fact);
          return;
        }
        if (refund.done) this.#wrong("the same money was given back twice", fact);
        refund.done = true;
      }
    }
  }

  /**
   * What does not fit together in the end.
   * @param now when the log's last event was recorded
   * @returns whether something is still under way
   */
  close(now: string): boolean {
    const isOld = (fact: Fact | null) => fact !== null && Date.parse(now) - Date.parse(fact.at) > UNSETTLED_MS;
    if (this.#opened === null || this.#abandoned) {
      for (const { at, quantity, returned } of this.#booked.values()) {
        if (returned.size < quantity)
          this.#report("ticket-without-charge", `of a booking that there is not: ${this.#bookingId}`, at);
      }
      return false;
    }
    if (this.#state === "confirmed") return this.#closeConfirmed(isOld);
    const isStuck = this.#state === "open" && Date.parse(now) - Date.parse(this.#opened.expiresAt) > UNSETTLED_MS;
    if (isStuck && this.#last !== null) this.#wrong("still open a day after its deadline", this.#last);
    const isUnderWay = !isStuck && (this.#state === "open" || !this.#letGo);
    for (const { at, quantity, returned } of this.#booked.values()) {
      if (returned.size === quantity || (isUnderWay && !isOld(at))) continue;
      this.#report("ticket-without-charge", `of a booking that came to nothing: ${this.#bookingId}`, at);
    }
    if (this.#captured > this.#promised() && this.#capturedAt !== null) {
      this.#report(
        "charge-without-ticket",
        "money was taken, and neither tickets nor the money were given",
        this.#capturedAt,
      );
    }
    return isUnderWay;
  }

  #closeConfirmed(isOld: (fact: Fact | null) => boolean): boolean {
    const { lines = [], total } = this.#opened ?? {};
    const confirmedAt = this.#confirmedAt as Fact;
    const code = this.#captured > 0 ? "charge-without-ticket" : "booking-contradicts";
    for (const { reservationId, quantity } of lines) {
      const booked = this.#booked.get(reservationId);
      if (booked === undefined) this.#report(code, `no inventory booked ${reservationId}`, confirmedAt);
      else if (booked.quantity !== quantity) {
        this.#report(code, `${reservationId} is of ${quantity} tickets, and ${booked.quantity} were booked`, booked.at);
      }
    }
    const known = new Set(lines.map(({ reservationId }) => reservationId));
    for (const [reservationId, { at }] of this.#booked) {
      if (!known.has(reservationId))
        this.#report("ticket-without-charge", `${reservationId} is not in the booking`, at);
    }
    this.#compareReturned();
    const isPaid = (total?.amount ?? 0) === 0 || this.#captured > 0;
    if (isPaid) return [...this.#cancellations.values()].some(({ returned }) => returned === null);
    if (!isOld(confirmedAt)) return true;
    this.#report("ticket-without-charge", "confirmed a day ago, and never paid", confirmedAt);
    return false;
  }

  #compareReturned(): void {
    for (const [reservationId, { returned, at }] of this.#booked) {
      for (const ordinal of returned) {
        if (this.#cancelled.has(`${reservationId}/${ordinal}`)) continue;
        this.#wrong(`ticket ${ordinal} of ${reservationId} came back without being cancelled`, at);
      }
    }
    for (const { tickets, returned } of this.#cancellations.values()) {
      if (returned === null) continue;
      for (const { reservationId, ordinals } of tickets) {
        const booked = this.#booked.get(reservationId);
        const missing = ordinals.filter((ordinal) => booked?.returned.has(ordinal) !== true);
        if (missing.length > 0) this.#wrong(`tickets ${missing} of ${reservationId} did not come back`, returned);
      }
    }
  }

  #open(opened: Opened, fact: Fact): void {
    if (this.#opened !== null || this.#abandoned) this.#wrong("opened twice", fact);
    this.#opened = opened;
    const sum = opened.lines.reduce(
      (minor, { quantity, unitPrice, prices }) =>
        minor + (prices === undefined ? quantity * unitPrice.amount : prices.reduce((all, one) => all + one, 0)),
      0,
    );
    if (sum !== opened.total.amount) this.#wrong(`its lines are ${sum} in all, its total ${opened.total.amount}`, fact);
    if (`booking-${opened.bookingId}` !== fact.stream) this.#wrong("it is another booking than its stream's", fact);
  }

  #cancel({ cancellationId, tickets, refund }: Cancelled, fact: Fact): void {
    if (this.#state !== "confirmed") this.#wrong("tickets were cancelled that it had not", fact);
    for (const { reservationId, ordinals } of tickets) {
      const line = this.#opened?.lines.find((one) => one.reservationId === reservationId);
      for (const ordinal of ordinals) {
        const ticket = `${reservationId}/${ordinal}`;
        if (this.#cancelled.has(ticket)) this.#wrong(`ticket ${ticket} was cancelled twice`, fact);
        if (line === undefined || ordinal >= line.quantity) this.#wrong(`there is no ticket ${ticket}`, fact);
        this.#cancelled.add(ticket);
      }
    }
    this.#cancellations.set(cancellationId, { tickets, returned: null });
    if (refund !== null) this.#promise(refund.refundId, refund.amount.amount, fact);
  }

  #promise(refundId: string, amount: number, fact: Fact): void {
    this.#refunds.set(refundId, { amount, done: false });
    if (this.#promised() > this.#captured) {
      this.#report("refund-exceeds-charge", `${this.#promised()} promised back of ${this.#captured}`, fact);
    }
  }

  #promised(): number {
    let sum = 0;
    for (const { amount } of this.#refunds.values()) sum += amount;
    return sum;
  }

  #wrong(detail: string, fact: Fact): void {
    this.#report("booking-contradicts", detail, fact);
  }
}

interface Cancelled {
  readonly cancellationId: string;
  readonly tickets: readonly Tickets[];
  readonly refund: { readonly refundId: string; readonly amount: Money } | null;
}
