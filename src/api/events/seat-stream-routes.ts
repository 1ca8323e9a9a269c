import { z } from "zod";
import type { Log } from "../../ports.ts";
import type { EventDetails } from "../../projections/event-details/queries.ts";
import type { ChangeFeed } from "../../projections/hot-reads/change-feed.ts";
import type { ShownSeats } from "../../projections/seats/kept-seats.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { addressOf } from "../security/rate-limits.ts";
import { Broadcasts, type Edition } from "../streams/broadcasts.ts";
import { lastWords } from "../streams/event-text.ts";
import type { StreamLimits } from "../streams/limits.ts";
import { beginStream, eventStream, lastEventId } from "../streams/replies.ts";
import { tags, ticketTypePath } from "./paths.ts";
import { OF_SEAT_MAP, type ReadingSeats, seatReading } from "./seat-reading.ts";
import { seatVersion } from "./seat-versions.ts";

export interface SeatStreamRoutes extends ReadingSeats {
  readonly changes: Pick<ChangeFeed, "follow">;
  readonly log: Pick<Log, "warn">;
  readonly limits?: Partial<StreamLimits>;
}

/** Of a map of 50,000 seats a load takes some 30 ms, so that a map that is selling fast takes an eighth of the time. */
const GAP_MS = 250;

/** Topics of {@link Broadcasts}. */
const topicOf = (at: { readonly eventId: string; readonly ticketTypeId: string }) => `${at.eventId}.${at.ticketTypeId}`;
const ofTopic = (topic: string) => {
  const [eventId = "", ticketTypeId = ""] = topic.split(".");
  return { eventId, ticketTypeId };
};

/** How the seats of a ticket type stand, told as it changes. */
export const seatStreamRoutes = (deps: SeatStreamRoutes): RoutePlugin => {
  const { seats, changes, log, limits = {} } = deps;
  const reading = seatReading(deps);
  const versions = new WeakMap<ShownSeats, Edition["version"]>();

  function editionOf({ status }: Pick<EventDetails, "status">, shown: ShownSeats): Edition {
    const version = versions.get(shown) ?? seatVersion(shown);
    versions.set(shown, version);
    const isOver = status === "CANCELLED" || status === "ENDED";
    return { version, lastWords: isOver ? lastWords({ status }) : null };
  }

  return (api) => {
    const broadcasts = new Broadcasts({
      log,
      limits: { gapMs: GAP_MS, ...limits },
      async load(topic, minPosition) {
        const at = ofTopic(topic);
        const found = await reading.find(at.eventId, minPosition);
        if (found === null) return null;
        const shown = await seats.get(at, found.revision, { minPosition: minPosition ?? 0n });
        return shown === null ? null : editionOf(found.event, shown);
      },
    });
    changes.follow({
      changed(events, upTo) {
        const touched = events === null ? null : new Set(events);
        broadcasts.changed(
          touched === null ? null : broadcasts.topics().filter((topic) => touched.has(ofTopic(topic).eventId)),
          upTo,
        );
      },
      rebuilt: () => broadcasts.rebuilt(),
    });
    api.addHook("preClose", async () => broadcasts.close());

    api.route({
      method: "GET",
      url: "/events/:eventId/ticket-types/:ticketTypeId/seats/stream",
      exposeHeadRoute: false,
      schema: {
        tags,
        summary: "How the seats stand, told as it changes",
        description:
          "Server-sent events, to be read by `fetch`, which can send a token. Each has a `revision`, which is its `id` too. " +
          "Whoever begins with the `revision` of the seat map as `Last-Event-ID` is told what has changed since: `since`, and " +
          "in `changes` the ids of seats by how they stand now. To others, and where too much has changed, all is told: " +
          "`sections` and `rows` as the map has them, with one letter a seat (A, H, S, B: AVAILABLE, HELD, SOLD, BLOCKED). " +
          "The newest always comes, those between may merge. When the event is over or called off, `event: end` comes last, " +
          "and 204 is given to those who come back with the last revision.",
        params: ticketTypePath,
        response: {
          200: eventStream(
            `id: 42\ndata: {"revision":42,"sections":[{"name":"STALLS","rows":[{"name":"A","seats":"AAHSB"}]}]}\n\n` +
              `id: 43\ndata: {"revision":43,"since":42,"changes":{"HELD":["STALLS-A-1"]}}\n\n`,
          ),
          204: z.undefined(),
        },
      },
      config: { minPosition: true, stream: true, problems: [...OF_SEAT_MAP, "busy"] },
      handler: async (request, reply) => {
        const last = lastEventId(request);
        const { event, seats: shown } = await reading.shown(request, request.params);
        const { version, lastWords: words } = editionOf(event, shown);
        if (words !== null && last === version.revision) return reply.code(204).send();
        const address = addressOf(request);
        broadcasts.checkRoom(address);
        broadcasts.listen(topicOf(request.params), { connection: beginStream(reply), address }, version, last);
        return reply;
      },
    });
  };
};
