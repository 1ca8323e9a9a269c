import type { InventoryCommand } from "../../src/domain/inventory.ts";
import type {
  InventoryOpened,
  ReservationClaimed,
  ReservationQuantityChanged,
  SeatsBlocked,
  SeatsUnblocked,
  TicketsReserved,
  TicketTypeTerms,
} from "../../src/domain/inventory-events.ts";
import type { SeatChoice } from "../../src/domain/seating/seat-choice.ts";
import type { SeatMap } from "../../src/domain/seating/seat-map.ts";
import { claimed } from "./buying-words.ts";
import { HOLD_TTL_MS, opened, price, reserved } from "./inventory-words.ts";
import { later, ms, noon } from "./times.ts";

/** The words in which the specs of numbered seats are written, beside those of the inventory. */

/** Five seats in front, of which the first is accessible and the second for a companion; four behind, one blocked. */
export const HALL: SeatMap = {
  sections: [
    {
      name: "S",
      price: { amount: 9000, currency: "EUR" },
      rows: [{ name: "A", seats: "1-5", quality: 2, accessible: "1", companions: "2" }],
    },
    { name: "T", rows: [{ name: "A", seats: "1-4", blocked: "4" }] },
  ],
};

export const hallOpened = (terms: Partial<TicketTypeTerms> = {}, seatMap = HALL, capacity = 8): InventoryOpened => {
  const { type, data } = opened({ capacity, ...terms });
  return { type, data: { ...data, seatMap } };
};

/** Seats without a price of their own cost 45. */
export const priceOfSeat = (seat: string): number => (seat.startsWith("S-") ? 9000 : price.amount);

/** What events say of seats. */
export function seated(seats: readonly string[]) {
  const amounts = seats.map(priceOfSeat);
  const [first = 0] = amounts;
  const unitPrice = { amount: first, currency: "EUR" };
  return amounts.every((amount) => amount === first) ? { seats, unitPrice } : { seats, unitPrice, prices: amounts };
}

interface Whose {
  readonly by?: string;
  readonly expiresAt?: string;
  readonly cart?: boolean;
}

export const seatsReserved = (id: string, seats: readonly string[], whose: Whose = {}): TicketsReserved => {
  const { cart = false, ...rest } = whose;
  const { data } = reserved(id, { ...rest, quantity: seats.length });
  return { type: "TicketsReserved", data: { ...data, ...seated(seats), ...(cart ? { cartId: "cart" } : {}) } };
};

export const seatsClaimed = (id: string, seats: readonly string[]): ReservationClaimed => {
  const { data } = claimed(id, { quantity: seats.length });
  return { type: "ReservationClaimed", data: { ...data, ...seated(seats) } };
};

export const seatsChanged = (
  reservationId: string,
  previousSeats: readonly string[],
  seats: readonly string[],
): ReservationQuantityChanged => {
  const quantities = { previousQuantity: previousSeats.length, quantity: seats.length };
  return {
    type: "ReservationQuantityChanged",
    data: { reservationId, ...quantities, previousSeats, ...seated(seats) },
  };
};

export const blocked = (...seats: readonly string[]): SeatsBlocked => ({ type: "SeatsBlocked", data: { seats } });
export const unblocked = (...seats: readonly string[]): SeatsUnblocked => ({ type: "SeatsUnblocked", data: { seats } });

interface Moment {
  readonly by?: string;
  readonly at?: string;
}

const choosing = (
  wish: readonly string[] | (Partial<Exclude<SeatChoice, { seats: unknown }>> & { readonly best: number }),
) =>
  "best" in wish
    ? { quantity: wish.best, choice: { split: wish.split ?? false, accessible: wish.accessible ?? 0 } }
    : { quantity: wish.length, choice: { seats: wish } };

export const reserveSeats = (
  reservationId: string,
  wish: Parameters<typeof choosing>[0],
  { by: accountId = "ada", at = noon }: Moment = {},
): InventoryCommand => ({
  type: "Reserve",
  reservationId,
  accountId,
  guest: false,
  ...choosing(wish),
  holdTtlSeconds: null,
  atMs: ms(at),
});

export const setSeats = (
  reservationId: string,
  wish: Parameters<typeof choosing>[0],
  { by: accountId = "ada", at = noon }: Moment = {},
): InventoryCommand => ({
  type: "SetLine",
  reservationId,
  cartId: "cart",
  accountId,
  guest: false,
  ...choosing(wish),
  expiresAtMs: ms(later(noon, HOLD_TTL_MS)),
  atMs: ms(at),
});

export const block = (...seats: readonly string[]): InventoryCommand => ({ type: "BlockSeats", seats, atMs: ms(noon) });
export const unblock = (...seats: readonly string[]): InventoryCommand => ({
  type: "UnblockSeats",
  seats,
  atMs: ms(noon),
});
