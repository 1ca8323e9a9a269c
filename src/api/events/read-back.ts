import type { Clock } from "../../ports.ts";
import type { EventDetailsQueries } from "../../projections/event-details/queries.ts";
import { Problem } from "../problems/problem.ts";
import { type EventView, eventView } from "./responses.ts";

/** The event as it reads once `position` is projected: the answer to a change. */
export type ReadBack = (eventId: string, position: bigint) => Promise<EventView>;

/** @throws Problem `event-not-found`; what the queries throw while they are behind `position`. */
export const readBackFrom =
  (details: EventDetailsQueries, clock: Clock): ReadBack =>
  async (eventId, position) => {
    const found = await details.get(eventId, { minPosition: position, nowMs: clock.nowMs() });
    if (found === null) throw new Problem("event-not-found");
    return eventView(found);
  };
