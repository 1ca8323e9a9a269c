import { z } from "zod";
import type { EventCommands } from "../../commands/events.ts";
import type { ReservationCommands } from "../../commands/reservations.ts";
import type { KnownListing } from "../../domain/listing.ts";
import { callerOf, recordedAt } from "../conventions/commands.ts";
import { idParam, time } from "../conventions/fields.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { seatIds } from "../conventions/seats.ts";
import { inEarlierWords } from "../problems/earlier-words.ts";
import { invalid } from "../problems/problem.ts";
import { OF_RESERVING_SEATS, type Reserving } from "../reservations/reserving.ts";
import { earlierPurchase, type earlierPurchases, OF_EARLIER_PURCHASES } from "./purchase.ts";
import { eventFor, ticketTypeCalled } from "./what-is-sold.ts";

export interface SeatRoutes {
  readonly events: Pick<EventCommands, "find">;
  readonly reserve: Reserving;
  readonly reservations: Pick<ReservationCommands, "ticketTypeOfSeats">;
  readonly buy: ReturnType<typeof earlierPurchases>;
}

const tags = ["Earlier systems"];
/** Seats that are asked for at once. */
const MAX_SEATS = 100;

const seats = seatIds.max(MAX_SEATS);

const wish = z
  .strictObject({
    eventId: z.string().toLowerCase(),
    seatType: z.string().min(1).optional().meta({ description: "A ticket type, by its name or its id" }),
    quantity: z.int().min(1).optional(),
    seatIds: seats.optional().meta({ description: "Numbered seats, instead of both" }),
  })
  .superRefine(({ seatType, quantity, seatIds }, context) => {
    const refuse = (field: string, message: string) => context.addIssue({ code: "custom", path: [field], message });
    if (seatIds === undefined) {
      if (seatType === undefined) refuse("seatType", "takes a ticket type, or seatIds instead");
      if (quantity === undefined) refuse("quantity", "takes how many, or seatIds instead");
    } else {
      if (seatType !== undefined) refuse("seatType", "does not go with seatIds");
      if (quantity !== undefined) refuse("quantity", "does not go with seatIds");
    }
  })
  .meta({
    id: "SeatWish",
    examples: [{ eventId: "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f16", seatType: "VIP", quantity: 2 }],
  });

const pending = z.strictObject({
  bookingId: z.string().meta({ description: "The reservation's, until it is bought by `POST /purchases`" }),
  status: z.literal("PENDING_PAYMENT"),
  expiresAt: time,
});

const order = z
  .strictObject({
    ticketIds: seats.meta({ description: "Numbered seats" }),
    paymentDetails: z.strictObject({ method: z.string().min(1).max(255) }),
  })
  .meta({ id: "SeatOrder", examples: [{ ticketIds: ["STALLS-A-12"], paymentDetails: { method: "sandbox-ok" } }] });

/** `/events/reserve`, whose bookings begin before they are paid, and `/bookings/{id}` of an event: of systems that sold seats. */
export const seatRoutes =
  ({ events, reserve, reservations, buy }: SeatRoutes): RoutePlugin =>
  (api) => {
    /** Seats by their ids alone, as clients of earlier systems name them. */
    const seatsOf = async ({ eventId, ticketTypes }: KnownListing, ids: readonly string[], field: string) => {
      const typeIds = ticketTypes.map(({ ticketTypeId }) => ticketTypeId);
      const found = await reservations.ticketTypeOfSeats(eventId, typeIds, ids);
      if ("unknown" in found) {
        throw invalid("body", `${field}/${found.unknown}`, "takes seats of the event, all of one ticket type");
      }
      return { eventId, ticketTypeId: found.ticketTypeId, quantity: ids.length, choice: { seats: ids } };
    };

    api.route({
      method: "POST",
      url: "/events/reserve",
      schema: {
        tags,
        summary: "Hold tickets, as a booking that is not paid yet",
        body: wish,
        response: { 201: pending },
      },
      config: { idempotent: true, problems: OF_RESERVING_SEATS },
      errorHandler: inEarlierWords,
      handler: async (request, reply) => {
        const { eventId, seatType = "", quantity = 0, seatIds } = request.body;
        const caller = callerOf(request);
        const known = await eventFor(events, eventId, caller);
        const wanted =
          seatIds === undefined
            ? { eventId, ticketTypeId: ticketTypeCalled(known, seatType, "/seatType"), quantity }
            : await seatsOf(known, seatIds, "/seatIds");
        const held = await reserve(request, caller, wanted);
        recordedAt(reply, held);
        const { reservationId: bookingId, expiresAt } = held.data;
        reply.code(201);
        return { bookingId, status: "PENDING_PAYMENT", expiresAt } as const;
      },
    });

    api.route({
      method: "POST",
      url: "/bookings/:id",
      schema: {
        tags,
        summary: "Buy numbered seats of an event, which the path names",
        params: z.strictObject({ id: idParam("event-not-found") }),
        body: order,
        response: { 201: earlierPurchase },
      },
      config: { idempotent: true, problems: [...OF_RESERVING_SEATS, ...OF_EARLIER_PURCHASES] },
      errorHandler: inEarlierWords,
      handler: async (request, reply) => {
        const { ticketIds, paymentDetails } = request.body;
        const caller = callerOf(request);
        const known = await eventFor(events, request.params.id, caller);
        const held = await reserve(request, caller, await seatsOf(known, ticketIds, "/ticketIds"));
        const told = await buy(request, reply, { bookingId: held.data.reservationId, paymentDetails });
        reply.code(201);
        return told;
      },
    });
  };
