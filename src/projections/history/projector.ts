import { BinaryRows, uuidBytes } from "../binary-rows.ts";
import { type Copy, type Projection, type Statement, tableName, type Write } from "../projection.ts";
import { storableJson } from "../storable.ts";
import { type Happening, happeningsOf } from "./happenings.ts";
import { createTables, VIEW } from "./table.ts";

/** A row's size on its way to Postgres, about. */
const ROW_BYTES = 400;

/** What happened to bookings, carts and entries of waitlists: a batch is one COPY and at most one INSERT. */
export const history: Projection = {
  name: "history",
  version: 1,
  views: [VIEW],
  createTables,
  writes(events, generation) {
    const happenings = events.flatMap(happeningsOf);
    const owners = new Map<string, string>();
    for (const { type, bookingId, accountId } of happenings) {
      if (type === "BookingOpened" && bookingId !== null && accountId !== null) owners.set(bookingId, accountId);
    }
    const ownerOf = ({ accountId, bookingId }: Happening) => accountId ?? owners.get(bookingId ?? "") ?? null;
    const owned = happenings.filter((one) => ownerOf(one) !== null);
    const others = happenings.filter((one) => ownerOf(one) === null);
    const writes: Write[] = [];
    // Later first: it looks for what earlier batches have of the same bookings.
    if (others.length > 0) writes.push(insertLater(others, generation));
    if (owned.length > 0) writes.push(insert(owned, ownerOf, generation));
    return writes;
  },
};

function insert(owned: readonly Happening[], ownerOf: (one: Happening) => string | null, generation: number): Copy {
  const rows = new BinaryRows(owned.length * ROW_BYTES);
  for (const happening of owned) {
    const { position, at, type, bookingId, cartId, entryId, eventId, actor, data } = happening;
    rows.row(10).numeric(position).timestamp(Date.parse(at)).text(type);
    for (const id of [ownerOf(happening), bookingId, cartId, entryId, eventId]) {
      if (id === null) rows.null();
      else rows.uuid(uuidBytes(id));
    }
    rows.jsonb(storableJson(actor)).jsonb(storableJson(data));
  }
  return { copy: `copy ${tableName(VIEW, generation)} from stdin with (format binary)`, rows: rows.finish() };
}

/** Of bookings that were begun in earlier batches, whose account stands there. */
function insertLater(happenings: readonly Happening[], generation: number): Statement {
  const table = tableName(VIEW, generation);
  const rows = happenings.map(({ position, at, type, bookingId, actor, data }) => ({
    position: position.toString(),
    at,
    type,
    booking_id: bookingId,
    actor,
    data,
  }));
  return {
    name: `history_later_g${generation}`,
    text: `insert into ${table} (position, at, type, account_id, booking_id, actor, data)
           select t.position, t.at, t.type, (
               select h.account_id from ${table} h
               where h.booking_id = t.booking_id and h.type = 'BookingOpened' limit 1),
             t.booking_id, t.actor, t.data
           from json_to_recordset($1) as t (position numeric, at timestamptz, type text, booking_id uuid, actor jsonb,
             data jsonb)`,
    values: [storableJson(rows)],
  };
}
