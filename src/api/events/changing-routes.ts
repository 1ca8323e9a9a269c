import type { EventCommands } from "../../commands/events.ts";
import { commandContext, recordedAt } from "../conventions/commands.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { refusal } from "../problems/problem.ts";
import { roleOver } from "./access.ts";
import { expectedVersion } from "./if-match.ts";
import { eventPath, OF_CHANGES, tags } from "./paths.ts";
import type { ReadBack } from "./read-back.ts";
import { eventChanges, toChanges } from "./requests.ts";
import { event } from "./responses.ts";

export interface ChangingEvents {
  readonly commands: EventCommands;
  readonly readBack: ReadBack;
}

/** What organizers change about an event. */
export const changingRoutes =
  ({ commands, readBack }: ChangingEvents): RoutePlugin =>
  (api) => {
    api.route({
      method: "PATCH",
      url: "/events/:eventId",
      schema: {
        tags,
        summary: "Change what an event says; `If-Match` guards against overwriting somebody else's change",
        params: eventPath,
        body: eventChanges,
        response: { 200: event },
      },
      config: {
        problems: [
          "event-not-found",
          "forbidden",
          "event-cancelled",
          "version-mismatch",
          "capacity-exceeded",
          "invalid-dates",
          "currency-fixed",
          "code-taken",
          ...OF_CHANGES,
        ],
      },
      handler: async (request, reply) => {
        const { eventId } = request.params;
        const version = expectedVersion(request);
        const role = await roleOver(commands, eventId, request);
        const changes = toChanges(request.body);
        const outcome = await commands.change(eventId, changes, version, commandContext(request, role));
        if (!outcome.accepted) throw refusal(outcome);
        recordedAt(reply, outcome);
        return readBack(eventId, outcome.position);
      },
    });
  };
