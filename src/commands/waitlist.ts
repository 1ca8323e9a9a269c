import type { Refused } from "../domain/decision.ts";
import type { GivenAdmission } from "../domain/inventory-commands.ts";
import type { InventoryEvent } from "../domain/inventory-events.ts";
import type { RecordedEvent } from "../eventstore/envelope.ts";
import type { Position } from "../eventstore/port.ts";
import { inventoryStream } from "../eventstore/streams.ts";
import type { InventoryRunner } from "./events.ts";
import type { CommandContext } from "./outcome.ts";
import type { Buyer, InventoryRef } from "./reservations.ts";

/** Somebody has a place in a waitlist. */
export interface Joined {
  readonly accepted: true;
  readonly entryId: string;
  readonly quantity: number;
  /** Among those who waited when it was recorded, from 1. */
  readonly place: number;
  /** RFC 3339 UTC. */
  readonly joinedAt: string;
  readonly position: Position;
  /** The same key was used before: this is the first answer again. */
  readonly replayed: boolean;
}

/** What buyers do with waitlists. All of these may throw Busy, KeyReused, StoreUnavailable, OutcomeUnknown, ClockLost. */
export class WaitlistCommands {
  readonly #inventories: InventoryRunner;
  readonly #newId: () => string;
  readonly #offerTtlSeconds: number;

  /** @param offerTtlSeconds how long an offer to somebody who joins now will stand */
  constructor(inventories: InventoryRunner, newId: () => string, offerTtlSeconds: number) {
    this.#inventories = inventories;
    this.#newId = newId;
    this.#offerTtlSeconds = offerTtlSeconds;
  }

  /**
   * Waits for so many tickets. Refusals: `ticket-type-not-found`, those of the sale, `admission-*`, `limit-exceeded`,
   * `tickets-available`, `already-waiting`, `waitlist-full`.
   * @param admission what is shown of one; null: none is asked for
   */
  async join(
    { eventId, ticketTypeId }: InventoryRef,
    { accountId, guest }: Buyer,
    quantity: number,
    admission: GivenAdmission | null,
    context: CommandContext,
  ): Promise<Joined | Refused> {
    const entryId = this.#newId();
    const offerTtlSeconds = this.#offerTtlSeconds;
    const wish = { entryId, accountId, guest, quantity, offerTtlSeconds, admission: admission ?? undefined };
    const command = { type: "JoinWaitlist", ...wish } as const;
    const outcome = await this.#inventories.run(inventoryStream(eventId, ticketTypeId), command, context);
    if (!outcome.accepted) return outcome;
    const joined = outcome.events.map(entryIn).find((entry) => entry !== null);
    if (joined === undefined) throw new Error("a wish to wait was not answered by WaitlistJoined");
    return { ...joined, position: outcome.position, replayed: outcome.replayed };
  }

  /**
   * Waits no longer, or gives back what was offered; what has ended already stays as it is. Refusals:
   * `waitlist-entry-not-found`, and `payment-in-progress` while the offer is being bought.
   */
  async leave(
    { eventId, ticketTypeId }: InventoryRef,
    { accountId }: Pick<Buyer, "accountId">,
    entryId: string,
    context: CommandContext,
  ): Promise<{ readonly accepted: true; readonly position: Position } | Refused> {
    const command = { type: "LeaveWaitlist", entryId, accountId } as const;
    const outcome = await this.#inventories.run(inventoryStream(eventId, ticketTypeId), command, context, "first");
    return outcome.accepted ? { accepted: true, position: outcome.position } : outcome;
  }
}

function entryIn({ event, envelope }: RecordedEvent<InventoryEvent>) {
  if (event.type !== "WaitlistJoined") return null;
  const { entryId, quantity, place } = event.data;
  return { accepted: true, entryId, quantity, place, joinedAt: envelope.at } as const;
}
