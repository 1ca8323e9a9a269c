import { z } from "zod";
import type { ExportDependencies } from "../../audit/export/export.ts";
import type { Instant } from "../../audit/instant.ts";
import type { AuditedEvent } from "../../audit/recorded-events.ts";
import type { StateAsOf } from "../../audit/state-as-of.ts";
import type { AuditTrail } from "../../audit/trail.ts";
import type { Page } from "../../projections/cursor.ts";
import { idParam } from "../conventions/fields.ts";
import { listOf, listQuery } from "../conventions/lists.ts";
import { minPosition } from "../conventions/positions.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { eventPath, ticketTypePath } from "../events/paths.ts";
import { Problem } from "../problems/problem.ts";
import { auditAccess, type EventOwners } from "./access.ts";
import { asOfView, changeOf, stateView } from "./as-of.ts";
import { exportRoute } from "./export-route.ts";
import { schemaRoute } from "./schema-route.ts";
import {
  asOfQuery,
  auditedEvent,
  auditedEventView,
  instantOf,
  inventoryAsOf,
  logQuery,
  stateAsOf,
  streamParam,
} from "./schemas.ts";

export interface AuditRoutes extends EventOwners {
  readonly trail: AuditTrail;
  readonly exporting: ExportDependencies;
}

const tags = ["Audit"];
const auditedEvents = listOf(auditedEvent);

/** The log, for auditors and administrators; for organizers as far as it is of their events. */
export const auditRoutes = ({ trail, exporting, ...owners }: AuditRoutes): RoutePlugin => {
  const access = auditAccess({ ...owners, trail });

  return async (api) => {
    await exportRoute({ ...exporting, access })(api);
    await schemaRoute(api);

    api.route({
      method: "GET",
      url: "/audit/log",
      schema: {
        tags,
        summary: "What is on record, in the order of the log",
        description: "Organizers see what is of their own events, and bookings of nothing but these.",
        querystring: logQuery,
        response: { 200: auditedEvents },
      },
      config: { minPosition: true, problems: ["forbidden", "busy"] },
      handler: async (request) => {
        const { limit, cursor = null, order, ...wish } = request.query;
        const { type = null, stream = null, actor = null, eventId = null, subject = null } = wish;
        const { from = null, to = null } = wish;
        const page = await trail.log(
          { type, stream, actor, eventId, subject, from, to, organizerId: await access.onlyOf(request) },
          { limit, cursor, newestFirst: order === "newest" },
          { minPosition: minPosition(request) },
        );
        return pageView(page);
      },
    });

    api.route({
      method: "GET",
      url: "/audit/streams/:stream",
      schema: {
        tags,
        summary: "One stream of the log, oldest first",
        params: z.strictObject({ stream: streamParam }),
        querystring: z.strictObject(listQuery),
        response: { 200: auditedEvents },
      },
      config: { problems: ["stream-not-found", "busy"] },
      handler: async (request) => {
        const { limit, cursor = null } = request.query;
        const { stream } = request.params;
        await access.toStream(request, stream);
        const page = await trail.stream(stream, { limit, cursor });
        if (page === null) throw new Problem("stream-not-found");
        return pageView(page);
      },
    });

    api.route({
      method: "GET",
      url: "/audit/bookings/:bookingId",
      schema: {
        tags,
        summary: "All that happened to a booking, over all streams: its own, its reservations' and its cart's",
        params: z.strictObject({ bookingId: idParam("booking-not-found") }),
        querystring: z.strictObject(listQuery),
        response: { 200: auditedEvents },
      },
      config: { minPosition: true, problems: ["booking-not-found", "busy"] },
      handler: async (request) => {
        const { limit, cursor = null } = request.query;
        const { bookingId } = request.params;
        const found = await trail.booking(bookingId, { limit, cursor }, { minPosition: minPosition(request) });
        if (found === null) throw new Problem("booking-not-found");
        access.toBooking(request, found.organizerIds);
        return pageView(found);
      },
    });

    api.route({
      method: "GET",
      url: "/audit/bookings/:bookingId/state",
      schema: {
        tags,
        summary: "A booking as of any instant, from the log",
        params: z.strictObject({ bookingId: idParam("booking-not-found") }),
        querystring: asOfQuery,
        response: { 200: stateAsOf },
      },
      config: { problems: ["booking-not-found", "busy"], etag: true },
      handler: async (request) => {
        const { bookingId } = request.params;
        const now = await trail.bookingState(bookingId, "now");
        if (now === null) throw new Problem("booking-not-found");
        const { state } = now;
        access.toBooking(request, "events" in state ? state.events.map(({ organizerId }) => organizerId) : []);
        return asOfQueried(request.query, async (instant) =>
          instant === "now" ? now : trail.bookingState(bookingId, instant),
        );
      },
    });

    api.route({
      method: "GET",
      url: "/audit/events/:eventId",
      schema: {
        tags,
        summary: "What an organizer said of an event as of any instant, from the log",
        params: eventPath,
        querystring: asOfQuery,
        response: { 200: stateAsOf },
      },
      config: { problems: ["event-not-found", "forbidden", "busy"], etag: true },
      handler: async (request) => {
        const { eventId } = request.params;
        await access.toEvent(request, eventId);
        return asOfQueried(request.query, (instant) => trail.listingState(eventId, instant));
      },
    });

    api.route({
      method: "GET",
      url: "/audit/inventories/:eventId/:ticketTypeId",
      schema: {
        tags,
        summary: "The books of a ticket type as of any instant, from the log",
        params: ticketTypePath,
        querystring: asOfQuery,
        response: { 200: inventoryAsOf },
      },
      config: { problems: ["event-not-found", "ticket-type-not-found", "forbidden", "busy"], etag: true },
      handler: async (request) => {
        const { eventId, ticketTypeId } = request.params;
        const { at, since } = request.query;
        await access.toEvent(request, eventId);
        const asOf = (text: string | undefined) => trail.inventory(eventId, ticketTypeId, instantOr(text, "now"));
        const found = await asOf(at);
        if (found === null && (await asOf(undefined)) === null) throw new Problem("ticket-type-not-found");
        const view = asOfView(found);
        return since === undefined ? view : { ...view, change: changeOf(view, asOfView(await asOf(since))) };
      },
    });
  };
};

const instantOr = (text: string | undefined, otherwise: Instant): Instant =>
  (text === undefined ? null : instantOf(text)) ?? otherwise;

/** What `at` asks for, and beside it what `since` does. */
async function asOfQueried(
  { at, since }: z.output<typeof asOfQuery>,
  stateAt: (instant: Instant) => Promise<StateAsOf<object> | null>,
): Promise<z.input<typeof stateAsOf>> {
  const found = await stateAt(instantOr(at, "now"));
  return since === undefined ? stateView(found) : stateView(found, await stateAt(instantOr(since, "now")));
}

const pageView = ({ items, next }: Page<AuditedEvent>): z.input<typeof auditedEvents> => ({
  items: items.map(auditedEventView),
  next,
});
