import { sql } from "kysely";
import type { Money } from "../../domain/money.ts";
import { totalMinor } from "../../domain/pricing.ts";
import type { Position } from "../../eventstore/port.ts";
import { checkpointOf, positionOf, type ReadAt } from "../consistent-read.ts";
import { decodeCursor, type Page, pageOf } from "../cursor.ts";
import type { ReadSide } from "../database.ts";
import { isUuid } from "../uuid.ts";
import { keyFingerprint, type RecordedStatus, type ReservationRow } from "./table.ts";

export type ReservationStatus = RecordedStatus;

export interface Reservation {
  readonly reservationId: string;
  readonly eventId: string;
  readonly ticketTypeId: string;
  readonly accountId: string;
  readonly quantity: number;
  /** Of the first ticket, where there are `prices`. */
  readonly unitPrice: Money;
  /** What each ticket costs, in minor units, where not all cost the same. */
  readonly prices?: readonly number[];
  /** One a ticket; absent where tickets are not numbered. */
  readonly seats?: readonly string[];
  readonly total: Money;
  /** At the instant of the query: one that is due is EXPIRED, whether or not that is on record yet. */
  readonly status: ReservationStatus;
  /** RFC 3339 UTC: while a booking has it claimed, that booking's; else its own. */
  readonly expiresAt: string;
  readonly createdAt: string;
  readonly extended: boolean;
  /** The cart that it is a line of. */
  readonly cartId: string | null;
  /** The booking that it is claimed for or was bought by, or that it ended with. */
  readonly bookingId: string | null;
}

/** An event that may have been recorded for an idempotency key; whether it was, its own `keyHash` says. */
export interface KeyCandidate {
  readonly reservationId: string;
  /** Of the event in its inventory's stream. */
  readonly revision: number;
}

export interface ReservationQueries {
  /**
   * One reservation; null when there is none. Whose it is is the caller's to check.
   * @throws ReadModelBehind
   */
  get(reservationId: string, at: ReadAt): Promise<Reservation | null>;
  /**
   * An account's reservations, newest first.
   * @param page `limit` from 1 to 200; `status` null: all
   * @throws ReadModelBehind
   * @throws InvalidCursor
   */
  listByAccount(
    accountId: string,
    page: { readonly status: ReservationStatus | null; readonly cursor: string | null; readonly limit: number },
    at: ReadAt,
  ): Promise<Page<Reservation>>;
  /**
   * All reservations that are claimed for a booking or were when they ended, also for one that was never recorded: as
   * many as a purchase may have.
   * @throws ReadModelBehind
   */
  findByBooking(bookingId: string, at: ReadAt): Promise<readonly Reservation[]>;
  /**
   * All lines that a cart has or had, whatever became of them, oldest first: as many as a cart may have.
   * @throws ReadModelBehind
   */
  findByCart(cartId: string, at: ReadAt): Promise<readonly Reservation[]>;
  /**
   * Where in an inventory's stream a key may have been used, newest first; hardly ever more than one.
   * @param minPosition the position of the stream's last event that the caller knows of
   * @throws ReadModelBehind
   */
  findByKey(
    inventory: { readonly eventId: string; readonly ticketTypeId: string },
    keyHash: string,
    minPosition: Position | null,
  ): Promise<readonly KeyCandidate[]>;
}

const MODELS = ["reservations"];

type Row = { readonly checkpoint: string | null } & (ReservationRow | { readonly reservation_id: null });

const GET = {
  name: "reservations_get",
  text: `
    select ${checkpointOf(MODELS)} as checkpoint, r.*
    from (select) as always left join readmodels.reservations r on r.reservation_id = $1`,
};

const FIND_BY_KEY = {
  name: "reservations_find_by_key",
  text: `
    select ${checkpointOf(MODELS)} as checkpoint, r.reservation_id, r.revision
    from (select) as always left join readmodels.reservations r
      on r.key_fingerprint = $3::bigint and r.event_id = $1 and r.ticket_type_id = $2
    order by r.revision desc limit 10`,
};

const FIND_BY_BOOKING = { name: "reservations_find_by_booking", text: selectWhere("booking_id") };
const FIND_BY_CART = { name: "reservations_find_by_cart", text: selectWhere("cart_id") };

/** A row comes back even without reservations, for the checkpoint. */
function selectWhere(column: "booking_id" | "cart_id"): string {
  return `
    select ${checkpointOf(MODELS)} as checkpoint, r.*
    from (select) as always left join readmodels.reservations r on r.${column} = $1
    order by r.created_at, r.reservation_id`;
}

export function reservationQueries({ pool, db, reads }: ReadSide): ReservationQueries {
  const findAll = async (statement: typeof FIND_BY_BOOKING, id: string, { minPosition, nowMs }: ReadAt) => {
    if (!isUuid(id)) return [];
    return reads.read(MODELS, minPosition, async () => {
      const { rows } = await pool.query<Row>({ ...statement, values: [id] });
      return {
        checkpoint: positionOf(rows[0]?.checkpoint ?? null),
        value: rows.flatMap((row) => (row.reservation_id === null ? [] : [reservationOf(row, nowMs)])),
      };
    });
  };
  return {
    get: async (reservationId, { minPosition, nowMs }) => {
      if (!isUuid(reservationId)) return null;
      return reads.find(MODELS, minPosition, async () => {
        const row = (await pool.query<Row>({ ...GET, values: [reservationId] })).rows[0] as Row;
        const value = row.reservation_id === null ? null : reservationOf(row, nowMs);
        return { checkpoint: positionOf(row.checkpoint), value };
      });
    },

    async listByAccount(accountId, { status, cursor, limit }, { minPosition, nowMs }) {
      const query = listQuery(db, accountId, status, cursor, limit, nowMs);
      const rows = await reads.read(MODELS, minPosition, async () => {
        const found = await query.execute();
        const value = found.filter((row): row is typeof row & ReservationRow => row.reservation_id !== null);
        return { checkpoint: positionOf(found[0]?.checkpoint ?? null), value };
      });
      const page = pageOf(rows, limit, (row) => ({ createdAtMs: row.created_at.getTime(), id: row.reservation_id }));
      return { ...page, items: page.items.map((row) => reservationOf(row, nowMs)) };
    },

    findByBooking: (bookingId, at) => findAll(FIND_BY_BOOKING, bookingId, at),
    findByCart: (cartId, at) => findAll(FIND_BY_CART, cartId, at),

    findByKey: ({ eventId, ticketTypeId }, keyHash, minPosition) =>
      reads.read(MODELS, minPosition, async () => {
        const values = [eventId, ticketTypeId, keyFingerprint(keyHash).toString()];
        const { rows } = await pool.query<Row>({ ...FIND_BY_KEY, values });
        return {
          checkpoint: positionOf(rows[0]?.checkpoint ?? null),
          value: rows.flatMap((row) =>
            row.reservation_id === null ? [] : [{ reservationId: row.reservation_id, revision: row.revision }],
          ),
        };
      }),
  };
}

/** Newest first, one more than asked for, to know whether there are more; a row with the checkpoint in any case. */
function listQuery(
  db: ReadSide["db"],
  accountId: string,
  status: ReservationStatus | null,
  cursor: string | null,
  limit: number,
  nowMs: number,
) {
  const now = new Date(nowMs);
  let wanted = db
    .selectFrom("readmodels.reservations")
    .selectAll()
    .where("account_id", "=", accountId)
    .orderBy("created_at", "desc")
    .orderBy("reservation_id", "desc")
    .limit(limit + 1);
  if (status !== null) wanted = wanted.where(statusAt(now), "=", status);
  if (cursor !== null) {
    const { createdAtMs, id } = decodeCursor(cursor);
    wanted = wanted.where(({ eb, refTuple, tuple }) =>
      eb(refTuple("created_at", "reservation_id"), "<", tuple(new Date(createdAtMs), id)),
    );
  }
  return db
    .selectFrom(sql<{ checkpoint: string | null }>`(select ${sql.raw(checkpointOf(MODELS))} as checkpoint)`.as("p"))
    .leftJoin(wanted.as("r"), (join) => join.onTrue())
    .selectAll("r")
    .select("p.checkpoint")
    .orderBy("r.created_at", "desc")
    .orderBy("r.reservation_id", "desc");
}

/** In SQL what {@link reservationOf} says of one row. */
const statusAt = (now: Date) =>
  sql<ReservationStatus>`case when status = 'HELD' and coalesce(deadline, expires_at) <= ${now}
    then 'EXPIRED' else status end`;

function reservationOf(row: ReservationRow, nowMs: number): Reservation {
  const unitPrice = { amount: Number(row.unit_price), currency: row.currency };
  const seated = row.seated ?? {};
  const expiresAt = (row.status === "HELD" ? row.deadline : null) ?? row.expires_at;
  return {
    reservationId: row.reservation_id,
    eventId: row.event_id,
    ticketTypeId: row.ticket_type_id,
    accountId: row.account_id,
    quantity: row.quantity,
    unitPrice,
    ...seated,
    total: { amount: totalMinor({ quantity: row.quantity, unitPrice, ...seated }), currency: row.currency },
    status: row.status === "HELD" && expiresAt.getTime() <= nowMs ? "EXPIRED" : row.status,
    expiresAt: expiresAt.toISOString(),
    createdAt: row.created_at.toISOString(),
    extended: row.extended,
    cartId: row.cart_id,
    bookingId: row.booking_id,
  };
}
