import type { Actor } from "../../eventstore/envelope.ts";
import { checkpointOf, positionOf, type ReadAt } from "../consistent-read.ts";
import type { Page } from "../cursor.ts";
import type { ReadSide } from "../database.ts";
import { isUuid } from "../uuid.ts";
import { decodeHistoryCursor, encodeHistoryCursor, type HistoryCursor } from "./cursor.ts";
import { BY_ACCOUNT, type FoundItem } from "./selection.ts";

/** Something that happened, as it is on record. */
export interface HistoryItem {
  /** RFC 3339 UTC. */
  readonly at: string;
  /** A domain event's type; of reservations `TicketsReserved`, `TicketsOffered` and `Reservation...` with its end. */
  readonly type: string;
  readonly bookingId: string | null;
  readonly cartId: string | null;
  readonly entryId: string | null;
  readonly eventId: string | null;
  readonly reservationId: string | null;
  /** Who did it; null for reservations, of which that is not kept here. */
  readonly actor: Actor | null;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface HistoryQueries {
  /**
   * What happened to a booking, oldest first, at most 1,000 items; with what its cart had to do with it. Whose it is, and
   * whether there is one, is the caller's to check.
   * @throws ReadModelBehind
   */
  ofBooking(bookingId: string, at: Pick<ReadAt, "minPosition">): Promise<readonly HistoryItem[]>;
  /**
   * What happened to an account's bookings, carts, reservations and entries in waitlists, newest first. An end of a
   * reservation is shown as long as no more than 10,000 of the account's were made after it began.
   * @param page `limit` from 1 to 200
   * @throws ReadModelBehind
   * @throws InvalidCursor
   */
  ofAccount(
    accountId: string,
    page: { readonly cursor: string | null; readonly limit: number },
    at: Pick<ReadAt, "minPosition">,
  ): Promise<Page<HistoryItem>>;
}

const OF_BOOKING = ["history"];
const OF_ACCOUNT = ["history", "reservations", "waitlist"];

type Row = { readonly checkpoint: string | null } & (FoundItem | { readonly type: null });

const BY_BOOKING = {
  name: "history_by_booking",
  text: `
    select ${checkpointOf(OF_BOOKING)} as checkpoint, h.*, null::uuid as reservation_id
    from (select) as always
    left join (select * from readmodels.history where booking_id = $1 order by position limit 1000) h on true
    order by h.position`,
};

const LIST_BY_ACCOUNT = {
  name: "history_by_account",
  text: `
    select ${checkpointOf(OF_ACCOUNT)} as checkpoint, i.*
    from (select) as always left join (${BY_ACCOUNT}) i on true
    order by i.at desc, i.rank desc, i.id desc`,
};

export function historyQueries({ pool, reads }: Pick<ReadSide, "pool" | "reads">): HistoryQueries {
  const found = async (statement: typeof BY_BOOKING, values: readonly unknown[]) => {
    const { rows } = await pool.query<Row>({ ...statement, values: [...values] });
    return {
      checkpoint: positionOf(rows[0]?.checkpoint ?? null),
      value: rows.flatMap((row) => (row.type === null ? [] : [row])),
    };
  };
  return {
    async ofBooking(bookingId, { minPosition }) {
      if (!isUuid(bookingId)) return [];
      const rows = await reads.read(OF_BOOKING, minPosition, () => found(BY_BOOKING, [bookingId]));
      return rows.map(itemOf);
    },

    async ofAccount(accountId, { cursor, limit }, { minPosition }) {
      const after = cursor === null ? null : decodeHistoryCursor(cursor);
      const values = [accountId, limit + 1, ...keyOf(after)];
      const rows = await reads.read(OF_ACCOUNT, minPosition, () => found(LIST_BY_ACCOUNT, values));
      const shown = rows.slice(0, limit);
      const last = shown.at(-1);
      const next = rows.length > limit && last !== undefined ? encodeHistoryCursor(cursorOf(last)) : null;
      return { items: shown.map(itemOf), next };
    },
  };
}

/** `$3` to `$6` of {@link BY_ACCOUNT}. */
function keyOf(cursor: HistoryCursor | null): readonly unknown[] {
  if (cursor === null) return [null, null, null, null];
  const { atMs, rank, id } = cursor;
  return [new Date(atMs), rank, rank === 1 ? id : null, rank === 1 ? null : id];
}

const cursorOf = ({ at, rank, id }: FoundItem): HistoryCursor => ({ atMs: at.getTime(), rank, id });

const itemOf = (row: FoundItem): HistoryItem => ({
  at: row.at.toISOString(),
  type: row.type,
  bookingId: row.booking_id,
  cartId: row.cart_id,
  entryId: row.entry_id,
  eventId: row.event_id,
  reservationId: row.reservation_id,
  actor: row.actor,
  data: row.data,
});
