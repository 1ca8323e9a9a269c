import { accept, refuse } from "./decision.ts";
import type { At, InventoryDecision, SetLine } from "./inventory-commands.ts";
import type { InventoryEvent } from "./inventory-events.ts";
import { isDue } from "./inventory-lapsing.ts";
import { passingOn } from "./inventory-offers.ts";
import { roomFor } from "./inventory-room.ts";
import { guestRefusal, limitRefusal, saleRefusal } from "./inventory-sale-rules.ts";
import type { HeldReservation, OpenedInventory } from "./inventory-state.ts";
import { rfc3339 } from "./time.ts";

/** A cart's line has as many tickets as its owner says, or stays as it was. */
export function setLine(command: At<SetLine>, state: OpenedInventory): InventoryDecision {
  const { reservationId, quantity, atMs } = command;
  const { reservations, booked } = state.tables;
  if (booked.has(reservationId)) return refuse("payment-in-progress");
  const line = reservations.get(reservationId);
  const isOver = line !== undefined && isDue(line, atMs);
  if (line === undefined || isOver) {
    return quantity === 0 ? accept() : newLine(command, state, isOver ? reservationId : undefined);
  }
  if (line.accountId !== command.accountId) return refuse("already-exists");
  return quantity === 0 ? passingOn(removeLine(command, line), state, atMs) : changeLine(command, line, state);
}

/** @param over the line as it was before, when that is due and has to be recorded as expired first */
function newLine(command: At<SetLine>, state: OpenedInventory, over?: string): InventoryDecision {
  const { reservationId, cartId, accountId, quantity, expiresAtMs, atMs } = command;
  const closed = saleRefusal(state, atMs) ?? guestRefusal(command, state) ?? limitRefusal(command, state);
  if (closed !== null) return closed;
  if (expiresAtMs <= atMs) return refuse("reservation-expired");
  const { events, available } = roomFor(quantity, state, atMs, over);
  if (available < quantity) return refuse("sold-out", { available });
  const unitPrice = state.terms.price;
  const line = { reservationId, accountId, quantity, unitPrice, expiresAt: rfc3339(expiresAtMs), cartId };
  return accept<InventoryEvent>(...events, { type: "TicketsReserved", data: line });
}

function removeLine({ reservationId }: SetLine, { quantity, claim }: HeldReservation): InventoryDecision {
  if (claim !== null) return refuse("payment-in-progress");
  return accept({ type: "ReservationReleased", data: { reservationId, quantity } });
}

/** Fewer tickets can be had whatever the sale says; more only as if they were bought anew. */
function changeLine(command: At<SetLine>, line: HeldReservation, state: OpenedInventory): InventoryDecision {
  const { reservationId, quantity, atMs } = command;
  const previousQuantity = line.quantity;
  if (state.status === "closed") return refuse("event-cancelled");
  if (line.claim !== null) return refuse("payment-in-progress");
  if (quantity === previousQuantity) return accept();
  const changed = { type: "ReservationQuantityChanged", data: { reservationId, previousQuantity, quantity } } as const;
  const more = quantity - previousQuantity;
  if (more < 0) return passingOn(accept(changed), state, atMs);
  const closed = saleRefusal(state, atMs) ?? guestRefusal(command, state) ?? limitRefusal(command, state, more);
  if (closed !== null) return closed;
  const { events, available } = roomFor(more, state, atMs);
  if (available < more) return refuse("sold-out", { available });
  return accept<InventoryEvent>(...events, changed);
}
