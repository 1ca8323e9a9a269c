import type { Actor } from "../../eventstore/envelope.ts";
import type { HistoryCursor } from "./cursor.ts";

/** A row of {@link BY_ACCOUNT}. */
export interface FoundItem {
  readonly at: Date;
  readonly rank: HistoryCursor["rank"];
  readonly id: string;
  readonly type: string;
  readonly booking_id: string | null;
  readonly cart_id: string | null;
  readonly entry_id: string | null;
  readonly event_id: string | null;
  readonly reservation_id: string | null;
  readonly actor: Actor | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Ends are not in the order of any index: they are looked for among so many of the account's newest reservations. */
const MAX_RESERVATIONS = 10_000;

/** Whether an item is not newer than the cursor: where an index is begun at, whichever page a plan was made for. */
const isNotNewer = (at: string): string => `${at} <= coalesce($3::timestamptz, 'infinity')`;

/** Whether an item comes after the cursor (`$3` to `$6`: time, rank, position, reservation), newest first. */
const isAfter = (at: string, rank: HistoryCursor["rank"], id: string, cursorId: "$5::numeric" | "$6::uuid"): string =>
  `($3::timestamptz is null or ${at} < $3 or (${at} = $3 and (${rank} < $4::int or (${rank} = $4 and ${id} < ${cursorId}))))`;

/** Where tickets are numbered seats, by their ids. */
const SEATS = `case when seated is null then '{}'::jsonb else jsonb_build_object('seats', seated->'seats') end`;

/** With `prices`, where they don't all cost the same: `unitPrice` is of the first then, as in the log. */
const SEATS_AND_PRICES = "coalesce(seated, '{}')";

const RESERVATION_DATA = `${SEATS_AND_PRICES} || jsonb_build_object('ticketTypeId', ticket_type_id, 'quantity', quantity,
  'unitPrice', jsonb_build_object('amount', unit_price, 'currency', currency), 'expiresAt', to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))`;

/** What happened to an account (`$1`), newest first, `$2` items after the cursor: three lists, each in order, merged. */
export const BY_ACCOUNT = `
  select * from (
    (select at, 1 as rank, lpad(position::text, 39, '0') collate "C" as id, type, booking_id, cart_id, entry_id,
       event_id, null::uuid as reservation_id, actor, data
     from readmodels.history
     where account_id = $1 and ${isNotNewer("at")} and ${isAfter("at", 1, "position", "$5::numeric")}
     order by at desc, position desc limit $2)
    union all
    (select r.created_at, 0, r.reservation_id::text,
       case when w.entry_id is null then 'TicketsReserved' else 'TicketsOffered' end,
       null, r.cart_id, w.entry_id, r.event_id, r.reservation_id, null, r.data
     from (
       select created_at, reservation_id, cart_id, event_id, ${RESERVATION_DATA} as data
       from readmodels.reservations
       where account_id = $1 and ${isNotNewer("created_at")}
         and ${isAfter("created_at", 0, "reservation_id", "$6::uuid")}
       order by created_at desc, reservation_id desc limit $2) r
     left join readmodels.waitlist w on w.entry_id = r.reservation_id)
    union all
    (select ended_at, 2, reservation_id::text,
       case status when 'CONFIRMED' then 'ReservationConfirmed' when 'EXPIRED' then 'ReservationExpired'
         else 'ReservationReleased' end,
       booking_id, cart_id, null, event_id, reservation_id, null,
       ${SEATS} || jsonb_build_object('ticketTypeId', ticket_type_id, 'quantity', quantity)
     from (
       select * from readmodels.reservations
       where account_id = $1 and ${isNotNewer("created_at")}
       order by created_at desc, reservation_id desc limit ${MAX_RESERVATIONS}) newest
     where ended_at is not null and ${isAfter("ended_at", 2, "reservation_id", "$6::uuid")}
     order by ended_at desc, newest.reservation_id desc limit $2)
  ) items
  order by at desc, rank desc, id desc limit $2`;
