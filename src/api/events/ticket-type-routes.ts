import { commandContext, recordedAt } from "../conventions/commands.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { refusal } from "../problems/problem.ts";
import { roleOver } from "./access.ts";
import type { ChangingEvents } from "./changing-routes.ts";
import { expectedVersion } from "./if-match.ts";
import { OF_CHANGES, tags, ticketTypePath } from "./paths.ts";
import { ticketTypeChanges } from "./requests.ts";
import { event } from "./responses.ts";

/** What organizers change about the ticket types of an event. */
export const ticketTypeRoutes =
  ({ commands, readBack }: ChangingEvents): RoutePlugin =>
  (api) => {
    api.route({
      method: "PATCH",
      url: "/events/:eventId/ticket-types/:ticketTypeId",
      schema: {
        tags,
        summary: "Change how many tickets of a type there are",
        params: ticketTypePath,
        body: ticketTypeChanges,
        response: { 200: event },
      },
      config: {
        problems: [
          "event-not-found",
          "ticket-type-not-found",
          "forbidden",
          "event-cancelled",
          "version-mismatch",
          "capacity-exceeded",
          "capacity-below-commitments",
          ...OF_CHANGES,
        ],
      },
      handler: async (request, reply) => {
        const { eventId, ticketTypeId } = request.params;
        const version = expectedVersion(request);
        const role = await roleOver(commands, eventId, request);
        const { capacity } = request.body;
        const context = commandContext(request, role);
        const outcome = await commands.changeCapacity(eventId, ticketTypeId, capacity, version, context);
        if (!outcome.accepted) throw refusal(outcome);
        recordedAt(reply, outcome);
        return readBack(eventId, outcome.position);
      },
    });
  };
