import { type EventCommandsDependencies, findEvent } from "./event-streams.ts";

/**
 * Claims a code for an event that is being made, or gets that code.
 * @returns false when another of the organizer's events has it
 */
export const claimCode = (
  deps: Pick<EventCommandsDependencies, "store" | "codes">,
  organizerId: string,
  code: string,
  eventId: string,
): Promise<boolean> =>
  deps.codes.claim(organizerId, code, eventId, async (other) => {
    const known = await findEvent(deps, other);
    return known.status !== "missing" && known.organizerId === organizerId && known.code === code;
  });
