import { refuse } from "../domain/decision.ts";
import { inventoryStream, listingStream } from "../eventstore/streams.ts";
import { type Done, type EventCommandsDependencies, type EventOutcome, findEvent, later } from "./event-streams.ts";
import { bringInventoriesUpToDate } from "./inventories-follow.ts";
import type { CommandContext } from "./outcome.ts";

/**
 * Changes how many tickets of a type there are. The listing bounds the sum and the inventory what is committed, so
 * whichever can refuse goes first: the listing for more tickets, the inventory for fewer. In the end the inventory
 * goes by the listing, also when two changes pass each other.
 *
 * Refusals: `event-not-found`, `event-cancelled`, `ticket-type-not-found`, `version-mismatch`, `capacity-exceeded`,
 * `capacity-below-commitments`.
 */
export async function changeCapacity(
  deps: EventCommandsDependencies,
  eventId: string,
  ticketTypeId: string,
  capacity: number,
  expectedVersion: number | null,
  context: CommandContext,
): Promise<EventOutcome<Done>> {
  const known = await findEvent(deps, eventId);
  if (known.status === "missing") return refuse("event-not-found");
  if (known.status === "cancelled") return refuse("event-cancelled");
  const listed = known.ticketTypes.find((ticketType) => ticketType.ticketTypeId === ticketTypeId);
  if (listed === undefined) return refuse("ticket-type-not-found");
  if (expectedVersion !== null && expectedVersion !== known.version) {
    return refuse("version-mismatch", { version: known.version });
  }
  if (capacity < listed.capacity) {
    const stream = inventoryStream(eventId, ticketTypeId);
    const changed = await deps.inventories.run(stream, { type: "ChangeCapacity", capacity }, context);
    if (!changed.accepted) return changed;
  }
  const command = { type: "ListTicketTypeCapacity", ticketTypeId, capacity, expectedVersion } as const;
  const outcome = await deps.listings.run(listingStream(eventId), command, context);
  const followed = await bringInventoriesUpToDate(deps, eventId, context);
  return outcome.accepted ? { accepted: true, position: later(outcome.position, followed), replayed: false } : outcome;
}
