import type { Refused } from "../domain/decision.ts";
import { eventTermsOf, type KnownListing } from "../domain/listing.ts";
import type { ListedTicketType } from "../domain/listing-events.ts";
import type { Position } from "../eventstore/port.ts";
import { inventoryStream, listingStream } from "../eventstore/streams.ts";
import { forEachOf } from "./a-few-at-a-time.ts";
import { unkeyed } from "./aggregate.ts";
import { type EventCommandsDependencies, findEvent, type InventoryRunner, later } from "./event-streams.ts";
import type { CommandContext } from "./outcome.ts";

const CLOSED_AT_ONCE = 16;

/**
 * Has every inventory go by what the listing says now: the event's terms, and how many tickets there are, or that it is
 * cancelled. Changes at the same time may pass each other on the way, so it looks again whether the listing is still
 * what it told.
 *
 * Where an inventory can't go below what is committed, the listing takes the inventory's number instead.
 */
export async function bringInventoriesUpToDate(
  deps: EventCommandsDependencies,
  eventId: string,
  context: CommandContext,
): Promise<Position> {
  let position: Position = 0n;
  for (let told: KnownListing | null = null; ; ) {
    const known = await findEvent(deps, eventId);
    if (known.status === "missing") throw new Error(`listing ${eventId} is gone`);
    if (known.status === "cancelled") return later(position, await closeInventories(deps, known, context));
    if (told !== null && told.version === known.version) return position;
    for (const ticketType of known.ticketTypes) {
      const followed = await bringUpToDate(deps, known, ticketType, context);
      if (followed === null) break; // closed, so by now the listing says so
      position = later(position, followed);
    }
    told = known;
  }
}

/** @returns null when the event was cancelled meanwhile */
async function bringUpToDate(
  deps: EventCommandsDependencies,
  { eventId, details }: KnownListing,
  { ticketTypeId, capacity }: ListedTicketType,
  context: CommandContext,
): Promise<Position | null> {
  const run = (command: Parameters<InventoryRunner["run"]>[1]) =>
    deps.inventories.run(inventoryStream(eventId, ticketTypeId), command, unkeyed(context));
  const terms = await run({ type: "ChangeEventTerms", eventTerms: eventTermsOf(details) });
  if (!terms.accepted) return cancelledOr(terms, `inventory ${ticketTypeId} refused the event's terms`);
  const tickets = await run({ type: "ChangeCapacity", capacity });
  if (tickets.accepted) return tickets.position;
  if (typeof tickets.details.capacity !== "number") {
    return cancelledOr(tickets, `inventory ${ticketTypeId} refused its capacity`);
  }
  const command = {
    type: "ListTicketTypeCapacity",
    ticketTypeId,
    capacity: tickets.details.capacity,
    expectedVersion: null,
  } as const;
  const listed = await deps.listings.run(listingStream(eventId), command, unkeyed(context));
  if (!listed.accepted) return cancelledOr(listed, `listing ${eventId} refused what inventory ${ticketTypeId} has`);
  return terms.position;
}

/** A few at a time; ahead of who wants to buy. */
async function closeInventories(
  deps: EventCommandsDependencies,
  { eventId, ticketTypes }: KnownListing,
  context: CommandContext,
): Promise<Position> {
  let position: Position = 0n;
  await forEachOf(ticketTypes, CLOSED_AT_ONCE, async ({ ticketTypeId }) => {
    const stream = inventoryStream(eventId, ticketTypeId);
    const command = { type: "CloseInventory", reason: "event-cancelled" } as const;
    const closed = await deps.inventories.run(stream, command, unkeyed(context), "first");
    if (!closed.accepted) throw new Error(`inventory ${ticketTypeId} refused to close: ${closed.code}`);
    position = later(position, closed.position);
  });
  return position;
}

/** Of what is refused because the event was cancelled meanwhile; nothing else is expected. */
function cancelledOr({ code }: Refused, failure: string): null {
  if (code !== "event-cancelled") throw new Error(`${failure}: ${code}`);
  return null;
}
