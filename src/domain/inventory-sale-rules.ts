import { refuse } from "./decision.ts";
import type { At, InventoryDecision, JoinWaitlist, Reserve, SetLine } from "./inventory-commands.ts";
import type { TicketsReserved } from "./inventory-events.ts";
import { isDue } from "./inventory-lapsing.ts";
import type { OpenedInventory } from "./inventory-state.ts";
import { rfc3339 } from "./time.ts";

/** Seats are named one by one in what is recorded, so that an order has no more of them, whatever `maxPerOrder` says. */
export const MAX_SEATS_PER_ORDER = 1_000;

/** Why nothing is sold at this time, in the order that clients rely on. */
export const saleRefusal = (state: OpenedInventory, atMs: number): InventoryDecision | null =>
  publicRefusal(state, atMs) ?? pauseRefusal(state) ?? windowRefusal(state, atMs);

/** The same for a sale that is not paused, or as if it were not. */
export const refusalBesidesPause = (state: OpenedInventory, atMs: number): InventoryDecision | null =>
  publicRefusal(state, atMs) ?? windowRefusal(state, atMs);

function publicRefusal(state: OpenedInventory, atMs: number): InventoryDecision | null {
  return eventRefusal(state, atMs) ?? (state.status === "draft" ? refuse("event-not-published") : null);
}

function pauseRefusal({ paused }: OpenedInventory): InventoryDecision | null {
  return paused.event || paused["ticket-type"] ? refuse("sale-paused") : null;
}

function windowRefusal(state: OpenedInventory, atMs: number): InventoryDecision | null {
  const { saleStartsAt, saleEndsAt } = saleWindow(state);
  if (atMs < Date.parse(saleStartsAt)) return refuse("sale-not-open");
  if (saleEndsAt !== null && atMs >= Date.parse(saleEndsAt)) return refuse("sale-closed");
  return null;
}

/** The ticket type's own dates, else the event's. `saleEndsAt: null` is when the event ends. */
export const saleWindow = ({ eventTerms, terms }: Pick<OpenedInventory, "eventTerms" | "terms">) => ({
  saleStartsAt: terms.saleStartsAt ?? eventTerms.saleStartsAt,
  saleEndsAt: terms.saleEndsAt ?? eventTerms.saleEndsAt,
});

/** Why the event has no tickets for anybody any more. */
export function eventRefusal(state: OpenedInventory, atMs: number): InventoryDecision | null {
  const { endsAt } = state.eventTerms;
  if (state.status === "closed") return refuse("event-cancelled");
  if (state.status === "removed") return refuse("ticket-type-not-found");
  if (endsAt !== null && atMs >= Date.parse(endsAt)) return refuse("event-ended");
  return null;
}

/** Who wants tickets, now or later. */
type Buying = At<Reserve | SetLine | JoinWaitlist>;

export function guestRefusal({ guest }: Buying, { eventTerms }: OpenedInventory): InventoryDecision | null {
  return guest && !eventTerms.guestsAllowed ? refuse("guests-not-allowed") : null;
}

/** Why somebody doesn't get tickets that are for sale, in the order that clients rely on. */
export const buyerRefusal = (command: At<Reserve | SetLine>, state: OpenedInventory): InventoryDecision | null =>
  guestRefusal(command, state) ?? admissionRefusal(command, state) ?? limitRefusal(command, state);

/** Why what is shown of an admission doesn't do. One that is used may be shown for as long as it is remembered. */
function admissionRefusal(
  { admission, atMs }: At<Reserve | SetLine>,
  { tables }: OpenedInventory,
): InventoryDecision | null {
  if (admission === undefined) return null;
  if ("refusal" in admission) return refuse(admission.refusal);
  if (tables.admissions.has(admission.admissionId)) return refuse("admission-used");
  return atMs >= admission.expiresAtMs ? refuse("admission-expired") : null;
}

/** What goes on record of the admission that tickets are given for. */
export const onRecord = (admission: Reserve["admission"]): Pick<TicketsReserved["data"], "admission"> =>
  admission === undefined || "refusal" in admission
    ? {}
    : { admission: { id: admission.admissionId, expiresAt: rfc3339(admission.expiresAtMs) } };

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
  const { maxPerUser } = state.terms;
  const isSeated = state.tables.seats !== null;
  const maxPerOrder = isSeated ? Math.min(state.terms.maxPerOrder, MAX_SEATS_PER_ORDER) : state.terms.maxPerOrder;
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
