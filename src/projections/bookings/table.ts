import type { Seated } from "../../domain/inventory-events.ts";
import { tableName } from "../projection.ts";

export const BOOKINGS = "bookings";
export const LINES = "booking_lines";
export const REFUNDS = "refunds";

/** As recorded: that the time for paying is over counts once that is on record, since a payment may be on its way. */
export type BookingStatus = "PENDING_PAYMENT" | "PAID" | "DECLINED" | "TIMED_OUT" | "CANCELLED";

/** Of the attempt; what was refunded of it is told by {@link RefundRow}s. */
export type AttemptStatus = "NOT_STARTED" | "PENDING" | "REQUIRES_ACTION" | "SUCCEEDED" | "FAILED" | "VOIDED";

/** A row of `readmodels.bookings`. */
export interface BookingRow {
  readonly booking_id: string;
  readonly account_id: string;
  readonly created_at: Date;
  readonly expires_at: Date;
  /** Minor units. */
  readonly total: string;
  readonly currency: string;
  readonly status: BookingStatus;
  readonly payment_status: AttemptStatus;
  /** How many there are, and how many of them are cancelled. */
  readonly tickets: number;
  readonly cancelled_tickets: number;
  readonly captured_at: Date | null;
  /** When it was withdrawn, or the last of its tickets was cancelled. */
  readonly cancelled_at: Date | null;
  readonly cart_id: string | null;
  readonly attempt_id: string | null;
  readonly provider: string | null;
  readonly method: string | null;
  /** What the provider calls the attempt. */
  readonly charge_id: string | null;
}

/** A row of `readmodels.booking_lines`: one reservation that is bought. */
export interface BookingLineRow {
  readonly booking_id: string;
  readonly ordinal: number;
  readonly event_id: string;
  readonly ticket_type_id: string;
  readonly reservation_id: string;
  /** The booking's, for lists by event. */
  readonly created_at: Date;
  readonly unit_price: string;
  readonly quantity: number;
  readonly currency: string;
  /** Tickets that are cancelled, counted from 0. */
  readonly cancelled: readonly number[];
  /** Numbered seats and what each costs; null where tickets are not numbered. */
  readonly seated: Seated | null;
}

/** A row of `readmodels.refunds`. */
export interface RefundRow {
  readonly refund_id: string;
  readonly booking_id: string;
  readonly amount: string;
  readonly currency: string;
  readonly asked_at: Date;
  /** null: the provider has not given it back yet. */
  readonly succeeded_at: Date | null;
}

/** Columns of bookings and lines stand in the order in which the projector copies them. */
export const createTables = (generation: number): string => {
  const [bookings, lines, refunds] = [BOOKINGS, LINES, REFUNDS].map((view) => tableName(view, generation));
  return `
  create table ${bookings} (
    booking_id uuid primary key,
    account_id uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    total bigint not null,
    currency text not null,
    status text not null,
    payment_status text not null,
    tickets integer not null,
    cancelled_tickets integer not null,
    captured_at timestamptz,
    cancelled_at timestamptz,
    cart_id uuid,
    attempt_id uuid,
    provider text,
    method text,
    charge_id text
  ) with (fillfactor = 70);
  create index ${BOOKINGS}_g${generation}_by_account on ${bookings} (account_id, created_at, booking_id);
  create index ${BOOKINGS}_g${generation}_by_capture on ${bookings} (captured_at, booking_id)
    where captured_at is not null;
  create table ${lines} (
    booking_id uuid not null,
    ordinal integer not null,
    event_id uuid not null,
    ticket_type_id uuid not null,
    reservation_id uuid not null,
    created_at timestamptz not null,
    unit_price bigint not null,
    quantity integer not null,
    currency text not null,
    cancelled integer[] not null default '{}',
    seated jsonb,
    primary key (booking_id, ordinal)
  ) with (fillfactor = 80);
  create index ${LINES}_g${generation}_by_event on ${lines} (event_id, created_at, booking_id);
  create table ${refunds} (
    refund_id uuid primary key,
    booking_id uuid not null,
    amount bigint not null,
    currency text not null,
    asked_at timestamptz not null,
    succeeded_at timestamptz
  ) with (fillfactor = 80);
  create index ${REFUNDS}_g${generation}_by_booking on ${refunds} (booking_id);
  create index ${REFUNDS}_g${generation}_outstanding on ${refunds} (asked_at, refund_id) where succeeded_at is null;`;
};
