import { z } from "zod";
import type { EventCommands } from "../../commands/events.ts";
import { callerOf, commandContext, recordedAt } from "../conventions/commands.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { earlierEvent, earlierEventView } from "../legacy/event.ts";
import { inEarlierWords } from "../problems/earlier-words.ts";
import { refusal } from "../problems/problem.ts";
import { roleOver } from "./access.ts";
import { requireOrderedDates } from "./dates.ts";
import { eventPath, OF_CHANGES, tags } from "./paths.ts";
import type { ReadBack } from "./read-back.ts";
import { newEvent, toNewEvent } from "./requests.ts";
import { event, newEventView } from "./responses.ts";

export interface MakingEvents {
  readonly commands: EventCommands;
  readonly readBack: ReadBack;
  /** `HOLD_TTL_SECONDS`, for events that don't say. */
  readonly defaultHoldTtlSeconds: number;
}

/** Events come to be: put on sale, or drafted and published. */
export const eventRoutes =
  ({ commands, readBack, defaultHoldTtlSeconds }: MakingEvents): RoutePlugin =>
  (api) => {
    api.route({
      method: "POST",
      url: "/events",
      schema: {
        tags,
        summary: "Put an event on sale",
        body: newEvent,
        response: { 201: z.union([event, earlierEvent]) },
      },
      config: {
        idempotent: true,
        problems: ["capacity-exceeded", "invalid-dates", "code-taken"],
      },
      errorHandler: inEarlierWords,
      handler: async (request, reply) => {
        requireOrderedDates(request.body);
        const wish = toNewEvent(request.body, callerOf(request).accountId, defaultHoldTtlSeconds);
        const outcome = await commands.create(wish, commandContext(request, "organizer"));
        if (!outcome.accepted) throw refusal(outcome);
        recordedAt(reply, outcome);
        reply.code(201).header("location", `/events/${outcome.listing.eventId}`);
        const view = newEventView(outcome);
        return request.body.total_seats === undefined ? view : earlierEventView(view);
      },
    });

    api.route({
      method: "POST",
      url: "/events/:eventId/publish",
      schema: { tags, summary: "Make a draft public", params: eventPath, response: { 200: event } },
      config: {
        idempotent: true,
        problems: ["event-not-found", "forbidden", "event-cancelled", ...OF_CHANGES],
      },
      handler: async (request, reply) => {
        const { eventId } = request.params;
        const role = await roleOver(commands, eventId, request);
        const outcome = await commands.publish(eventId, commandContext(request, role));
        if (!outcome.accepted) throw refusal(outcome);
        recordedAt(reply, outcome);
        return readBack(eventId, outcome.position);
      },
    });
  };
