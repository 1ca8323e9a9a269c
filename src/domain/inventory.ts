import { accept, type Decider, refuse } from "./decision.ts";
import { blockSeats, unblockSeats } from "./inventory-blocking.ts";
import { setLine } from "./inventory-cart-lines.ts";
import { changeCapacity, changeEventTerms, changeTicketTypeTerms, remove, setPaused } from "./inventory-changing.ts";
import { claim, confirm, holdAgain, letGo, returnTickets } from "./inventory-claims.ts";
import { close, lapseDue } from "./inventory-closing.ts";
import type { InventoryCommand, InventoryDecision } from "./inventory-commands.ts";
import type { InventoryEvent } from "./inventory-events.ts";
import { evolve } from "./inventory-evolve.ts";
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
    case "ChangeTicketTypeTerms":
      return changeTicketTypeTerms(command, state);
    case "SetPaused":
      return setPaused(command, state);
    case "ChangeCapacity":
      return passingOn(changeCapacity(command, state), state, command.atMs);
    case "BlockSeats":
      return blockSeats(command, state);
    case "UnblockSeats":
      return passingOn(unblockSeats(command, state), state, command.atMs);
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
    case "RemoveInventory":
      return remove(command, state);
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
