import type { Refused } from "../domain/decision.ts";
import type { GivenAdmission } from "../domain/inventory-commands.ts";
import type { ReservationExtended, TicketsReserved } from "../domain/inventory-events.ts";
import type { SeatWish } from "../domain/inventory-seats.ts";
import type { Position } from "../eventstore/port.ts";
import { inventoryStream } from "../eventstore/streams.ts";
import type { InventoryRunner } from "./events.ts";
import type { CommandContext } from "./outcome.ts";
import type { ReservationLocator } from "./recent-reservations.ts";

/** Who buys. */
export interface Buyer {
  readonly accountId: string;
  readonly guest: boolean;
}

/** A buyer, and what is shown of an admission where a waiting room is. */
export interface AdmittedBuyer extends Buyer {
  readonly admission?: GivenAdmission | undefined;
}

/** Where a reservation is kept. */
export interface InventoryRef {
  readonly eventId: string;
  readonly ticketTypeId: string;
}

export type ReservationOutcome<Data> =
  | { readonly accepted: true; readonly data: Data; readonly position: Position; readonly replayed: boolean }
  | Refused;

/** What buyers do with reservations. All of these may throw Busy, KeyReused, StoreUnavailable, OutcomeUnknown, ClockLost. */
export class ReservationCommands {
  readonly #inventories: InventoryRunner;
  readonly #newId: () => string;
  readonly #locator: Pick<ReservationLocator, "remember">;

  /** @param locator is told of what is reserved, because it is bought before long */
  constructor(inventories: InventoryRunner, newId: () => string, locator: Pick<ReservationLocator, "remember">) {
    this.#inventories = inventories;
    this.#newId = newId;
    this.#locator = locator;
  }

  /**
   * Refusals: `ticket-type-not-found`, those of the sale (API.md, "Refusals"), `limit-exceeded`, `sold-out`; of numbered
   * seats `seat-taken`, `no-adjacent-seats`, and `invalid` for what is no seat.
   * @param wish how many, or with which seats
   * @param admission where a waiting room is; then `admission-*` may be refused, too
   * @param holdTtlSeconds null: as long as the event says
   */
  async reserve(
    { eventId, ticketTypeId }: InventoryRef,
    { accountId, guest }: Buyer,
    wish: number | SeatWish,
    context: CommandContext,
    holdTtlSeconds: number | null = null,
    admission?: GivenAdmission,
  ): Promise<ReservationOutcome<TicketsReserved["data"]>> {
    const reservationId = this.#newId();
    const { quantity, choice } = typeof wish === "number" ? { quantity: wish, choice: undefined } : wish;
    const tickets = { quantity, choice, holdTtlSeconds, admission };
    const command = { type: "Reserve", reservationId, accountId, guest, ...tickets } as const;
    const outcome = await this.#inventories.run(inventoryStream(eventId, ticketTypeId), command, context);
    if (!outcome.accepted) return outcome;
    const event = outcome.events.at(-1)?.event;
    if (event?.type !== "TicketsReserved") throw new Error("a reservation was not answered by TicketsReserved");
    const holder = event.data.accountId; // of a repetition without a token, not who it was now made in the name of
    this.#locator.remember(event.data.reservationId, { eventId, ticketTypeId, accountId: holder });
    return { accepted: true, data: event.data, position: outcome.position, replayed: outcome.replayed };
  }

  /**
   * Refusals: `reservation-not-held`, `reservation-expired`, `extension-used`, `payment-in-progress`, and
   * `not-extendable` for lines of carts and offers.
   */
  async extend(
    { eventId, ticketTypeId }: InventoryRef,
    { accountId }: Buyer,
    reservationId: string,
    context: CommandContext,
  ): Promise<ReservationOutcome<ReservationExtended["data"]>> {
    const command = { type: "Extend", reservationId, accountId } as const;
    const outcome = await this.#inventories.run(inventoryStream(eventId, ticketTypeId), command, context);
    if (!outcome.accepted) return outcome;
    const event = outcome.events.at(-1)?.event;
    if (event?.type !== "ReservationExtended") throw new Error("an extension was not answered by ReservationExtended");
    return { accepted: true, data: event.data, position: outcome.position, replayed: outcome.replayed };
  }

  /** Gives the tickets back; what has ended already stays as it is. Refusal: `payment-in-progress`. */
  async release(
    { eventId, ticketTypeId }: InventoryRef,
    { accountId }: Buyer,
    reservationId: string,
    context: CommandContext,
  ): Promise<{ readonly accepted: true; readonly position: Position } | Refused> {
    const command = { type: "Release", reservationId, accountId } as const;
    const outcome = await this.#inventories.run(inventoryStream(eventId, ticketTypeId), command, context, "first");
    return outcome.accepted ? { accepted: true, position: outcome.position } : outcome;
  }

  /**
   * Which of an event's ticket types has all of these seats. Earlier systems name seats alone, which are unique in their
   * event.
   * @returns its id, or the place in the list of the first seat that is not of the same type as those before it
   */
  async ticketTypeOfSeats(
    eventId: string,
    ticketTypeIds: readonly string[],
    seats: readonly string[],
  ): Promise<{ readonly ticketTypeId: string } | { readonly unknown: number }> {
    let unknown = 0;
    for (const ticketTypeId of ticketTypeIds) {
      const first = await this.#inventories.look(inventoryStream(eventId, ticketTypeId), (state) => {
        const plan = state.status === "unopened" ? undefined : state.tables.seats?.plan;
        return plan === undefined ? 0 : seats.findIndex((seat) => plan.seatOf(seat) === undefined);
      });
      if (first < 0) return { ticketTypeId };
      unknown = Math.max(unknown, first);
    }
    return { unknown };
  }

  /** Records due reservations as expired, a portion at a time; `remaining` when the portion was not empty. */
  async lapseDue({ eventId, ticketTypeId }: InventoryRef, context: CommandContext): Promise<{ remaining: boolean }> {
    const stream = inventoryStream(eventId, ticketTypeId);
    const outcome = await this.#inventories.run(stream, { type: "LapseDue" }, context, "first");
    return { remaining: outcome.accepted && outcome.events.length > 0 };
  }
}
