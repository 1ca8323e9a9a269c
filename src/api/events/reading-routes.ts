import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { EventDetailsQueries } from "../../projections/event-details/queries.ts";
import type { HotEvent } from "../../projections/hot-reads/hot-events.ts";
import { SHARED_EVENT } from "../conventions/cache-control.ts";
import { callerOf } from "../conventions/commands.ts";
import { type KeptReply, keptAnswers } from "../conventions/kept-answers.ts";
import { listOf, listQuery } from "../conventions/lists.ts";
import { minPosition } from "../conventions/positions.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { eventPath, tags } from "./paths.ts";
import { type EventReading, eventReading } from "./readable.ts";
import { availability, availabilityView, event, eventView } from "./responses.ts";

export interface ReadingEvents extends EventReading {
  readonly details: Pick<EventDetailsQueries, "listByOrganizer">;
}

const ofOrganizer = z.strictObject({ ...listQuery, organizer: z.literal("me") });

/** Events as everybody reads them, and organizers their own. */
export const readingRoutes =
  ({ details, ...reading }: ReadingEvents): RoutePlugin =>
  (api) => {
    const read = eventReading(reading);

    /** Without a promise wherever that can be. */
    function answerBy(
      answer: (request: FastifyRequest, reply: KeptReply, found: HotEvent) => void,
      request: FastifyRequest,
      reply: KeptReply,
      eventId: string,
    ): Promise<void> | void {
      const found = read(request, eventId);
      if (found instanceof Promise) return found.then((one) => answer(request, reply, one));
      answer(request, reply, found);
    }
    const answerEvent = keptAnswers<HotEvent>(({ event }) => eventView(event), SHARED_EVENT);
    const answerAvailability = keptAnswers<HotEvent>(availabilityView, SHARED_EVENT);

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
        const at = { minPosition: minPosition(request), nowMs: reading.readingClock.nowMs() };
        const page = await details.listByOrganizer(callerOf(request).accountId, { limit, cursor }, at);
        return { items: page.items.map(eventView), next: page.next };
      },
    });

    api.route({
      method: "GET",
      url: "/events/:eventId",
      schema: { tags, summary: "All that a page about an event needs", params: eventPath, response: { 200: event } },
      config: { etag: true, minPosition: true, hot: true, problems: ["event-not-found", "busy"] },
      handler: (request, reply) => answerBy(answerEvent, request, reply, request.params.eventId),
    });

    api.route({
      method: "GET",
      url: "/events/:eventId/availability",
      schema: { tags, summary: "How many tickets are left", params: eventPath, response: { 200: availability } },
      config: { etag: true, minPosition: true, hot: true, problems: ["event-not-found", "busy"] },
      handler: (request, reply) => answerBy(answerAvailability, request, reply, request.params.eventId),
    });
  };
