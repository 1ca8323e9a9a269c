import type { Inventory } from "../domain/inventory-state.ts";

/** Of the caches of aggregates: what one entry stands for. */
const BYTES_AN_ENTRY = 100;
/** Measured at 500 rows of 100 seats to 5,000 of 10: status, kind and row of a seat; a row's object, names and runs. */
const BYTES_A_SEAT = 4;
const BYTES_A_ROW = 200;

/** What an inventory has of people: its reservations, bookings and those who wait, an entry each. */
export const peopleIn = (state: Inventory): number =>
  state.status === "unopened"
    ? 0
    : state.tables.reservations.size + state.tables.booked.size + state.tables.waitlist.size;

/** What it weighs in memory, in entries of about 100 bytes: people, and the seats of its map. */
export function weightOf(state: Inventory): number {
  const seats = state.status === "unopened" ? null : state.tables.seats;
  if (seats === null) return peopleIn(state);
  const { size, rows } = seats.plan;
  return peopleIn(state) + (size * BYTES_A_SEAT + rows.length * BYTES_A_ROW) / BYTES_AN_ENTRY;
}
