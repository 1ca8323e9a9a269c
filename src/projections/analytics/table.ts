import { tableName } from "../projection.ts";

/** What the read model keeps; analysts read the views in schema `analytics` (`views.ts`), which are made of these. */
export const LINES = "analytics_lines";
export const REFUNDS = "analytics_refunds";
export const COUNTS = "analytics_counts";
export const MONEY = "analytics_money";
export const STOCK = "analytics_stock";
export const ADMISSIONS = "analytics_admissions";

export const VIEWS = [LINES, REFUNDS, COUNTS, MONEY, STOCK, ADMISSIONS] as const;

/** What became of a booking: it is SOLD once it is paid, or confirmed where nothing is to be paid. */
export type Outcome = "OPEN" | "SOLD" | "DECLINED" | "TIMED_OUT" | "WITHDRAWN";

/**
 * Every UTC offset in use is a multiple of a quarter of an hour: sums by it can be put together to hours, days and weeks
 * of any time zone.
 */
export const SLOT_MS = 15 * 60 * 1_000;
export const slotOf = (time: string): string =>
  new Date(Math.floor(Date.parse(time) / SLOT_MS) * SLOT_MS).toISOString();

/** Columns of {@link COUNTS} beside its key: how much of each happened in a quarter of an hour, as inventories record it. */
export const COUNTED = [
  "reservations_made",
  "tickets_reserved",
  "reservations_offered",
  "tickets_offered",
  "reservations_confirmed",
  "tickets_confirmed",
  "reservations_released",
  "tickets_released",
  "reservations_expired",
  "tickets_expired",
  "reservations_withdrawn",
  "tickets_withdrawn",
  "tickets_returned",
  "reservations_declined",
  "tickets_declined",
  "waitlist_joined",
  "waitlist_tickets_joined",
  "waitlist_left",
  "waitlist_ended",
] as const;
export type Counted = (typeof COUNTED)[number];

/**
 * Columns of {@link MONEY} beside its key. Amounts are minor units: what was captured, what was asked to be given back, and
 * what the provider has given back.
 */
export const SUMMED = [
  "lines_sold",
  "tickets_sold",
  "tickets_cancelled",
  "gross",
  "refunds_asked",
  "refunded",
] as const;

const KEY = "event_id uuid not null, ticket_type_id uuid not null";

/** Columns of {@link LINES} and {@link ADMISSIONS} stand in the order in which they are copied. */
export const createTables = (generation: number): string => {
  const [lines, refunds, counts, money, stock, admissions] = VIEWS.map((view) => tableName(view, generation));
  const bigints = (names: readonly string[]) => names.map((name) => `${name} bigint not null default 0`).join(", ");
  return `
  create table ${lines} (
    booking_id uuid not null,
    ordinal integer not null,
    ${KEY},
    organizer_id uuid,
    reservation_id uuid not null,
    opened_at timestamptz not null,
    quantity integer not null,
    unit_price bigint not null,
    amount bigint not null,
    currency text not null,
    prices jsonb,
    refund_terms jsonb,
    outcome text not null default 'OPEN',
    ended_at timestamptz,
    captured_at timestamptz,
    tickets_cancelled integer not null default 0,
    primary key (booking_id, ordinal)
  ) with (fillfactor = 70);
  create index ${LINES}_g${generation}_by_event on ${lines} (event_id, opened_at);
  create table ${refunds} (
    refund_id uuid not null,
    ordinal integer not null,
    booking_id uuid not null,
    ${KEY},
    amount bigint not null,
    currency text not null,
    cause text not null,
    asked_at timestamptz not null,
    succeeded_at timestamptz,
    primary key (refund_id, ordinal)
  ) with (fillfactor = 80);
  create index ${REFUNDS}_g${generation}_by_event on ${refunds} (event_id);
  create table ${counts} (${KEY}, slot timestamptz not null, ${bigints(COUNTED)},
    primary key (event_id, ticket_type_id, slot)) with (fillfactor = 70);
  create table ${money} (${KEY}, slot timestamptz not null, currency text not null, ${bigints(SUMMED)},
    primary key (event_id, ticket_type_id, slot, currency)) with (fillfactor = 70);
  create index ${MONEY}_g${generation}_by_slot on ${money} (slot);
  create table ${stock} (${KEY},
    organizer_id uuid,
    ordinal integer not null default 0,
    opened_at timestamptz,
    sale_starts_at timestamptz,
    total bigint not null default 0,
    held bigint not null default 0,
    booked bigint not null default 0,
    first_reserved_at timestamptz,
    sold_out_at timestamptz,
    booked_out_at timestamptz,
    primary key (event_id, ticket_type_id)) with (fillfactor = 50);
  create index ${STOCK}_g${generation}_by_organizer on ${stock} (organizer_id, event_id);
  create table ${admissions} (
    admission_id text not null,
    reservation_id uuid not null,
    ${KEY},
    used_at timestamptz not null,
    tickets integer not null
  );
  create index ${ADMISSIONS}_g${generation}_by_event on ${admissions} (event_id, used_at);`;
};
