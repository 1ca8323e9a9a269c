import { commandContext, recordedAt } from "../conventions/commands.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { refusal } from "../problems/problem.ts";
import { roleOver } from "./access.ts";
import type { ChangingEvents } from "./changing-routes.ts";
import { expectedVersion } from "./if-match.ts";
import { eventPath, OF_CHANGES, tags, ticketTypePath } from "./paths.ts";
import { event } from "./responses.ts";

const OF_PAUSING = ["event-not-found", "forbidden", "event-cancelled", "version-mismatch", ...OF_CHANGES] as const;

const OF_EVENT = {
  pause: "Pause the sale of all ticket types: nothing is reserved or offered, what is held can be bought",
  resume: "Resume the sale of all ticket types but those that are paused by themselves",
};
const OF_TICKET_TYPE = {
  pause: "Pause the sale of one ticket type",
  resume: "Resume the sale of one ticket type; while its event is paused it stays so",
};

/** Organizers pause sales and resume them. */
export const pausingRoutes =
  ({ commands, readBack }: ChangingEvents): RoutePlugin =>
  (api) => {
    for (const verb of ["pause", "resume"] as const) {
      api.route({
        method: "POST",
        url: `/events/:eventId/${verb}`,
        schema: { tags, summary: OF_EVENT[verb], params: eventPath, response: { 200: event } },
        config: { idempotent: true, problems: OF_PAUSING },
        handler: async (request, reply) => {
          const { eventId } = request.params;
          const version = expectedVersion(request);
          const role = await roleOver(commands, eventId, request);
          const sale = { eventId, ticketTypeId: null };
          const outcome = await commands.setPaused(sale, verb === "pause", version, commandContext(request, role));
          if (!outcome.accepted) throw refusal(outcome);
          recordedAt(reply, outcome);
          return readBack(eventId, outcome.position);
        },
      });

      api.route({
        method: "POST",
        url: `/events/:eventId/ticket-types/:ticketTypeId/${verb}`,
        schema: { tags, summary: OF_TICKET_TYPE[verb], params: ticketTypePath, response: { 200: event } },
        config: { idempotent: true, problems: [...OF_PAUSING, "ticket-type-not-found"] },
        handler: async (request, reply) => {
          const sale = request.params;
          const version = expectedVersion(request);
          const role = await roleOver(commands, sale.eventId, request);
          const outcome = await commands.setPaused(sale, verb === "pause", version, commandContext(request, role));
          if (!outcome.accepted) throw refusal(outcome);
          recordedAt(reply, outcome);
          return readBack(sale.eventId, outcome.position);
        },
      });
    }
  };
