import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { EventCommands } from "../../commands/events.ts";
import type { Position } from "../../eventstore/port.ts";
import type { Clock } from "../../ports.ts";
import type { EventDetailsQueries } from "../../projections/event-details/queries.ts";
import type { HotEvent, HotEvents } from "../../projections/hot-reads/hot-events.ts";
import { SHARED_EVENT } from "../conventions/cache-control.ts";
import { callerOf } from "../conventions/commands.ts";
import { type KeptReply, keptAnswers } from "../conventions/kept-answers.ts";
import { listOf, listQuery } from "../conventions/lists.ts";
import { minPosition } from "../conventions/positions.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { Problem } from "../problems/problem.ts";
import { isOrganizer } from "./access.ts";
import { eventPath, tags } from "./paths.ts";
import { letRead } from "./readable.ts";
import { availability, availabilityView, event, eventView } from "./responses.ts";

export interface ReadingEvents {
  readonly commands: Pick<EventCommands, "find">;
  readonly details: Pick<EventDetailsQueries, "listByOrganizer">;
  readonly hot: HotEvents;
  /** One that goes on while its database is away. */
  readonly readingClock: Clock;
  /** The log's last position. */
  readonly head: () => Promise<Position | null>;
}

const ofOrganizer = z.strictObject({ ...listQuery, organizer: z.literal("me") });

/** Events as everybody reads them, and organizers their own. */
export const readingRoutes =
  ({ commands, details, hot, readingClock: clock, head }: ReadingEvents): RoutePlugin =>
  (api) => {
    const mayRead = letRead(commands);

    /** Without a promise wherever that can be: a crowd reads the same few events. */
    function answerBy(
      answer: (request: FastifyRequest, reply: KeptReply, found: HotEvent) => void,
      request: FastifyRequest,
      reply: KeptReply,
      eventId: string,
    ): Promise<void> | void {
      const found = hot.get(eventId, { minPosition: minPosition(request), nowMs: clock.nowMs() });
      if (found instanceof Promise) return found.then((one) => then(one));
      return then(found);

      function then(one: HotEvent | null, isNewest = false): Promise<void> | void {
        if (one === null) throw new Problem("event-not-found");
        // To them there is no such event: that is said of the newest only, since it may just have been published.
        const isHidden = one.event.status === "DRAFT" && !isOrganizer(request.caller, one.event);
        if (isHidden && !isNewest) return newest(eventId).then((it) => then(it, true));
        const checking = mayRead(request, one.event);
        if (checking !== null) return checking.then(() => answer(request, reply, one));
        answer(request, reply, one);
      }
    }
    const newest = async (eventId: string) => hot.get(eventId, { minPosition: await head(), nowMs: clock.nowMs() });
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
        const at = { minPosition: minPosition(request), nowMs: clock.nowMs() };
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
