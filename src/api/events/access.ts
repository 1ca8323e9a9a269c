import type { Caller } from "../../accounts/caller.ts";
import type { EventCommands } from "../../commands/events.ts";
import { Problem } from "../problems/problem.ts";

/** Whose an event is and whether it is public yet. */
interface Owned {
  readonly organizerId: string;
  readonly isDraft: boolean;
}

export const isOrganizer = (caller: Caller | null, { organizerId }: Pick<Owned, "organizerId">): boolean =>
  caller?.accountId === organizerId;

/** Drafts are seen by their organizer only: for everybody else, administrators too, there is no such event. */
export function requireVisible(caller: Caller | null, event: Owned): void {
  if (event.isDraft && !isOrganizer(caller, event)) throw new Problem("event-not-found");
}

/**
 * The same for an event as read models have it, which of one that was called off don't know whether it was ever public:
 * a draft stays its organizer's.
 */
export async function requireReadable(
  commands: Pick<EventCommands, "find">,
  caller: Caller | null,
  event: { readonly eventId: string; readonly organizerId: string; readonly status: string },
): Promise<void> {
  const isCancelled = event.status === "CANCELLED" && !isOrganizer(caller, event);
  const known = isCancelled ? await commands.find(event.eventId) : null;
  const isDraft = known === null ? event.status === "DRAFT" : known.status === "missing" || !known.published;
  requireVisible(caller, { organizerId: event.organizerId, isDraft });
}

/**
 * Organizers decide about their own events, administrators about all that are public. A public event that is not yours
 * to change is 403, a draft of somebody else is 404.
 * @returns the role that lets the caller do it, for the record
 */
export function requireManager(caller: Caller, event: Owned): "organizer" | "admin" {
  requireVisible(caller, event);
  if (isOrganizer(caller, event)) return "organizer";
  if (caller.roles.includes("admin")) return "admin";
  throw new Problem("forbidden");
}

/**
 * Under what role the caller may change the event as the log has it.
 * @throws Problem `event-not-found`, `forbidden`
 */
export async function roleOver(
  commands: Pick<EventCommands, "find">,
  eventId: string,
  caller: Caller,
): Promise<"organizer" | "admin"> {
  const known = await commands.find(eventId);
  if (known.status === "missing") throw new Problem("event-not-found");
  return requireManager(caller, { organizerId: known.organizerId, isDraft: !known.published });
}
