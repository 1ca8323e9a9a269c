import type { BookingLine, TicketRef } from "../../domain/booking-events.ts";
import type { Money } from "../../domain/money.ts";
import type { FoundBooking } from "./selection.ts";
import type { AttemptStatus, BookingStatus } from "./table.ts";

export type PaymentStatus = AttemptStatus | "PARTIALLY_REFUNDED" | "REFUNDED";

/** A booking as it is on record; nothing of it goes with the time. */
export interface Booking {
  readonly bookingId: string;
  readonly accountId: string;
  readonly cartId: string | null;
  readonly status: BookingStatus;
  readonly lines: readonly BookingLine[];
  readonly total: Money;
  /** RFC 3339 UTC, as are all times. */
  readonly createdAt: string;
  readonly expiresAt: string;
  /** When it was withdrawn, or the last of its tickets was cancelled. */
  readonly cancelledAt: string | null;
  readonly payment: { readonly status: PaymentStatus };
  /** As they were asked for. */
  readonly refunds: readonly BookingRefund[];
  /** Its tickets are booked, or were before they were cancelled: the tickets of each line, counted from 0. */
  readonly hasTickets: boolean;
  readonly cancelledTickets: readonly TicketRef[];
}

export interface BookingRefund {
  readonly refundId: string;
  readonly amount: Money;
  readonly status: "PENDING" | "SUCCEEDED";
  /** When it was asked for. */
  readonly at: string;
}

/** A booking of its row. */
export function bookingOf(row: FoundBooking): Booking {
  const lines = row.lines ?? [];
  return {
    bookingId: row.booking_id,
    accountId: row.account_id,
    cartId: row.cart_id,
    status: row.status,
    lines: lines.map(({ cancelled: _, seated, ...line }) => ({ ...line, ...seated })),
    total: { amount: Number(row.total), currency: row.currency },
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    cancelledAt: row.cancelled_at?.toISOString() ?? null,
    payment: { status: paymentStatusOf(row) },
    refunds: (row.refunds ?? []).map(({ refundId, amount, succeeded, atMs }) => ({
      refundId,
      amount,
      status: succeeded ? "SUCCEEDED" : "PENDING",
      at: new Date(atMs).toISOString(),
    })),
    hasTickets: row.status === "PAID" || row.cancelled_tickets > 0,
    cancelledTickets: lines.flatMap(({ reservationId, cancelled }) =>
      cancelled.length === 0 ? [] : [{ reservationId, ordinals: cancelled }],
    ),
  };
}

/** What was given back counts before the attempt; nobody has to act for a booking that is no longer open. */
function paymentStatusOf(row: FoundBooking): PaymentStatus {
  const refunded = (row.refunds ?? []).reduce((sum, { amount, succeeded }) => sum + (succeeded ? amount.amount : 0), 0);
  if (refunded > 0) return refunded >= Number(row.total) ? "REFUNDED" : "PARTIALLY_REFUNDED";
  if (row.payment_status === "REQUIRES_ACTION" && row.status !== "PENDING_PAYMENT") return "PENDING";
  return row.payment_status;
}
