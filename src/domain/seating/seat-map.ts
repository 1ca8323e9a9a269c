import type { Money } from "../money.ts";

/**
 * A seat map as it is recorded, once, when its inventory is opened: lists of seats stand in short notation
 * ({@link ./notation.ts}), so that 100,000 seats take some 80 kB. It never changes.
 */
export interface SeatMap {
  readonly sections: readonly Section[];
}

export interface Section {
  readonly name: string;
  /** Absent: the ticket type's. The currency is the event's, whatever stands here. */
  readonly price?: Money;
  readonly rows: readonly Row[];
}

/** Seats that stand side by side in the order in which they are named. */
export interface Row {
  readonly name: string;
  readonly seats: string;
  /** The higher, the better; absent: 0. Among equals the row that comes first is the better one. */
  readonly quality?: number;
  /** Kept for those who ask for accessible seats. */
  readonly accessible?: string;
  /** Of those who come with somebody who needs an accessible seat: kept in the same way. */
  readonly companions?: string;
  /** Not for sale until they are unblocked. */
  readonly blocked?: string;
}

/** Seats of one map. */
export const MAX_SEATS = 100_000;
/** Seats of one row: what is looked through whole when a block is taken. */
export const MAX_SEATS_A_ROW = 1_000;
export const MAX_QUALITY = 1_000;
/** What a map may weigh as it is recorded: with all else it has to fit into one append. */
export const MAX_MAP_BYTES = 800_000;

/** What sections, rows and seats are called. */
export const NAME = /^[A-Za-z0-9]{1,32}$/;

/** What a seat is called in its event. */
export const seatIdOf = (section: string, row: string, seat: string): string => `${section}-${row}-${seat}`;
