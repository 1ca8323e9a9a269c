import type { Listing, ListingChanges } from "../domain/listing.ts";
import type { TicketTypeChanges } from "../domain/listing-events.ts";
import type { Position } from "../eventstore/port.ts";
import { setSeatsBlocked } from "./blocking-seats.ts";
import { cancelEvent, changeEvent, publishEvent, setSalePaused } from "./changing-events.ts";
import { type CreatedEvent, createEvent, type NewEventOnSale } from "./creating-events.ts";
import { type Done, type EventCommandsDependencies, type EventOutcome, findEvent } from "./event-streams.ts";
import { bringInventoriesUpToDate } from "./inventories-follow.ts";
import type { CommandContext } from "./outcome.ts";
import {
  addTicketType,
  changeTicketType,
  type NewTicketType,
  removeTicketType,
  type TicketTypeRef,
} from "./ticket-types.ts";

export type { CreatedEvent, NewEventOnSale } from "./creating-events.ts";
export type { Done, EventCommandsDependencies, EventOutcome, InventoryRunner, ListingRunner } from "./event-streams.ts";
export type { NewTicketType, TicketTypeRef } from "./ticket-types.ts";

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
    changes: ListingChanges,
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

  /** See {@link setSalePaused}. @param ticketTypeId null: all */
  setPaused(
    sale: { readonly eventId: string; readonly ticketTypeId: string | null },
    paused: boolean,
    expectedVersion: number | null,
    context: CommandContext,
  ): Promise<EventOutcome<Done>> {
    return setSalePaused(this.#deps, sale, paused, expectedVersion, context);
  }

  /** See {@link addTicketType}. */
  addTicketType(
    eventId: string,
    ticketType: NewTicketType,
    expectedVersion: number | null,
    context: CommandContext,
  ): Promise<EventOutcome<Done & { readonly ticketTypeId: string }>> {
    return addTicketType(this.#deps, eventId, ticketType, expectedVersion, context);
  }

  /** See {@link changeTicketType}. */
  changeTicketType(
    ticketType: TicketTypeRef,
    changes: TicketTypeChanges,
    expectedVersion: number | null,
    context: CommandContext,
  ): Promise<EventOutcome<Done>> {
    return changeTicketType(this.#deps, ticketType, changes, expectedVersion, context);
  }

  /** See {@link removeTicketType}. */
  removeTicketType(
    ticketType: TicketTypeRef,
    expectedVersion: number | null,
    context: CommandContext,
  ): Promise<EventOutcome<Done>> {
    return removeTicketType(this.#deps, ticketType, expectedVersion, context);
  }

  /** See {@link setSeatsBlocked}. */
  setSeatsBlocked(
    ticketType: TicketTypeRef,
    seats: readonly string[],
    blocked: boolean,
    context: CommandContext,
  ): Promise<EventOutcome<Done>> {
    return setSeatsBlocked(this.#deps, ticketType, seats, blocked, context);
  }

  /** See {@link bringInventoriesUpToDate}. */
  bringInventoriesUpToDate(eventId: string, context: CommandContext): Promise<Position> {
    return bringInventoriesUpToDate(this.#deps, eventId, context);
  }
}
