import type { SeatMap } from "../../src/domain/seating/seat-map.ts";
import { ANN, type Fact, inInventory, NOON, opened, PRICE, reservationId, type Where } from "./recorded.ts";

/** Three seats at a price of their own, and three at the ticket type's, the last of them blocked. */
export const HALL: SeatMap = {
  sections: [
    { name: "S", price: { amount: 9000, currency: "EUR" }, rows: [{ name: "A", seats: "1-3", accessible: "1" }] },
    { name: "T", rows: [{ name: "A", seats: "1-3", blocked: "3" }] },
  ],
};

export const hallOpened = (what: Where & { ordinal?: number } = {}): Fact =>
  opened({ ...what, capacity: 5, seatMap: HALL });

export const seatsReserved = (number: number, seats: readonly string[], what: Where = {}): Fact =>
  inInventory(what, {
    type: "TicketsReserved",
    data: {
      reservationId: reservationId(number),
      accountId: ANN,
      quantity: seats.length,
      unitPrice: PRICE,
      expiresAt: NOON,
      seats,
    },
  });

export const seatsChanged = (
  number: number,
  previousSeats: readonly string[],
  seats: readonly string[],
  what: Where = {},
): Fact =>
  inInventory(what, {
    type: "ReservationQuantityChanged",
    data: {
      reservationId: reservationId(number),
      previousQuantity: previousSeats.length,
      quantity: seats.length,
      previousSeats,
      seats,
      unitPrice: PRICE,
    },
  });

export const seatsBlocked = (seats: readonly string[], what: Where = {}): Fact =>
  inInventory(what, { type: "SeatsBlocked", data: { seats } });

export const seatsUnblocked = (seats: readonly string[], what: Where = {}): Fact =>
  inInventory(what, { type: "SeatsUnblocked", data: { seats } });
