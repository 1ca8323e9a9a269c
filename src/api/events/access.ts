import type { FastifyRequest } from "fastify";
import type { Caller } from "../../accounts/caller.ts";
import type { Role } from "../../accounts/roles.ts";
import type { EventCommands } from "../../commands/events.ts";
import { Problem } from "../problems/problem.ts";
import { reachOf } from "../security/reach.ts";

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
 * Under what role the caller may do this to the event as the log has it, for the record. A public event that is not yours
 * to change is 403, a draft of somebody else is 404.
 * @throws Problem `event-not-found`, `forbidden`
 */
export async function roleOver(
  commands: Pick<EventCommands, "find">,
  eventId: string,
  request: FastifyRequest,
): Promise<"organizer" | Role> {
  const known = await commands.find(eventId);
  if (known.status === "missing") throw new Problem("event-not-found");
  const { organizerId, published } = known;
  requireVisible(request.caller, { organizerId, isDraft: !published });
  const reached = reachOf(request, organizerId);
  if (reached === null) throw new Problem("forbidden");
  return reached === "own" ? "organizer" : reached;
}
