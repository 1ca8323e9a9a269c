import { accept } from "./decision.ts";
import type { At, CloseInventory, InventoryDecision, LapseDue } from "./inventory-commands.ts";
import type { InventoryEvent, ReservationsWithdrawn } from "./inventory-events.ts";
import { expired, isDue, lapse, MAX_LAPSES_PER_EVENT } from "./inventory-lapsing.ts";
import { passOn } from "./inventory-offers.ts";
import type { OpenedInventory } from "./inventory-state.ts";
import { endedWaiting } from "./inventory-waitlist.ts";

/** The event is cancelled; a second time changes nothing. What is held ends by and by: see {@link lapseDue}. */
export function close({ reason }: CloseInventory, state: OpenedInventory): InventoryDecision {
  return state.status === "closed" || state.status === "removed"
    ? accept()
    : accept({ type: "InventoryClosed", data: { reason } });
}

/**
 * What runs in each batch: reservations end that are due, and in a closed inventory all that nobody is paying for. Those
 * that are claimed end with their booking. What is free is offered to those who wait; when the sale is over, the waitlist
 * ends.
 */
export function lapseDue({ atMs }: At<LapseDue>, state: OpenedInventory): InventoryDecision {
  const ended = endedWaiting(state, atMs);
  if (state.tables.waitlist.size > 0 && ended.length === 0)
    return accept<InventoryEvent>(...passOn(state, atMs).events);
  const lapsed = lapse(state, atMs, { max: MAX_LAPSES_PER_EVENT });
  const room = MAX_LAPSES_PER_EVENT - lapsed.reservations.length;
  return accept<InventoryEvent>(...expired(lapsed), ...withdrawn(state, atMs, room), ...ended);
}

function withdrawn(state: OpenedInventory, atMs: number, max: number): ReservationsWithdrawn[] {
  if (state.status !== "closed" || state.held === state.claimed || max === 0) return [];
  const reservations: { reservationId: string; quantity: number }[] = [];
  for (const [reservationId, reservation] of state.tables.reservations.entries()) {
    if (reservation.claim !== null || isDue(reservation, atMs)) continue;
    reservations.push({ reservationId, quantity: reservation.quantity });
    if (reservations.length === max) break;
  }
  if (reservations.length === 0) return [];
  // By id, so that it does not matter how the work before was cut into batches.
  reservations.sort((a, b) => (a.reservationId < b.reservationId ? -1 : 1));
  return [{ type: "ReservationsWithdrawn", data: { reason: "event-cancelled", reservations } }];
}
