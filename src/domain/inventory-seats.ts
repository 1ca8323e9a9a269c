import { type Refused, refuse } from "./decision.ts";
import type { InventoryRefusal } from "./inventory-commands.ts";
import type { Seated } from "./inventory-events.ts";
import type { HeldReservation, OpenedInventory } from "./inventory-state.ts";
import type { Money } from "./money.ts";
import { pricing } from "./pricing.ts";
import type { SeatChoice } from "./seating/seat-choice.ts";
import type { SeatTable } from "./seating/seat-table.ts";

/** So many tickets, and which. */
export interface SeatWish {
  readonly quantity: number;
  readonly choice?: SeatChoice | undefined;
}

type No = Refused<InventoryRefusal>;

/** Seats by their ids, each once. @param field where the request names them */
export function seatsNamed(ids: readonly string[], table: SeatTable, field = "seats"): readonly number[] | No {
  const seats: number[] = [];
  const known = new Set<number>();
  for (const [index, id] of ids.entries()) {
    const seat = table.plan.seatOf(id);
    const path = `/${field}/${index}`;
    if (seat === undefined) return refuse("invalid", { path, message: "is no seat of this ticket type" });
    if (known.has(seat)) return refuse("invalid", { path, message: "names a seat twice" });
    known.add(seat);
    seats.push(seat);
  }
  return seats;
}

/** The seats as events have them, with what each costs today. */
export function seated(seats: readonly number[], state: OpenedInventory): Seated & { readonly unitPrice: Money } {
  const { plan } = tableOf(state);
  return { seats: seats.map((seat) => plan.idOf(seat)), ...pricing(seats.map((seat) => priceOfSeat(seat, state))) };
}

/** What it costs today: the section's price, else the ticket type's. */
export function priceOfSeat(seat: number, state: OpenedInventory): Money {
  const own = tableOf(state).plan.priceOf(seat);
  const { price } = state.terms;
  return own === null ? price : { amount: own.amount, currency: price.currency };
}

/** The seats of a reservation and what they cost, as events have them; nothing where tickets are not numbered. */
export function seatedAs({ seats, prices }: HeldReservation, { tables }: OpenedInventory): Seated {
  const { seats: table } = tables;
  if (seats === undefined || table === null) return {};
  return { seats: seats.map((seat) => table.plan.idOf(seat)), ...(prices === undefined ? {} : { prices }) };
}

/** Why so many can't be had of this choice, before it is looked for them; null: they may be. */
export function choiceRefusal({ choice }: SeatWish, { tables }: OpenedInventory): No | null {
  if (choice === undefined || tables.seats !== null) return null;
  const path = "seats" in choice ? "/seats" : "/bestAvailable";
  return refuse("invalid", { path, message: "goes with numbered seats, which this ticket type does not have" });
}

/** @throws for one whose tickets are not numbered */
export function tableOf({ tables }: OpenedInventory): SeatTable {
  if (tables.seats === null) throw new Error("an inventory without numbered seats was asked for some");
  return tables.seats;
}
