import type { ReservationsExpired, TicketsOffered } from "./inventory-events.ts";
import { expired, lapse, MAX_LAPSES_PER_COMMAND } from "./inventory-lapsing.ts";
import { passOn } from "./inventory-offers.ts";
import type { OpenedInventory } from "./inventory-state.ts";

/** Where tickets come from: what has to be recorded first, and how many are available to walk-ups then. */
export interface Room {
  readonly events: readonly (ReservationsExpired | TicketsOffered)[];
  readonly available: number;
}

/**
 * Room for so many tickets more for somebody who is not in the waitlist, found by ending no more due reservations than
 * that takes. While somebody waits, all that is due ends, and those who wait come first. There may be less room than
 * wished for.
 *
 * @param over a due reservation that ends in any case, because its id is to be used again
 */
export function roomFor(quantity: number, state: OpenedInventory, atMs: number, over?: string): Room {
  if (state.tables.waitlist.size > 0) {
    const { events, forWalkUps } = passOn(state, atMs, { first: over });
    return { events, available: forWalkUps };
  }
  const free = state.capacity - state.held - state.booked;
  if (free >= quantity && over === undefined) return { events: [], available: free };
  const lapsed = lapse(state, atMs, { max: MAX_LAPSES_PER_COMMAND, enough: quantity - free, first: over });
  return { events: expired(lapsed), available: free + lapsed.quantity };
}
