import { z } from "zod";
import type { EventCommands } from "../../commands/events.ts";
import type { Clock } from "../../ports.ts";
import type { AvailabilityQueries } from "../../projections/availability/queries.ts";
import type { EventDetailsQueries } from "../../projections/event-details/queries.ts";
import { callerOf } from "../conventions/commands.ts";
import { listOf, listQuery } from "../conventions/lists.ts";
import { minPosition } from "../conventions/positions.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { Problem } from "../problems/problem.ts";
import { requireReadable } from "./access.ts";
import { eventPath, tags } from "./paths.ts";
import { availability, event, eventView } from "./responses.ts";

export interface ReadingEvents {
  readonly commands: EventCommands;
  readonly details: EventDetailsQueries;
  readonly availability: AvailabilityQueries;
  readonly clock: Clock;
}

const ofOrganizer = z.strictObject({ ...listQuery, organizer: z.literal("me") });

/** Events as everybody reads them, and organizers their own. */
export const readingRoutes =
  ({ commands, details, availability: counts, clock }: ReadingEvents): RoutePlugin =>
  (api) => {
    api.route({
      method: "GET",
      url: "/events",
      schema: {
        tags,
        summary: "One's own events, newest first",
        querystring: ofOrganizer,
        response: { 200: listOf(event) },
      },
      config: { minPosition: true },
      handler: async (request) => {
        const { limit, cursor = null } = request.query;
        const at = { minPosition: minPosition(request), nowMs: clock.nowMs() };
        const page = await details.listByOrganizer(callerOf(request).accountId, { limit, cursor }, at);
        return { items: page.items.map(eventView), next: page.next };
      },
    });

    api.route({
      method: "GET",
      url: "/events/:eventId",
      schema: { tags, summary: "All that a page about an event needs", params: eventPath, response: { 200: event } },
      config: { etag: true, minPosition: true, problems: ["event-not-found", "busy"] },
      handler: async (request) => {
        const at = { minPosition: minPosition(request), nowMs: clock.nowMs() };
        const found = await details.get(request.params.eventId, at);
        if (found === null) throw new Problem("event-not-found");
        await requireReadable(commands, request.caller, found);
        return eventView(found);
      },
    });

    api.route({
      method: "GET",
      url: "/events/:eventId/availability",
      schema: { tags, summary: "How many tickets are left", params: eventPath, response: { 200: availability } },
      config: { etag: true, minPosition: true, problems: ["event-not-found", "busy"] },
      handler: async (request) => {
        const at = { minPosition: minPosition(request), nowMs: clock.nowMs() };
        const found = await counts.get(request.params.eventId, at);
        if (found === null) throw new Problem("event-not-found");
        await requireReadable(commands, request.caller, found);
        const { eventId, revision, ticketTypes } = found;
        return { eventId, revision, ticketTypes: [...ticketTypes] };
      },
    });
  };
