import type { CartLine } from "../domain/cart.ts";
import { type Refused, refuse } from "../domain/decision.ts";
import { inventory } from "../domain/inventory.ts";
import { type SeatWish, seatedAs } from "../domain/inventory-seats.ts";
import { endsAtMs, type Inventory } from "../domain/inventory-state.ts";
import type { Position } from "../eventstore/port.ts";
import { inventoryStream } from "../eventstore/streams.ts";
import { unkeyed } from "./aggregate.ts";
import { derivedId } from "./derived-id.ts";
import type { InventoryRunner } from "./events.ts";
import type { CommandContext } from "./outcome.ts";
import type { AdmittedBuyer } from "./reservations.ts";

/** The id of the reservation that is a cart's line; the same however often the line is set. */
export const cartLineId = (cartId: string, ticketTypeId: string): string =>
  derivedId(`cart-line/${cartId}/${ticketTypeId}`);

/** A cart that lines are put into. */
export interface OpenCart {
  readonly cartId: string;
  readonly expiresAtMs: number;
}

/** A line with what its inventory has of it. */
export interface HeldLine extends CartLine {
  readonly reservationId: string;
  readonly quantity: number;
  /** One a ticket; absent where tickets are not numbered. */
  readonly seats?: readonly string[];
}

/** What an inventory says before anything is recorded. */
export interface LineProspect {
  /** The cart's line of this ticket type has tickets. */
  readonly isHeld: boolean;
  /** Of the ticket type's price. */
  readonly currency: string;
  /** How long the event holds what is reserved. */
  readonly holdTtlSeconds: number;
}

/** Lines of carts, in the inventories that their tickets come from. */
export class CartLines {
  readonly #inventories: InventoryRunner;

  constructor(inventories: InventoryRunner) {
    this.#inventories = inventories;
  }

  /**
   * Whether so many could be put into a cart now, as its inventory would decide; nothing is recorded. A line that has
   * tickets already is for {@link CartLines.set} to decide.
   */
  prospect(
    line: CartLine,
    { accountId, guest, admission }: AdmittedBuyer,
    wish: SeatWish,
    cartId: string,
  ): Promise<LineProspect | Refused> {
    const reservationId = cartLineId(cartId, line.ticketTypeId);
    return this.#inventories.look(streamOf(line), (state, atMs) => {
      if (state.status === "unopened") return refuse("ticket-type-not-found");
      const { holdTtlSeconds } = state.eventTerms;
      const prospect = {
        isHeld: heldIn(state, reservationId, atMs).quantity > 0,
        currency: state.terms.price.currency,
        holdTtlSeconds,
      };
      if (prospect.isHeld) return prospect;
      const expiresAtMs = atMs + holdTtlSeconds * 1000;
      const decision = inventory.decide(
        { type: "SetLine", reservationId, cartId, accountId, guest, ...wish, expiresAtMs, admission, atMs },
        state,
      );
      return decision.accepted ? prospect : decision;
    });
  }

  /** Sets a line to so many tickets. Refusals: those of the sale, `payment-in-progress`, `reservation-expired`. */
  async set(
    { cartId, expiresAtMs }: OpenCart,
    line: CartLine,
    { accountId, guest, admission }: AdmittedBuyer,
    wish: SeatWish,
    context: CommandContext,
  ): Promise<{ readonly accepted: true; readonly position: Position } | Refused> {
    const reservationId = cartLineId(cartId, line.ticketTypeId);
    const buyer = { accountId, guest, admission };
    const command = { type: "SetLine", reservationId, cartId, ...buyer, ...wish, expiresAtMs } as const;
    const lane = wish.quantity === 0 ? "first" : "normal";
    const outcome = await this.#inventories.run(streamOf(line), command, unkeyed(context), lane);
    return outcome.accepted ? { accepted: true, position: outcome.position } : outcome;
  }

  /** The lines that have tickets, in the order in which they were first put in. */
  async held({ cartId, lines }: { readonly cartId: string; readonly lines: readonly CartLine[] }): Promise<HeldLine[]> {
    const asked = await Promise.all(
      lines.map(async ({ eventId, ticketTypeId }) => {
        const reservationId = cartLineId(cartId, ticketTypeId);
        const held = await this.#inventories.look(inventoryStream(eventId, ticketTypeId), (state, atMs) =>
          heldIn(state, reservationId, atMs),
        );
        return { eventId, ticketTypeId, reservationId, ...held };
      }),
    );
    return asked.filter(({ quantity }) => quantity > 0);
  }
}

const streamOf = ({ eventId, ticketTypeId }: CartLine): string => inventoryStream(eventId, ticketTypeId);

/** Tickets in a reservation that has not ended; none when there is none. */
function heldIn(state: Inventory, reservationId: string, atMs: number): Pick<HeldLine, "quantity" | "seats"> {
  if (state.status === "unopened") return NO_TICKETS;
  const reservation = state.tables.reservations.get(reservationId);
  if (reservation === undefined || atMs >= endsAtMs(reservation)) return NO_TICKETS;
  const { seats } = seatedAs(reservation, state);
  return { quantity: reservation.quantity, ...(seats === undefined ? {} : { seats }) };
}

/** Gives a line back. */
export const NO_TICKETS: SeatWish = { quantity: 0 };

/** The same tickets as a line has. */
export const wishOf = ({ quantity, seats }: HeldLine): SeatWish =>
  seats === undefined ? { quantity } : { quantity, choice: { seats } };
