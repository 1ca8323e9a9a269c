import { BinaryRows, uuidBytes } from "../binary-rows.ts";
import { type Copy, type Statement, tableName } from "../projection.ts";
import { storableJson, storableText } from "../storable.ts";
import type { AskedRefund, CancelledLine, Change, Opened } from "./changes.ts";
import { BOOKINGS, type BookingStatus, LINES, REFUNDS } from "./table.ts";

/** A row's size on its way to Postgres, about. */
const BOOKING_BYTES = 320;
const LINE_BYTES = 180;

export function insertBookings(opened: ReadonlyMap<string, Opened>, generation: number): Copy {
  const rows = new BinaryRows(opened.size * BOOKING_BYTES);
  for (const [bookingId, booking] of opened) {
    const { accountId, createdAt, expiresAt, total, lines, cartId } = booking.data;
    const tickets = lines.reduce((sum, { quantity }) => sum + quantity, 0);
    const status = statusOf(booking, tickets);
    rows
      .row(17)
      .uuid(uuidBytes(bookingId))
      .uuid(uuidBytes(accountId))
      .timestamp(Date.parse(createdAt))
      .timestamp(Date.parse(expiresAt))
      .bigint(total.amount)
      .text(storableText(total.currency))
      .text(status)
      .text(booking.payment ?? "NOT_STARTED")
      .integer(tickets)
      .integer(booking.cancelledTickets);
    timeOrNull(rows, booking.capturedAt);
    timeOrNull(rows, status === "CANCELLED" ? (booking.withdrawnAt ?? booking.ticketsCancelledAt) : null);
    uuidOrNull(rows, cartId);
    uuidOrNull(rows, booking.attempt?.attemptId ?? null);
    for (const text of [booking.attempt?.provider, booking.attempt?.method, booking.chargeId]) textOrNull(rows, text);
  }
  return { copy: `copy ${tableName(BOOKINGS, generation)} from stdin with (format binary)`, rows: rows.finish() };
}

/** The same that the update has in SQL, of a booking that begins as PENDING_PAYMENT. */
function statusOf({ status, cancelledTickets }: Change, tickets: number): BookingStatus {
  return cancelledTickets > 0 && cancelledTickets >= tickets ? "CANCELLED" : (status ?? "PENDING_PAYMENT");
}

export function insertLines(opened: ReadonlyMap<string, Opened>, generation: number): Copy {
  const rows = new BinaryRows(opened.size * LINE_BYTES);
  for (const [id, { data }] of opened) {
    const bookingId = uuidBytes(id);
    const createdAtMs = Date.parse(data.createdAt);
    for (const [ordinal, line] of data.lines.entries()) {
      const { eventId, ticketTypeId, reservationId, unitPrice, quantity, seats, prices } = line;
      rows
        .row(10)
        .uuid(bookingId)
        .integer(ordinal)
        .uuid(uuidBytes(eventId))
        .uuid(uuidBytes(ticketTypeId))
        .uuid(uuidBytes(reservationId))
        .timestamp(createdAtMs)
        .bigint(unitPrice.amount)
        .integer(quantity)
        .text(storableText(unitPrice.currency));
      if (seats === undefined) rows.null();
      else rows.jsonb(JSON.stringify({ seats, prices }));
    }
  }
  const columns =
    "booking_id, ordinal, event_id, ticket_type_id, reservation_id, created_at, unit_price, quantity, currency, seated";
  return {
    copy: `copy ${tableName(LINES, generation)} (${columns}) from stdin with (format binary)`,
    rows: rows.finish(),
  };
}

export function updateBookings(changed: ReadonlyMap<string, Change>, generation: number): Statement {
  const rows = [...changed].map(([bookingId, change]) => ({
    booking_id: bookingId,
    status: change.status,
    if_pending: change.ifPending,
    payment_status: change.payment,
    attempt_id: change.attempt?.attemptId ?? null,
    provider: change.attempt?.provider ?? null,
    method: change.attempt?.method ?? null,
    charge_id: change.chargeId,
    captured_at: change.capturedAt,
    withdrawn_at: change.withdrawnAt,
    cancelled: change.cancelledTickets,
    tickets_cancelled_at: change.ticketsCancelledAt,
  }));
  const isWholeCancelled = "c.cancelled > 0 and b.cancelled_tickets + c.cancelled >= b.tickets";
  return {
    name: `bookings_update_g${generation}`,
    text: `update ${tableName(BOOKINGS, generation)} b set
             status = case
               when ${isWholeCancelled} then 'CANCELLED'
               when c.status is null or (c.if_pending and b.status <> 'PENDING_PAYMENT') then b.status
               else c.status end,
             payment_status = coalesce(c.payment_status, b.payment_status),
             attempt_id = coalesce(c.attempt_id, b.attempt_id),
             provider = coalesce(c.provider, b.provider),
             method = coalesce(c.method, b.method),
             charge_id = coalesce(c.charge_id, b.charge_id),
             captured_at = coalesce(c.captured_at, b.captured_at),
             cancelled_tickets = b.cancelled_tickets + c.cancelled,
             cancelled_at = coalesce(c.withdrawn_at, case when ${isWholeCancelled} then c.tickets_cancelled_at end,
               b.cancelled_at)
           from json_to_recordset($1) as c (booking_id uuid, status text, if_pending boolean, payment_status text,
             attempt_id uuid, provider text, method text, charge_id text, captured_at timestamptz,
             withdrawn_at timestamptz, cancelled int, tickets_cancelled_at timestamptz)
           where b.booking_id = c.booking_id`,
    values: [storableJson(rows)],
  };
}

export function cancelLines(cancelled: readonly CancelledLine[], generation: number): Statement {
  const rows = cancelled.map(({ bookingId, reservationId, ordinals }) => ({
    booking_id: bookingId,
    reservation_id: reservationId,
    ordinals: `{${ordinals.join(",")}}`,
  }));
  return {
    name: `booking_lines_cancel_g${generation}`,
    text: `update ${tableName(LINES, generation)} l set cancelled = l.cancelled || c.ordinals::int[]
           from json_to_recordset($1) as c (booking_id uuid, reservation_id uuid, ordinals text)
           where l.booking_id = c.booking_id and l.reservation_id = c.reservation_id`,
    values: [JSON.stringify(rows)],
  };
}

export function insertRefunds(asked: ReadonlyMap<string, AskedRefund>, generation: number): Statement {
  const rows = [...asked].map(([refundId, { bookingId, amount, askedAt, succeededAt }]) => ({
    refund_id: refundId,
    booking_id: bookingId,
    amount: amount.amount,
    currency: amount.currency,
    asked_at: askedAt,
    succeeded_at: succeededAt,
  }));
  return {
    name: `refunds_insert_g${generation}`,
    text: `insert into ${tableName(REFUNDS, generation)}
             (refund_id, booking_id, amount, currency, asked_at, succeeded_at)
           select * from json_to_recordset($1) as t (refund_id uuid, booking_id uuid, amount bigint, currency text,
             asked_at timestamptz, succeeded_at timestamptz)
           on conflict (refund_id) do nothing`,
    values: [storableJson(rows)],
  };
}

export function succeedRefunds(succeeded: ReadonlyMap<string, string>, generation: number): Statement {
  const rows = [...succeeded].map(([refundId, at]) => ({ refund_id: refundId, at }));
  return {
    name: `refunds_succeed_g${generation}`,
    text: `update ${tableName(REFUNDS, generation)} r set succeeded_at = c.at
           from json_to_recordset($1) as c (refund_id uuid, at timestamptz) where r.refund_id = c.refund_id`,
    values: [JSON.stringify(rows)],
  };
}

function timeOrNull(rows: BinaryRows, time: string | null): void {
  if (time === null) rows.null();
  else rows.timestamp(Date.parse(time));
}

function uuidOrNull(rows: BinaryRows, uuid: string | null): void {
  if (uuid === null) rows.null();
  else rows.uuid(uuidBytes(uuid));
}

function textOrNull(rows: BinaryRows, text: string | null | undefined): void {
  if (text === null || text === undefined) rows.null();
  else rows.text(storableText(text));
}
