import { accept, type Decider, refuse } from "./decision.ts";
import { setLine } from "./inventory-cart-lines.ts";
import { claim, confirm, holdAgain, letGo, returnTickets } from "./inventory-claims.ts";
import { close, lapseDue } from "./inventory-closing.ts";
import type {
  At,
  ChangeCapacity,
  ChangeEventTerms,
  InventoryCommand,
  InventoryDecision,
} from "./inventory-commands.ts";
import type { EventTerms, InventoryEvent } from "./inventory-events.ts";
import { evolve } from "./inventory-evolve.ts";
import { expired, lapse, MAX_LAPSES_PER_COMMAND, NOTHING_LAPSED } from "./inventory-lapsing.ts";
import { passingOn } from "./inventory-offers.ts";
import { extend, release, reserve } from "./inventory-reserving.ts";
import type { Inventory, OpenedInventory } from "./inventory-state.ts";
import { joinWaitlist, leaveWaitlist } from "./inventory-waitlist.ts";

export type * from "./inventory-commands.ts";
export { MAX_LAPSES_PER_COMMAND, MAX_LAPSES_PER_EVENT } from "./inventory-lapsing.ts";

export const inventory: Decider<Inventory, InventoryCommand, InventoryEvent> = {
  initialState: () => ({ status: "unopened" }),
  decide: (command, state) => {
    if (command.type === "OpenInventory") {
      return state.status === "unopened"
        ? accept({ type: "InventoryOpened", data: command.data })
        : refuse("already-exists");
    }
    return state.status === "unopened" ? refuse("ticket-type-not-found") : decide(command, state);
  },
  evolve,
  stagedIn: (state) => (state.status === "unopened" ? [] : state.tables.staged()),
};

function decide(
  command: Exclude<InventoryCommand, { type: "OpenInventory" }>,
  state: OpenedInventory,
): InventoryDecision {
  switch (command.type) {
    case "PublishInventory":
      return state.status === "draft" ? accept({ type: "InventoryPublished", data: {} }) : accept();
    case "ChangeEventTerms":
      return changeEventTerms(command, state);
    case "ChangeCapacity":
      return passingOn(changeCapacity(command, state), state, command.atMs);
    case "Reserve":
      return reserve(command, state);
    case "Extend":
      return extend(command, state);
    case "Release":
      return passingOn(release(command, state), state, command.atMs);
    case "SetLine":
      return setLine(command, state);
    case "Claim":
      return claim(command, state);
    case "HoldAgain":
      return holdAgain(command, state);
    case "Confirm":
      return confirm(command, state);
    case "LetGo":
      return passingOn(letGo(command, state), state, command.atMs);
    case "ReturnTickets":
      return passingOn(returnTickets(command, state), state, command.atMs);
    case "CloseInventory":
      return close(command, state);
    case "LapseDue":
      return lapseDue(command, state);
    case "JoinWaitlist":
      return joinWaitlist(command, state);
    case "LeaveWaitlist":
      return leaveWaitlist(command, state);
    default:
      return command satisfies never;
  }
}

function changeEventTerms(command: ChangeEventTerms, state: OpenedInventory): InventoryDecision {
  const now = state.eventTerms;
  const next = command.eventTerms;
  const isSame = (key: keyof EventTerms) => JSON.stringify(next[key]) === JSON.stringify(now[key]);
  const same = (Object.keys(next) as (keyof EventTerms)[]).every(isSame);
  return same ? accept() : accept({ type: "EventTermsChanged", data: next });
}

/** Never below what is held and booked; reservations that are due don't stand in the way. */
function changeCapacity(command: At<ChangeCapacity>, state: OpenedInventory): InventoryDecision {
  const { capacity } = command;
  if (capacity === state.capacity) return accept();
  const over = state.held + state.booked - capacity;
  const lapsed = over > 0 ? lapse(state, command.atMs, { max: MAX_LAPSES_PER_COMMAND, enough: over }) : NOTHING_LAPSED;
  if (lapsed.quantity < over) {
    const committed = state.held + state.booked - lapsed.quantity;
    return refuse("capacity-below-commitments", { committed, capacity: state.capacity });
  }
  const change = { capacity, previousCapacity: state.capacity };
  return accept<InventoryEvent>(...expired(lapsed), { type: "CapacityChanged", data: change });
}
