import { z } from "zod";
import type { BookingQueries } from "../../projections/bookings/queries.ts";
import { callerOf, commandContext } from "../conventions/commands.ts";
import { idParam } from "../conventions/fields.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { Problem } from "../problems/problem.ts";

export interface ResendRoutes {
  readonly queries: Pick<BookingQueries, "get">;
  /** Has a booking's valid tickets mailed once more; durable when it resolves. */
  readonly resend: (bookingId: string, keyHash: string | null) => Promise<void>;
}

const bookingPath = z.strictObject({ bookingId: idParam("booking-not-found") });

/** Tickets that did not arrive. */
export const resendRoutes =
  ({ queries, resend }: ResendRoutes): RoutePlugin =>
  (api) => {
    api.route({
      method: "POST",
      url: "/bookings/:bookingId/resend",
      schema: {
        tags: ["Bookings"],
        summary: "Mail the tickets once more, at most once a minute",
        params: bookingPath,
        response: { 202: z.strictObject({ bookingId: z.string() }) },
      },
      config: { access: "account", idempotent: true, problems: ["booking-not-found", "booking-not-paid"] },
      handler: async (request, reply) => {
        const { bookingId } = request.params;
        const { accountId, roles } = callerOf(request);
        const found = await queries.get(bookingId, { minPosition: null });
        const isHidden = found !== null && found.accountId !== accountId && !roles.includes("admin");
        if (found === null || isHidden) throw new Problem("booking-not-found");
        if (found.status !== "PAID")
          throw new Problem("booking-not-paid", { members: { bookingStatus: found.status } });
        await resend(bookingId, commandContext(request).idempotency?.keyHash ?? null);
        reply.code(202);
        return { bookingId };
      },
    });
  };
