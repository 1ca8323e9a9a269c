import { z } from "zod";
import { commandContext, recordedAt } from "../conventions/commands.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { seatIds } from "../conventions/seats.ts";
import { refusal } from "../problems/problem.ts";
import { roleOver } from "./access.ts";
import type { ChangingEvents } from "./changing-routes.ts";
import { OF_CHANGES, tags, ticketTypePath } from "./paths.ts";
import { event } from "./responses.ts";

const OF_BLOCKING = [
  "event-not-found",
  "forbidden",
  "ticket-type-not-found",
  "event-cancelled",
  ...OF_CHANGES,
] as const;

const chosenSeats = z.strictObject({ seats: seatIds }).meta({ examples: [{ seats: ["STALLS-A-12", "STALLS-A-13"] }] });

const VERBS = {
  block: {
    summary: "Take seats out of the sale, all or none; those that are blocked already stay so",
    problems: [...OF_BLOCKING, "seat-taken"],
  },
  unblock: {
    summary: "Put blocked seats on sale, all or none; the others stay as they are. Whoever waits comes first",
    problems: OF_BLOCKING,
  },
} as const;

/** Organizers block seats and release them. Of a ticket type without a map no seat can be named: 400 at `/seats`. */
export const seatBlockingRoutes =
  ({ commands, readBack }: Pick<ChangingEvents, "commands" | "readBack">): RoutePlugin =>
  (api) => {
    for (const verb of ["block", "unblock"] as const) {
      const { summary, problems } = VERBS[verb];
      api.route({
        method: "POST",
        url: `/events/:eventId/ticket-types/:ticketTypeId/seats/${verb}`,
        schema: { tags, summary, params: ticketTypePath, body: chosenSeats, response: { 200: event } },
        config: { idempotent: true, problems: [...problems] },
        handler: async (request, reply) => {
          const { eventId } = request.params;
          const role = await roleOver(commands, eventId, request);
          const { seats } = request.body;
          const context = commandContext(request, role);
          const outcome = await commands.setSeatsBlocked(request.params, seats, verb === "block", context);
          if (!outcome.accepted) throw refusal(outcome);
          recordedAt(reply, outcome);
          return readBack(eventId, outcome.position);
        },
      });
    }
  };
