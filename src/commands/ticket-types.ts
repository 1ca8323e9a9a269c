import { type Refused, refuse } from "../domain/decision.ts";
import { removalRefusal } from "../domain/inventory-changing.ts";
import type { TicketTypeTerms } from "../domain/inventory-events.ts";
import { type KnownTicketType, type ListingCommand, listing, type NewTicketTypeTerms } from "../domain/listing.ts";
import type { TicketTypeChanges } from "../domain/listing-events.ts";
import type { ReadMap } from "../domain/seating/reading-maps.ts";
import type { SeatMap } from "../domain/seating/seat-map.ts";
import { inventoryStream, listingStream } from "../eventstore/streams.ts";
import { unkeyed } from "./aggregate.ts";
import type { Untimed } from "./command-runner.ts";
import {
  type Done,
  type EventCommandsDependencies,
  type EventOutcome,
  findEvent,
  firstOpened,
  later,
} from "./event-streams.ts";
import { bringInventoriesUpToDate } from "./inventories-follow.ts";
import type { CommandContext } from "./outcome.ts";

/** One class of tickets that an organizer adds to an event. */
export interface NewTicketType {
  /** Of a seat map: all of its seats. */
  readonly capacity: number;
  readonly terms: NewTicketTypeTerms;
  readonly seating?: ReadMap | undefined;
}

export interface TicketTypeRef {
  readonly eventId: string;
  readonly ticketTypeId: string;
}

/**
 * One more ticket type. The listing first, which sees to it that it goes together with the others, then its inventory,
 * with which it appears: whoever sees it can buy. A repetition, or whoever looks after the listing, opens what a crash in
 * between left unopened.
 *
 * Refusals: `event-not-found`, `event-cancelled`, `version-mismatch`, `too-many-ticket-types`, `invalid`,
 * `invalid-dates`, `capacity-exceeded`.
 */
export async function addTicketType(
  deps: EventCommandsDependencies,
  eventId: string,
  { capacity, terms, seating }: NewTicketType,
  expectedVersion: number | null,
  context: CommandContext,
): Promise<EventOutcome<Done & { readonly ticketTypeId: string }>> {
  const seats = seating === undefined ? {} : { seatMap: seating.map, firstMaps: await firstMaps(deps, eventId) };
  const added = { ticketTypeId: deps.newId(), capacity, terms, expectedVersion, ...seats };
  const command = { type: "AddTicketType", ...added } as const;
  const outcome = await deps.listings.run(listingStream(eventId), command, context);
  if (!outcome.accepted) return outcome;
  const [recorded] = outcome.events;
  if (recorded?.event.type !== "TicketTypeAdded") throw new Error("a new type was not answered by TicketTypeAdded");
  const { ticketTypeId } = recorded.event.data;
  const followed = await bringInventoriesUpToDate(deps, eventId, context);
  return { accepted: true, ticketTypeId, position: later(outcome.position, followed), replayed: outcome.replayed };
}

/**
 * Changes what a ticket type is and costs, for who reserves from now on, and how many tickets of it there are.
 *
 * The listing bounds the sum and the inventory what is committed, so whichever can refuse goes first: the listing for
 * more tickets, the inventory for fewer. In the end the inventory goes by the listing, also when two changes pass each
 * other.
 *
 * Refusals: `event-not-found`, `event-cancelled`, `ticket-type-not-found`, `version-mismatch`, `invalid`,
 * `invalid-dates`, `capacity-exceeded`, `capacity-below-commitments`.
 */
export async function changeTicketType(
  deps: EventCommandsDependencies,
  { eventId, ticketTypeId }: TicketTypeRef,
  changes: TicketTypeChanges,
  expectedVersion: number | null,
  context: CommandContext,
): Promise<EventOutcome<Done>> {
  const found = await ticketTypeIn(deps, { eventId, ticketTypeId });
  if ("accepted" in found) return found;
  const { ticketType, openedWith, isSeated } = found;
  if (isSeated && changes.capacity !== undefined) {
    return refuse("invalid", {
      path: "/capacity",
      message: "is the number of its seats; block those that are not for sale",
    });
  }
  const command = { type: "ChangeTicketType", ticketTypeId, changes, openedWith, expectedVersion } as const;
  const refused = await refusalOf(deps, eventId, command);
  if (refused !== null) return refused;
  if (changes.capacity !== undefined && changes.capacity < ticketType.capacity) {
    const stream = inventoryStream(eventId, ticketTypeId);
    const { capacity } = changes;
    const resized = await deps.inventories.run(stream, { type: "ChangeCapacity", capacity }, unkeyed(context));
    if (!resized.accepted) return resized;
  }
  const outcome = await deps.listings.run(listingStream(eventId), command, context);
  const followed = await bringInventoriesUpToDate(deps, eventId, context);
  return outcome.accepted
    ? { accepted: true, position: later(outcome.position, followed), replayed: outcome.replayed }
    : outcome;
}

/**
 * Deletes a ticket type of which nobody has tickets or waits for any; again: nothing more happens. The inventory is asked
 * first and closed last: in between the listing decides, so that the last one stays and a change on an older version is
 * refused. Should somebody reserve in that very moment, it is listed again.
 *
 * Refusals: `event-not-found`, `event-cancelled`, `ticket-type-not-found`, `version-mismatch`, `has-commitments`,
 * `last-ticket-type`.
 */
export async function removeTicketType(
  deps: EventCommandsDependencies,
  { eventId, ticketTypeId }: TicketTypeRef,
  expectedVersion: number | null,
  context: CommandContext,
): Promise<EventOutcome<Done>> {
  const command = { type: "RemoveTicketType", ticketTypeId, expectedVersion, isClosed: false } as const;
  const byListing = await refusalOf(deps, eventId, command);
  if (byListing !== null && byListing.code !== "last-ticket-type") return byListing;
  const committed = await deps.inventories.look(inventoryStream(eventId, ticketTypeId), removalRefusal);
  const refused = committed ?? byListing;
  if (refused !== null) return refused;
  const outcome = await deps.listings.run(listingStream(eventId), command, context);
  if (!outcome.accepted) return outcome;
  const followed = await bringInventoriesUpToDate(deps, eventId, context);
  const known = await findEvent(deps, eventId);
  const isBack = known.status !== "missing" && known.ticketTypes.some((one) => one.ticketTypeId === ticketTypeId);
  if (isBack) return refuse("has-commitments");
  return { accepted: true, position: later(outcome.position, followed), replayed: outcome.replayed };
}

/** What the listing would refuse as it is now, before anything is asked of an inventory. */
async function refusalOf(
  deps: EventCommandsDependencies,
  eventId: string,
  command: Untimed<ListingCommand>,
): Promise<Refused | null> {
  const timed = { ...command, atMs: deps.clock.nowMs() } as ListingCommand;
  const decision = listing.decide(timed, await findEvent(deps, eventId));
  return decision.accepted ? null : decision;
}

/** A ticket type and what its inventory was, or will be, opened with. */
async function ticketTypeIn(
  deps: EventCommandsDependencies,
  { eventId, ticketTypeId }: TicketTypeRef,
): Promise<
  { readonly ticketType: KnownTicketType; readonly openedWith: TicketTypeTerms; readonly isSeated: boolean } | Refused
> {
  const known = await findEvent(deps, eventId);
  if (known.status === "missing") return refuse("event-not-found");
  if (known.status === "cancelled") return refuse("event-cancelled");
  const ticketType = known.ticketTypes.find((one) => one.ticketTypeId === ticketTypeId);
  if (ticketType === undefined) return refuse("ticket-type-not-found");
  if (ticketType.opening !== null) {
    return { ticketType, openedWith: ticketType.opening, isSeated: ticketType.seatMap !== undefined };
  }
  const opened = await firstOpened(deps, eventId, ticketTypeId);
  if (opened === null) throw new Error(`inventory ${ticketTypeId} is not opened`);
  return { ticketType, openedWith: opened.terms, isSeated: opened.seatMap !== undefined };
}

/** The seat maps that an event was made with; those that were added later the listing knows. */
async function firstMaps(deps: EventCommandsDependencies, eventId: string): Promise<readonly SeatMap[]> {
  const known = await findEvent(deps, eventId);
  const first = known.status === "missing" ? [] : known.ticketTypes.filter(({ opening }) => opening === null);
  const opened = await Promise.all(first.map(({ ticketTypeId }) => firstOpened(deps, eventId, ticketTypeId)));
  return opened.flatMap((one) => one?.seatMap ?? []);
}
