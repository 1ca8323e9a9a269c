import type { BookingLine } from "../domain/booking-events.ts";
import { type Refused, refuse } from "../domain/decision.ts";
import type { Seated } from "../domain/inventory-events.ts";
import { seatedAs } from "../domain/inventory-seats.ts";
import type { OpenedInventory } from "../domain/inventory-state.ts";
import { totalMinor } from "../domain/pricing.ts";
import { inventoryStream } from "../eventstore/streams.ts";
import { unkeyed } from "./aggregate.ts";
import type { InventoryRunner } from "./events.ts";
import type { CommandContext } from "./outcome.ts";
import type { InventoryRef } from "./reservations.ts";

/** A reservation that somebody wants to buy. */
export interface Wanted extends InventoryRef {
  readonly reservationId: string;
}

/** A line and until when its claim may be paid. */
export interface Claimed extends BookingLine {
  readonly deadline: string;
}

export interface ClaimFor {
  readonly bookingId: string;
  readonly accountId: string;
  /** Epoch milliseconds. */
  readonly deadlineMs: number;
}

/** Sets reservations aside for one booking, each by a command to its inventory. */
export class Claims {
  readonly #inventories: InventoryRunner;

  constructor(inventories: InventoryRunner) {
    this.#inventories = inventories;
  }

  /** Whether one of them costs anything. */
  async havePrice(wanted: readonly Wanted[]): Promise<boolean> {
    const prices = await Promise.all(wanted.map((one) => this.#held(one)));
    return prices.some((held) => held !== undefined && totalMinor(held) > 0);
  }

  /** Refusals: as `PurchaseCommands.open` says of reservations. */
  async claim(wanted: Wanted, claim: ClaimFor, context: CommandContext): Promise<Claimed | Refused> {
    const { eventId, ticketTypeId, reservationId } = wanted;
    const command = { type: "Claim", reservationId, ...claim } as const;
    const stream = inventoryStream(eventId, ticketTypeId);
    const outcome = await this.#inventories.run(stream, command, unkeyed(context), "first");
    if (!outcome.accepted) return outcome;
    const event = outcome.events.map((one) => one.event).find(({ type }) => type === "ReservationClaimed");
    if (event?.type === "ReservationClaimed") {
      const { quantity, unitPrice, deadline } = event.data;
      return { reservationId, eventId, ticketTypeId, quantity, unitPrice, ...seatedIn(event.data), deadline };
    }
    // Claimed by this very booking before a crash.
    const held = await this.#held(wanted);
    if (held?.claim == null) return refuse("reservation-not-held");
    const { quantity, unitPrice } = held;
    const deadline = new Date(held.claim.deadlineMs).toISOString();
    return { reservationId, eventId, ticketTypeId, quantity, unitPrice, ...seatedIn(held.seated), deadline };
  }

  /** They are their owner's again, as before this booking. */
  async letGo(claimed: readonly Wanted[], bookingId: string, context: CommandContext): Promise<void> {
    await Promise.all(
      claimed.map(({ eventId, ticketTypeId, reservationId }) => {
        const command = { type: "LetGo", reservationId, bookingId, outcome: "abandoned" } as const;
        const stream = inventoryStream(eventId, ticketTypeId);
        return this.#inventories.run(stream, command, unkeyed(context), "first");
      }),
    );
  }

  #held({ eventId, ticketTypeId, reservationId }: Wanted) {
    return this.#inventories.look(inventoryStream(eventId, ticketTypeId), (state) => {
      const held = state.status === "unopened" ? undefined : state.tables.reservations.get(reservationId);
      return held === undefined ? undefined : { ...held, seated: seatedAs(held, state as OpenedInventory) };
    });
  }
}

/** Where tickets are numbered. */
const seatedIn = ({ seats, prices }: Seated): Seated => ({
  ...(seats === undefined ? {} : { seats }),
  ...(prices === undefined ? {} : { prices }),
});
