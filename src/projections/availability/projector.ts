import { inventoryOf } from "../../eventstore/streams.ts";
import { arrayLiteral } from "../array-literal.ts";
import type { FeedEvent } from "../feed-event.ts";
import { type Projection, type Statement, tableName } from "../projection.ts";
import { effectOf } from "./effect.ts";
import { createTables, VIEW } from "./table.ts";

/** What a batch adds to the counts of one ticket type. */
interface Change {
  ordinal: number;
  total: number;
  held: number;
  booked: number;
  changes: number;
}

/** Counts by ticket type: however many events a batch has, each ticket type's row is written once. */
export const availability: Projection = {
  name: "availability",
  version: 2,
  views: [VIEW],
  createTables,
  writes(events, generation) {
    const changes = new Map<string, Change>();
    for (const event of events) apply(event, changes);
    return changes.size === 0 ? [] : [add(changes, generation)];
  },
};

function apply(feedEvent: FeedEvent, changes: Map<string, Change>): void {
  const recorded = feedEvent.inventory();
  if (recorded === null) return;
  const change = changeOf(feedEvent.stored.stream, changes);
  const { event } = recorded;
  const { total, held, booked } = effectOf(event);
  change.total += total;
  change.held += held;
  change.booked += booked;
  change.changes += 1;
  if (event.type === "InventoryOpened") change.ordinal = event.data.ordinal;
}

function changeOf(stream: string, changes: Map<string, Change>): Change {
  const known = changes.get(stream);
  if (known !== undefined) return known;
  const change: Change = { ordinal: 0, total: 0, held: 0, booked: 0, changes: 0 };
  changes.set(stream, change);
  return change;
}

/** `ordinal` is set once, when the inventory opens, and is 0 in every later change. */
function add(changes: ReadonlyMap<string, Change>, generation: number): Statement {
  const ids = [...changes.keys()].map(inventoryOf);
  const rows = [...changes.values()];
  return {
    name: `availability_add_g${generation}`,
    text: `insert into ${tableName(VIEW, generation)} as a
             (event_id, ticket_type_id, ordinal, total, held, booked, changes)
           select * from unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[], $5::int[], $6::int[], $7::bigint[])
           on conflict (event_id, ticket_type_id) do update set
             ordinal = a.ordinal + excluded.ordinal,
             total = a.total + excluded.total,
             held = a.held + excluded.held,
             booked = a.booked + excluded.booked,
             changes = a.changes + excluded.changes`,
    values: [
      arrayLiteral(ids.map(({ eventId }) => eventId)),
      arrayLiteral(ids.map(({ ticketTypeId }) => ticketTypeId)),
      arrayLiteral(rows.map(({ ordinal }) => ordinal)),
      arrayLiteral(rows.map(({ total }) => total)),
      arrayLiteral(rows.map(({ held }) => held)),
      arrayLiteral(rows.map(({ booked }) => booked)),
      arrayLiteral(rows.map((row) => row.changes)),
    ],
  };
}
