import type { EventCommands } from "../../commands/events.ts";
import type { Position } from "../../eventstore/port.ts";
import type { Clock } from "../../ports.ts";
import type { EventDetailsQueries } from "../../projections/event-details/queries.ts";
import type { HotEvents } from "../../projections/hot-reads/hot-events.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { changingRoutes } from "./changing-routes.ts";
import { eventRoutes } from "./event-routes.ts";
import { pausingRoutes } from "./pausing-routes.ts";
import { readBackFrom } from "./read-back.ts";
import { readingRoutes } from "./reading-routes.ts";
import { seatBlockingRoutes } from "./seat-blocking-routes.ts";
import { ticketTypeRoutes } from "./ticket-type-routes.ts";

export interface RoutesOfEvents {
  readonly commands: EventCommands;
  readonly details: EventDetailsQueries;
  readonly hot: HotEvents;
  readonly clock: Clock;
  /** One that goes on while its database is away. */
  readonly readingClock: Clock;
  /** The log's last position. */
  readonly head: () => Promise<Position | null>;
  /** `HOLD_TTL_SECONDS`, for events that don't say. */
  readonly defaultHoldTtlSeconds: number;
}

/** Events: what organizers say about them, and what everybody reads. */
export const routesOfEvents = (deps: RoutesOfEvents): RoutePlugin => {
  const readBack = readBackFrom(deps.details, deps.clock);
  const parts = [
    eventRoutes({ ...deps, readBack }),
    readingRoutes(deps),
    changingRoutes({ ...deps, readBack }),
    pausingRoutes({ ...deps, readBack }),
    ticketTypeRoutes({ ...deps, readBack }),
    seatBlockingRoutes({ ...deps, readBack }),
  ];
  return (api) => {
    for (const part of parts) part(api);
  };
};
