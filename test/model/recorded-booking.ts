import type { BookingEvent, BookingOpened } from "../../src/domain/booking-events.ts";

/** One booking as its log tells it. */
export class RecordedBooking {
  opened: BookingOpened["data"] | null = null;
  status: "open" | "confirmed" | "paid" | "declined" | "timed-out" | "withdrawn" = "open";
  money: "none" | "asked" | "captured" | "declined" | "voided" = "none";
  attempt: string | null = null;
  isLetGo = false;
  readonly cancelled = new Set<string>();
  readonly #returned = new Map<string, boolean>();
  readonly refunds = new Map<string, { amount: number; isDone: boolean }>();
  #captures = 0;
  #cancelledTwice = false;

  get isOpened(): boolean {
    return this.opened !== null;
  }

  take(event: BookingEvent): void {
    switch (event.type) {
      case "BookingOpened":
        this.opened = event.data;
        break;
      case "PaymentRequested":
        this.money = "asked";
        this.attempt = event.data.attemptId;
        break;
      case "BookingConfirmed":
        this.status = this.money === "none" ? "paid" : "confirmed";
        break;
      case "PaymentCaptured":
        this.money = "captured";
        this.#captures += 1;
        if (this.status === "confirmed") this.status = "paid";
        break;
      case "PaymentDeclined":
        this.money = "declined";
        this.status = "declined";
        break;
      case "PaymentVoided":
        this.money = "voided";
        break;
      case "BookingTimedOut":
        this.status = "timed-out";
        this.isLetGo = false;
        break;
      case "BookingRevived":
        this.status = "open";
        this.isLetGo = false;
        break;
      case "BookingWithdrawn":
        this.status = "withdrawn";
        break;
      case "ReservationsLetGo":
        this.isLetGo = true;
        break;
      case "TicketsCancelled": {
        const { cancellationId, tickets, refund } = event.data;
        for (const { reservationId, ordinals } of tickets) {
          for (const ordinal of ordinals) {
            const ticket = `${reservationId}/${ordinal}`;
            this.#cancelledTwice ||= this.cancelled.has(ticket);
            this.cancelled.add(ticket);
          }
        }
        this.#returned.set(cancellationId, false);
        if (refund !== null) this.refunds.set(refund.refundId, { amount: refund.amount.amount, isDone: false });
        break;
      }
      case "CancelledTicketsReturned":
        this.#returned.set(event.data.cancellationId, true);
        break;
      case "RefundRequested":
        this.refunds.set(event.data.refundId, { amount: event.data.amount.amount, isDone: false });
        break;
      case "RefundSucceeded": {
        const refund = this.refunds.get(event.data.refundId);
        if (refund !== undefined) refund.isDone = true;
        break;
      }
    }
  }

  get isReturned(): boolean {
    return [...this.#returned.values()].every((one) => one);
  }

  get promised(): number {
    return [...this.refunds.values()].reduce((sum, { amount }) => sum + amount, 0);
  }

  /** Tickets that are not cancelled. */
  validTickets(): readonly string[] {
    return (this.opened?.lines ?? []).flatMap(({ reservationId, quantity }) =>
      Array.from({ length: quantity }, (_, n) => `${reservationId}/${n}`).filter((one) => !this.cancelled.has(one)),
    );
  }

  /** What must not be, at any revision. */
  faults(): readonly string[] {
    const taken = this.money === "captured" ? (this.opened?.total.amount ?? 0) : 0;
    return [
      ...(this.#captures > 1 ? ["captured twice"] : []),
      ...(this.#cancelledTwice ? ["a ticket cancelled twice"] : []),
      ...(this.promised > taken ? [`${this.promised} promised back of ${taken}`] : []),
    ];
  }

  picture() {
    const { status, money, isLetGo } = this;
    return {
      status,
      money,
      total: this.opened?.total.amount,
      deadlineMs: Date.parse(this.opened?.expiresAt ?? ""),
      isLetGo,
      cancelled: [...this.cancelled].sort(),
      returned: [...this.#returned.values()],
      refunds: [...this.refunds.values()].map((one) => ({ ...one })),
    };
  }
}
