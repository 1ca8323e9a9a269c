import { Kysely, PostgresDialect } from "kysely";
import type { Pool } from "pg";
import type { AvailabilityRow } from "./availability/table.ts";
import type { BookingLineRow, BookingRow, RefundRow } from "./bookings/table.ts";
import type { CartRow } from "./carts/table.ts";
import type { ConsistentReads } from "./consistent-read.ts";
import type { EventRow, TicketTypeRow } from "./event-details/table.ts";
import type { HistoryRow } from "./history/table.ts";
import type { ReservationRow } from "./reservations/table.ts";
import type { SearchRow, SearchWordRow } from "./search/table.ts";
import type { BlockRow, SeatMapRow, TakenRow } from "./seats/table.ts";
import type { TimerRow } from "./timers/table.ts";
import type { TrailRow } from "./trail/table.ts";
import type { WaitlistRow } from "./waitlist/table.ts";

/** The views that queries are served from, by their stable names. */
export interface ReadModelTables {
  readonly "readmodels.events": EventRow;
  readonly "readmodels.ticket_types": TicketTypeRow;
  readonly "readmodels.availability": AvailabilityRow;
  readonly "readmodels.reservations": ReservationRow;
  readonly "readmodels.bookings": BookingRow;
  readonly "readmodels.booking_lines": BookingLineRow;
  readonly "readmodels.refunds": RefundRow;
  readonly "readmodels.carts": CartRow;
  readonly "readmodels.waitlist": WaitlistRow;
  readonly "readmodels.history": HistoryRow;
  readonly "readmodels.search": SearchRow;
  readonly "readmodels.search_sample": SearchRow;
  readonly "readmodels.search_words": SearchWordRow;
  readonly "readmodels.seat_maps": SeatMapRow;
  readonly "readmodels.seats_taken": TakenRow;
  readonly "readmodels.seats_blocked": BlockRow;
  readonly "readmodels.timers": TimerRow;
  readonly "readmodels.trail": TrailRow;
  readonly "readmodels.projections": { readonly name: string; readonly checkpoint: string | null };
}

/** What queries take: the database (or its replica) that they read, and how they wait for it to come far enough. */
export interface ReadSide {
  /** For queries that are asked often, as prepared statements. */
  readonly pool: Pool;
  /** The same pool, for queries that are put together. */
  readonly db: Kysely<ReadModelTables>;
  readonly reads: ConsistentReads;
}

/** @param pool stays the caller's to end */
export function readSide(pool: Pool, reads: ConsistentReads): ReadSide {
  return { pool, db: new Kysely({ dialect: new PostgresDialect({ pool }) }), reads };
}
