import type { Caller } from "../../accounts/caller.ts";
import type { EventCommands } from "../../commands/events.ts";
import type { Refused } from "../../domain/decision.ts";
import { Problem, refusal } from "../problems/problem.ts";
import { isOrganizer } from "./access.ts";

/** What inventories of drafts answer; drafts are nobody's business but their organizer's. */
const SAID_OF_DRAFTS: ReadonlySet<string> = new Set([
  "ticket-type-not-found",
  "event-cancelled",
  "event-ended",
  "event-not-published",
]);

/** The answer to what an inventory refused. Its cause may be in the event: there is none, or the caller is not to know of it. */
export async function refusedBySale(
  refused: Refused,
  eventId: string,
  caller: Caller,
  events: Pick<EventCommands, "find">,
): Promise<Problem> {
  if (!SAID_OF_DRAFTS.has(refused.code)) return refusal(refused);
  const known = await events.find(eventId);
  const hidden = known.status === "missing" || (!known.published && !isOrganizer(caller, known));
  return hidden ? new Problem("event-not-found") : refusal(refused);
}
