import type { Refused } from "../domain/decision.ts";
import { eventTermsOf, type KnownListing, type KnownTicketType } from "../domain/listing.ts";
import type { Position } from "../eventstore/port.ts";
import { inventoryStream, listingStream } from "../eventstore/streams.ts";
import { forEachOf } from "./a-few-at-a-time.ts";
import { unkeyed } from "./aggregate.ts";
import { type EventCommandsDependencies, findEvent, type InventoryRunner, later } from "./event-streams.ts";
import { openedWith } from "./opened-with.ts";
import type { CommandContext } from "./outcome.ts";

const CLOSED_AT_ONCE = 16;

/**
 * Has every inventory go by what the listing says now: that it is there and public, what the event and the ticket type
 * say, whether the sale is paused, and how many tickets there are; or that the ticket type was deleted, or the event
 * cancelled. Changes at the same time may pass each other on the way, so it looks again whether the listing is still what
 * it told.
 *
 * Where an inventory can't go below what is committed, the listing takes the inventory's number instead; where one can't
 * be closed because somebody has tickets of it, its ticket type is listed again.
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
    for (const [ticketTypes, follow] of [
      [known.removed, closeRemoved],
      [known.ticketTypes, bringUpToDate],
    ] as const) {
      for (const ticketType of ticketTypes) {
        const followed = await follow(deps, known, ticketType, context);
        if (followed === null) break; // closed, so by now the listing says so
        position = later(position, followed);
      }
    }
    told = known;
  }
}

type Follow = (
  deps: EventCommandsDependencies,
  listing: KnownListing,
  ticketType: KnownTicketType,
  context: CommandContext,
) => Promise<Position | null>;

/** @returns null when the event was cancelled, or the ticket type deleted, meanwhile */
const bringUpToDate: Follow = async (deps, known, ticketType, context) => {
  const { eventId, status, details, currency, paused } = known;
  const { ticketTypeId, capacity, changes } = ticketType;
  const run = runIn(deps, eventId, ticketTypeId, context);
  await openAdded(known, ticketType, run);
  // All at once, so that one batch takes them; the order is kept.
  const told = await Promise.all([
    ...(status === "active" ? [run({ type: "PublishInventory" })] : []),
    run({ type: "ChangeEventTerms", eventTerms: eventTermsOf(details) }),
    run({ type: "ChangeTicketTypeTerms", changes, currency }),
    run({ type: "SetPaused", scope: "event", paused }),
    run({ type: "SetPaused", scope: "ticket-type", paused: ticketType.paused }),
  ]);
  let position: Position = 0n;
  for (const outcome of told) {
    if (!outcome.accepted) {
      if (outcome.code === "ticket-type-not-found") await listAsRemoved(deps, eventId, ticketTypeId, context);
      return closedOr(outcome, `inventory ${ticketTypeId} did not follow`);
    }
    position = later(position, outcome.position);
  }
  const tickets = await run({ type: "ChangeCapacity", capacity });
  if (tickets.accepted) return later(position, tickets.position);
  if (typeof tickets.details.capacity !== "number") {
    return closedOr(tickets, `inventory ${ticketTypeId} refused its capacity`);
  }
  const command = {
    type: "ListTicketTypeCapacity",
    ticketTypeId,
    capacity: tickets.details.capacity,
    expectedVersion: null,
  } as const;
  const listed = await deps.listings.run(listingStream(eventId), command, unkeyed(context));
  if (!listed.accepted) return closedOr(listed, `listing ${eventId} refused what inventory ${ticketTypeId} has`);
  return position;
};

/** One that is not even opened yet is opened as a draft, so that nobody who is late to open it puts it on sale. */
const closeRemoved: Follow = async (deps, known, ticketType, context) => {
  const { eventId } = known;
  const { ticketTypeId } = ticketType;
  const run = runIn(deps, eventId, ticketTypeId, context);
  await openAdded({ ...known, status: "draft" }, ticketType, run);
  const removed = await run({ type: "RemoveInventory" });
  if (removed.accepted) return removed.position;
  if (removed.code !== "has-commitments") return closedOr(removed, `inventory ${ticketTypeId} refused to be removed`);
  const command = { type: "RestoreTicketType", ticketTypeId } as const;
  const restored = await deps.listings.run(listingStream(eventId), command, unkeyed(context));
  return restored.accepted ? restored.position : closedOr(restored, `listing ${eventId} refused to restore`);
};

/** One that was closed while somebody else was about to list it again. */
async function listAsRemoved(
  { listings }: EventCommandsDependencies,
  eventId: string,
  ticketTypeId: string,
  context: CommandContext,
): Promise<void> {
  const command = { type: "RemoveTicketType", ticketTypeId, expectedVersion: null, isClosed: true } as const;
  const listed = await listings.run(listingStream(eventId), command, unkeyed(context));
  if (!listed.accepted) closedOr(listed, `listing ${eventId} refused that ${ticketTypeId} is gone`);
}

type Run = (command: Parameters<InventoryRunner["run"]>[1]) => ReturnType<InventoryRunner["run"]>;

const runIn =
  ({ inventories }: EventCommandsDependencies, eventId: string, ticketTypeId: string, context: CommandContext): Run =>
  (command) =>
    inventories.run(inventoryStream(eventId, ticketTypeId), command, unkeyed(context));

/** Opens the inventory of a ticket type that came after its event, once. */
async function openAdded(
  { eventId, organizerId, status, details }: KnownListing,
  { ticketTypeId, ordinal, capacity, opening, seatMap }: KnownTicketType,
  run: Run,
): Promise<void> {
  if (opening === null) return;
  const draft = status === "draft";
  const eventTerms = eventTermsOf(details);
  const of = { eventId, ticketTypeId, organizerId, ordinal };
  const data = { ...of, draft, terms: opening, eventTerms, ...openedWith(capacity, seatMap) };
  const opened = await run({ type: "OpenInventory", data });
  if (!opened.accepted && opened.code !== "already-exists") {
    throw new Error(`inventory ${ticketTypeId} refused to open: ${opened.code}`);
  }
}

/** A few at a time; ahead of who wants to buy. */
async function closeInventories(
  deps: EventCommandsDependencies,
  known: KnownListing,
  context: CommandContext,
): Promise<Position> {
  const { eventId, ticketTypes, removed } = known;
  let position: Position = 0n;
  await forEachOf([...ticketTypes, ...removed], CLOSED_AT_ONCE, async (ticketType) => {
    const { ticketTypeId } = ticketType;
    await openAdded({ ...known, status: "draft" }, ticketType, runIn(deps, eventId, ticketTypeId, context));
    const command = { type: "CloseInventory", reason: "event-cancelled" } as const;
    const stream = inventoryStream(eventId, ticketTypeId);
    const closed = await deps.inventories.run(stream, command, unkeyed(context), "first");
    if (!closed.accepted) throw new Error(`inventory ${ticketTypeId} refused to close: ${closed.code}`);
    position = later(position, closed.position);
  });
  return position;
}

/** Of what is refused because the event was cancelled, or the ticket type deleted, meanwhile; nothing else is expected. */
function closedOr({ code }: Refused, failure: string): null {
  if (code !== "event-cancelled" && code !== "ticket-type-not-found") throw new Error(`${failure}: ${code}`);
  return null;
}
