import { z } from "zod";
import { type ClockMover, MAX_OFFSET_SECONDS } from "../../commands/clock-moves.ts";
import { callerOf, commandContext } from "../conventions/commands.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { invalid } from "../problems/problem.ts";

/** At once; it may be moved again. */
const MAX_SECONDS = 31_536_000;

const wish = z
  .strictObject({ seconds: z.int().min(1).max(MAX_SECONDS) })
  .meta({ id: "ClockAdvance", examples: [{ seconds: 900 }] });

const moved = z
  .strictObject({
    now: z.string().meta({ format: "date-time", description: "What the clock said after the move" }),
    offsetSeconds: z.int().meta({ description: "All moves together" }),
  })
  .meta({ id: "MovedClock", examples: [{ now: "2026-12-24T18:15:00.000Z", offsetSeconds: 900 }] });

/** What only sandboxes can do: registered under the sandbox provider outside production, there is nothing else. */
export const sandboxRoutes =
  ({ mover }: { readonly mover: Pick<ClockMover, "advance"> }): RoutePlugin =>
  (api) => {
    api.route({
      method: "POST",
      url: "/sandbox/clock/advance",
      schema: {
        tags: ["Sandbox"],
        summary: "Move the one clock on, for everything but tokens; it stays moved",
        body: wish,
        response: { 200: moved },
      },
      config: { idempotent: true, outsideTheLog: true },
      handler: async (request, reply) => {
        const { accountId } = callerOf(request);
        const { idempotency } = commandContext(request);
        const move = await mover.advance(request.body.seconds, accountId, idempotency);
        if (move === null) {
          throw invalid("body", "/seconds", `takes the clock beyond ${MAX_OFFSET_SECONDS} seconds in all`);
        }
        if (move.replayed) reply.header("idempotency-replayed", "true");
        return { now: new Date(move.nowMs).toISOString(), offsetSeconds: move.offsetMs / 1_000 };
      },
    });
  };
