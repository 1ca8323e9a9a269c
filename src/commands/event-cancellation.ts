import type { ListingEvent } from "../domain/listing-events.ts";
import { decode } from "../eventstore/envelope.ts";
import type { EventStore } from "../eventstore/port.ts";
import { inventoryStream, listingStream } from "../eventstore/streams.ts";
import { forEachOf } from "./a-few-at-a-time.ts";
import type { EventCommands, InventoryRunner } from "./events.ts";
import type { CommandContext } from "./outcome.ts";

const EMPTIED_AT_ONCE = 8;

export interface EventCancellationDependencies {
  readonly store: EventStore;
  readonly inventories: InventoryRunner;
  readonly events: Pick<EventCommands, "find">;
}

/** What follows when an event was cancelled; `EventCommands.cancel` is what begins it. */
export class EventCancellation {
  readonly #deps: EventCancellationDependencies;

  constructor(deps: EventCancellationDependencies) {
    this.#deps = deps;
  }

  /** When the event was cancelled, RFC 3339; null when it is not. A cancelled listing changes no more. */
  async cancelledAt(eventId: string): Promise<string | null> {
    const stream = listingStream(eventId);
    const [last] = await this.#deps.store.read(stream, { from: "end", direction: "backwards", maxCount: 1 });
    if (last === undefined) return null;
    const { event, envelope } = decode<ListingEvent>(last);
    return event.type === "ListingCancelled" ? envelope.at : null;
  }

  /**
   * Ends what nobody is paying for in the closed inventories, and their waitlists, a portion at a time until nothing
   * remains. What is claimed ends with its booking, or lapses.
   * @throws Busy, StoreUnavailable, OutcomeUnknown, ClockLost
   */
  async empty(eventId: string, context: CommandContext): Promise<void> {
    const known = await this.#deps.events.find(eventId);
    if (known.status !== "cancelled") throw new Error(`event ${eventId} is not cancelled`);
    await forEachOf(known.ticketTypes, EMPTIED_AT_ONCE, async ({ ticketTypeId }) => {
      for (let remaining = true; remaining; ) {
        const stream = inventoryStream(eventId, ticketTypeId);
        const outcome = await this.#deps.inventories.run(stream, { type: "LapseDue" }, context, "first");
        remaining = outcome.accepted && outcome.events.length > 0;
      }
    });
  }
}
