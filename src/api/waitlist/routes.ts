import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { EventCommands } from "../../commands/events.ts";
import type { WaitlistCommands } from "../../commands/waitlist.ts";
import { refuse } from "../../domain/decision.ts";
import type { Clock } from "../../ports.ts";
import { isUuid } from "../../projections/uuid.ts";
import type { WaitlistEntry, WaitlistQueries } from "../../projections/waitlist/queries.ts";
import type { Admissions } from "../../waiting-room/admissions.ts";
import { callerOf, commandContext, recordedAt } from "../conventions/commands.ts";
import { idParam } from "../conventions/fields.ts";
import { listOf } from "../conventions/lists.ts";
import { minPosition } from "../conventions/positions.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { roleOver } from "../events/access.ts";
import { refusedBySale } from "../events/refused-by-sale.ts";
import { Problem, refusal } from "../problems/problem.ts";
import { reaches } from "../security/reach.ts";
import { OF_ADMISSION, shownToWaitBy } from "../waiting-room/admitted.ts";
import {
  joinedView,
  newWaitlistEntry,
  organizersEntry,
  waitlistEntry,
  waitlistEntryView,
  waitlistQuery,
} from "./schemas.ts";

export interface WaitlistRoutes {
  readonly commands: WaitlistCommands;
  readonly events: Pick<EventCommands, "find">;
  readonly queries: WaitlistQueries;
  readonly admissions: Pick<Admissions, "givenToWait">;
  readonly clock: Clock;
}

const tags = ["Waitlist"];
const eventPath = z.strictObject({ eventId: idParam("event-not-found") });
const entryPath = z.strictObject({ entryId: idParam("waitlist-entry-not-found") });

/** Waitlists: who is next when tickets of a sold-out type come back. */
export const waitlistRoutes =
  ({ commands, events, queries, admissions, clock }: WaitlistRoutes): RoutePlugin =>
  (api) => {
    /** The caller's own entry; a private thing of somebody else is as good as none. */
    const own = async (entryId: string, request: FastifyRequest, position: bigint | null): Promise<WaitlistEntry> => {
      const found = await queries.get(entryId, { minPosition: position, nowMs: clock.nowMs() });
      if (found === null || !reaches(request, found.accountId)) throw new Problem("waitlist-entry-not-found");
      return found;
    };

    api.route({
      method: "POST",
      url: "/events/:eventId/waitlist",
      schema: {
        tags,
        summary: "Wait for tickets of a sold-out type",
        params: eventPath,
        body: newWaitlistEntry,
        response: { 201: waitlistEntry },
      },
      config: {
        idempotent: true,
        problems: [
          "event-not-found",
          "ticket-type-not-found",
          "event-cancelled",
          "event-ended",
          "event-not-published",
          "sale-paused",
          "sale-not-open",
          "sale-closed",
          "guests-not-allowed",
          ...OF_ADMISSION,
          "limit-exceeded",
          "tickets-available",
          "already-waiting",
          "waitlist-full",
        ],
      },
      handler: async (request, reply) => {
        const { eventId } = request.params;
        const { ticketTypeId, quantity } = request.body;
        const caller = callerOf(request);
        const shown = shownToWaitBy(admissions, request, eventId, caller.accountId);
        const outcome = isUuid(ticketTypeId)
          ? await commands.join({ eventId, ticketTypeId }, caller, quantity, shown, commandContext(request))
          : refuse("ticket-type-not-found");
        if (!outcome.accepted) throw await refusedBySale(outcome, eventId, caller, events);
        recordedAt(reply, outcome);
        reply.code(201).header("location", `/waitlist/${outcome.entryId}`);
        return joinedView(eventId, ticketTypeId, outcome);
      },
    });

    api.route({
      method: "GET",
      url: "/waitlist",
      schema: {
        tags,
        summary: "One's own entries in all waitlists, newest first",
        querystring: waitlistQuery,
        response: { 200: listOf(waitlistEntry) },
      },
      config: { minPosition: true },
      handler: async (request) => {
        const { limit, cursor = null } = request.query;
        const at = { minPosition: minPosition(request), nowMs: clock.nowMs() };
        const page = await queries.listByAccount(callerOf(request).accountId, { limit, cursor }, at);
        return { items: page.items.map(waitlistEntryView), next: page.next };
      },
    });

    api.route({
      method: "GET",
      url: "/waitlist/:entryId",
      schema: { tags, summary: "One of one's own entries", params: entryPath, response: { 200: waitlistEntry } },
      config: { etag: true, minPosition: true, problems: ["waitlist-entry-not-found", "busy"] },
      handler: async (request) => {
        return waitlistEntryView(await own(request.params.entryId, request, minPosition(request)));
      },
    });

    api.route({
      method: "DELETE",
      url: "/waitlist/:entryId",
      schema: {
        tags,
        summary: "Wait no longer, or give back what was offered",
        params: entryPath,
        response: { 204: z.undefined() },
      },
      config: {
        problems: ["waitlist-entry-not-found", "payment-in-progress", "read-model-behind", "busy", "outcome-unknown"],
      },
      handler: async (request, reply) => {
        const caller = callerOf(request);
        const { entryId } = request.params;
        const found = await own(entryId, request, null);
        const outcome = await commands.leave(found, caller, entryId, commandContext(request));
        if (!outcome.accepted) throw refusal(outcome);
        recordedAt(reply, { ...outcome, replayed: false });
        reply.code(204);
      },
    });

    api.route({
      method: "GET",
      url: "/events/:eventId/waitlist",
      schema: {
        tags,
        summary: "Everybody who has waited for tickets of the event, the first first; for its organizer",
        params: eventPath,
        querystring: waitlistQuery,
        response: { 200: listOf(organizersEntry) },
      },
      config: { minPosition: true, problems: ["event-not-found", "forbidden", "busy"] },
      handler: async (request) => {
        const { eventId } = request.params;
        await roleOver(events, eventId, request);
        const { limit, cursor = null } = request.query;
        const at = { minPosition: minPosition(request), nowMs: clock.nowMs() };
        const page = await queries.listByEvent(eventId, { limit, cursor }, at);
        const items = page.items.map((found) => ({ ...waitlistEntryView(found), accountId: found.accountId }));
        return { items, next: page.next };
      },
    });
  };
