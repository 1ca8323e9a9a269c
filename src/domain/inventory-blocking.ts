import { accept, refuse } from "./decision.ts";
import type { At, BlockSeats, InventoryDecision, UnblockSeats } from "./inventory-commands.ts";
import type { InventoryEvent } from "./inventory-events.ts";
import { roomForSeats } from "./inventory-seat-room.ts";
import { seatsNamed } from "./inventory-seats.ts";
import type { OpenedInventory } from "./inventory-state.ts";
import { BLOCKED } from "./seating/seat-table.ts";

/** Takes seats out of the sale, all or none: those that are held or sold can't be. */
export function blockSeats(command: At<BlockSeats>, state: OpenedInventory): InventoryDecision {
  const chosen = chosenIn(command, state, (isBlocked) => !isBlocked);
  if ("accepted" in chosen) return chosen;
  const { seats, ids } = chosen;
  if (ids.length === 0) return accept();
  // Whoever waits has no seats yet: what is free is the organizer's to block.
  const wish = { quantity: seats.length, choice: { seats: ids } };
  const room = roomForSeats(wish, state, command.atMs, { ahead: true });
  if ("code" in room) return room;
  return accept<InventoryEvent>(...room.events, { type: "SeatsBlocked", data: { seats: ids } });
}

/** Puts seats that are blocked back on sale. */
export function unblockSeats(command: At<UnblockSeats>, state: OpenedInventory): InventoryDecision {
  const chosen = chosenIn(command, state, (isBlocked) => isBlocked);
  if ("accepted" in chosen) return chosen;
  return chosen.ids.length === 0 ? accept() : accept({ type: "SeatsUnblocked", data: { seats: chosen.ids } });
}

function chosenIn(
  { seats: ids }: BlockSeats | UnblockSeats,
  { status, tables }: OpenedInventory,
  isMeant: (isBlocked: boolean) => boolean,
) {
  const table = tables.seats;
  if (status === "removed") return refuse("ticket-type-not-found");
  if (status === "closed") return refuse("event-cancelled");
  if (table === null) {
    return refuse("invalid", {
      path: "/seats",
      message: "goes with numbered seats, which this ticket type does not have",
    });
  }
  const named = seatsNamed(ids, table);
  if ("code" in named) return named;
  const seats = named.filter((seat) => isMeant(table.statusOf(seat) === BLOCKED));
  return { seats, ids: seats.map((seat) => table.plan.idOf(seat)) };
}
