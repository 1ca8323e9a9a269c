import { checkpointOf, positionOf, type ReadAt } from "../consistent-read.ts";
import { decodeCursor, isNewer, isOlder, type Page, pageOf } from "../cursor.ts";
import type { ReadSide } from "../database.ts";
import type { RecordedStatus } from "../reservations/table.ts";
import { isUuid } from "../uuid.ts";
import type { WaitlistRow } from "./table.ts";

/** Of an offer it is told by its reservation: TAKEN when that was bought, LAPSED when its tickets are free again. */
export type EntryStatus = "WAITING" | "OFFERED" | "TAKEN" | "LAPSED" | "LEFT" | "ENDED";

/** Somebody who waits for tickets, or did, at an instant. */
export interface WaitlistEntry {
  readonly entryId: string;
  readonly eventId: string;
  readonly ticketTypeId: string;
  readonly accountId: string;
  readonly quantity: number;
  readonly status: EntryStatus;
  /** From 1, while WAITING: how many wait for the same tickets and came before, and this one. */
  readonly place: number | null;
  /** Of the offer, once there was one. */
  readonly reservationId: string | null;
  /** RFC 3339 UTC, while OFFERED: until when, or until when it may be paid once its purchase has begun. */
  readonly offerExpiresAt: string | null;
  readonly joinedAt: string;
}

interface PageWish {
  readonly cursor: string | null;
  /** From 1 to 200. */
  readonly limit: number;
}

export interface WaitlistQueries {
  /**
   * One entry; null when there is none. Whose it is is the caller's to check.
   * @throws ReadModelBehind
   */
  get(entryId: string, at: ReadAt): Promise<WaitlistEntry | null>;
  /**
   * An account's entries in all waitlists, newest first.
   * @throws ReadModelBehind
   * @throws InvalidCursor
   */
  listByAccount(accountId: string, page: PageWish, at: ReadAt): Promise<Page<WaitlistEntry>>;
  /**
   * All entries for tickets of an event, oldest first.
   * @throws ReadModelBehind
   * @throws InvalidCursor
   */
  listByEvent(eventId: string, page: PageWish, at: ReadAt): Promise<Page<WaitlistEntry>>;
}

const MODELS = ["waitlist", "reservations"];

interface FoundRow extends WaitlistRow {
  readonly place: number | null;
  /** Of the offer's reservation. */
  readonly offer_status: RecordedStatus | null;
  readonly offer_expires_at: Date | null;
}
type Row = { readonly checkpoint: string | null } & (FoundRow | { readonly entry_id: null });

/** Asked of each entry by itself: an account has few, and the entries before one are counted in an index. */
const PLACE_OF_ONE = `
  select (1 + count(*))::int as place from readmodels.waitlist o
  where o.event_id = w.event_id and o.ticket_type_id = w.ticket_type_id and o.revision < w.revision
    and o.status = 'WAITING' and w.status = 'WAITING'`;

/** Asked of everybody who waits for the event at once, because a page of them would count the same over and over. */
const PLACES_OF_ALL = `
  select entry_id, row_number() over (partition by ticket_type_id order by revision)::int as place
  from readmodels.waitlist where event_id = $1 and status = 'WAITING'`;

const selection = (entries: string, place: string, order: "asc" | "desc"): string => `
  select ${checkpointOf(MODELS)} as checkpoint, w.*, p.place, r.status as offer_status,
    coalesce(r.deadline, r.expires_at) as offer_expires_at
  from (select) as always
  left join (${entries}) w on true
  left join readmodels.reservations r on r.reservation_id = w.entry_id and w.status = 'OFFERED'
  left join ${place}
  order by w.joined_at ${order}, w.entry_id ${order}`;

const GET = {
  name: "waitlist_get",
  text: selection(
    "select * from readmodels.waitlist where entry_id = $1",
    `lateral (${PLACE_OF_ONE}) p on true`,
    "asc",
  ),
};

const LIST_BY_ACCOUNT = {
  name: "waitlist_by_account",
  text: selection(
    `select * from readmodels.waitlist
     where account_id = $1 and ${isOlder("joined_at", "entry_id")}
     order by joined_at desc, entry_id desc limit $4`,
    `lateral (${PLACE_OF_ONE}) p on true`,
    "desc",
  ),
};

const LIST_BY_EVENT = {
  name: "waitlist_by_event",
  text: selection(
    `select * from readmodels.waitlist
     where event_id = $1 and ${isNewer("joined_at", "entry_id")}
     order by joined_at, entry_id limit $4`,
    `(${PLACES_OF_ALL}) p on p.entry_id = w.entry_id`,
    "asc",
  ),
};

export function waitlistQueries({ pool, reads }: Pick<ReadSide, "pool" | "reads">): WaitlistQueries {
  const found = async (statement: typeof GET, values: readonly unknown[], nowMs: number) => {
    const { rows } = await pool.query<Row>({ ...statement, values: [...values] });
    return {
      checkpoint: positionOf(rows[0]?.checkpoint ?? null),
      value: rows.flatMap((row) => (row.entry_id === null ? [] : [entryOf(row, nowMs)])),
    };
  };
  const list = async (
    statement: typeof GET,
    id: string,
    { cursor, limit }: PageWish,
    { minPosition, nowMs }: ReadAt,
  ): Promise<Page<WaitlistEntry>> => {
    const after = cursor === null ? null : decodeCursor(cursor);
    const values = [id, after === null ? null : new Date(after.createdAtMs), after?.id ?? null, limit + 1];
    const entries = await reads.read(MODELS, minPosition, () => found(statement, values, nowMs));
    return pageOf(entries, limit, (one) => ({ createdAtMs: Date.parse(one.joinedAt), id: one.entryId }));
  };
  return {
    get: async (entryId, { minPosition, nowMs }) => {
      if (!isUuid(entryId)) return null;
      return reads.find(MODELS, minPosition, async () => {
        const { checkpoint, value } = await found(GET, [entryId], nowMs);
        return { checkpoint, value: value[0] ?? null };
      });
    },
    listByAccount: (accountId, page, at) => list(LIST_BY_ACCOUNT, accountId, page, at),
    listByEvent: (eventId, page, at) => list(LIST_BY_EVENT, eventId, page, at),
  };
}

function entryOf(row: FoundRow, nowMs: number): WaitlistEntry {
  const status = statusOf(row, nowMs);
  return {
    entryId: row.entry_id,
    eventId: row.event_id,
    ticketTypeId: row.ticket_type_id,
    accountId: row.account_id,
    quantity: row.quantity,
    status,
    place: status === "WAITING" ? row.place : null,
    reservationId: row.status === "OFFERED" ? row.entry_id : null,
    offerExpiresAt: status === "OFFERED" ? (row.offer_expires_at?.toISOString() ?? null) : null,
    joinedAt: row.joined_at.toISOString(),
  };
}

/** An offer whose time is over has lapsed, whether or not that is on record yet. */
function statusOf({ status, offer_status, offer_expires_at }: FoundRow, nowMs: number): EntryStatus {
  if (status !== "OFFERED") return status;
  if (offer_status === "CONFIRMED") return "TAKEN";
  if (offer_status !== "HELD") return "LAPSED";
  return (offer_expires_at?.getTime() ?? 0) <= nowMs ? "LAPSED" : "OFFERED";
}
