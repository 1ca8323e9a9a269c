import { totalMinor } from "../../domain/pricing.ts";
import type { ReadAt } from "../consistent-read.ts";
import { isOlder, LAST_ID, type Page, pageOf } from "../cursor.ts";
import type { ReadSide } from "../database.ts";
import { type Booking, bookingOf } from "./booking.ts";
import { cursorOf, keyOf, type PageWish, withinTickets } from "./pages.ts";
import { bookingSelection, type FoundBooking, LOOKED_UP, MODELS, type SelectedRow } from "./selection.ts";
import type { BookingStatus } from "./table.ts";

/** A booking as far as it is of one event's tickets: lines, total and cancelled tickets are of this event only. */
export interface SoldBooking extends Booking {
  readonly buyer: Buyer;
  /**
   * It has tickets of other events too. Refunds are of the booking as a whole, so that they are left out here, and what is
   * told of its payment is the attempt.
   */
  readonly isShared: boolean;
  /** RFC 3339 UTC: when its money was taken; null: not yet, or there was nothing to pay. */
  readonly paidAt: string | null;
}

/** Who bought, as the accounts have it when it is asked for: nulls for guests who gave none and for who was erased. */
export interface Buyer {
  readonly accountId: string;
  readonly name: string | null;
  readonly email: string | null;
}

/** Which bookings are meant: these, those of these accounts, or those whose buyer's name or e-mail has a text. */
export type Wanted =
  | { readonly bookingIds: readonly string[] }
  | { readonly accountIds: readonly string[] }
  | { readonly text: string };

export interface SoldLine {
  readonly bookingId: string;
  readonly reservationId: string;
  readonly quantity: number;
}

export interface SoldQueries {
  /**
   * Bookings with tickets of an event, newest first, for its organizer. Of named bookings or accounts it reads only theirs;
   * else, as long as too few fit, all bookings of the event (100,000 in about half a second).
   * @param page `status`, `wanted` null: all
   * @throws ReadModelBehind
   * @throws InvalidCursor
   */
  list(
    eventId: string,
    page: PageWish & { readonly status: BookingStatus | null; readonly wanted: Wanted | null },
    at: Pick<ReadAt, "minPosition">,
  ): Promise<Page<SoldBooking>>;
  /**
   * The event's bookings with this id, or with the reservation of this id; hardly ever more than one.
   * @param id a UUID
   * @throws ReadModelBehind
   */
  idsOf(eventId: string, id: string, at: Pick<ReadAt, "minPosition">): Promise<readonly string[]>;
  /**
   * All lines of the event's bookings that have tickets, newest first, fetched in portions.
   * @throws ReadModelBehind
   */
  lines(eventId: string, at: Pick<ReadAt, "minPosition">): AsyncIterable<SoldLine>;
}

interface SoldRow extends FoundBooking {
  readonly buyer_name: string | null;
  readonly buyer_email: string | null;
}

/**
 * @param ofEvent SQL that selects `created_at` and `booking_id`, in the order of the list or, if few, in any
 * @param bookings SQL that joins them
 */
const list = (ofEvent: string, bookings = LOOKED_UP, isWanted = "true"): string =>
  bookingSelection(
    `select b.*, a.name as buyer_name, a.email as buyer_email
     from (${ofEvent}) of_event
     ${bookings}
     left join accounts.account a on a.account_id = b.account_id
     where ${isOlder("of_event.created_at", "of_event.booking_id")}
       and ($5::text is null or b.status = $5) and ${isWanted}
     order by of_event.created_at desc, of_event.booking_id desc limit $4`,
    "event_id = $1",
  );

const IN_ORDER = `
  select distinct created_at, booking_id from readmodels.booking_lines
  where event_id = $1 and ${isOlder("created_at", "booking_id")}
  order by created_at desc, booking_id desc`;

const AMONG = (bookings: string): string => `
  select distinct l.created_at, l.booking_id from readmodels.bookings c
  join readmodels.booking_lines l on l.booking_id = c.booking_id and l.event_id = $1
  where c.${bookings} = any($6::uuid[])`;

const ALL = { name: "sold_all", text: list(IN_ORDER) };
const OF_BOOKINGS = { name: "sold_of_bookings", text: list(AMONG("booking_id")) };
const OF_ACCOUNTS = { name: "sold_of_accounts", text: list(AMONG("account_id")) };
/** Without a name it is planned for each text: a rare one is looked up in the accounts first, a frequent one met on the way. */
const WITH_TEXT = {
  text: list(
    IN_ORDER,
    "join readmodels.bookings b on b.booking_id = of_event.booking_id",
    "(a.name ilike $6 or a.email ilike $6)",
  ),
};

const IDS_OF = {
  name: "sold_ids_of",
  text: `
    select ${MODELS.checkpoint} as checkpoint, l.booking_id from (select) as always
    left join (
      select distinct booking_id from readmodels.booking_lines
      where event_id = $1 and (booking_id = $2::uuid or reservation_id = $2::uuid)) l on true`,
};

const LINES_AT_ONCE = 2_000;
/** As {@link LOOKED_UP} and {@link isOlder}. */
const LINES = {
  name: "sold_lines",
  text: `
    select ${MODELS.checkpoint} as checkpoint, l.*
    from (select) as always left join (
      select l.created_at, l.booking_id, l.ordinal, l.reservation_id, l.quantity
      from readmodels.booking_lines l
      cross join lateral (
        select from readmodels.bookings
        where booking_id = l.booking_id and (status = 'PAID' or cancelled_tickets > 0) offset 0) has_tickets
      where l.event_id = $1 and (l.created_at, l.booking_id, l.ordinal)
        < (coalesce($2::timestamptz, 'infinity'), coalesce($3::uuid, '${LAST_ID}'), coalesce($4::int, 0))
      order by l.created_at desc, l.booking_id desc, l.ordinal desc limit ${LINES_AT_ONCE}) l on true
    order by l.created_at desc, l.booking_id desc, l.ordinal desc`,
};

/** A row comes back even without bookings, for the checkpoint: what it else has is null then. */
interface IdRow {
  readonly checkpoint: string | null;
  readonly booking_id: string | null;
}
type Found<Row extends IdRow> = Row & { readonly booking_id: string };

interface LineRow extends IdRow {
  readonly created_at: Date;
  readonly ordinal: number;
  readonly reservation_id: string;
  readonly quantity: number;
}

/** What an organizer reads of the bookings of an event. Names come from the accounts, which are in the same database. */
export function soldQueries({ pool, reads }: Pick<ReadSide, "pool" | "reads">): SoldQueries {
  const ask = async <Row extends IdRow>(
    statement: { readonly name?: string; readonly text: string },
    values: readonly unknown[],
    minPosition: ReadAt["minPosition"],
  ): Promise<Found<Row>[]> =>
    reads.read(MODELS.names, minPosition, async () => {
      const { rows } = await pool.query<Row>({ ...statement, values: [...values] });
      const value = rows.filter((row): row is Found<Row> => row.booking_id !== null);
      return { checkpoint: MODELS.positionIn(rows[0]), value };
    });
  return {
    async list(eventId, { cursor, limit, status, wanted }, { minPosition }) {
      const { statement, value } = asked(wanted);
      const values = [eventId, ...keyOf(cursor), limit + 1, status, ...value];
      const rows = await ask<SelectedRow & SoldRow>(statement, values, minPosition);
      const bookings = rows.map(soldOf);
      return pageOf(bookings, Math.min(limit, withinTickets(bookings)), cursorOf);
    },

    async idsOf(eventId, id, { minPosition }) {
      return (await ask<IdRow>(IDS_OF, [eventId, id], minPosition)).map((row) => row.booking_id);
    },

    async *lines(eventId, { minPosition }) {
      let after: readonly [Date, string, number] | readonly [null, null, null] = [null, null, null];
      for (;;) {
        const rows: Found<LineRow>[] = await ask<LineRow>(LINES, [eventId, ...after], minPosition);
        for (const { booking_id: bookingId, reservation_id: reservationId, quantity } of rows) {
          yield { bookingId, reservationId, quantity };
        }
        const last = rows.at(-1);
        if (last === undefined || rows.length < LINES_AT_ONCE) return;
        after = [last.created_at, last.booking_id, last.ordinal];
      }
    },
  };
}

function asked(wanted: Wanted | null) {
  if (wanted === null) return { statement: ALL, value: [] };
  if ("bookingIds" in wanted) return { statement: OF_BOOKINGS, value: [wanted.bookingIds] };
  if ("accountIds" in wanted) return { statement: OF_ACCOUNTS, value: [wanted.accountIds] };
  return { statement: WITH_TEXT, value: [`%${wanted.text.replace(/[\\%_]/g, "\\$&")}%`] };
}

function soldOf(row: SoldRow): SoldBooking {
  const shown = (row.lines ?? []).reduce((sum, { quantity }) => sum + quantity, 0);
  const isShared = shown < row.tickets;
  const booking = bookingOf(isShared ? { ...row, refunds: null } : row);
  const amount = booking.lines.reduce((sum, line) => sum + totalMinor(line), 0);
  return {
    ...booking,
    total: { amount, currency: booking.total.currency },
    buyer: { accountId: row.account_id, name: row.buyer_name, email: row.buyer_email },
    isShared,
    paidAt: row.captured_at?.toISOString() ?? null,
  };
}
