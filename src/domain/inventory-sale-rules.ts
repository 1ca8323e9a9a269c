import { refuse } from "./decision.ts";
import type { At, InventoryDecision, JoinWaitlist, Reserve, SetLine } from "./inventory-commands.ts";
import { isDue } from "./inventory-lapsing.ts";
import type { OpenedInventory } from "./inventory-state.ts";

/** Why nothing is sold at this time, in the order that clients rely on. */
export function saleRefusal(state: OpenedInventory, atMs: number): InventoryDecision | null {
  const { eventTerms, terms } = state;
  const over = eventRefusal(state, atMs);
  if (over !== null) return over;
  if (state.status === "draft") return refuse("event-not-published");
  if (atMs < Date.parse(terms.saleStartsAt ?? eventTerms.saleStartsAt)) return refuse("sale-not-open");
  const endsAt = saleEndsAt(state);
  if (endsAt !== null && atMs >= Date.parse(endsAt)) return refuse("sale-closed");
  return null;
}

/** null: when the event ends. */
export const saleEndsAt = ({ eventTerms, terms }: OpenedInventory): string | null =>
  terms.saleEndsAt ?? eventTerms.saleEndsAt;

/** Why the event has no tickets for anybody any more. */
export function eventRefusal(state: OpenedInventory, atMs: number): InventoryDecision | null {
  const { endsAt } = state.eventTerms;
  if (state.status === "closed") return refuse("event-cancelled");
  if (endsAt !== null && atMs >= Date.parse(endsAt)) return refuse("event-ended");
  return null;
}

/** Who wants tickets, now or later. */
type Buying = At<Reserve | SetLine | JoinWaitlist>;

export function guestRefusal({ guest }: Buying, { eventTerms }: OpenedInventory): InventoryDecision | null {
  return guest && !eventTerms.guestsAllowed ? refuse("guests-not-allowed") : null;
}

/**
 * Too much for one order, or for one person: what an account holds and what it has bought count together.
 *
 * @param more how many tickets more that makes: all of them, unless some are held already
 */
export function limitRefusal(
  command: Buying,
  state: OpenedInventory,
  more = command.quantity,
): InventoryDecision | null {
  const { maxPerOrder, maxPerUser } = state.terms;
  if (command.quantity > maxPerOrder) return refuse("limit-exceeded", { maxPerOrder });
  if (maxPerUser === null) return null;
  const { accountId, atMs } = command;
  if (state.tables.ticketsOf(accountId) + more <= maxPerUser) return null;
  // Tickets held again for a late payment may be more than the limit.
  const remaining = Math.max(0, maxPerUser - ticketsAt(accountId, state, atMs));
  return more > remaining ? refuse("limit-exceeded", { maxPerUser, remaining }) : null;
}

/** Tickets that an account has where there is a limit per user: those of due reservations are not its own any more. */
export function ticketsAt(accountId: string, { tables }: OpenedInventory, atMs: number): number {
  let tickets = tables.ticketsOf(accountId);
  for (const reservation of tables.ofAccount(accountId)) if (isDue(reservation, atMs)) tickets -= reservation.quantity;
  return tickets;
}
