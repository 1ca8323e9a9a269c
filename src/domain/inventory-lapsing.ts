import type { ReservationsExpired } from "./inventory-events.ts";
import { endsAtMs, type HeldReservation, type OpenedInventory } from "./inventory-state.ts";

/** Due reservations are recorded as expired in portions of this size: a wave must not build an append over the limit. */
export const MAX_LAPSES_PER_EVENT = 500;

/** How many due reservations one command may have to end before it; the rest counts as not available yet. */
export const MAX_LAPSES_PER_COMMAND = 10_000;

/** From its end on a reservation has lapsed, whether that is recorded or not. */
export const isDue = (reservation: HeldReservation, atMs: number): boolean => atMs >= endsAtMs(reservation);

/** Reservations that end with a decision, and the tickets that they free. */
export interface Lapsed {
  readonly reservations: readonly { readonly reservationId: string; readonly quantity: number }[];
  readonly quantity: number;
}

export const NOTHING_LAPSED: Lapsed = { reservations: [], quantity: 0 };

interface LapseBounds {
  /** So many reservations at most. */
  readonly max: number;
  /** No more of them than it takes to free so many tickets. */
  readonly enough?: number;
  /** A due reservation that ends before all others, because its id is needed. */
  readonly first?: string | undefined;
  /** None but those of which this is so. */
  readonly only?: (reservation: HeldReservation) => boolean;
  /** Those that the decision ends otherwise. */
  readonly except?: ReadonlySet<string>;
}

/** The oldest due reservations. */
export function lapse(
  { tables }: OpenedInventory,
  atMs: number,
  { max, enough = Number.POSITIVE_INFINITY, first, only, except }: LapseBounds,
): Lapsed {
  const reservations: { reservationId: string; quantity: number }[] = [];
  let tickets = 0;
  const end = (reservationId: string): void => {
    const { quantity } = tables.reservations.get(reservationId) as HeldReservation;
    reservations.push({ reservationId, quantity });
    tickets += quantity;
  };
  if (first !== undefined) end(first);
  for (const reservationId of tables.calendar.due(atMs)) {
    if (reservations.length >= max || tickets >= enough) break;
    if (reservationId === first || except?.has(reservationId) === true) continue;
    if (only === undefined || only(tables.reservations.get(reservationId) as HeldReservation)) end(reservationId);
  }
  return { reservations, quantity: tickets };
}

/** The events that record it, in portions. */
export function expired({ reservations }: Lapsed): ReservationsExpired[] {
  const events: ReservationsExpired[] = [];
  for (let i = 0; i < reservations.length; i += MAX_LAPSES_PER_EVENT) {
    const portion = reservations.slice(i, i + MAX_LAPSES_PER_EVENT);
    events.push({ type: "ReservationsExpired", data: { reservations: portion } });
  }
  return events;
}
