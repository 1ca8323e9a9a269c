import type { Listing } from "../domain/listing.ts";
import type { ListingDetails } from "../domain/listing-events.ts";
import type { Position } from "../eventstore/port.ts";
import { cancelEvent, changeEvent, publishEvent } from "./changing-events.ts";
import { type CreatedEvent, createEvent, type NewEventOnSale } from "./creating-events.ts";
import { type Done, type EventCommandsDependencies, type EventOutcome, findEvent } from "./event-streams.ts";
import { bringInventoriesUpToDate } from "./inventories-follow.ts";
import type { CommandContext } from "./outcome.ts";
import { changeCapacity } from "./ticket-types.ts";

export type { CreatedEvent, NewEventOnSale } from "./creating-events.ts";
export type { Done, EventCommandsDependencies, EventOutcome, InventoryRunner, ListingRunner } from "./event-streams.ts";

/**
 * What organizers do with events: each spans the listing and its inventories, in an order that a crash can't spoil. All of
 * these may throw KeyReused, Busy, StoreUnavailable, OutcomeUnknown, ClockLost.
 */
export class EventCommands {
  readonly #deps: EventCommandsDependencies;

  constructor(deps: EventCommandsDependencies) {
    this.#deps = deps;
  }

  /** See {@link findEvent}. */
  find(eventId: string): Promise<Listing> {
    return findEvent(this.#deps, eventId);
  }

  /** See {@link createEvent}. */
  create(wish: NewEventOnSale, context: CommandContext): Promise<EventOutcome<CreatedEvent>> {
    return createEvent(this.#deps, wish, context);
  }

  /** See {@link changeEvent}. */
  change(
    eventId: string,
    changes: Partial<ListingDetails>,
    expectedVersion: number | null,
    context: CommandContext,
  ): Promise<EventOutcome<Done>> {
    return changeEvent(this.#deps, eventId, changes, expectedVersion, context);
  }

  /** See {@link publishEvent}. */
  publish(eventId: string, context: CommandContext): Promise<EventOutcome<Done>> {
    return publishEvent(this.#deps, eventId, context);
  }

  /** See {@link cancelEvent}. */
  cancel(eventId: string, context: CommandContext): Promise<EventOutcome<Done>> {
    return cancelEvent(this.#deps, eventId, context);
  }

  /** See {@link changeCapacity}. */
  changeCapacity(
    eventId: string,
    ticketTypeId: string,
    capacity: number,
    expectedVersion: number | null,
    context: CommandContext,
  ): Promise<EventOutcome<Done>> {
    return changeCapacity(this.#deps, eventId, ticketTypeId, capacity, expectedVersion, context);
  }

  /** See {@link bringInventoriesUpToDate}. */
  bringInventoriesUpToDate(eventId: string, context: CommandContext): Promise<Position> {
    return bringInventoriesUpToDate(this.#deps, eventId, context);
  }
}
