import { z } from "zod";
import type { EventCommands } from "../../commands/events.ts";
import { callerOf, recordedAt } from "../conventions/commands.ts";
import { time } from "../conventions/fields.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import type { ProblemCode } from "../problems/catalogue.ts";
import { badRequests, inEarlierWords } from "../problems/earlier-words.ts";
import { type InputError, invalid, Problem } from "../problems/problem.ts";
import { OF_RESERVING, type Reserving } from "../reservations/reserving.ts";
import { isOfAdmission } from "../waiting-room/admitted.ts";
import { type buyingOnce, OF_BUYING, OF_STATE } from "./buying-once.ts";
import { eventFor, ticketTypeCalled } from "./what-is-sold.ts";

export interface TicketRoutes {
  readonly events: Pick<EventCommands, "find">;
  readonly reserve: Reserving;
  readonly buyOnce: ReturnType<typeof buyingOnce>;
}

const tags = ["Earlier systems"];
const success = z.literal("success");

const wish = z
  .strictObject({
    userID: z.string().meta({ description: "The caller's own account" }),
    eventID: z.string().toLowerCase(),
    ticketType: z.string().min(1).meta({ description: "Its name or its id" }),
    ticketCount: z.int().min(1),
  })
  .meta({
    id: "TicketWish",
    examples: [
      {
        userID: "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f15",
        eventID: "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f16",
        ticketType: "VIP",
        ticketCount: 2,
      },
    ],
  });

const reserved = z.strictObject({ message: success, reservationId: z.string(), expirationTime: time });

const confirmation = z
  .strictObject({
    reservationId: z.string().toLowerCase().optional(),
    reserverationId: z.string().toLowerCase().optional().meta({ description: "The same, as some clients spell it" }),
  })
  .refine(({ reservationId, reserverationId }) => (reservationId === undefined) !== (reserverationId === undefined), {
    path: ["reservationId"],
    message: "takes the reservation's id, once",
  })
  .meta({ id: "TicketConfirmation", examples: [{ reservationId: "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f11" }] });

const confirmed = z.strictObject({ message: success, reservationId: z.string() });

const OF_RESERVING_THERE = OF_RESERVING.filter((code) => !isOfAdmission(code));

/** What those clients know as a reservation that can't be confirmed any more. */
const INVALID_NOW: ReadonlySet<ProblemCode> = new Set(OF_STATE);

/** `/ticket/reserve` and `/ticket/confirmReservation`: of a system that named the user in each request and knew 200 and 400. */
export const ticketRoutes =
  ({ events, reserve, buyOnce }: TicketRoutes): RoutePlugin =>
  (api) => {
    api.route({
      method: "POST",
      url: "/ticket/reserve",
      schema: { tags, summary: "Hold tickets of one type", body: wish, response: { 200: reserved } },
      config: { idempotent: true, problems: OF_RESERVING, statuses: badRequests(OF_RESERVING_THERE) },
      errorHandler: inEarlierWords,
      handler: async (request, reply) => {
        const { userID, eventID, ticketType, ticketCount } = request.body;
        const caller = callerOf(request);
        requireOwn(userID, caller.accountId, "body");
        const ticketTypeId = ticketTypeCalled(await eventFor(events, eventID, caller), ticketType, "/ticketType");
        const held = await reserve(request, caller, { eventId: eventID, ticketTypeId, quantity: ticketCount });
        recordedAt(reply, held);
        const { reservationId, expiresAt } = held.data;
        return { message: "success", reservationId, expirationTime: expiresAt } as const;
      },
    });

    api.route({
      method: "POST",
      url: "/ticket/confirmReservation",
      schema: {
        tags,
        summary: "Buy what is held",
        description: "What is free; what has a price is paid for by `sandbox-ok` where the provider is the sandbox.",
        body: confirmation,
        response: { 200: confirmed },
      },
      config: {
        idempotent: true,
        headers: { userID: "The caller's own account" },
        problems: OF_BUYING,
        statuses: badRequests(["reservation-not-found", ...OF_STATE]),
      },
      errorHandler: inEarlierWords,
      handler: async (request, reply) => {
        const { reservationId, reserverationId = "" } = request.body;
        const id = reservationId ?? reserverationId;
        const caller = callerOf(request);
        requireOwn(String(request.headers.userid ?? ""), caller.accountId, "header");
        await buyOnce(request, reply, caller, { route: "confirm", reservationId: id }).catch(sayInvalidNow);
        return { message: "success", reservationId: id } as const;
      },
    });
  };

function requireOwn(userID: string, accountId: string, place: InputError["in"]): void {
  if (userID.toLowerCase() !== accountId) throw invalid(place, "/userID", "takes the account whose token it is");
}

function sayInvalidNow(error: unknown): never {
  if (!(error instanceof Problem) || !INVALID_NOW.has(error.code)) throw error;
  const { details, code } = error;
  throw new Problem(code, { ...details, members: { ...details.members, message: "reservation invalid now" } });
}
