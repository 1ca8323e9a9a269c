import { z } from "zod";
import { validTickets } from "../../domain/booking-state.ts";
import type { BookingProcess } from "../../processes/bookings.ts";
import type { AnsweredOnce } from "../conventions/answered-once.ts";
import { commandContext } from "../conventions/commands.ts";
import { idParam } from "../conventions/fields.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { Problem } from "../problems/problem.ts";
import { reaches } from "../security/reach.ts";

export interface ResendRoutes {
  /** As the log has it: who was just told that it is paid may ask at once. */
  readonly process: Pick<BookingProcess, "look">;
  /** Has a booking's valid tickets mailed once more; durable when it resolves. */
  readonly resend: (bookingId: string, keyHash: string | null) => Promise<void>;
  readonly once: AnsweredOnce;
}

const bookingPath = z.strictObject({ bookingId: idParam("booking-not-found") });

/** Tickets that did not arrive. */
export const resendRoutes =
  ({ process, resend, once }: ResendRoutes): RoutePlugin =>
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
      config: {
        idempotent: true,
        outsideTheLog: true,
        problems: ["booking-not-found", "booking-not-paid", "busy"],
      },
      handler: (request, reply) =>
        once(request, reply, async () => {
          const { bookingId } = request.params;
          const booking = await process.look(bookingId);
          if (booking.status === "missing" || booking.status === "abandoned") throw new Problem("booking-not-found");
          if (!reaches(request, booking.accountId)) throw new Problem("booking-not-found");
          if (booking.status !== "paid" || validTickets(booking).length === 0) throw new Problem("booking-not-paid");
          await resend(bookingId, commandContext(request).idempotency?.keyHash ?? null);
          return { status: 202, body: { bookingId } };
        }),
    });
  };
