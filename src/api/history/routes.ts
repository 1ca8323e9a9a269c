import { z } from "zod";
import type { BookingQueries } from "../../projections/bookings/queries.ts";
import type { HistoryItem, HistoryQueries } from "../../projections/history/queries.ts";
import { callerOf } from "../conventions/commands.ts";
import { idParam, time } from "../conventions/fields.ts";
import { listOf, listQuery } from "../conventions/lists.ts";
import { minPosition } from "../conventions/positions.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { Problem } from "../problems/problem.ts";
import { reaches } from "../security/reach.ts";

export interface HistoryRoutes {
  readonly history: HistoryQueries;
  readonly bookings: Pick<BookingQueries, "get">;
}

const tags = ["History"];
const bookingPath = z.strictObject({ bookingId: idParam("booking-not-found") });

const item = z
  .strictObject({
    at: time,
    type: z.string().meta({ description: "What happened, by its name in the log", examples: ["PaymentCaptured"] }),
    bookingId: z.string().nullable(),
    cartId: z.string().nullable(),
    entryId: z.string().nullable(),
    eventId: z.string().nullable(),
    reservationId: z.string().nullable(),
    by: z
      .string()
      .nullable()
      .meta({ description: "The role of who did it, or the process of ours; null where that is not kept" }),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "HistoryItem" });

/** What happened, from the log. */
export const historyRoutes =
  ({ history, bookings }: HistoryRoutes): RoutePlugin =>
  (api) => {
    api.route({
      method: "GET",
      url: "/bookings/:bookingId/history",
      schema: {
        tags,
        summary: "What happened to a booking, oldest first",
        params: bookingPath,
        response: { 200: z.strictObject({ items: z.array(item) }) },
      },
      config: { minPosition: true, problems: ["booking-not-found", "busy"] },
      handler: async (request) => {
        const { bookingId } = request.params;
        const at = { minPosition: minPosition(request) };
        const found = await bookings.get(bookingId, at);
        if (found === null || !reaches(request, found.accountId)) throw new Problem("booking-not-found");
        return { items: (await history.ofBooking(bookingId, at)).map(shown) };
      },
    });

    api.route({
      method: "GET",
      url: "/accounts/me/history",
      schema: {
        tags,
        summary: "What happened to one's own bookings, carts, reservations and waitlist entries, newest first",
        querystring: z.strictObject(listQuery),
        response: { 200: listOf(item) },
      },
      config: { minPosition: true },
      handler: async (request) => {
        const { limit, cursor = null } = request.query;
        const at = { minPosition: minPosition(request) };
        const { items, next } = await history.ofAccount(callerOf(request).accountId, { limit, cursor }, at);
        return { items: items.map(shown), next };
      },
    });
  };

const shown = ({ actor, ...rest }: HistoryItem): z.input<typeof item> => ({
  ...rest,
  by: actor === null ? null : "process" in actor ? actor.process : actor.role,
});
