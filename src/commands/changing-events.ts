import { refuse } from "../domain/decision.ts";
import { type ListingChanges, listing } from "../domain/listing.ts";
import { inventoryStream, listingStream } from "../eventstore/streams.ts";
import { unkeyed } from "./aggregate.ts";
import { claimCode } from "./claiming-codes.ts";
import { type Done, type EventCommandsDependencies, type EventOutcome, findEvent, later } from "./event-streams.ts";
import { bringInventoriesUpToDate } from "./inventories-follow.ts";
import type { CommandContext } from "./outcome.ts";

/**
 * Changes what the event says. Inventories follow with the terms that concern them before the reply.
 *
 * Refusals: `event-not-found`, `event-cancelled`, `version-mismatch`, `capacity-exceeded`, `invalid-dates`,
 * `currency-fixed`, `code-taken`.
 */
export async function changeEvent(
  deps: EventCommandsDependencies,
  eventId: string,
  changes: ListingChanges,
  expectedVersion: number | null,
  context: CommandContext,
): Promise<EventOutcome<Done>> {
  const command = { type: "ChangeListing", changes, expectedVersion } as const;
  const { code = null } = changes;
  if (code !== null) {
    const known = await findEvent(deps, eventId);
    const decision = listing.decide({ ...command, atMs: deps.clock.nowMs() }, known);
    if (!decision.accepted) return decision;
    if (known.status !== "missing" && known.code !== code && !(await claimCode(deps, known.organizerId, code, eventId)))
      return refuse("code-taken");
  }
  const outcome = await deps.listings.run(listingStream(eventId), command, context);
  if (!outcome.accepted) return outcome;
  const followed = await bringInventoriesUpToDate(deps, eventId, context);
  return { accepted: true, position: later(outcome.position, followed), replayed: outcome.replayed };
}

/**
 * Makes a draft public: inventories first, the listing last.
 * Refusals: `event-not-found`, `event-cancelled`.
 */
export async function publishEvent(
  deps: EventCommandsDependencies,
  eventId: string,
  context: CommandContext,
): Promise<EventOutcome<Done>> {
  const known = await findEvent(deps, eventId);
  if (known.status === "missing") return refuse("event-not-found");
  if (known.status === "cancelled") return refuse("event-cancelled");
  for (const { ticketTypeId } of known.ticketTypes) {
    const stream = inventoryStream(eventId, ticketTypeId);
    const outcome = await deps.inventories.run(stream, { type: "PublishInventory" }, unkeyed(context));
    if (!outcome.accepted) return outcome;
  }
  const outcome = await deps.listings.run(listingStream(eventId), { type: "PublishListing" }, context);
  if (!outcome.accepted) return outcome;
  const followed = await bringInventoriesUpToDate(deps, eventId, context); // one may have been added meanwhile
  return { accepted: true, position: later(outcome.position, followed), replayed: outcome.replayed };
}

/**
 * Pauses the sale of all ticket types or resumes it; one that is paused by itself stays so. The listing first, then the
 * inventories, which decide: once it is answered nobody reserves any more, or everybody can again.
 *
 * Refusals: `event-not-found`, `event-cancelled`, `ticket-type-not-found`, `version-mismatch`.
 * @param ticketTypeId of one ticket type; null: all
 */
export async function setSalePaused(
  deps: EventCommandsDependencies,
  { eventId, ticketTypeId }: { readonly eventId: string; readonly ticketTypeId: string | null },
  paused: boolean,
  expectedVersion: number | null,
  context: CommandContext,
): Promise<EventOutcome<Done>> {
  const command = { type: "SetListingPaused", ticketTypeId, paused, expectedVersion } as const;
  const outcome = await deps.listings.run(listingStream(eventId), command, context);
  if (!outcome.accepted) return outcome;
  const followed = await bringInventoriesUpToDate(deps, eventId, context);
  return { accepted: true, position: later(outcome.position, followed), replayed: outcome.replayed };
}

/**
 * Calls the event off: the listing first, so that nothing of it is opened or published after, then every inventory is
 * closed, so that nothing is sold or confirmed from the reply on. Again: nothing more happens. A crash in between is
 * made good by {@link bringInventoriesUpToDate}.
 *
 * Refusals: `event-not-found`.
 */
export async function cancelEvent(
  deps: EventCommandsDependencies,
  eventId: string,
  context: CommandContext,
): Promise<EventOutcome<Done>> {
  const outcome = await deps.listings.run(listingStream(eventId), { type: "CancelListing" }, context);
  if (!outcome.accepted) return outcome;
  const closed = await bringInventoriesUpToDate(deps, eventId, context);
  return { accepted: true, position: later(outcome.position, closed), replayed: outcome.replayed };
}
