import { accept, refuse } from "./decision.ts";
import type { At, InventoryDecision, SetLine } from "./inventory-commands.ts";
import type { InventoryEvent, ReservationQuantityChanged } from "./inventory-events.ts";
import { isDue } from "./inventory-lapsing.ts";
import { passingOn } from "./inventory-offers.ts";
import { roomFor, ticketsFor } from "./inventory-room.ts";
import { buyerRefusal, guestRefusal, limitRefusal, onRecord, saleRefusal } from "./inventory-sale-rules.ts";
import { roomForSeats } from "./inventory-seat-room.ts";
import { choiceRefusal, priceOfSeat, seatsNamed, tableOf } from "./inventory-seats.ts";
import type { HeldReservation, OpenedInventory } from "./inventory-state.ts";
import { priceOf, pricing } from "./pricing.ts";
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
  const closed = saleRefusal(state, atMs) ?? buyerRefusal(command, state);
  if (closed !== null) return closed;
  if (expiresAtMs <= atMs) return refuse("reservation-expired");
  const taken = ticketsFor(command, state, atMs, over);
  if ("code" in taken) return taken;
  const line = { reservationId, accountId, quantity, ...taken.tickets, expiresAt: rfc3339(expiresAtMs), cartId };
  const data = { ...line, ...onRecord(command.admission) };
  return accept<InventoryEvent>(...taken.events, { type: "TicketsReserved", data });
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
  const wrong = choiceRefusal(command, state);
  if (wrong !== null) return wrong;
  if (line.seats !== undefined) return changeSeats(command, line, line.seats, state);
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

/**
 * The same for numbered seats, at once: seats that the line gives up count as free for those it gets. Fewer of its own can
 * be had whatever the sale says: the named ones, or the first.
 */
function changeSeats(
  command: At<SetLine>,
  line: HeldReservation,
  own: readonly number[],
  state: OpenedInventory,
): InventoryDecision {
  const { quantity, choice, atMs } = command;
  const changedTo = (seats: readonly number[]) => seatsChanged(command, line, own, seats, state);
  const named = choice !== undefined && "seats" in choice ? seatsNamed(choice.seats, tableOf(state)) : null;
  if (named !== null && "code" in named) return named;
  const kept = named === null ? own.slice(0, quantity) : named;
  if (kept.length === quantity && kept.every((seat) => own.includes(seat))) {
    return quantity === own.length ? accept() : passingOn(accept(changedTo(kept)), state, atMs);
  }
  const more = Math.max(0, quantity - own.length);
  const closed = saleRefusal(state, atMs) ?? guestRefusal(command, state) ?? limitRefusal(command, state, more);
  if (closed !== null) return closed;
  const room = roomForSeats(command, state, atMs, { own });
  if ("code" in room) return room;
  return accept<InventoryEvent>(...room.events, changedTo(room.seats));
}

function seatsChanged(
  { reservationId, quantity }: SetLine,
  line: HeldReservation,
  own: readonly number[],
  seats: readonly number[],
  state: OpenedInventory,
): ReservationQuantityChanged {
  const { plan } = tableOf(state);
  const idsOf = (some: readonly number[]) => some.map((seat) => plan.idOf(seat));
  const prices = seats.map((seat) => {
    const before = own.indexOf(seat);
    return before < 0 ? priceOfSeat(seat, state) : priceOf(line, before);
  });
  const changed = { previousQuantity: own.length, quantity, previousSeats: idsOf(own), seats: idsOf(seats) };
  return { type: "ReservationQuantityChanged", data: { reservationId, ...changed, ...pricing(prices) } };
}
