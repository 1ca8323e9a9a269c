import { z } from "zod";
import type { Log } from "../../ports.ts";
import type { ChangeFeed } from "../../projections/hot-reads/change-feed.ts";
import type { HotEvent } from "../../projections/hot-reads/hot-events.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { addressOf } from "../security/rate-limits.ts";
import { Broadcasts, type Edition } from "../streams/broadcasts.ts";
import { lastWords, versionOf } from "../streams/event-text.ts";
import type { StreamLimits } from "../streams/limits.ts";
import { beginStream, eventStream, lastEventId } from "../streams/replies.ts";
import { eventPath, tags } from "./paths.ts";
import { type EventReading, eventReading } from "./readable.ts";
import { availabilityView } from "./responses.ts";

export interface AvailabilityStreamRoutes extends EventReading {
  readonly changes: Pick<ChangeFeed, "follow">;
  readonly log: Pick<Log, "warn">;
  readonly limits?: Partial<StreamLimits>;
}

/** What is left of an event's tickets, told as it changes. */
export const availabilityStreamRoutes =
  ({ changes, log, limits = {}, ...events }: AvailabilityStreamRoutes): RoutePlugin =>
  (api) => {
    const { hot, readingClock: clock } = events;
    const read = eventReading(events);
    const broadcasts = new Broadcasts({
      log,
      limits,
      async load(eventId, position) {
        const found = await hot.get(eventId, { minPosition: position, nowMs: clock.nowMs() });
        return found === null ? null : editionOf(found);
      },
    });
    changes.follow(broadcasts);
    api.addHook("preClose", async () => broadcasts.close());

    api.route({
      method: "GET",
      url: "/events/:eventId/availability/stream",
      exposeHeadRoute: false,
      schema: {
        tags,
        summary: "How many tickets are left, told as it changes",
        description:
          "Server-sent events, to be read by `fetch`, which can send a token. Each has the availability as `data` and its " +
          "`revision` as `id`. The newest always comes, those between may be left out; a connection that was lost goes on " +
          "from `Last-Event-ID`. When the event is over or called off, `event: end` comes last, and 204 is given to those " +
          "who come back with the last revision.",
        params: eventPath,
        response: {
          200: eventStream(`id: 42\ndata: {"eventId":"…","revision":42,"ticketTypes":[…]}\n\n`),
          204: z.undefined(),
        },
      },
      config: {
        minPosition: true,
        stream: true,
        problems: ["event-not-found", "busy"],
      },
      handler: async (request, reply) => {
        const { eventId } = request.params;
        const last = lastEventId(request);
        const found = await read(request, eventId);
        const { version, lastWords: words } = editionOf(found);
        if (words !== null && last === version.revision) return reply.code(204).send();
        const address = addressOf(request);
        broadcasts.checkRoom(address);
        broadcasts.listen(eventId, { connection: beginStream(reply), address }, version, last);
        return reply;
      },
    });
  };

function editionOf(found: HotEvent): Edition {
  const { event, revision } = found;
  const isOver = event.status === "CANCELLED" || event.status === "ENDED";
  return {
    version: versionOf(revision, availabilityView(found)),
    lastWords: isOver ? lastWords({ status: event.status }) : null,
  };
}
