import { refuse } from "./decision.ts";
import type { At, InventoryDecision, Reserve, SetLine } from "./inventory-commands.ts";
import { isDue } from "./inventory-lapsing.ts";
import type { OpenedInventory } from "./inventory-state.ts";

/** Why nothing is sold at this time, in the order that clients rely on. */
export function saleRefusal(state: OpenedInventory, atMs: number): InventoryDecision | null {
  const { eventTerms, terms } = state;
  const over = eventRefusal(state, atMs);
  if (over !== null) return over;
  if (state.status === "draft") return refuse("event-not-published");
  if (atMs < Date.parse(terms.saleStartsAt ?? eventTerms.saleStartsAt)) return refuse("sale-not-open");
  const saleEndsAt = terms.saleEndsAt ?? eventTerms.saleEndsAt;
  if (saleEndsAt !== null && atMs >= Date.parse(saleEndsAt)) return refuse("sale-closed");
  return null;
}

/** Why the event has no tickets for anybody any more. */
export function eventRefusal(state: OpenedInventory, atMs: number): InventoryDecision | null {
  const { endsAt } = state.eventTerms;
  if (state.status === "closed") return refuse("event-cancelled");
  if (endsAt !== null && atMs >= Date.parse(endsAt)) return refuse("event-ended");
  return null;
}

export function guestRefusal({ guest }: Reserve | SetLine, { eventTerms }: OpenedInventory): InventoryDecision | null {
  return guest && !eventTerms.guestsAllowed ? refuse("guests-not-allowed") : null;
}

/**
 * Too much for one order, or for one person: what an account holds and what it has bought count together.
 *
 * @param more how many tickets more that makes: all of them, unless some are held already
 */
export function limitRefusal(
  command: At<Reserve | SetLine>,
  state: OpenedInventory,
  more = command.quantity,
): InventoryDecision | null {
  const { maxPerOrder, maxPerUser } = state.terms;
  if (command.quantity > maxPerOrder) return refuse("limit-exceeded", { maxPerOrder });
  if (maxPerUser === null) return null;
  const recorded = state.tables.ticketsOf(command.accountId);
  if (recorded + more <= maxPerUser) return null;
  const remaining = maxPerUser - recorded + dueOfAccount(command, state);
  return more > remaining ? refuse("limit-exceeded", { maxPerUser, remaining }) : null;
}

/** Tickets of the account in reservations that are due, though not yet recorded as expired. */
function dueOfAccount({ accountId, atMs }: At<Reserve | SetLine>, state: OpenedInventory): number {
  let quantity = 0;
  for (const reservation of state.tables.ofAccount(accountId)) {
    if (isDue(reservation, atMs)) quantity += reservation.quantity;
  }
  return quantity;
}
