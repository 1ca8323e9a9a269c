import type { Position } from "../../eventstore/port.ts";
import type { ReadAt } from "../consistent-read.ts";
import { isNewer, isOlder, type Page, pageOf } from "../cursor.ts";
import type { ReadSide } from "../database.ts";
import { isUuid } from "../uuid.ts";
import { type Booking, bookingOf } from "./booking.ts";
import { cursorOf, keyOf, type PageWish, withinTickets } from "./pages.ts";
import { bookingSelection, LOOKED_UP, MODELS, type SelectedRow } from "./selection.ts";
import type { BookingStatus } from "./table.ts";

export interface BookingQueries {
  /**
   * One booking; null when there is none. Whose it is is the caller's to check.
   * @throws ReadModelBehind
   */
  get(bookingId: string, at: Pick<ReadAt, "minPosition">): Promise<Booking | null>;
  /**
   * An account's bookings, newest first.
   * @param page `status` null: all
   * @throws ReadModelBehind
   * @throws InvalidCursor
   */
  listByAccount(
    accountId: string,
    page: PageWish & { readonly status: BookingStatus | null },
    at: Pick<ReadAt, "minPosition">,
  ): Promise<Page<Booking>>;
  /**
   * Bookings with tickets of an event, newest first, for its organizer: each with its lines of this event only.
   * @param page `status` null: all; `of` null: everybody's, else those of these accounts and this booking
   * @throws ReadModelBehind
   * @throws InvalidCursor
   */
  listByEvent(
    eventId: string,
    page: PageWish & {
      readonly status: BookingStatus | null;
      readonly of: { readonly accountIds: readonly string[]; readonly bookingId: string | null } | null;
    },
    at: Pick<ReadAt, "minPosition">,
  ): Promise<Page<Booking>>;
  /**
   * The ids of all bookings that were ever made of an event's tickets, oldest first, for walking over them in portions.
   * @throws ReadModelBehind
   * @throws InvalidCursor
   */
  idsOfEvent(eventId: string, page: PageWish, minPosition: Position | null): Promise<Page<string>>;
  /**
   * How far the bookings of an event are cancelled and refunded.
   * @throws ReadModelBehind
   */
  cancellationOf(eventId: string, at: Pick<ReadAt, "minPosition">): Promise<CancellationProgress>;
  /** Attempts of bookings that were captured since (epoch milliseconds), oldest first, fetched in portions. */
  capturedSince(sinceMs: number): AsyncIterable<CapturedAttempt>;
  /** Refunds that were asked for before then (epoch milliseconds) and are not made, the oldest first, at most so many. */
  outstandingRefunds(beforeMs: number, limit: number): Promise<readonly OutstandingRefund[]>;
}

export interface CapturedAttempt {
  readonly bookingId: string;
  readonly attemptId: string;
  /** What the provider calls it. */
  readonly chargeId: string | null;
}

export interface OutstandingRefund {
  readonly bookingId: string;
  readonly attemptId: string;
  readonly refundId: string;
}

/** Counted over bookings of the event that were paid, or that had nothing to pay. */
export interface CancellationProgress {
  readonly bookings: number;
  /** Of those, the ones that have no valid ticket of the event any more. */
  readonly cancelled: number;
  /** All refunds of these bookings, also those that were asked for before. */
  readonly refunds: { readonly pending: number; readonly succeeded: number };
}

const GET = { name: "bookings_get", text: bookingSelection("select * from readmodels.bookings where booking_id = $1") };

const LIST_BY_ACCOUNT = {
  name: "bookings_by_account",
  text: bookingSelection(`
    select * from readmodels.bookings
    where account_id = $1 and ${isOlder("created_at", "booking_id")}
      and ($5::text is null or status = $5)
    order by created_at desc, booking_id desc limit $4`),
};

const LIST_BY_EVENT = {
  name: "bookings_by_event",
  text: bookingSelection(
    `select b.* from (
       select distinct created_at, booking_id from readmodels.booking_lines
       where event_id = $1 and ${isOlder("created_at", "booking_id")}
       order by created_at desc, booking_id desc) of_event
     ${LOOKED_UP}
     where ($5::text is null or b.status = $5)
       and ($6::uuid[] is null or b.account_id = any($6) or b.booking_id = $7::uuid)
     order by of_event.created_at desc, of_event.booking_id desc limit $4`,
    "event_id = $1",
  ),
};

const IDS_OF_EVENT = {
  name: "bookings_ids_of_event",
  text: `
    select ${MODELS.checkpoint} as checkpoint, l.* from (select) as always
    left join (
      select distinct created_at, booking_id from readmodels.booking_lines
      where event_id = $1 and ${isNewer("created_at", "booking_id")}
      order by created_at, booking_id limit $4) l on true
    order by l.created_at, l.booking_id`,
};

/** Each table is gone through once: with 100,000 bookings a look-up of each one's refunds is most of the second it takes. */
const CANCELLATION = {
  name: "bookings_cancellation",
  text: `
    with paid as materialized (
      select l.booking_id, sum(l.quantity - cardinality(l.cancelled)) as left_over
      from readmodels.booking_lines l
      join readmodels.bookings b on b.booking_id = l.booking_id and (b.status = 'PAID' or b.cancelled_tickets > 0)
      where l.event_id = $1 group by l.booking_id)
    select ${MODELS.checkpoint} as checkpoint, p.*, r.*
    from (
      select count(*)::int as bookings, (count(*) filter (where left_over = 0))::int as cancelled from paid) p,
     (
      select (count(*) filter (where r.succeeded_at is null))::int as pending, count(r.succeeded_at)::int as succeeded
      from paid join readmodels.refunds r on r.booking_id = paid.booking_id) r`,
};

const CAPTURED_SINCE = {
  name: "bookings_captured_since",
  text: `
    select booking_id, attempt_id, charge_id, captured_at from readmodels.bookings
    where (captured_at, booking_id) > ($1::timestamptz, $2::uuid) and captured_at is not null
    order by captured_at, booking_id limit 1000`,
};

const OUTSTANDING_REFUNDS = {
  name: "bookings_outstanding_refunds",
  text: `
    select r.refund_id as "refundId", b.booking_id as "bookingId", b.attempt_id as "attemptId"
    from readmodels.refunds r join readmodels.bookings b on b.booking_id = r.booking_id
    where r.succeeded_at is null and r.asked_at < $1
    order by r.asked_at, r.refund_id limit $2`,
};

const FIRST_ID = "00000000-0000-0000-0000-000000000000";

interface CancellationRow {
  readonly checkpoint: string | null;
  readonly bookings: number;
  readonly cancelled: number;
  readonly pending: number;
  readonly succeeded: number;
}

interface CapturedRow {
  readonly booking_id: string;
  readonly attempt_id: string;
  readonly charge_id: string | null;
  readonly captured_at: Date;
}

type IdRow = { readonly checkpoint: string | null } & (
  | { readonly booking_id: string; readonly created_at: Date }
  | { readonly booking_id: null }
);

export function bookingQueries({ pool, reads }: Pick<ReadSide, "pool" | "reads">): BookingQueries {
  const found = async (statement: { readonly name: string; readonly text: string }, values: readonly unknown[]) => {
    const { rows } = await pool.query<SelectedRow>({ ...statement, values: [...values] });
    return {
      checkpoint: MODELS.positionIn(rows[0]),
      value: rows.flatMap((row) => (row.booking_id === null ? [] : [bookingOf(row)])),
    };
  };
  const list = async (
    statement: typeof GET,
    id: string,
    { cursor, limit }: PageWish,
    rest: readonly unknown[],
    { minPosition }: Pick<ReadAt, "minPosition">,
  ) => {
    const values = [id, ...keyOf(cursor), limit + 1, ...rest];
    const bookings = await reads.read(MODELS.names, minPosition, () => found(statement, values));
    return pageOf(bookings, Math.min(limit, withinTickets(bookings)), cursorOf);
  };
  return {
    get: async (bookingId, { minPosition }) => {
      if (!isUuid(bookingId)) return null;
      return reads.find(MODELS.names, minPosition, async () => {
        const { checkpoint, value } = await found(GET, [bookingId]);
        return { checkpoint, value: value[0] ?? null };
      });
    },

    listByAccount: (accountId, page, at) => list(LIST_BY_ACCOUNT, accountId, page, [page.status], at),

    listByEvent: (eventId, page, at) => {
      const { accountIds, bookingId } = page.of ?? { accountIds: null, bookingId: null };
      return list(LIST_BY_EVENT, eventId, page, [page.status, accountIds, bookingId], at);
    },

    async idsOfEvent(eventId, { cursor, limit }, minPosition) {
      const values = [eventId, ...keyOf(cursor), limit + 1];
      const rows = await reads.read(MODELS.names, minPosition, async () => {
        const found = (await pool.query<IdRow>({ ...IDS_OF_EVENT, values })).rows;
        const value = found.flatMap((row) => (row.booking_id === null ? [] : [row]));
        return { checkpoint: MODELS.positionIn(found[0]), value };
      });
      const page = pageOf(rows, limit, (row) => ({ createdAtMs: row.created_at.getTime(), id: row.booking_id }));
      return { ...page, items: page.items.map((row) => row.booking_id) };
    },

    cancellationOf: (eventId, { minPosition }) =>
      reads.read(MODELS.names, minPosition, async () => {
        const { rows } = await pool.query<CancellationRow>({ ...CANCELLATION, values: [eventId] });
        const { bookings, cancelled, pending, succeeded } = rows[0] as CancellationRow;
        return {
          checkpoint: MODELS.positionIn(rows[0]),
          value: { bookings, cancelled, refunds: { pending, succeeded } },
        };
      }),

    async *capturedSince(sinceMs) {
      let after: readonly [Date, string] = [new Date(sinceMs), FIRST_ID];
      for (;;) {
        const { rows } = await pool.query<CapturedRow>({
          ...CAPTURED_SINCE,
          values: [...after],
        });
        for (const { booking_id, attempt_id, charge_id } of rows) {
          yield { bookingId: booking_id, attemptId: attempt_id, chargeId: charge_id };
        }
        const last = rows.at(-1);
        if (last === undefined) return;
        after = [last.captured_at, last.booking_id];
      }
    },

    async outstandingRefunds(beforeMs, limit) {
      const values = [new Date(beforeMs), limit];
      return (await pool.query<OutstandingRefund>({ ...OUTSTANDING_REFUNDS, values })).rows;
    },
  };
}
