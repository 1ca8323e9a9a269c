import { arrayLiteral } from "../array-literal.ts";
import { type Projection, type Statement, tableName } from "../projection.ts";
import { askForBookings } from "./bookings.ts";
import { askForCarts } from "./carts.ts";
import { askForInventories } from "./inventories.ts";
import { askForListings } from "./listings.ts";
import { createTables, VIEW } from "./table.ts";
import { Timetable } from "./timetable.ts";

/**
 * When which stream has to be looked at. Thousands of reservations of a hot ticket type in a second are one row, and what
 * comes to rest takes its rows away, so that hardly any booking is ever looked at by a timer.
 */
export const timers: Projection = {
  name: "timers",
  version: 2,
  views: [VIEW],
  createTables,
  writes(events, generation) {
    const timetable = new Timetable();
    for (const event of events) {
      askForListings(event, timetable);
      askForInventories(event, timetable);
      askForCarts(event, timetable);
      askForBookings(event, timetable);
    }
    const statements: Statement[] = [];
    if (timetable.settled.size > 0) statements.push(settle(timetable, generation));
    if (timetable.due.size > 0) statements.push(upsert(timetable, generation));
    return statements;
  },
};

/** Takes away what earlier batches asked for. */
function settle({ settled }: Timetable, generation: number): Statement {
  return {
    name: `timers_settle_g${generation}`,
    text: `delete from ${tableName(VIEW, generation)} where stream = any($1::text[])`,
    values: [arrayLiteral([...settled])],
  };
}

/** The position moves on, so that whoever saw to an earlier one does not delete a later one. */
function upsert({ due }: Timetable, generation: number): Statement {
  const rows = [...due].flatMap(([stream, seconds]) => [...seconds].map(([second, at]) => ({ stream, second, at })));
  return {
    name: `timers_upsert_g${generation}`,
    text: `insert into ${tableName(VIEW, generation)} (stream, due_at, position)
           select stream, to_timestamp(second), position
           from unnest($1::text[], $2::float8[], $3::numeric[]) as t (stream, second, position)
           on conflict (due_at, stream) do update set position = excluded.position`,
    values: [
      arrayLiteral(rows.map(({ stream }) => stream)),
      arrayLiteral(rows.map(({ second }) => second)),
      arrayLiteral(rows.map(({ at }) => at)),
    ],
  };
}
