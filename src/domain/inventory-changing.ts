import { accept, type Refused, refuse } from "./decision.ts";
import type {
  At,
  ChangeCapacity,
  ChangeEventTerms,
  ChangeTicketTypeTerms,
  InventoryDecision,
  RemoveInventory,
  SetPaused,
} from "./inventory-commands.ts";
import type { EventTerms, InventoryEvent, TicketTypeTerms } from "./inventory-events.ts";
import { expired, lapse, MAX_LAPSES_PER_COMMAND, NOTHING_LAPSED } from "./inventory-lapsing.ts";
import { passingOn } from "./inventory-offers.ts";
import { saleWindow } from "./inventory-sale-rules.ts";
import type { Inventory, OpenedInventory } from "./inventory-state.ts";

/** What the event says about selling its tickets; the same again changes nothing. */
export function changeEventTerms({ eventTerms: next }: ChangeEventTerms, state: OpenedInventory): InventoryDecision {
  if (state.status === "removed") return refuse("ticket-type-not-found");
  const now = state.eventTerms;
  const keys = Object.keys(next) as (keyof EventTerms)[];
  return keys.every((key) => isSame(next[key], now[key]))
    ? accept()
    : accept({ type: "EventTermsChanged", data: next });
}

/**
 * What the ticket type is and costs, for who reserves from now on; the same again changes nothing. Whether it goes
 * together with the rest of the event its listing has seen to.
 */
export function changeTicketTypeTerms(command: ChangeTicketTypeTerms, state: OpenedInventory): InventoryDecision {
  if (state.status === "removed") return refuse("ticket-type-not-found");
  const price = { ...(command.changes.price ?? state.terms.price), currency: command.currency };
  const changes = onlyNew({ ...command.changes, price }, state.terms);
  if (Object.keys(changes).length === 0) return accept();
  const window = saleWindow({ ...state, terms: { ...state.terms, ...changes } });
  return accept({ type: "TicketTypeTermsChanged", data: { changes, ...window } });
}

/** While it is paused nothing is offered either; resumed, what is free goes to those who wait first. */
export function setPaused({ scope, paused, atMs }: At<SetPaused>, state: OpenedInventory): InventoryDecision {
  if (state.status === "removed") return refuse("ticket-type-not-found");
  if (state.paused[scope] === paused) return accept();
  if (paused) return accept({ type: "SalePaused", data: { scope } });
  const resumed = { ...state, paused: { ...state.paused, [scope]: false } };
  return passingOn(accept({ type: "SaleResumed", data: { scope } }), resumed, atMs);
}

/** Never below what is held and booked, and never where tickets are numbered seats; reservations that are due don't stand in the way. */
export function changeCapacity({ capacity, atMs }: At<ChangeCapacity>, state: OpenedInventory): InventoryDecision {
  if (state.status === "removed") return refuse("ticket-type-not-found");
  // A seat map has as many tickets as seats; which of them are for sale is for blocking to say.
  if (capacity === state.capacity || state.tables.seats !== null) return accept();
  const { lapsed, committed } = commitments(state, atMs, state.held + state.booked - capacity);
  if (committed > capacity) return refuse("capacity-below-commitments", { committed, capacity: state.capacity });
  const change = { capacity, previousCapacity: state.capacity };
  return accept<InventoryEvent>(...expired(lapsed), { type: "CapacityChanged", data: change });
}

/** Why it could not be closed at this moment; null: it could. One that is not opened has nothing. */
export function removalRefusal(state: Inventory, atMs: number): Refused | null {
  const decision = state.status === "unopened" ? null : remove({ type: "RemoveInventory", atMs }, state);
  return decision === null || decision.accepted ? null : decision;
}

/** Closes it for good, when nobody has or wants anything of it; a second time changes nothing. */
export function remove({ atMs }: At<RemoveInventory>, state: OpenedInventory): InventoryDecision {
  if (state.status === "removed") return accept();
  if (state.status === "closed") return refuse("event-cancelled");
  const { lapsed, committed } = commitments(state, atMs, state.held);
  const waiting = state.tables.waitlist.size;
  if (committed + waiting > 0) return refuse("has-commitments", { committed, waiting });
  return accept<InventoryEvent>(...expired(lapsed), { type: "InventoryRemoved", data: { capacity: state.capacity } });
}

/** Tickets that are held or booked once as many due reservations have lapsed as are in the way of `enough` tickets. */
function commitments(state: OpenedInventory, atMs: number, enough: number) {
  const lapsed = enough > 0 ? lapse(state, atMs, { max: MAX_LAPSES_PER_COMMAND, enough }) : NOTHING_LAPSED;
  return { lapsed, committed: state.held + state.booked - lapsed.quantity };
}

/** The fields whose new value differs from what stands there. */
function onlyNew(changes: Partial<TicketTypeTerms>, terms: TicketTypeTerms): Partial<TicketTypeTerms> {
  const entries = Object.entries(changes) as [keyof TicketTypeTerms, unknown][];
  return Object.fromEntries(entries.filter(([key, value]) => !isSame(value, terms[key])));
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
