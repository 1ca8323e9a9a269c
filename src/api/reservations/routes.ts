import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { EventCommands } from "../../commands/events.ts";
import type { ReservationCommands } from "../../commands/reservations.ts";
import type { Refused } from "../../domain/decision.ts";
import type { Clock } from "../../ports.ts";
import type { Reservation, ReservationQueries } from "../../projections/reservations/queries.ts";
import { callerOf, commandContext, recordedAt } from "../conventions/commands.ts";
import { idParam } from "../conventions/fields.ts";
import { listOf } from "../conventions/lists.ts";
import { minPosition } from "../conventions/positions.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { ticketsWished } from "../conventions/seats.ts";
import { Problem, refusal } from "../problems/problem.ts";
import { reaches } from "../security/reach.ts";
import { OF_RESERVING_SEATS, reservingBy } from "./reserving.ts";
import { heldReservation, newReservation, reservation, reservationsQuery, reservationView } from "./schemas.ts";

export interface ReservationRoutes {
  readonly commands: ReservationCommands;
  readonly events: Pick<EventCommands, "find">;
  readonly queries: ReservationQueries;
  readonly admissions: Parameters<typeof reservingBy>[2];
  readonly clock: Clock;
}

const tags = ["Reservations"];
const eventPath = z.strictObject({ eventId: idParam("event-not-found") });
const reservationPath = z.strictObject({ reservationId: idParam("reservation-not-found") });

/** Of a command on a reservation, which is looked up before. */
const OF_COMMANDS = ["reservation-not-found", "read-model-behind", "busy", "outcome-unknown"] as const;

/** Reservations: tickets held for somebody until `expiresAt`. */
export const reservationRoutes =
  ({ commands, events, queries, admissions, clock }: ReservationRoutes): RoutePlugin =>
  (api) => {
    const reserve = reservingBy(commands, events, admissions);

    /** The caller's own reservation; a private thing of somebody else is as good as none. */
    const own = async (id: string, request: FastifyRequest, position: bigint | null): Promise<Reservation> => {
      const found = await queries.get(id, { minPosition: position, nowMs: clock.nowMs() });
      if (found === null || !reaches(request, found.accountId)) throw new Problem("reservation-not-found");
      return found;
    };

    api.route({
      method: "POST",
      url: "/events/:eventId/reservations",
      schema: {
        tags,
        summary: "Hold tickets of one type for a while",
        params: eventPath,
        body: newReservation,
        response: { 201: reservation },
      },
      config: {
        idempotent: true,
        problems: OF_RESERVING_SEATS,
      },
      handler: async (request, reply) => {
        const { eventId } = request.params;
        const { ticketTypeId } = request.body;
        const wish = { eventId, ticketTypeId, ...ticketsWished(request.body) };
        const outcome = await reserve(request, callerOf(request), wish);
        recordedAt(reply, outcome);
        reply.code(201).header("location", `/reservations/${outcome.data.reservationId}`);
        return heldReservation(eventId, ticketTypeId, outcome.data);
      },
    });

    api.route({
      method: "GET",
      url: "/reservations",
      schema: {
        tags,
        summary: "One's own, newest first",
        querystring: reservationsQuery,
        response: { 200: listOf(reservation) },
      },
      config: { minPosition: true },
      handler: async (request) => {
        const { limit, cursor = null, status = null } = request.query;
        const at = { minPosition: minPosition(request), nowMs: clock.nowMs() };
        const page = await queries.listByAccount(callerOf(request).accountId, { status, cursor, limit }, at);
        return { items: page.items.map(reservationView), next: page.next };
      },
    });

    api.route({
      method: "GET",
      url: "/reservations/:reservationId",
      schema: { tags, summary: "One of one's own", params: reservationPath, response: { 200: reservation } },
      config: { etag: true, minPosition: true, problems: ["reservation-not-found", "busy"] },
      handler: async (request) => {
        return reservationView(await own(request.params.reservationId, request, minPosition(request)));
      },
    });

    api.route({
      method: "POST",
      url: "/reservations/:reservationId/extend",
      schema: {
        tags,
        summary: "Hold it longer, by the event's term, once",
        params: reservationPath,
        response: { 200: reservation },
      },
      config: {
        idempotent: true,
        problems: [
          "event-cancelled",
          "extension-used",
          "not-extendable",
          "payment-in-progress",
          "reservation-expired",
          "reservation-not-held",
          ...OF_COMMANDS,
        ],
      },
      handler: async (request, reply) => {
        const caller = callerOf(request);
        const { reservationId } = request.params;
        const held = await own(reservationId, request, null);
        const outcome = await commands.extend(held, caller, reservationId, commandContext(request));
        if (!outcome.accepted) throw refusal(await whyNotHeld(outcome, held, request));
        recordedAt(reply, outcome);
        return reservationView({ ...held, status: "HELD", expiresAt: outcome.data.expiresAt });
      },
    });

    /** An inventory forgets what has ended; whether by time or by its owner, the read model knows. */
    const whyNotHeld = async (
      refused: Refused,
      { reservationId }: Reservation,
      request: FastifyRequest,
    ): Promise<Refused> => {
      if (refused.code !== "reservation-not-held") return refused;
      const now = await own(reservationId, request, null);
      return now.status === "EXPIRED" ? { ...refused, code: "reservation-expired" } : refused;
    };

    api.route({
      method: "DELETE",
      url: "/reservations/:reservationId",
      schema: { tags, summary: "Give the tickets back", params: reservationPath, response: { 204: z.undefined() } },
      config: { problems: ["payment-in-progress", ...OF_COMMANDS] },
      handler: async (request, reply) => {
        const caller = callerOf(request);
        const { reservationId } = request.params;
        const held = await own(reservationId, request, null);
        const outcome = await commands.release(held, caller, reservationId, commandContext(request));
        if (!outcome.accepted) throw refusal(outcome);
        recordedAt(reply, { ...outcome, replayed: false });
        reply.code(204);
      },
    });
  };
