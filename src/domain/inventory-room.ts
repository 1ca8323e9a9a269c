import { type Refused, refuse } from "./decision.ts";
import type { InventoryRefusal } from "./inventory-commands.ts";
import type { ReservationsExpired, Seated, TicketsOffered } from "./inventory-events.ts";
import { expired, lapse, MAX_LAPSES_PER_COMMAND } from "./inventory-lapsing.ts";
import { passOn } from "./inventory-offers.ts";
import { roomForSeats } from "./inventory-seat-room.ts";
import { choiceRefusal, type SeatWish, seated } from "./inventory-seats.ts";
import type { OpenedInventory } from "./inventory-state.ts";
import type { Money } from "./money.ts";

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

/** Tickets that can be had, numbered or not, with what has to be recorded first. */
export interface Taken {
  readonly events: Room["events"];
  readonly tickets: Seated & { readonly unitPrice: Money };
}

/**
 * So many tickets for somebody who is not in the waitlist, at today's price. Refusals: `sold-out`, and those of
 * {@link roomForSeats}.
 *
 * @param over a due reservation that ends in any case, because its id is to be used again
 */
export function ticketsFor(
  wish: SeatWish,
  state: OpenedInventory,
  atMs: number,
  over?: string,
): Taken | Refused<InventoryRefusal> {
  const wrong = choiceRefusal(wish, state);
  if (wrong !== null) return wrong;
  if (state.tables.seats !== null) {
    const room = roomForSeats(wish, state, atMs, { over });
    return "code" in room ? room : { events: room.events, tickets: seated(room.seats, state) };
  }
  const { events, available } = roomFor(wish.quantity, state, atMs, over);
  if (available < wish.quantity) return refuse("sold-out", { available });
  return { events, tickets: { unitPrice: state.terms.price } };
}

/** As many as somebody could have who is not in the waitlist and does not say which: what is due counts. */
export function availableToWalkUps(state: OpenedInventory, atMs: number): number {
  const { seats } = state.tables;
  if (seats === null) return roomFor(Number.POSITIVE_INFINITY, state, atMs).available;
  const none = roomForSeats({ quantity: Number.POSITIVE_INFINITY }, state, atMs);
  return "code" in none ? (none.details.available as number) : 0;
}
