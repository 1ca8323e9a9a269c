import type { BookingLine } from "../../domain/booking-events.ts";
import type { Seated } from "../../domain/inventory-events.ts";
import type { Money } from "../../domain/money.ts";
import { checkpointOf, positionOf } from "../consistent-read.ts";
import type { BookingRow } from "./table.ts";

const names = ["bookings"];

/** The read models that queries of bookings use. */
export const MODELS = {
  names,
  checkpoint: checkpointOf(names),
  positionIn: (row: { readonly checkpoint: string | null } | undefined) => positionOf(row?.checkpoint ?? null),
};

/** A booking with its lines and refunds. */
export interface FoundBooking extends BookingRow {
  /** In their order; `cancelled` are tickets of each, counted from 0. null: none. */
  readonly lines:
    | readonly (BookingLine & { readonly cancelled: readonly number[]; readonly seated: Seated | null })[]
    | null;
  /** As they were asked for; null: none. */
  readonly refunds:
    | readonly {
        readonly refundId: string;
        readonly amount: Money;
        readonly succeeded: boolean;
        readonly atMs: number;
      }[]
    | null;
}

export type SelectedRow = { readonly checkpoint: string | null } & (FoundBooking | { readonly booking_id: null });

/**
 * SQL: each booking of `of_event` looked up by itself (`offset 0`). As a join, a status that few bookings have would have a
 * planner look for it among all bookings of all events.
 */
export const LOOKED_UP = `
  cross join lateral (select * from readmodels.bookings where booking_id = of_event.booking_id offset 0) b`;

/**
 * One statement, so that rows and checkpoint are of one snapshot; a row comes back even without bookings.
 * @param bookings SQL that selects rows of bookings
 * @param wanted SQL: which of their lines are shown
 */
export const bookingSelection = (bookings: string, wanted = "true"): string => `
  select ${MODELS.checkpoint} as checkpoint, b.*, l.lines, r.refunds
  from (select) as always
  left join (${bookings}) b on true
  left join lateral (
    select json_agg(json_build_object(
      'reservationId', reservation_id, 'eventId', event_id, 'ticketTypeId', ticket_type_id, 'quantity', quantity,
      'unitPrice', json_build_object('amount', unit_price, 'currency', currency), 'cancelled', cancelled,
      'seated', seated
    ) order by ordinal) as lines
    from readmodels.booking_lines where booking_id = b.booking_id and ${wanted}
  ) l on true
  left join lateral (
    select json_agg(json_build_object(
      'refundId', refund_id, 'amount', json_build_object('amount', amount, 'currency', currency),
      'succeeded', succeeded_at is not null, 'atMs', floor(extract(epoch from asked_at) * 1000)
    ) order by asked_at, refund_id) as refunds
    from readmodels.refunds where booking_id = b.booking_id
  ) r on true
  order by b.created_at desc, b.booking_id desc`;
