import { type Lapsed, lapse, MAX_LAPSES_PER_COMMAND, NOTHING_LAPSED } from "./inventory-lapsing.ts";
import type { OpenedInventory } from "./inventory-state.ts";

/**
 * How many tickets anybody may have who comes along.
 *
 * @param lapsed tickets of due reservations that are free, too, because the decision ends them
 */
export const freeForWalkUps = (state: OpenedInventory, lapsed = 0): number =>
  state.capacity - state.held - state.booked + lapsed;

/** Where tickets come from: reservations to be recorded as expired first, and how many are available then. */
export interface Room {
  readonly lapsed: Lapsed;
  readonly available: number;
}

/**
 * Room for so many tickets more, found by ending no more due reservations than that takes. There may be less room than
 * wished for.
 *
 * @param over a due reservation that ends in any case, because its id is to be used again
 */
export function roomFor(quantity: number, state: OpenedInventory, atMs: number, over?: string): Room {
  const free = freeForWalkUps(state);
  if (free >= quantity && over === undefined) return { lapsed: NOTHING_LAPSED, available: free };
  const lapsed = lapse(state, atMs, { max: MAX_LAPSES_PER_COMMAND, enough: quantity - free, first: over });
  return { lapsed, available: freeForWalkUps(state, lapsed.quantity) };
}
