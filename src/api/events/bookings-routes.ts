import type { EventCommands } from "../../commands/events.ts";
import type { TicketCodes } from "../../commands/tickets.ts";
import type { Position } from "../../eventstore/port.ts";
import type { Clock } from "../../ports.ts";
import type { SoldBooking, SoldQueries, Wanted } from "../../projections/bookings/sold.ts";
import type { EventDetailsQueries } from "../../projections/event-details/queries.ts";
import { isUuid } from "../../projections/uuid.ts";
import { bookingView } from "../bookings/view.ts";
import { csvReply, jsonOrCsv, prefersCsv, varyByAccept } from "../conventions/csv.ts";
import { listOf } from "../conventions/lists.ts";
import { minPosition } from "../conventions/positions.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { roleOver } from "./access.ts";
import { ATTENDEE_COLUMNS, attendees } from "./attendees.ts";
import { type SoldBookingView, soldBooking, soldQuery } from "./bookings-schemas.ts";
import { eventPath, tags } from "./paths.ts";
import { ticketFinder } from "./ticket-search.ts";

export interface SoldRoutes {
  readonly events: Pick<EventCommands, "find">;
  readonly sold: SoldQueries;
  readonly details: Pick<EventDetailsQueries, "get">;
  readonly codeOf: TicketCodes;
  readonly clock: Clock;
}

/** Bookings read at once for a table of attendees. */
const BOOKINGS_AT_ONCE = 500;

/** What organizers read of who bought. */
export const soldRoutes = ({ events, sold, details, codeOf, clock }: SoldRoutes): RoutePlugin => {
  const findTicket = ticketFinder({ sold, codeOf });

  /** What is meant by what somebody typed. */
  async function wantedBy(eventId: string, q: string, position: Position | null): Promise<Wanted> {
    const id = q.toLowerCase();
    const ofIds = isUuid(id) ? await sold.idsOf(eventId, id, { minPosition: position }) : [];
    if (ofIds.length > 0) return { bookingIds: ofIds };
    const ofTicket = await findTicket(eventId, q, position);
    if (ofTicket !== null) return { bookingIds: [ofTicket] };
    return isUuid(id) ? { accountIds: [id] } : { text: q };
  }

  return (api) => {
    api.route({
      method: "GET",
      url: "/events/:eventId/bookings",
      schema: {
        tags,
        summary: "Bookings of the event and who made them, newest first; for its organizer",
        description:
          "Lines, tickets and total are of this event only. As CSV: every ticket of all the pages, a line each; `limit` and " +
          "`cursor` don't count.",
        params: eventPath,
        querystring: soldQuery,
        response: {
          200: jsonOrCsv(listOf(soldBooking), { example: `${ATTENDEE_COLUMNS.join(",")}\r\n` }),
        },
      },
      config: { minPosition: true, problems: ["event-not-found", "forbidden", "busy"] },
      handler: async (request, reply) => {
        const { eventId } = request.params;
        await roleOver(events, eventId, request);
        const { limit, cursor = null, status = null, q } = request.query;
        const at = { minPosition: minPosition(request) };
        const wanted = q === undefined ? null : await wantedBy(eventId, q, at.minPosition);
        varyByAccept(reply);
        if (!prefersCsv(request)) {
          const page = await sold.list(eventId, { limit, cursor, status, wanted }, at);
          return { items: page.items.map((one) => soldView(one, codeOf)), next: page.next };
        }
        const found = await details.get(eventId, { ...at, nowMs: clock.nowMs() });
        const names = new Map(found?.ticketTypes.map(({ ticketTypeId, name }) => [ticketTypeId, name]));
        const pageAfter = (after: string | null) =>
          sold.list(eventId, { limit: BOOKINGS_AT_ONCE, cursor: after, status, wanted }, at);
        return csvReply(request, reply, {
          fileName: `attendees-${eventId}.csv`,
          columns: ATTENDEE_COLUMNS,
          rows: attendees(pageAfter, (ticketTypeId) => names.get(ticketTypeId) ?? null, codeOf),
        });
      },
    });
  };
};

function soldView(booking: SoldBooking, codeOf: TicketCodes): SoldBookingView {
  const { buyer, isShared, paidAt: _, ...rest } = booking;
  const view = bookingView(rest, codeOf);
  return { ...view, refunds: isShared ? null : view.refunds, buyer };
}
