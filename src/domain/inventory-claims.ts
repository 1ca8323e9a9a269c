import { accept, refuse } from "./decision.ts";
import type { At, Claim, Confirm, HoldAgain, InventoryDecision, LetGo, ReturnTickets } from "./inventory-commands.ts";
import type {
  InventoryEvent,
  ReservationClaimed,
  ReservationsExpired,
  Seated,
  TicketsReserved,
} from "./inventory-events.ts";
import { isDue } from "./inventory-lapsing.ts";
import { ticketsFor } from "./inventory-room.ts";
import { eventRefusal } from "./inventory-sale-rules.ts";
import { seatedAs } from "./inventory-seats.ts";
import type { BookedTickets, HeldReservation, OpenedInventory } from "./inventory-state.ts";
import { totalMinor } from "./pricing.ts";
import { rfc3339 } from "./time.ts";

/** How long after a booking's deadline its claims stand: for a payment in time to arrive, and the booking to be confirmed. */
export const CLAIM_GRACE_MS = 60_000;

/** So many declined payments, and a reservation can't be bought any more. */
export const MAX_DECLINED = 3;

/** Sets a held reservation aside for a booking, which nobody else can have then until `claimedUntil`. */
export function claim(command: At<Claim>, state: OpenedInventory): InventoryDecision {
  const { reservationId, bookingId, accountId, atMs } = command;
  if (state.status === "closed") return refuse("event-cancelled");
  if (boughtBy(command, state) !== undefined) return accept();
  const reservation = state.tables.reservations.get(reservationId);
  if (reservation === undefined || reservation.accountId !== accountId) return refuse("reservation-not-held");
  if (isDue(reservation, atMs)) return refuse("reservation-expired");
  if (reservation.claim?.bookingId === bookingId) return accept();
  if (reservation.claim !== null) return refuse("payment-in-progress");
  if (reservation.declined >= MAX_DECLINED) return refuse("too-many-attempts");
  return accept(claimed(command, reservation, seatedAs(reservation, state)));
}

/**
 * Takes the tickets of a booking that was paid too late once more, as they were and under the same id: past limits and
 * sale window, though not before those who wait, and not of an event that is over. Of one that is cancelled not even
 * what is booked already: whoever sees to its bookings has passed by one that had timed out.
 */
export function holdAgain(command: At<HoldAgain>, state: OpenedInventory): InventoryDecision {
  const { reservationId, quantity, atMs } = command;
  if (state.status === "closed") return refuse("event-cancelled");
  if (boughtBy(command, state) !== undefined) return accept();
  if (state.tables.booked.has(reservationId)) return refuse("reservation-not-held");
  const reservation = state.tables.reservations.get(reservationId);
  const isOver = reservation !== undefined && isDue(reservation, atMs);
  if (reservation !== undefined && !isOver) return claimAgain(command, reservation, state);
  const ended = eventRefusal(state, atMs);
  if (ended !== null) return ended;
  const { seats } = command;
  const wish = { quantity, choice: seats === undefined ? undefined : { seats } };
  const taken = ticketsFor(wish, state, atMs, isOver ? reservationId : undefined);
  if ("code" in taken) return taken;
  return accept<InventoryEvent>(...taken.events, heldAgain(command), claimed(command, command, seatsAgain(command)));
}

/** It is held under this id: as the booking's own, or by its owner once more, who may have changed it. */
function claimAgain(command: HoldAgain, reservation: HeldReservation, state: OpenedInventory): InventoryDecision {
  if (reservation.claim?.bookingId === command.bookingId) return accept();
  const isTheSame =
    reservation.accountId === command.accountId &&
    reservation.quantity === command.quantity &&
    totalMinor(reservation) === totalMinor(command) &&
    seatedAs(reservation, state).seats?.join() === command.seats?.join();
  return reservation.claim === null && isTheSame
    ? accept(claimed(command, reservation, seatedAs(reservation, state)))
    : refuse("reservation-not-held");
}

/** Books what is claimed for the booking; once the event is cancelled nothing more is bought, booked already or not. */
export function confirm(command: At<Confirm>, state: OpenedInventory): InventoryDecision {
  const { reservationId, bookingId, atMs } = command;
  if (state.status === "closed") return refuse("event-cancelled");
  if (boughtBy(command, state) !== undefined) return accept();
  const reservation = claimedBy(command, state);
  if (reservation === undefined || isDue(reservation, atMs)) return refuse("reservation-not-held");
  const { accountId, quantity } = reservation;
  return accept({ type: "ReservationConfirmed", data: { reservationId, bookingId, accountId, quantity } });
}

/** Ends what the booking has of a reservation; what it has no longer is let go already. */
export function letGo(command: At<LetGo>, state: OpenedInventory): InventoryDecision {
  const { reservationId, bookingId, outcome, atMs } = command;
  const bought = boughtBy(command, state);
  const isFinal = outcome !== "abandoned" && outcome !== "late";
  if (bought !== undefined) return isFinal ? accept(...returned(command, stillBooked(bought))) : accept();
  const reservation = claimedBy(command, state);
  if (reservation === undefined) return accept();
  const { quantity, expiresAtMs } = reservation;
  const lapsed: ReservationsExpired = {
    type: "ReservationsExpired",
    data: { reservations: [{ reservationId, quantity }] },
  };
  if (outcome === "timed-out" || outcome === "late" || isDue(reservation, atMs)) return accept(lapsed);
  if (outcome === "withdrawn") return accept({ type: "ReservationReleased", data: { reservationId, quantity } });
  const declined = outcome === "declined";
  const unclaimed = {
    type: "ClaimReleased",
    data: { reservationId, bookingId, declined, expiresAt: rfc3339(expiresAtMs) },
  } as const;
  return atMs < expiresAtMs ? accept(unclaimed) : accept<InventoryEvent>(unclaimed, lapsed);
}

/** Booked tickets are free again, each once: those that came back before are left out. */
export function returnTickets(command: ReturnTickets, state: OpenedInventory): InventoryDecision {
  const bought = boughtBy(command, state);
  if (bought === undefined) return accept();
  const wanted = new Set(command.ordinals);
  return accept(
    ...returned(
      command,
      stillBooked(bought).filter((ordinal) => wanted.has(ordinal)),
    ),
  );
}

interface OfBooking {
  readonly reservationId: string;
  readonly bookingId: string;
}

function boughtBy({ reservationId, bookingId }: OfBooking, { tables }: OpenedInventory): BookedTickets | undefined {
  const tickets = tables.booked.get(reservationId);
  return tickets?.bookingId === bookingId ? tickets : undefined;
}

/** Also when it is due. */
function claimedBy({ reservationId, bookingId }: OfBooking, { tables }: OpenedInventory): HeldReservation | undefined {
  const reservation = tables.reservations.get(reservationId);
  return reservation?.claim?.bookingId === bookingId ? reservation : undefined;
}

function stillBooked({ quantity, returned: gone }: BookedTickets): readonly number[] {
  const back = new Set(gone);
  return Array.from({ length: quantity }, (_, ordinal) => ordinal).filter((ordinal) => !back.has(ordinal));
}

function returned({ reservationId, bookingId }: OfBooking, ordinals: readonly number[]): InventoryEvent[] {
  return ordinals.length === 0 ? [] : [{ type: "TicketsReturned", data: { reservationId, bookingId, ordinals } }];
}

function heldAgain(command: HoldAgain): TicketsReserved {
  const { reservationId, accountId, quantity, unitPrice, deadlineMs } = command;
  const expiresAt = rfc3339(deadlineMs);
  const data = { reservationId, accountId, quantity, unitPrice, ...seatsAgain(command), expiresAt };
  return { type: "TicketsReserved", data };
}

const seatsAgain = ({ seats, prices }: HoldAgain): Seated => ({
  ...(seats === undefined ? {} : { seats }),
  ...(prices === undefined ? {} : { prices }),
});

const claimed = (
  { reservationId, bookingId, accountId, deadlineMs }: Claim | HoldAgain,
  { quantity, unitPrice }: Pick<HeldReservation, "quantity" | "unitPrice">,
  seats: Seated,
): ReservationClaimed => ({
  type: "ReservationClaimed",
  data: {
    reservationId,
    bookingId,
    accountId,
    quantity,
    unitPrice,
    ...seats,
    deadline: rfc3339(deadlineMs),
    claimedUntil: rfc3339(deadlineMs + CLAIM_GRACE_MS),
  },
});
