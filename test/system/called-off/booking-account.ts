import type { BookingEvent, BookingLine, TicketRef } from "../../../src/domain/booking-events.ts";

/** A booking as its events tell, with arithmetic of its own. */
export class BookingAccount {
  readonly bookingId: string;
  lines: readonly BookingLine[] = [];
  totalMinor = 0;
  attemptId: string | null = null;
  isPaid = false;
  isWithdrawn = false;
  isLetGo = false;
  /** What the organizer gave back beyond all rules. */
  goodwillMinor = 0;
  /** Amounts by refund. */
  readonly promised = new Map<string, number>();
  readonly succeeded = new Set<string>();
  /** Ordinals by reservation. */
  readonly cancelled = new Map<string, Set<number>>();

  constructor(bookingId: string) {
    this.bookingId = bookingId;
  }

  /** @throws Error something happened twice, or before its time */
  take(event: BookingEvent): void {
    switch (event.type) {
      case "BookingOpened":
        this.lines = event.data.lines;
        this.totalMinor = event.data.total.amount;
        break;
      case "PaymentRequested":
        if (this.attemptId !== null) throw this.#wrong("was to be paid twice");
        this.attemptId = event.data.attemptId;
        break;
      case "PaymentCaptured":
        if (this.isPaid) throw this.#wrong("took its money twice");
        this.isPaid = true;
        break;
      case "BookingWithdrawn":
        this.isWithdrawn = true;
        break;
      case "ReservationsLetGo":
        this.isLetGo = true;
        break;
      case "TicketsCancelled":
        for (const ref of event.data.tickets) this.#cancel(ref);
        if (event.data.refund !== null) this.#promise(event.data.refund.refundId, event.data.refund.amount.amount);
        break;
      case "RefundRequested":
        this.goodwillMinor += event.data.amount.amount;
        this.#promise(event.data.refundId, event.data.amount.amount);
        break;
      case "RefundSucceeded":
        if (!this.promised.has(event.data.refundId)) throw this.#wrong("gave back what it had not promised");
        if (this.succeeded.has(event.data.refundId)) throw this.#wrong("gave the same back twice");
        this.succeeded.add(event.data.refundId);
        break;
    }
  }

  #cancel({ reservationId, ordinals }: TicketRef): void {
    const gone = this.cancelled.get(reservationId) ?? new Set();
    this.cancelled.set(reservationId, gone);
    for (const ordinal of ordinals) {
      if (gone.has(ordinal)) throw this.#wrong(`cancelled ticket ${ordinal} of ${reservationId} twice`);
      gone.add(ordinal);
    }
  }

  #promise(refundId: string, minor: number): void {
    if (this.promised.has(refundId)) throw this.#wrong("promised the same refund twice");
    this.promised.set(refundId, minor);
  }

  get refundedMinor(): number {
    return [...this.promised.values()].reduce((sum, minor) => sum + minor, 0);
  }

  /** @throws Error its tickets of the event are not cancelled and paid back in full, or others are not as they were */
  proveOf(eventId: string): void {
    for (const line of this.lines) {
      const gone = this.cancelled.get(line.reservationId)?.size ?? 0;
      const wanted = line.eventId === eventId ? line.quantity : 0;
      if (gone !== wanted) throw this.#wrong(`has ${gone} of ${line.quantity} tickets cancelled, not ${wanted}`);
    }
    const price = this.lines
      .filter((line) => line.eventId === eventId)
      .reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice.amount, 0);
    const due = Math.min(this.totalMinor, price + this.goodwillMinor);
    if (this.refundedMinor !== due) throw this.#wrong(`promised ${this.refundedMinor} back, not ${due}`);
    if (this.succeeded.size !== this.promised.size) throw this.#wrong("has a refund that was not made");
  }

  #wrong(what: string): Error {
    return new Error(`booking ${this.bookingId} ${what}`);
  }
}
