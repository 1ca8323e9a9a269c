import { type Statement, tableName } from "../projection.ts";
import type { Batch } from "./batch.ts";
import { COUNTS, LINES, MONEY, REFUNDS } from "./table.ts";
import { added } from "./writes.ts";

/** SQL: the quarter of an hour that a time is in. */
const slot = (time: string): string => `date_bin('15 minutes', ${time}, timestamptz '2000-01-01 00:00:00Z')`;

const KEY = "event_id, ticket_type_id";

/** SQL: adds sums by ticket type, quarter of an hour and currency. @param rows a query that begins with the four of them */
const addMoney = (columns: readonly string[], rows: string, generation: number): string => `
  insert into ${tableName(MONEY, generation)} as t (${KEY}, slot, currency, ${columns.join(", ")})
  select ${KEY}, slot, currency, ${columns.map((name) => `sum(${name})::bigint`).join(", ")}
  from (${rows}) r group by ${KEY}, slot, currency
  on conflict (${KEY}, slot, currency) do update set ${added(columns)}`;

/**
 * What becomes of bookings. Money counts when it is captured, also where the booking came to nothing and it is given back;
 * tickets count as sold with the booking.
 */
export function endBookings({ bookings }: Batch, generation: number): Statement {
  const rows = [...bookings].map(([bookingId, change]) => ({
    booking_id: bookingId,
    outcome: change.outcome,
    if_open: change.ifOpen,
    ended_at: change.endedAt,
    captured_at: change.capturedAt,
  }));
  const lines = tableName(LINES, generation);
  return {
    name: `analytics_bookings_end_g${generation}`,
    text: `
      with found as materialized (
        select l.ordinal, l.event_id, l.ticket_type_id, l.currency, l.quantity, l.amount, c.*,
          c.outcome is not null and not (c.if_open and l.outcome <> 'OPEN') as ends,
          c.captured_at is not null and l.captured_at is null as captures
        from json_to_recordset($1) as c (booking_id uuid, outcome text, if_open boolean, ended_at timestamptz,
          captured_at timestamptz)
        join ${lines} l on l.booking_id = c.booking_id),
      updated as (
        update ${lines} l set
          outcome = case when f.ends then f.outcome else l.outcome end,
          ended_at = case when f.ends then f.ended_at else l.ended_at end,
          captured_at = coalesce(l.captured_at, f.captured_at)
        from found f where l.booking_id = f.booking_id and l.ordinal = f.ordinal),
      declined as (
        insert into ${tableName(COUNTS, generation)} as t (${KEY}, slot, reservations_declined, tickets_declined)
        select ${KEY}, ${slot("ended_at")}, count(*), sum(quantity)
        from found where ends and outcome = 'DECLINED' group by 1, 2, 3
        on conflict (${KEY}, slot) do update set ${added(["reservations_declined", "tickets_declined"])})
      ${addMoney(
        ["lines_sold", "tickets_sold", "gross"],
        `select ${KEY}, ${slot("ended_at")} as slot, currency, 1 as lines_sold, quantity as tickets_sold, 0 as gross
         from found where ends and outcome = 'SOLD'
         union all
         select ${KEY}, ${slot("captured_at")}, currency, 0, 0, amount from found where captures`,
        generation,
      )}`,
    values: [JSON.stringify(rows)],
  };
}

export function cancelTickets({ cancelled }: Batch, generation: number): Statement {
  const rows = cancelled.flatMap(({ bookingId, tickets, at }) =>
    tickets.map(({ reservationId, ordinals }) => ({
      booking_id: bookingId,
      reservation_id: reservationId,
      tickets: ordinals.length,
      at,
    })),
  );
  const lines = tableName(LINES, generation);
  return {
    name: `analytics_tickets_cancel_g${generation}`,
    text: `
      with found as materialized (
        select l.booking_id, l.ordinal, l.event_id, l.ticket_type_id, l.currency, c.tickets, c.at
        from json_to_recordset($1) as c (booking_id uuid, reservation_id uuid, tickets int, at timestamptz)
        join ${lines} l on l.booking_id = c.booking_id and l.reservation_id = c.reservation_id),
      updated as (
        update ${lines} l set tickets_cancelled = l.tickets_cancelled + f.tickets
        from (select booking_id, ordinal, sum(tickets)::int as tickets from found group by 1, 2) f
        where l.booking_id = f.booking_id and l.ordinal = f.ordinal)
      ${addMoney(
        ["tickets_cancelled"],
        `select ${KEY}, ${slot("at")} as slot, currency, tickets as tickets_cancelled from found`,
        generation,
      )}`,
    values: [JSON.stringify(rows)],
  };
}

/**
 * SQL: of which part of its price a ticket is given back, by the terms that it was bought under; times compare as texts. Where
 * that is nothing and something is given back all the same, the event was called off.
 */
const PERCENT = `
  case
    when l.refund_terms is null then 100
    when l.refund_terms->'policy' = 'null'::jsonb then
      case when l.refund_terms->>'startsAt' is null or a.asked_at < l.refund_terms->>'startsAt' collate "C" then 100 else 0 end
    else coalesce((
      select (s->>'percent')::numeric from jsonb_array_elements(l.refund_terms->'policy') s
      where a.asked_at < s->>'until' collate "C" order by s->>'until' collate "C" limit 1), 0)
  end`;

/** SQL: what the tickets cost that a refund is for. */
const CANCELLED_PRICE = `
  coalesce((
    select sum(coalesce((l.prices->>(o.ordinal::int))::numeric, l.unit_price))
    from json_array_elements(a.tickets) k, json_array_elements_text(k->'ordinals') o (ordinal)
    where (k->>'reservationId')::uuid = l.reservation_id), 0)`;

/**
 * What is to be given back, by the lines that it is for: of cancelled tickets by what each of them brings, of goodwill by the
 * price of all that is of the organizer who gives it. Shares are rounded so that together they are the refund.
 */
export function askRefunds({ asked }: Batch, generation: number): Statement {
  const rows = asked.map((refund) => ({
    refund_id: refund.refundId,
    booking_id: refund.bookingId,
    amount: refund.amount,
    asked_at: refund.askedAt,
    cause: refund.cause,
    tickets: refund.tickets,
    given_by: refund.givenBy,
  }));
  return {
    name: `analytics_refunds_ask_g${generation}`,
    text: `
      with wanted as materialized (
        select a.*, l.ordinal, l.event_id, l.ticket_type_id, l.currency, l.amount as price, ${PERCENT} as percent,
          case
            when a.tickets is not null then ${CANCELLED_PRICE}
            when a.given_by is null or a.given_by = l.organizer_id::text then l.amount
            else 0
          end as refunded_price
        from json_to_recordset($1) as a (refund_id uuid, booking_id uuid, amount numeric, asked_at text, cause text,
          tickets json, given_by text)
        join ${tableName(LINES, generation)} l on l.booking_id = a.booking_id),
      judged as (
        select w.*, case when tickets is null then refunded_price else refunded_price * percent end as by_terms
        from wanted w),
      weighed as (
        select w.*, case
            when sum(by_terms) over refund > 0 then by_terms
            when sum(refunded_price) over refund > 0 then refunded_price
            when sum(price) over refund > 0 then price
            else 1
          end as part
        from judged w window refund as (partition by refund_id)),
      summed as (
        select w.*, sum(part) over (partition by refund_id) as whole,
          sum(part) over (partition by refund_id order by ordinal) as upto
        from weighed w),
      shared as (
        select s.*, (round(amount * upto / whole) - round(amount * (upto - part) / whole))::bigint as share from summed s),
      made as (
        insert into ${tableName(REFUNDS, generation)}
          (refund_id, ordinal, booking_id, ${KEY}, amount, currency, cause, asked_at)
        select refund_id, ordinal, booking_id, ${KEY}, share, currency, cause, asked_at::timestamptz
        from shared where share > 0
        on conflict do nothing
        returning event_id, ticket_type_id, currency, amount, asked_at)
      ${addMoney(
        ["refunds_asked"],
        `select ${KEY}, ${slot("asked_at")} as slot, currency, amount as refunds_asked from made`,
        generation,
      )}`,
    values: [JSON.stringify(rows)],
  };
}

export function succeedRefunds({ succeeded }: Batch, generation: number): Statement {
  const rows = [...succeeded].map(([refundId, at]) => ({ refund_id: refundId, at }));
  const refunds = tableName(REFUNDS, generation);
  return {
    name: `analytics_refunds_succeed_g${generation}`,
    text: `
      with done as (
        update ${refunds} r set succeeded_at = c.at
        from json_to_recordset($1) as c (refund_id uuid, at timestamptz)
        where r.refund_id = c.refund_id and r.succeeded_at is null
        returning r.event_id, r.ticket_type_id, r.currency, r.amount, r.succeeded_at)
      ${addMoney(
        ["refunded"],
        `select ${KEY}, ${slot("succeeded_at")} as slot, currency, amount as refunded from done`,
        generation,
      )}`,
    values: [JSON.stringify(rows)],
  };
}
