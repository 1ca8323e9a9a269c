import { tableName } from "../projection.ts";

export const MAPS = "seat_maps";
export const TAKEN = "seats_taken";
export const BLOCKS = "seats_blocked";

/** A row of `readmodels.seat_maps`: one a ticket type with numbered seats. */
export interface SeatMapRow {
  readonly event_id: string;
  readonly ticket_type_id: string;
  /** Of the newest event of its inventory, which says all that is said of seats. */
  readonly revision: number;
  /** Of seats whose section has none of its own, in minor units. */
  readonly price: string;
  readonly currency: string;
  /** The map as JSON, as it was recorded: it never changes. */
  readonly map: string;
}

/** A row of `readmodels.seats_taken`: one a reservation, for as long as seats are held or sold by it. */
export interface TakenRow {
  readonly reservation_id: string;
  readonly event_id: string;
  readonly ticket_type_id: string;
  /** As recorded: what is due and not on record as lapsed is held. */
  readonly status: TakenStatus;
  /** How many there are in `seats`. */
  readonly quantity: number;
  /** By their ids, with commas between. */
  readonly seats: string;
  /** Which of the seats came back, counted from 0. */
  readonly returned: readonly number[];
}

export const HELD = "H";
export const SOLD = "S";
export type TakenStatus = typeof HELD | typeof SOLD;

/** A row of `readmodels.seats_blocked`: one a seat that was blocked or unblocked after the map was made. */
export interface BlockRow {
  readonly event_id: string;
  readonly ticket_type_id: string;
  readonly seat: string;
  readonly is_blocked: boolean;
}

/**
 * A row a reservation and not a row a seat: what ends a reservation names it alone, and an on-sale writes one row for it
 * here, however many seats it has. Pages of `seats_taken` are filled by half, so that being sold is written beside.
 * Columns stand in the order in which the projector copies them.
 */
export const createTables = (generation: number): string => `
  create table ${tableName(MAPS, generation)} (
    event_id uuid not null,
    ticket_type_id uuid not null,
    revision integer not null,
    price bigint not null,
    currency text not null,
    map text not null,
    primary key (event_id, ticket_type_id)
  ) with (fillfactor = 50);
  create table ${tableName(TAKEN, generation)} (
    reservation_id uuid primary key,
    event_id uuid not null,
    ticket_type_id uuid not null,
    status text not null,
    quantity integer not null,
    seats text not null,
    returned integer[] not null default '{}'
  ) with (fillfactor = 50);
  create index ${TAKEN}_g${generation}_by_ticket_type
    on ${tableName(TAKEN, generation)} (event_id, ticket_type_id);
  create table ${tableName(BLOCKS, generation)} (
    event_id uuid not null,
    ticket_type_id uuid not null,
    seat text not null,
    is_blocked boolean not null,
    primary key (event_id, ticket_type_id, seat)
  );`;
