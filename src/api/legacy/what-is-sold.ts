import type { Caller } from "../../accounts/caller.ts";
import type { EventCommands } from "../../commands/events.ts";
import type { KnownListing } from "../../domain/listing.ts";
import { isUuid } from "../../projections/uuid.ts";
import { isOrganizer } from "../events/access.ts";
import { invalid, Problem } from "../problems/problem.ts";

/**
 * The event as the log has it, if the caller may know of it.
 * @throws Problem `event-not-found`
 */
export async function eventFor(
  events: Pick<EventCommands, "find">,
  eventId: string,
  caller: Caller,
): Promise<KnownListing> {
  const known = isUuid(eventId) ? await events.find(eventId) : null;
  if (known === null || known.status === "missing") throw new Problem("event-not-found");
  if (!known.published && !isOrganizer(caller, known)) throw new Problem("event-not-found");
  return known;
}

/**
 * The ticket type that earlier systems' clients call by its id, or by its name where only one has it; an id goes first.
 * @param path where the request says it, for the 400 of a name that several have
 * @throws Problem `ticket-type-not-found`, `invalid`
 */
export function ticketTypeCalled({ ticketTypes }: KnownListing, called: string, path: string): string {
  const id = called.toLowerCase();
  if (ticketTypes.some(({ ticketTypeId }) => ticketTypeId === id)) return id;
  const [named, another] = ticketTypes.filter(({ name }) => name === called.trim());
  if (named === undefined) throw new Problem("ticket-type-not-found");
  if (another !== undefined) throw invalid("body", path, "is the name of several ticket types: take an id");
  return named.ticketTypeId;
}
