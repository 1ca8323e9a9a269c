import type { Caller } from "../../accounts/caller.ts";
import { Problem } from "../problems/problem.ts";

/** Whose an event is and whether it is public yet. */
interface Owned {
  readonly organizerId: string;
  readonly isDraft: boolean;
}

/** Organizers decide about their own events, administrators about all. */
export const mayManage = (caller: Caller | null, { organizerId }: Pick<Owned, "organizerId">): boolean =>
  caller !== null && (caller.accountId === organizerId || caller.roles.includes("admin"));

/** Drafts are seen by their organizer only: for everybody else there is no such event. */
export function requireVisible(caller: Caller | null, event: Owned): void {
  if (event.isDraft && !mayManage(caller, event)) throw new Problem("event-not-found");
}

/** A public event that is not yours to change is 403, a draft of somebody else is 404. */
export function requireManager(caller: Caller, event: Owned): void {
  requireVisible(caller, event);
  if (!mayManage(caller, event)) throw new Problem("forbidden");
}
