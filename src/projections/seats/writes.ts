import type { InventoryOpened } from "../../domain/inventory-events.ts";
import { inventoryOf } from "../../eventstore/streams.ts";
import { arrayLiteral } from "../array-literal.ts";
import { BinaryRows, uuidBytes } from "../binary-rows.ts";
import { type Copy, type Statement, tableName, type Write } from "../projection.ts";
import { storableJson } from "../storable.ts";
import type { MapChange, SeatBatch, SeatsTaken } from "./batch.ts";
import { BLOCKS, HELD, MAPS, SOLD, TAKEN } from "./table.ts";

/** A row's size on its way to Postgres, about. */
const ROW_BYTES = 150;

type Taken = readonly [reservationId: string, what: SeatsTaken];

/** Maps are told their newest revision once a batch; reservations are taken away, copied in, sold and given back by id. */
export function writesFor({ maps, taken }: SeatBatch, generation: number): readonly Write[] {
  const changes = [...maps];
  const known = [...taken];
  const opened = changes.filter(([, { opened }]) => opened !== null);
  const changed = changes.filter(([, { opened }]) => opened === null);
  const begun = known.filter(([, { begun }]) => begun !== null);
  const anew = known.filter(([, { begun, gone }]) => begun !== null || gone);
  const sold = known.filter(([, { begun, status }]) => begun === null && status === SOLD);
  const returned = known.filter(([, one]) => one.returned.length > 0);
  const blocks = changes.filter(([, one]) => one.blocks.size > 0);
  return [
    ...opened.map(([, { opened, ...later }]) => open(opened as InventoryOpened["data"], later, generation)),
    ...(changed.length > 0 ? [changeMaps(changed, generation)] : []),
    ...(blocks.length > 0 ? [block(blocks, generation)] : []),
    ...(anew.length > 0 ? [forget(anew, generation)] : []),
    ...(begun.length > 0 ? [insert(begun, generation)] : []),
    ...(sold.length > 0 ? [markSold(sold, generation)] : []),
    ...(returned.length > 0 ? [giveBack(returned, generation), forgetReturned(returned, generation)] : []),
  ];
}

/** Rare and large: a statement each. */
function open(
  { eventId, ticketTypeId, terms, seatMap }: InventoryOpened["data"],
  { revision, price }: Pick<MapChange, "revision" | "price">,
  generation: number,
): Statement {
  const { amount, currency } = price ?? terms.price;
  return {
    name: `seats_open_g${generation}`,
    text: `insert into ${tableName(MAPS, generation)} (event_id, ticket_type_id, revision, price, currency, map)
           values ($1, $2, $3, $4, $5, $6)`,
    values: [eventId, ticketTypeId, revision, amount, currency, storableJson(seatMap)],
  };
}

function changeMaps(changed: readonly (readonly [string, MapChange])[], generation: number): Statement {
  const ids = changed.map(([stream]) => inventoryOf(stream));
  return {
    name: `seats_change_g${generation}`,
    text: `update ${tableName(MAPS, generation)} m set
             revision = c.revision, price = coalesce(c.price, m.price), currency = coalesce(c.currency, m.currency)
           from unnest($1::uuid[], $2::uuid[], $3::int[], $4::bigint[], $5::text[])
             as c (event_id, ticket_type_id, revision, price, currency)
           where m.event_id = c.event_id and m.ticket_type_id = c.ticket_type_id`,
    values: [
      arrayLiteral(ids.map(({ eventId }) => eventId)),
      arrayLiteral(ids.map(({ ticketTypeId }) => ticketTypeId)),
      arrayLiteral(changed.map(([, { revision }]) => revision)),
      arrayLiteral(changed.map(([, { price }]) => price?.amount ?? null)),
      arrayLiteral(changed.map(([, { price }]) => price?.currency ?? null)),
    ],
  };
}

function block(changes: readonly (readonly [string, MapChange])[], generation: number): Statement {
  const rows = changes.flatMap(([stream, { blocks }]) => {
    const { eventId, ticketTypeId } = inventoryOf(stream);
    return [...blocks].map(([seat, isBlocked]) => ({ eventId, ticketTypeId, seat, isBlocked }));
  });
  return {
    name: `seats_block_g${generation}`,
    text: `insert into ${tableName(BLOCKS, generation)} (event_id, ticket_type_id, seat, is_blocked)
           select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::boolean[])
           on conflict (event_id, ticket_type_id, seat) do update set is_blocked = excluded.is_blocked`,
    values: [
      arrayLiteral(rows.map(({ eventId }) => eventId)),
      arrayLiteral(rows.map(({ ticketTypeId }) => ticketTypeId)),
      arrayLiteral(rows.map(({ seat }) => seat)),
      arrayLiteral(rows.map(({ isBlocked }) => isBlocked)),
    ],
  };
}

const idsOf = (taken: readonly Taken[]): string => arrayLiteral(taken.map(([reservationId]) => reservationId));

/** Those that are over, and those that begin: an id may be used again, and COPY has no ON CONFLICT. */
const forget = (anew: readonly Taken[], generation: number): Statement => ({
  name: `seats_forget_g${generation}`,
  text: `delete from ${tableName(TAKEN, generation)} where reservation_id = any($1::uuid[])`,
  values: [idsOf(anew)],
});

function insert(begun: readonly Taken[], generation: number): Copy {
  const rows = new BinaryRows(begun.length * ROW_BYTES);
  for (const [reservationId, { begun: beginning, status }] of begun) {
    if (beginning === null) continue;
    const { eventId, ticketTypeId } = inventoryOf(beginning.stream);
    rows
      .row(6)
      .uuid(uuidBytes(reservationId))
      .uuid(uuidBytes(eventId))
      .uuid(uuidBytes(ticketTypeId))
      .text(status ?? HELD)
      .integer(beginning.seats.length)
      .text(beginning.seats.join());
  }
  const columns = "reservation_id, event_id, ticket_type_id, status, quantity, seats";
  return {
    copy: `copy ${tableName(TAKEN, generation)} (${columns}) from stdin with (format binary)`,
    rows: rows.finish(),
  };
}

const markSold = (sold: readonly Taken[], generation: number): Statement => ({
  name: `seats_sell_g${generation}`,
  text: `update ${tableName(TAKEN, generation)} set status = '${SOLD}' where reservation_id = any($1::uuid[])`,
  values: [idsOf(sold)],
});

function giveBack(returned: readonly Taken[], generation: number): Statement {
  const tickets = returned.flatMap(([id, one]) => one.returned.map((ordinal) => ({ id, ordinal })));
  return {
    name: `seats_give_back_g${generation}`,
    text: `update ${tableName(TAKEN, generation)} t set returned = t.returned || c.ordinals
           from (select id, array_agg(ordinal order by place) as ordinals
                 from unnest($1::uuid[], $2::int[]) with ordinality as one (id, ordinal, place) group by id) c
           where t.reservation_id = c.id`,
    values: [arrayLiteral(tickets.map(({ id }) => id)), arrayLiteral(tickets.map(({ ordinal }) => ordinal))],
  };
}

/** Of which nothing is left. */
const forgetReturned = (returned: readonly Taken[], generation: number): Statement => ({
  name: `seats_forget_returned_g${generation}`,
  text: `delete from ${tableName(TAKEN, generation)}
         where reservation_id = any($1::uuid[]) and cardinality(returned) >= quantity`,
  values: [idsOf(returned)],
});
