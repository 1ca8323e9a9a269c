import type { InventoryCommand, LetGo } from "../../src/domain/inventory.ts";
import type {
  ClaimReleased,
  InventoryClosed,
  ReservationClaimed,
  ReservationConfirmed,
  ReservationQuantityChanged,
  ReservationsWithdrawn,
  TicketsReserved,
  TicketsReturned,
} from "../../src/domain/inventory-events.ts";
import type { Money } from "../../src/domain/money.ts";
import { expired, HOLD_TTL_MS, price, reserved } from "./inventory-words.ts";
import { later, ms, noon } from "./times.ts";

/** The words of carts, claims and bookings in the specs of an inventory, beside those of {@link reserved} and its like. */

/** By when the bookings of the specs have to be paid, and when their claims lapse. */
export const deadline = later(noon, 900_000);
export const claimedUntil = later(deadline, 60_000);

interface Line {
  readonly by?: string;
  readonly quantity?: number;
  readonly expiresAt?: string;
}

export const lineReserved = (reservationId: string, line: Line = {}): TicketsReserved => {
  const { data } = reserved(reservationId, line);
  return { type: "TicketsReserved", data: { ...data, cartId: "cart" } };
};

export const quantityChanged = (
  reservationId: string,
  previousQuantity: number,
  quantity: number,
): ReservationQuantityChanged => ({
  type: "ReservationQuantityChanged",
  data: { reservationId, previousQuantity, quantity },
});

interface ClaimOf {
  readonly booking?: string;
  readonly by?: string;
  readonly quantity?: number;
  readonly until?: string;
  readonly unitPrice?: Money;
}

/** @param until the booking's deadline */
export const claimed = (
  reservationId: string,
  {
    booking: bookingId = "booking",
    by: accountId = "ada",
    quantity = 1,
    until = deadline,
    unitPrice = price,
  }: ClaimOf = {},
): ReservationClaimed => ({
  type: "ReservationClaimed",
  data: {
    reservationId,
    bookingId,
    accountId,
    quantity,
    unitPrice,
    deadline: until,
    claimedUntil: later(until, 60_000),
  },
});

export const claimReleased = (
  reservationId: string,
  {
    booking: bookingId = "booking",
    declined = false,
    expiresAt = later(noon, HOLD_TTL_MS),
  }: { booking?: string; declined?: boolean; expiresAt?: string } = {},
): ClaimReleased => ({ type: "ClaimReleased", data: { reservationId, bookingId, declined, expiresAt } });

export const confirmed = (
  reservationId: string,
  {
    booking: bookingId = "booking",
    by: accountId = "ada",
    quantity = 1,
  }: { booking?: string; by?: string; quantity?: number } = {},
): ReservationConfirmed => ({
  type: "ReservationConfirmed",
  data: { reservationId, bookingId, accountId, quantity },
});

/** All that a purchase of a reservation leaves in the log. */
export const bought = (reservationId: string, { by = "ada", quantity = 1, booking = "booking" } = {}) =>
  [
    reserved(reservationId, { by, quantity }),
    claimed(reservationId, { by, quantity, booking }),
    confirmed(reservationId, { by, quantity, booking }),
  ] as const;

export const returned = (
  reservationId: string,
  ordinals: readonly number[],
  bookingId = "booking",
): TicketsReturned => ({
  type: "TicketsReturned",
  data: { reservationId, bookingId, ordinals },
});

export const inventoryClosed = (): InventoryClosed => ({
  type: "InventoryClosed",
  data: { reason: "event-cancelled" },
});

/** Ids of reservations of one ticket, or `[id, quantity]`. */
export const withdrawn = (...reservations: readonly (string | readonly [string, number])[]): ReservationsWithdrawn => ({
  type: "ReservationsWithdrawn",
  data: { reason: "event-cancelled", ...expired(...reservations).data },
});

interface LineWish extends Line {
  readonly guest?: boolean;
  readonly at?: string;
}

export const setLine = (
  reservationId: string,
  quantity: number,
  {
    by: accountId = "ada",
    guest = false,
    expiresAt = later(noon, HOLD_TTL_MS),
    at = noon,
  }: Omit<LineWish, "quantity"> = {},
): InventoryCommand => ({
  type: "SetLine",
  reservationId,
  cartId: "cart",
  accountId,
  guest,
  quantity,
  expiresAtMs: ms(expiresAt),
  atMs: ms(at),
});

export const claim = (
  reservationId: string,
  { booking: bookingId = "booking", by: accountId = "ada", until = deadline, at = noon } = {},
): InventoryCommand => ({
  type: "Claim",
  reservationId,
  bookingId,
  accountId,
  deadlineMs: ms(until),
  atMs: ms(at),
});

export const confirm = (
  reservationId: string,
  { booking: bookingId = "booking", at = noon } = {},
): InventoryCommand => ({ type: "Confirm", reservationId, bookingId, atMs: ms(at) });

export const letGo = (
  reservationId: string,
  outcome: LetGo["outcome"],
  { booking: bookingId = "booking", at = noon } = {},
): InventoryCommand => ({ type: "LetGo", reservationId, bookingId, outcome, atMs: ms(at) });

export const holdAgain = (
  reservationId: string,
  {
    booking: bookingId = "booking",
    by: accountId = "ada",
    quantity = 1,
    unitPrice = price,
    until = deadline,
    at = noon,
  } = {},
): InventoryCommand => ({
  type: "HoldAgain",
  reservationId,
  bookingId,
  accountId,
  quantity,
  unitPrice,
  deadlineMs: ms(until),
  atMs: ms(at),
});

export const giveBack = (
  reservationId: string,
  ordinals: readonly number[],
  { booking: bookingId = "booking", at = noon } = {},
): InventoryCommand => ({ type: "ReturnTickets", reservationId, bookingId, ordinals, atMs: ms(at) });

export const closeInventory = ({ at = noon } = {}): InventoryCommand => ({
  type: "CloseInventory",
  reason: "event-cancelled",
  atMs: ms(at),
});
