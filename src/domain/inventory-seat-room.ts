import { type Refused, refuse } from "./decision.ts";
import type { InventoryRefusal } from "./inventory-commands.ts";
import type { ReservationsExpired, TicketsOffered } from "./inventory-events.ts";
import { expired, type Lapsed, lapse, MAX_LAPSES_PER_COMMAND } from "./inventory-lapsing.ts";
import { passOn } from "./inventory-offers.ts";
import { type SeatWish, seatsNamed, tableOf } from "./inventory-seats.ts";
import type { HeldReservation, OpenedInventory } from "./inventory-state.ts";
import { bestAvailable, takenOf } from "./seating/best-available.ts";
import { type SeatChoice, WHICHEVER } from "./seating/seat-choice.ts";
import { FREE, HELD } from "./seating/seat-table.ts";

/** What has to be recorded first, and the seats that can be had then. */
export interface SeatRoom {
  readonly events: readonly (ReservationsExpired | TicketsOffered)[];
  readonly seats: readonly number[];
}

interface SeatTerms {
  readonly over?: string | undefined;
  readonly own?: readonly number[];
  readonly ahead?: boolean;
}

/**
 * Seats for somebody who is not in the waitlist, as {@link roomFor} finds room where tickets are not numbered: what is due
 * ends first, and those who wait come first.
 *
 * Refusals: `invalid` for what is no seat, `seat-taken`, `sold-out`, `no-adjacent-seats`.
 * @param over a due reservation that ends in any case, because its id is to be used again
 * @param own seats that are given up for these, and count as free
 * @param ahead of those who wait, too
 */
export function roomForSeats(
  { quantity, choice = WHICHEVER }: SeatWish,
  state: OpenedInventory,
  atMs: number,
  { over, own = NONE, ahead = false }: SeatTerms = {},
): SeatRoom | Refused<InventoryRefusal> {
  const table = tableOf(state);
  const named = "seats" in choice ? seatsNamed(choice.seats, table) : null;
  if (named !== null && "code" in named) return named;
  const { events, forWalkUps } =
    state.tables.waitlist.size > 0 && !ahead
      ? passOn(state, atMs, { first: over })
      : { events: expired(lapsedFor(named, state, atMs, over)), forWalkUps: Number.POSITIVE_INFINITY };
  return table.tentatively(() => {
    apply(events, state);
    for (const seat of own) table.set(seat, FREE);
    if (named !== null) {
      const taken = takenOf(table, named).map((seat) => table.plan.idOf(seat));
      if (taken.length > 0) return refuse("seat-taken", { seats: taken });
    }
    if (forWalkUps === 0 && quantity > own.length) return refuse("sold-out", { available: 0 });
    if (named !== null) return { events, seats: named };
    const found = bestAvailable(table, { quantity, ...(choice as Exclude<SeatChoice, { seats: unknown }>) });
    if ("seats" in found) return { events, seats: found.seats };
    return found.none === "sold-out"
      ? refuse("sold-out", { available: Math.max(0, found.available - own.length) })
      : refuse("no-adjacent-seats");
  });
}

const NONE: readonly number[] = [];

/** By name only what is in the way ends; for a group all that is due, because any of it may be the best. */
function lapsedFor(
  named: readonly number[] | null,
  state: OpenedInventory,
  atMs: number,
  over: string | undefined,
): Lapsed {
  const max = MAX_LAPSES_PER_COMMAND;
  if (named === null) return lapse(state, atMs, { max, first: over });
  const table = tableOf(state);
  const wanted = new Set(named.filter((seat) => !table.isFree(seat)));
  if (wanted.size === 0) return lapse(state, atMs, { max: 0, first: over });
  const isInTheWay = ({ seats }: HeldReservation) => seats?.some((seat) => wanted.has(seat)) === true;
  return lapse(state, atMs, { max, first: over, only: isInTheWay });
}

/** What these make free and take, tentatively. */
function apply(events: SeatRoom["events"], { tables }: OpenedInventory): void {
  for (const { type, data } of events) {
    if (type === "ReservationsExpired") {
      for (const { reservationId } of data.reservations) {
        for (const seat of tables.reservations.get(reservationId)?.seats ?? NONE) tables.seats?.set(seat, FREE);
      }
    } else {
      for (const { seats } of data.offers) {
        for (const id of seats ?? []) tables.seats?.set(tables.seats.plan.seatOf(id) as number, HELD);
      }
    }
  }
}
