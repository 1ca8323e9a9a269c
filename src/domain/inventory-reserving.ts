import { accept, refuse } from "./decision.ts";
import type { At, Extend, InventoryDecision, Release, Reserve } from "./inventory-commands.ts";
import type { InventoryEvent } from "./inventory-events.ts";
import { isDue } from "./inventory-lapsing.ts";
import { ticketsFor } from "./inventory-room.ts";
import { buyerRefusal, onRecord, saleRefusal } from "./inventory-sale-rules.ts";
import type { HeldReservation, OpenedInventory } from "./inventory-state.ts";
import { rfc3339 } from "./time.ts";

/** Sets tickets aside until `expiresAt`, if the sale is open, the limits allow it and enough are left. */
export function reserve(command: At<Reserve>, state: OpenedInventory): InventoryDecision {
  const { reservationId, accountId, quantity, atMs } = command;
  const { reservations, booked } = state.tables;
  if (reservations.has(reservationId) || booked.has(reservationId)) return refuse("already-exists");
  const closed = saleRefusal(state, atMs) ?? buyerRefusal(command, state);
  if (closed !== null) return closed;
  const taken = ticketsFor(command, state, atMs);
  if ("code" in taken) return taken;
  const ttlSeconds = command.holdTtlSeconds ?? state.eventTerms.holdTtlSeconds;
  const expiresAt = rfc3339(atMs + ttlSeconds * 1000);
  const reservation = { reservationId, accountId, quantity, ...taken.tickets, expiresAt };
  const data = { ...reservation, ...onRecord(command.admission) };
  return accept<InventoryEvent>(...taken.events, { type: "TicketsReserved", data });
}

/** Moves `expiresAt` of a plain reservation by the event's term, once. */
export function extend(command: At<Extend>, state: OpenedInventory): InventoryDecision {
  const { reservationId, atMs } = command;
  const reservation = ownReservation(command, state);
  if (state.status === "closed") return refuse("event-cancelled");
  if (reservation === undefined) return refuse("reservation-not-held");
  if (isDue(reservation, atMs)) return refuse("reservation-expired");
  if (reservation.claim !== null) return refuse("payment-in-progress");
  if (reservation.kind !== "plain") return refuse("not-extendable");
  if (reservation.extended) return refuse("extension-used");
  const previousExpiresAt = rfc3339(reservation.expiresAtMs);
  const expiresAt = rfc3339(reservation.expiresAtMs + state.eventTerms.holdTtlSeconds * 1000);
  return accept({ type: "ReservationExtended", data: { reservationId, previousExpiresAt, expiresAt } });
}

/**
 * Gives the tickets back, unless they are being paid for. What has ended already, or is due, stays as it is: the wish
 * is fulfilled.
 */
export function release(command: At<Release>, state: OpenedInventory): InventoryDecision {
  const reservation = ownReservation(command, state);
  if (reservation === undefined || isDue(reservation, command.atMs)) return accept();
  if (reservation.claim !== null) return refuse("payment-in-progress");
  const { reservationId } = command;
  return accept({ type: "ReservationReleased", data: { reservationId, quantity: reservation.quantity } });
}

function ownReservation(command: Extend | Release, state: OpenedInventory): HeldReservation | undefined {
  const reservation = state.tables.reservations.get(command.reservationId);
  return reservation?.accountId === command.accountId ? reservation : undefined;
}
