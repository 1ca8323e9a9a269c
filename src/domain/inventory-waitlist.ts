import { accept, refuse } from "./decision.ts";
import type { At, InventoryDecision, JoinWaitlist, LeaveWaitlist } from "./inventory-commands.ts";
import type { WaitlistEnded } from "./inventory-events.ts";
import { isDue, MAX_LAPSES_PER_EVENT } from "./inventory-lapsing.ts";
import { passingOn, waitlistIsOver } from "./inventory-offers.ts";
import { release } from "./inventory-reserving.ts";
import { availableToWalkUps } from "./inventory-room.ts";
import { guestRefusal, limitRefusal, saleRefusal } from "./inventory-sale-rules.ts";
import type { OpenedInventory } from "./inventory-state.ts";
import { MAX_WAITLIST } from "./waitlist.ts";

/** What comes back is the waitlist's first: while people stand in a waiting room for it, only who was let in may join. */
const notAdmitted = ({ admission }: At<JoinWaitlist>): InventoryDecision | null =>
  admission !== undefined && "refusal" in admission ? refuse(admission.refusal) : null;

/** Waits for as many tickets, unless they can be had at once. One entry an account, an open offer included. */
export function joinWaitlist(command: At<JoinWaitlist>, state: OpenedInventory): InventoryDecision {
  const { entryId, accountId, quantity, offerTtlSeconds, atMs } = command;
  const { waitlist, reservations } = state.tables;
  if (waitlist.get(entryId) !== undefined || reservations.has(entryId)) return refuse("already-exists");
  const closed =
    saleRefusal(state, atMs) ?? guestRefusal(command, state) ?? notAdmitted(command) ?? limitRefusal(command, state);
  if (closed !== null) return closed;
  if (isInWaitlist(accountId, state, atMs)) return refuse("already-waiting");
  const available = availableToWalkUps(state, atMs);
  if (available >= quantity) return refuse("tickets-available", { available });
  if (waitlist.size >= MAX_WAITLIST) return refuse("waitlist-full");
  const place = waitlist.size + 1;
  return accept({ type: "WaitlistJoined", data: { entryId, accountId, quantity, offerTtlSeconds, place } });
}

/** It waits, or has an offer that has not ended yet. */
function isInWaitlist(accountId: string, { tables }: OpenedInventory, atMs: number): boolean {
  const entryId = tables.waitlist.entryOf(accountId);
  if (entryId === undefined) return false;
  const offer = tables.reservations.get(entryId);
  return offer === undefined || !isDue(offer, atMs);
}

/**
 * Waits no more. An open offer is given back, and passed on; what has ended already stays as it is: the wish is
 * fulfilled. What is gone leaves nothing behind here, so that an entry that never was can't be told from it.
 */
export function leaveWaitlist(command: At<LeaveWaitlist>, state: OpenedInventory): InventoryDecision {
  const { entryId, accountId, atMs } = command;
  const { waitlist, reservations, booked } = state.tables;
  const entry = waitlist.get(entryId);
  const offer = reservations.get(entryId);
  const owner = (entry ?? offer ?? booked.get(entryId))?.accountId ?? accountId;
  const isOther = offer !== undefined && offer.kind !== "offer";
  if (owner !== accountId || isOther) return refuse("waitlist-entry-not-found");
  if (entry !== undefined) return accept({ type: "WaitlistLeft", data: { entryId, accountId } });
  return passingOn(release({ type: "Release", reservationId: entryId, accountId, atMs }, state), state, atMs);
}

/** Once there will be no offers any more, a portion of those who wait; nobody before. */
export function endedWaiting(state: OpenedInventory, atMs: number): WaitlistEnded[] {
  const { waitlist } = state.tables;
  const reason = waitlist.size === 0 ? null : waitlistIsOver(state, atMs);
  if (reason === null) return [];
  const portion = waitlist.next(Number.POSITIVE_INFINITY, MAX_LAPSES_PER_EVENT);
  const entries = portion.map(({ entryId, accountId }) => ({ entryId, accountId }));
  return [{ type: "WaitlistEnded", data: { reason, entries } }];
}
