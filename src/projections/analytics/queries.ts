import type { Position } from "../../eventstore/port.ts";
import { checkpointOf, positionOf } from "../consistent-read.ts";
import { InvalidCursor, type Page } from "../cursor.ts";
import type { ReadSide } from "../database.ts";
import { isUuid } from "../uuid.ts";
import { COUNTED, type Counted } from "./table.ts";

/** Whose figures: of one event, of an organizer's events, of both, or of all. */
export interface Scope {
  readonly eventId: string | null;
  readonly organizerId: string | null;
}

/** From `from` on and before `to`, RFC 3339; null: without that bound. */
export interface Span {
  readonly from: string | null;
  readonly to: string | null;
}

export type BucketSize = "hour" | "day" | "week";

/** Sales that were made, and money that was taken and given back, in a while; amounts in minor units. */
export interface SalesBucket {
  /** RFC 3339 UTC. */
  readonly from: string;
  readonly to: string;
  readonly currency: string;
  readonly tickets: number;
  readonly cancelledTickets: number;
  readonly gross: number;
  readonly refunds: number;
}

/** Of a ticket type where one event was asked for, else of an event: then `ticketTypeId` is null. */
interface OfTickets {
  readonly eventId: string;
  readonly ticketTypeId: string | null;
}

export type Funnel = OfTickets & { readonly counts: Readonly<Record<Counted, number>> };

export interface Revenue extends OfTickets {
  readonly currency: string;
  readonly tickets: number;
  readonly cancelledTickets: number;
  readonly gross: number;
  readonly refunds: number;
  readonly refundsAsked: number;
}

export interface Occupancy extends OfTickets {
  readonly total: number;
  readonly held: number;
  readonly booked: number;
  /** When its sale began, when for the first time none was left, and none unbooked; of an event: of all of its types. */
  readonly onSaleAt: string | null;
  readonly soldOutAt: string | null;
  readonly bookedOutAt: string | null;
}

export interface EventsPage {
  readonly cursor: string | null;
  /** Events, 1 to 200. */
  readonly limit: number;
}

/** A read that needs some position; see `ReadAt`. */
interface AsOf {
  readonly minPosition: Position | null;
}

/** All of them throw ReadModelBehind; those by pages InvalidCursor. */
export interface AnalyticsQueries {
  /**
   * By bucket of a time zone and currency, in order; buckets in which nothing was sold or given back are left out. The
   * buckets that `from` and the end of `to` are in are whole.
   * @param size `timeZone` an IANA name
   */
  sales(
    scope: Scope,
    size: { readonly bucket: BucketSize; readonly timeZone: string },
    span: { readonly from: string; readonly to: string },
    at: AsOf,
  ): Promise<readonly SalesBucket[]>;
  /** What happened in a span; the quarters of an hour that `from` and the end of `to` are in are whole. */
  funnel(scope: Scope, span: Span, page: EventsPage, at: AsOf): Promise<Page<Funnel>>;
  /** By currency. */
  revenue(scope: Scope, span: Span, page: EventsPage, at: AsOf): Promise<Page<Revenue>>;
  /** As it is now. */
  occupancy(scope: Scope, page: EventsPage, at: AsOf): Promise<Page<Occupancy>>;
}

const MODELS = ["analytics"];
const CHECKPOINT = `${checkpointOf(MODELS)} as checkpoint`;

/** SQL: money of all events in a span of 8 days around $5 and $6. */
const WITHIN = "m.slot >= $5::timestamptz - interval '8 days' and m.slot < $6::timestamptz + interval '8 days'";
/** $1 and $2 are null. */
const OF_ALL = `
  select m.* from readmodels.analytics_money m where $1::uuid is null and $2::uuid is null and ${WITHIN}`;
/**
 * Of an event ($1), or of an organizer's events ($2). `offset 0` has each event looked up by itself: an organizer has few of
 * those that there are, which a planner may not know, and would read the money of all.
 */
const OF_SOME = `
  select t.* from (
    select distinct s.event_id from readmodels.analytics_stock s
    where ($1::uuid is null or s.event_id = $1) and ($2::uuid is null or s.organizer_id = $2)) e
  cross join lateral (
    select m.* from readmodels.analytics_money m where m.event_id = e.event_id and ${WITHIN} offset 0) t`;

/** A bucket's end, by the time zone's own calendar. @param money SQL that selects rows of it */
const salesBy = (money: string): string => `
  with sold as (
    select date_trunc($3, t.slot, $4) as begins, t.currency, sum(t.tickets_sold) as tickets,
      sum(t.tickets_cancelled) as cancelled, sum(t.gross) as gross, sum(t.refunded) as refunds
    from (${money}) t group by begins, t.currency)
  select ${CHECKPOINT}, s.*,
    case when $3 = 'hour' then s.begins + interval '1 hour'
         else (s.begins at time zone $4 + ('1 ' || $3)::interval) at time zone $4 end as ends
  from (select) as always
  left join (
    select * from sold
    where begins >= date_trunc($3, $5::timestamptz, $4) and begins < $6::timestamptz
      and (tickets > 0 or cancelled > 0 or gross > 0 or refunds > 0)) s on true
  order by s.begins, s.currency`;
const SALES = { ofAll: salesBy(OF_ALL), ofSome: salesBy(OF_SOME) };

/** SQL: a page of the events in scope: $3 is the last that was shown, $4 how many. */
const CHOSEN = `
  select distinct t.event_id from readmodels.analytics_stock t
  where ($1::uuid is null or t.event_id = $1) and ($2::uuid is null or t.organizer_id = $2)
    and ($3::uuid is null or t.event_id > $3)
  order by t.event_id limit $4`;

/** SQL: by ticket type where one event is asked for. */
const TYPE = "case when $1::uuid is not null then t.ticket_type_id end";
/** SQL: quarters of an hour that have something of the span in them. */
const IN_SPAN = `($5::timestamptz is null or t.slot > $5::timestamptz - interval '15 minutes')
  and ($6::timestamptz is null or t.slot < $6)`;

const byEvents = (columns: string, from: string, order: string, groups = "1, 2"): string => `
  with chosen as materialized (${CHOSEN})
  select ${CHECKPOINT}, f.*
  from (select) as always
  left join (select t.event_id, ${TYPE} as ticket_type_id, ${columns} from ${from} group by ${groups}) f on true
  order by f.event_id, ${order}`;

const FUNNEL = byEvents(
  `min(t.ordinal) as ordinal, ${COUNTED.map((name) => `coalesce(sum(c.${name}), 0)::float8 as ${name}`).join(", ")}`,
  `readmodels.analytics_stock t join chosen using (event_id)
   left join (
     select t.event_id, t.ticket_type_id, ${COUNTED.map((name) => `sum(${name}) as ${name}`).join(", ")}
     from readmodels.analytics_counts t join chosen using (event_id) where ${IN_SPAN} group by 1, 2) c
   on c.event_id = t.event_id and c.ticket_type_id = t.ticket_type_id`,
  "f.ordinal",
);

const REVENUE = byEvents(
  `t.currency, sum(t.tickets_sold)::float8 as tickets, sum(t.tickets_cancelled)::float8 as cancelled,
   sum(t.gross)::float8 as gross, sum(t.refunded)::float8 as refunds, sum(t.refunds_asked)::float8 as asked`,
  `readmodels.analytics_money t join chosen using (event_id) where ${IN_SPAN}`,
  "f.ticket_type_id, f.currency",
  "1, 2, 3",
);

const OCCUPANCY = byEvents(
  `min(t.ordinal) as ordinal, sum(t.total)::float8 as total, sum(t.held)::float8 as held, sum(t.booked)::float8 as booked,
   min(greatest(t.opened_at, t.sale_starts_at)) as on_sale_at,
   case when count(*) = count(t.sold_out_at) then max(t.sold_out_at) end as sold_out_at,
   case when count(*) = count(t.booked_out_at) then max(t.booked_out_at) end as booked_out_at`,
  "readmodels.analytics_stock t join chosen using (event_id) where t.total > 0",
  "f.ordinal",
);

type Row = Readonly<Record<string, unknown>> & { readonly checkpoint: string | null };

export function analyticsQueries({ pool, reads }: Pick<ReadSide, "pool" | "reads">): AnalyticsQueries {
  const rowsOf = (text: string, values: readonly unknown[], { minPosition }: AsOf, key: string) =>
    reads.read(MODELS, minPosition, async () => {
      const { rows } = await pool.query<Row>(text, [...values]);
      return {
        checkpoint: positionOf(rows[0]?.checkpoint ?? null),
        value: rows.filter((row) => row[key] !== null),
      };
    });

  /** One event more than is shown tells that there are more. */
  async function page<Item extends OfTickets>(
    text: string,
    { eventId, organizerId }: Scope,
    span: Span | null,
    { cursor, limit }: EventsPage,
    at: AsOf,
    itemOf: (row: Row) => Item,
  ): Promise<Page<Item>> {
    const after = cursor === null ? null : eventIn(cursor);
    const values = [eventId, organizerId, after, limit + 1, ...(span === null ? [] : [span.from, span.to])];
    const found = (await rowsOf(text, values, at, "event_id")).map(itemOf);
    const events = [...new Set(found.map((item) => item.eventId))].slice(0, limit);
    const items = found.filter((item) => events.includes(item.eventId));
    const last = events.at(-1);
    return { items, next: items.length < found.length && last !== undefined ? cursorOf(last) : null };
  }

  return {
    async sales({ eventId, organizerId }, { bucket, timeZone }, { from, to }, at) {
      const text = eventId === null && organizerId === null ? SALES.ofAll : SALES.ofSome;
      const rows = await rowsOf(text, [eventId, organizerId, bucket, timeZone, from, to], at, "begins");
      return rows.map((row) => ({
        from: (row.begins as Date).toISOString(),
        to: (row.ends as Date).toISOString(),
        currency: String(row.currency),
        tickets: Number(row.tickets),
        cancelledTickets: Number(row.cancelled),
        gross: Number(row.gross),
        refunds: Number(row.refunds),
      }));
    },
    funnel: (scope, span, wish, at) =>
      page(FUNNEL, scope, span, wish, at, (row) => ({
        ...ofTickets(row),
        counts: Object.fromEntries(COUNTED.map((name) => [name, Number(row[name])])) as Record<Counted, number>,
      })),
    revenue: (scope, span, wish, at) =>
      page(REVENUE, scope, span, wish, at, (row) => ({
        ...ofTickets(row),
        currency: String(row.currency),
        tickets: Number(row.tickets),
        cancelledTickets: Number(row.cancelled),
        gross: Number(row.gross),
        refunds: Number(row.refunds),
        refundsAsked: Number(row.asked),
      })),
    occupancy: (scope, wish, at) =>
      page(OCCUPANCY, scope, null, wish, at, (row) => ({
        ...ofTickets(row),
        total: Number(row.total),
        held: Number(row.held),
        booked: Number(row.booked),
        onSaleAt: timeOf(row.on_sale_at),
        soldOutAt: timeOf(row.sold_out_at),
        bookedOutAt: timeOf(row.booked_out_at),
      })),
  };
}

const ofTickets = (row: Row): OfTickets => ({
  eventId: String(row.event_id),
  ticketTypeId: row.ticket_type_id === null ? null : String(row.ticket_type_id),
});

const timeOf = (value: unknown): string | null => (value instanceof Date ? value.toISOString() : null);

const cursorOf = (eventId: string): string => Buffer.from(eventId).toString("base64url");

/** @throws InvalidCursor */
function eventIn(cursor: string): string {
  const eventId = Buffer.from(cursor, "base64url").toString();
  if (!isUuid(eventId)) throw new InvalidCursor("the cursor is not one that a list gave");
  return eventId;
}
