import { inventoryStream } from "../eventstore/streams.ts";
import type { Done, EventCommandsDependencies, EventOutcome } from "./event-streams.ts";
import type { CommandContext } from "./outcome.ts";
import type { TicketTypeRef } from "./ticket-types.ts";

/**
 * Takes seats out of the sale, or puts them back on it, all or none; those that are so already stay so. Only their
 * inventory has a say: the listing counts all seats, blocked ones too.
 *
 * Refusals: `ticket-type-not-found`, `event-cancelled`, `seat-taken` with `seats`, `invalid` for what is no seat.
 * @param seats their ids
 */
export async function setSeatsBlocked(
  { inventories }: Pick<EventCommandsDependencies, "inventories">,
  { eventId, ticketTypeId }: TicketTypeRef,
  seats: readonly string[],
  blocked: boolean,
  context: CommandContext,
): Promise<EventOutcome<Done>> {
  const command = { type: blocked ? "BlockSeats" : "UnblockSeats", seats } as const;
  const outcome = await inventories.run(inventoryStream(eventId, ticketTypeId), command, context);
  if (!outcome.accepted) return outcome;
  return { accepted: true, position: outcome.position, replayed: outcome.replayed };
}
