import { z } from "zod";
import { commandContext, recordedAt } from "../conventions/commands.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { refusal } from "../problems/problem.ts";
import { roleOver } from "./access.ts";
import type { ChangingEvents } from "./changing-routes.ts";
import { expectedVersion } from "./if-match.ts";
import { eventPath, OF_CHANGES, tags, ticketTypePath } from "./paths.ts";
import { event } from "./responses.ts";
import { addedTicketType, ticketTypeChanges, toNewTicketType, toTicketTypeChanges } from "./ticket-type-requests.ts";

const OF_ORGANIZERS = ["event-not-found", "forbidden", "event-cancelled", "version-mismatch", ...OF_CHANGES] as const;

/** What organizers change about the ticket types of an event. There is no GET of one: its event shows it. */
export const ticketTypeRoutes =
  ({ commands, readBack }: ChangingEvents): RoutePlugin =>
  (api) => {
    api.route({
      method: "POST",
      url: "/events/:eventId/ticket-types",
      schema: {
        tags,
        summary: "One more ticket type; the answer is its event, which is what `Location` names",
        params: eventPath,
        body: addedTicketType,
        response: { 201: event },
      },
      config: {
        idempotent: true,
        problems: [...OF_ORGANIZERS, "too-many-ticket-types", "capacity-exceeded", "invalid-dates"],
      },
      handler: async (request, reply) => {
        const { eventId } = request.params;
        const version = expectedVersion(request);
        const role = await roleOver(commands, eventId, request);
        const wish = toNewTicketType(request.body);
        const outcome = await commands.addTicketType(eventId, wish, version, commandContext(request, role));
        if (!outcome.accepted) throw refusal(outcome);
        recordedAt(reply, outcome);
        reply.code(201).header("location", `/events/${eventId}`);
        return readBack(eventId, outcome.position);
      },
    });

    api.route({
      method: "PATCH",
      url: "/events/:eventId/ticket-types/:ticketTypeId",
      schema: {
        tags,
        summary: "Change what a ticket type is and costs, and how many there are; what is reserved keeps its price",
        params: ticketTypePath,
        body: ticketTypeChanges,
        response: { 200: event },
      },
      config: {
        problems: [
          ...OF_ORGANIZERS,
          "ticket-type-not-found",
          "capacity-exceeded",
          "capacity-below-commitments",
          "invalid-dates",
        ],
      },
      handler: async (request, reply) => {
        const version = expectedVersion(request);
        const role = await roleOver(commands, request.params.eventId, request);
        const changes = toTicketTypeChanges(request.body);
        const context = commandContext(request, role);
        const outcome = await commands.changeTicketType(request.params, changes, version, context);
        if (!outcome.accepted) throw refusal(outcome);
        recordedAt(reply, outcome);
        return readBack(request.params.eventId, outcome.position);
      },
    });

    api.route({
      method: "DELETE",
      url: "/events/:eventId/ticket-types/:ticketTypeId",
      schema: {
        tags,
        summary: "Delete a ticket type of which nobody has tickets or waits for any; its history stays on record",
        params: ticketTypePath,
        response: { 204: z.undefined() },
      },
      config: { problems: [...OF_ORGANIZERS, "ticket-type-not-found", "has-commitments", "last-ticket-type"] },
      handler: async (request, reply) => {
        const version = expectedVersion(request);
        const role = await roleOver(commands, request.params.eventId, request);
        const outcome = await commands.removeTicketType(request.params, version, commandContext(request, role));
        if (!outcome.accepted) throw refusal(outcome);
        recordedAt(reply, outcome);
        reply.code(204);
      },
    });
  };
