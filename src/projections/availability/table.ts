import { tableName } from "../projection.ts";

export const VIEW = "availability";

/** A row of `readmodels.availability`: the counts of one ticket type. `total = available + held + booked`. */
export interface AvailabilityRow {
  readonly event_id: string;
  readonly ticket_type_id: string;
  /** Place among the event's ticket types. */
  readonly ordinal: number;
  readonly total: number;
  readonly held: number;
  readonly booked: number;
  /** Events of this inventory so far; their sum over an event is the revision of its availability. */
  readonly changes: string;
}

/** `total = available + held + booked`, as of the same instant. */
export interface TicketCounts {
  readonly total: number;
  readonly available: number;
  readonly held: number;
  readonly booked: number;
}

export const createTables = (generation: number): string => `
  create table ${tableName(VIEW, generation)} (
    event_id uuid not null,
    ticket_type_id uuid not null,
    ordinal integer not null,
    total integer not null,
    held integer not null,
    booked integer not null,
    changes bigint not null,
    primary key (event_id, ticket_type_id)
  ) with (fillfactor = 50);`;
