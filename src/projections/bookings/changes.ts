import type { BookingOpened, PaymentRequested, TicketRef } from "../../domain/booking-events.ts";
import type { Money } from "../../domain/money.ts";
import type { AttemptStatus, BookingStatus } from "./table.ts";

/** What a batch says about one booking; null leaves a column as it is. */
export interface Change {
  status: BookingStatus | null;
  /** `status` counts only for a booking that is PENDING_PAYMENT. */
  ifPending: boolean;
  payment: AttemptStatus | null;
  attempt: Pick<PaymentRequested["data"], "attemptId" | "provider" | "method"> | null;
  chargeId: string | null;
  capturedAt: string | null;
  withdrawnAt: string | null;
  /** How many more are cancelled, and when the last of them was. */
  cancelledTickets: number;
  ticketsCancelledAt: string | null;
}

/** A booking that is opened in the batch, with what the batch says about it afterwards. */
export interface Opened extends Change {
  readonly data: BookingOpened["data"];
}

/** Tickets of one line. */
export interface CancelledLine {
  readonly bookingId: string;
  readonly reservationId: string;
  readonly ordinals: number[];
}

export interface AskedRefund {
  readonly bookingId: string;
  readonly amount: Money;
  readonly askedAt: string;
  succeededAt: string | null;
}

/** What a batch of events changes, each row once. */
export class BookingChanges {
  /** By booking. */
  readonly opened = new Map<string, Opened>();
  readonly changed = new Map<string, Change>();
  /** By booking and reservation. */
  readonly cancelledLines = new Map<string, CancelledLine>();
  /** By refund. */
  readonly asked = new Map<string, AskedRefund>();
  /** When refunds of earlier batches succeeded. */
  readonly succeeded = new Map<string, string>();

  open(bookingId: string, data: BookingOpened["data"]): void {
    this.opened.set(bookingId, { data, ...unchanged() });
  }

  of(bookingId: string): Change {
    const known = this.opened.get(bookingId) ?? this.changed.get(bookingId);
    if (known !== undefined) return known;
    const change = unchanged();
    this.changed.set(bookingId, change);
    return change;
  }

  setStatus(bookingId: string, status: BookingStatus): void {
    const change = this.of(bookingId);
    change.status = status;
    change.ifPending = false;
  }

  /** Of a booking that came to nothing before, this changes nothing: money may still be taken for it, to be refunded. */
  setStatusIfPending(bookingId: string, status: BookingStatus): void {
    const change = this.of(bookingId);
    if (change.status === null) change.ifPending = true;
    else if (change.status !== "PENDING_PAYMENT") return;
    change.status = status;
  }

  cancelTickets(bookingId: string, tickets: readonly TicketRef[], at: string): void {
    const change = this.of(bookingId);
    change.ticketsCancelledAt = at;
    for (const { reservationId, ordinals } of tickets) {
      change.cancelledTickets += ordinals.length;
      const key = `${bookingId} ${reservationId}`;
      const line = this.cancelledLines.get(key) ?? { bookingId, reservationId, ordinals: [] };
      line.ordinals.push(...ordinals);
      this.cancelledLines.set(key, line);
    }
  }

  askRefund(bookingId: string, refundId: string, amount: Money, askedAt: string): void {
    this.asked.set(refundId, { bookingId, amount, askedAt, succeededAt: null });
  }

  succeedRefund(refundId: string, at: string): void {
    const asked = this.asked.get(refundId);
    if (asked === undefined) this.succeeded.set(refundId, at);
    else asked.succeededAt = at;
  }
}

const unchanged = (): Change => ({
  status: null,
  ifPending: false,
  payment: null,
  attempt: null,
  chargeId: null,
  capturedAt: null,
  withdrawnAt: null,
  cancelledTickets: 0,
  ticketsCancelledAt: null,
});
