import { z } from "zod";
import type { EventCommands } from "../../commands/events.ts";
import type { Cancellations } from "../../processes/cancellation-progress.ts";
import { commandContext, recordedAt } from "../conventions/commands.ts";
import { idParam } from "../conventions/fields.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { Problem, refusal } from "../problems/problem.ts";
import { roleOver } from "./access.ts";

export interface CancellationRoutes {
  readonly commands: EventCommands;
  readonly cancellations: Pick<Cancellations, "begin" | "progress">;
}

const tags = ["Events"];
const eventPath = z.strictObject({ eventId: idParam("event-not-found") });

const cancellation = z
  .strictObject({
    eventId: z.string(),
    status: z.enum(["RUNNING", "DONE"]).meta({ description: "DONE: every booking is cancelled and refunded" }),
    cancelledAt: z.string().meta({ format: "date-time" }),
    bookings: z.int().meta({ description: "Paid ones with tickets of the event" }),
    cancelled: z.int().meta({ description: "Those of them that have no valid ticket of the event any more" }),
    refundsPending: z.int(),
    refundsSucceeded: z.int(),
  })
  .meta({ id: "Cancellation" });

/** Calling an event off, and what becomes of its bookings then. */
export const cancellationRoutes =
  ({ commands, cancellations }: CancellationRoutes): RoutePlugin =>
  (api) => {
    api.route({
      method: "POST",
      url: "/events/:eventId/cancel",
      schema: {
        tags,
        summary: "Call the event off for good: nothing is sold from the reply on, and all that was paid is given back",
        params: eventPath,
        response: { 202: cancellation },
      },
      config: {
        idempotent: true,
        problems: ["event-not-found", "forbidden", "busy", "outcome-unknown"],
      },
      handler: async (request, reply) => {
        const { eventId } = request.params;
        const role = await roleOver(commands, eventId, request);
        const outcome = await commands.cancel(eventId, commandContext(request, role));
        if (!outcome.accepted) throw refusal(outcome);
        await cancellations.begin(eventId);
        recordedAt(reply, outcome);
        const progress = await cancellations.progress(eventId);
        if (progress === null) throw new Error(`event ${eventId} was cancelled, and is not`);
        reply.code(202).header("location", `/events/${eventId}/cancellation`);
        return progress;
      },
    });

    api.route({
      method: "GET",
      url: "/events/:eventId/cancellation",
      schema: {
        tags,
        summary: "How far the refunds of a cancelled event have come",
        params: eventPath,
        response: { 200: cancellation },
      },
      config: {
        etag: true,
        problems: ["event-not-found", "forbidden", "cancellation-not-found", "busy"],
      },
      handler: async (request) => {
        const { eventId } = request.params;
        await roleOver(commands, eventId, request);
        const progress = await cancellations.progress(eventId);
        if (progress === null) throw new Problem("cancellation-not-found");
        return progress;
      },
    });
  };
