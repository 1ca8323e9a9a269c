import { z } from "zod";
import { decodeCursor, encodeCursor, InvalidCursor } from "../../projections/cursor.ts";
import type { ShownSeats } from "../../projections/seats/kept-seats.ts";
import { tagOf } from "../conventions/etag.ts";
import { money } from "../conventions/fields.ts";
import { listOf, listQuery } from "../conventions/lists.ts";
import { minPosition } from "../conventions/positions.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { eventPath, tags, ticketTypePath } from "./paths.ts";
import { OF_SEAT_MAP, OF_SEATS, type ReadingSeats, seatReading } from "./seat-reading.ts";
import { priceIn, type SeatStatusView, seatStatus, seats, seatTexts, statusView } from "./seat-views.ts";

const seatTicket = z
  .strictObject({
    ticketId: z.string().meta({ description: "The seat's id, as clients of earlier systems expect it here" }),
    seat: z.string(),
    price: money,
    status: seatStatus,
  })
  .meta({ id: "SeatTicket" });

/** Seats as everybody reads them. */
export const seatRoutes = (deps: ReadingSeats): RoutePlugin => {
  const reading = seatReading(deps);
  const textOf = seatTexts();
  return (api) => {
    api.route({
      method: "GET",
      url: "/events/:eventId/ticket-types/:ticketTypeId/seats",
      schema: {
        tags,
        summary: "The seat map of a ticket type, with how each seat stands",
        params: ticketTypePath,
        response: { 200: seats },
      },
      config: { etag: true, minPosition: true, problems: [...OF_SEAT_MAP, "busy"] },
      handler: async (request, reply) => {
        const shown = await reading.shown(request, request.params);
        const { ticketTypeId } = request.params;
        reply.header("etag", tagOf(`${ticketTypeId} ${shown.seats.revision}`));
        reply.header("content-type", "application/json; charset=utf-8");
        return reply.send(textOf(shown.seats) as never);
      },
    });

    api.route({
      method: "GET",
      url: "/events/:eventId/tickets",
      schema: {
        tags,
        summary: "The numbered seats of all ticket types of an event, one by one",
        params: eventPath,
        querystring: z.strictObject(listQuery),
        response: { 200: listOf(seatTicket) },
      },
      config: { minPosition: true, problems: [...OF_SEATS, "busy"] },
      handler: async (request) => {
        const { eventId } = request.params;
        const { limit, cursor } = request.query;
        const { event, revision } = await reading.visible(request, eventId);
        const seated = event.ticketTypes.filter(({ reservedSeating }) => reservedSeating);
        const after = cursor === undefined ? null : decodeCursor(cursor);
        const first = after === null ? 0 : seated.findIndex(({ ticketTypeId }) => ticketTypeId === after.id);
        if (first < 0) throw new InvalidCursor("the ticket type that the list was at is gone");
        let from = after?.createdAtMs ?? 0;
        const items: ReturnType<typeof ticketsOf> = [];
        for (const { ticketTypeId } of seated.slice(first)) {
          const at = { minPosition: minPosition(request) };
          const shown = await deps.seats.get({ eventId, ticketTypeId }, revision, at);
          if (shown === null) continue;
          if (items.length === limit) return { items, next: encodeCursor({ createdAtMs: 0, id: ticketTypeId }) };
          const to = Math.min(shown.plan.size, from + limit - items.length);
          items.push(...ticketsOf(shown, from, to));
          if (to < shown.plan.size) return { items, next: encodeCursor({ createdAtMs: to, id: ticketTypeId }) };
          from = 0;
        }
        return { items, next: null };
      },
    });
  };
};

interface SeatTicketView {
  ticketId: string;
  seat: string;
  price: z.output<typeof money>;
  status: SeatStatusView;
}

/** Seats in the order of the map. */
function ticketsOf({ plan, price, statuses }: ShownSeats, from: number, to: number): SeatTicketView[] {
  const tickets: SeatTicketView[] = [];
  for (let seat = from; seat < to; seat += 1) {
    const id = plan.idOf(seat);
    const costs = priceIn({ price: plan.priceOf(seat) }, price);
    tickets.push({ ticketId: id, seat: id, price: costs, status: statusView(statuses[seat] as number) });
  }
  return tickets;
}
