import type { BookedEvent, BookingLine } from "../../domain/booking-events.ts";
import { totalMinor } from "../../domain/pricing.ts";
import { inventoryOf } from "../../eventstore/streams.ts";
import { BinaryRows, uuidBytes } from "../binary-rows.ts";
import { type Copy, type Statement, tableName } from "../projection.ts";
import { storableJson, storableText } from "../storable.ts";
import type { Batch } from "./batch.ts";
import { ADMISSIONS, COUNTED, COUNTS, LINES, STOCK } from "./table.ts";

/** A row's size on its way to Postgres, about. */
const LINE_BYTES = 260;
const ADMISSION_BYTES = 160;

export function insertLines({ opened }: Batch, generation: number): Copy {
  const rows = new BinaryRows(opened.length * LINE_BYTES);
  for (const { bookingId, createdAt, lines, events } of opened) {
    const id = uuidBytes(bookingId);
    for (const [ordinal, line] of lines.entries()) {
      const event = events.find(({ eventId }) => eventId === line.eventId);
      rows.row(13).uuid(id).integer(ordinal).uuid(uuidBytes(line.eventId)).uuid(uuidBytes(line.ticketTypeId));
      if (event === undefined) rows.null();
      else rows.uuid(uuidBytes(event.organizerId));
      rows.uuid(uuidBytes(line.reservationId)).timestamp(Date.parse(createdAt)).integer(line.quantity);
      rows.bigint(line.unitPrice.amount).bigint(totalMinor(line)).text(storableText(line.unitPrice.currency));
      jsonOrNull(rows, line.prices);
      jsonOrNull(rows, event === undefined ? undefined : termsOf(event));
    }
  }
  const columns = `booking_id, ordinal, event_id, ticket_type_id, organizer_id, reservation_id, opened_at, quantity, unit_price,
    amount, currency, prices, refund_terms`;
  return copyOf(LINES, columns, generation, rows);
}

const termsOf = ({ startsAt, refundPolicy }: BookedEvent) => ({ startsAt, policy: refundPolicy });

function jsonOrNull(rows: BinaryRows, value: BookingLine["prices"] | ReturnType<typeof termsOf>): void {
  if (value === undefined) rows.null();
  else rows.jsonb(storableJson(value));
}

export function insertAdmissions({ admissions }: Batch, generation: number): Copy {
  const rows = new BinaryRows(admissions.length * ADMISSION_BYTES);
  for (const { admissionId, reservationId, stream, at, tickets } of admissions) {
    const { eventId, ticketTypeId } = inventoryOf(stream);
    rows.row(6).text(storableText(admissionId)).uuid(uuidBytes(reservationId));
    rows.uuid(uuidBytes(eventId)).uuid(uuidBytes(ticketTypeId)).timestamp(Date.parse(at)).integer(tickets);
  }
  const columns = "admission_id, reservation_id, event_id, ticket_type_id, used_at, tickets";
  return copyOf(ADMISSIONS, columns, generation, rows);
}

const copyOf = (view: string, columns: string, generation: number, rows: BinaryRows): Copy => ({
  copy: `copy ${tableName(view, generation)} (${columns}) from stdin with (format binary)`,
  rows: rows.finish(),
});

export function addCounts({ counts }: Batch, generation: number): Statement {
  const rows = [...counts].flatMap(([stream, slots]) => {
    const { eventId, ticketTypeId } = inventoryOf(stream);
    return [...slots].map(([slot, amounts]) => ({ event_id: eventId, ticket_type_id: ticketTypeId, slot, ...amounts }));
  });
  const columns = COUNTED.join(", ");
  return {
    name: `analytics_counts_add_g${generation}`,
    text: `insert into ${tableName(COUNTS, generation)} as t (event_id, ticket_type_id, slot, ${columns})
           select event_id, ticket_type_id, slot, ${COUNTED.map((name) => `coalesce(${name}, 0)`).join(", ")}
           from json_to_recordset($1) as c (event_id uuid, ticket_type_id uuid, slot timestamptz,
             ${COUNTED.map((name) => `${name} bigint`).join(", ")})
           on conflict (event_id, ticket_type_id, slot) do update set ${added(COUNTED)}`,
    values: [JSON.stringify(rows)],
  };
}

/** SQL: each column of `t` with what comes to it. */
export const added = (columns: readonly string[]): string =>
  columns.map((name) => `${name} = t.${name} + excluded.${name}`).join(", ");

export function addStock({ stock }: Batch, generation: number): Statement {
  const rows = [...stock].map(([stream, change]) => {
    const { eventId, ticketTypeId } = inventoryOf(stream);
    return {
      event_id: eventId,
      ticket_type_id: ticketTypeId,
      organizer_id: change.organizerId,
      ordinal: change.ordinal,
      opened_at: change.openedAt,
      sale_starts_at: change.saleStartsAt === null ? null : storableTime(change.saleStartsAt),
      total: change.total,
      held: change.held,
      booked: change.booked,
      first_reserved_at: change.firstReservedAt,
      taken: change.taken,
      bought: change.bought,
    };
  });
  const table = tableName(STOCK, generation);
  const firstOf = (peaks: string, before: string) =>
    `(select (p.peak->>'at')::timestamptz from json_array_elements(c.${peaks}) with ordinality as p (peak, place)
      where coalesce(${before}, 0) + (p.peak->>'more')::bigint >= 0 order by p.place limit 1)`;
  return {
    name: `analytics_stock_add_g${generation}`,
    text: `insert into ${table} as t (event_id, ticket_type_id, organizer_id, ordinal, opened_at, sale_starts_at, total,
             held, booked, first_reserved_at, sold_out_at, booked_out_at)
           select c.event_id, c.ticket_type_id, c.organizer_id, c.ordinal, c.opened_at, c.sale_starts_at, c.total, c.held,
             c.booked, c.first_reserved_at, ${firstOf("taken", "s.held + s.booked - s.total")},
             ${firstOf("bought", "s.booked - s.total")}
           from json_to_recordset($1) as c (event_id uuid, ticket_type_id uuid, organizer_id uuid, ordinal int,
             opened_at timestamptz, sale_starts_at timestamptz, total bigint, held bigint, booked bigint,
             first_reserved_at timestamptz, taken json, bought json)
           left join ${table} s on s.event_id = c.event_id and s.ticket_type_id = c.ticket_type_id
           on conflict (event_id, ticket_type_id) do update set ${added(["ordinal", "total", "held", "booked"])},
             organizer_id = coalesce(t.organizer_id, excluded.organizer_id),
             opened_at = coalesce(t.opened_at, excluded.opened_at),
             sale_starts_at = coalesce(excluded.sale_starts_at, t.sale_starts_at),
             first_reserved_at = coalesce(t.first_reserved_at, excluded.first_reserved_at),
             sold_out_at = coalesce(t.sold_out_at, excluded.sold_out_at),
             booked_out_at = coalesce(t.booked_out_at, excluded.booked_out_at)`,
    values: [JSON.stringify(rows)],
  };
}

const LAST_YEAR = 9999;

/** RFC 3339 knows times that Postgres does not: it has no year 0. */
function storableTime(text: string): string | null {
  const time = new Date(text);
  const year = time.getUTCFullYear();
  return year >= 1 && year <= LAST_YEAR ? time.toISOString() : null;
}
