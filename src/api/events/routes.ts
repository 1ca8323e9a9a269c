import { z } from "zod";
import type { EventCommands } from "../../commands/events.ts";
import type { Clock } from "../../ports.ts";
import type { AvailabilityQueries } from "../../projections/availability/queries.ts";
import type { EventDetailsQueries } from "../../projections/event-details/queries.ts";
import { callerOf, commandContext, recordedAt } from "../conventions/commands.ts";
import { idParam } from "../conventions/fields.ts";
import { listOf, listQuery } from "../conventions/lists.ts";
import { minPosition } from "../conventions/positions.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { Problem, refusal } from "../problems/problem.ts";
import { requireReadable, roleOver } from "./access.ts";
import { requireOrderedDates } from "./dates.ts";
import { expectedVersion } from "./if-match.ts";
import { eventChanges, newEvent, ticketTypeChanges, toChanges, toNewEvent } from "./requests.ts";
import { availability, event, eventView, newEventView } from "./responses.ts";

export interface EventRoutes {
  readonly commands: EventCommands;
  readonly details: EventDetailsQueries;
  readonly availability: AvailabilityQueries;
  readonly clock: Clock;
  /** `HOLD_TTL_SECONDS`, for events that don't say. */
  readonly defaultHoldTtlSeconds: number;
}

const tags = ["Events"];
const eventPath = z.strictObject({ eventId: idParam("event-not-found") });
const ticketTypePath = eventPath.extend({ ticketTypeId: idParam("ticket-type-not-found") });
const ofOrganizer = z.strictObject({ ...listQuery, organizer: z.literal("me") });
/** Of a command that answers what a read then answers. */
const OF_CHANGES = ["busy", "outcome-unknown", "read-model-behind"] as const;

/** Events: what organizers say about them, and what everybody reads. */
export const eventRoutes =
  ({ commands, details, availability: counts, clock, defaultHoldTtlSeconds }: EventRoutes): RoutePlugin =>
  (api) => {
    /** The event as it reads once `position` is projected. */
    const readBack = async (eventId: string, position: bigint) => {
      const found = await details.get(eventId, { minPosition: position, nowMs: clock.nowMs() });
      if (found === null) throw new Problem("event-not-found");
      return eventView(found);
    };

    api.route({
      method: "POST",
      url: "/events",
      schema: { tags, summary: "Put an event on sale", body: newEvent, response: { 201: event } },
      config: {
        idempotent: true,
        problems: ["capacity-exceeded", "invalid-dates", "code-taken"],
      },
      handler: async (request, reply) => {
        requireOrderedDates(request.body);
        const wish = toNewEvent(request.body, callerOf(request).accountId, defaultHoldTtlSeconds);
        const outcome = await commands.create(wish, commandContext(request, "organizer"));
        if (!outcome.accepted) throw refusal(outcome);
        recordedAt(reply, outcome);
        reply.code(201).header("location", `/events/${outcome.listing.eventId}`);
        return newEventView(outcome);
      },
    });

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
      method: "PATCH",
      url: "/events/:eventId",
      schema: {
        tags,
        summary: "Change what an event says; `If-Match` guards against overwriting somebody else's change",
        params: eventPath,
        body: eventChanges,
        response: { 200: event },
      },
      config: {
        problems: [
          "event-not-found",
          "forbidden",
          "event-cancelled",
          "version-mismatch",
          "capacity-exceeded",
          "invalid-dates",
          ...OF_CHANGES,
        ],
      },
      handler: async (request, reply) => {
        const { eventId } = request.params;
        const version = expectedVersion(request);
        const role = await roleOver(commands, eventId, request);
        const changes = toChanges(request.body);
        const outcome = await commands.change(eventId, changes, version, commandContext(request, role));
        if (!outcome.accepted) throw refusal(outcome);
        recordedAt(reply, outcome);
        return readBack(eventId, outcome.position);
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
