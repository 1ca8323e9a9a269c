import type { Pool } from "pg";
import { processContext } from "../../src/commands/aggregate.ts";
import type { EventStore } from "../../src/eventstore/port.ts";
import { cartTimers } from "../../src/processes/cart-timers.ts";
import { portionByPortion, startTimers } from "../../src/processes/timers.ts";
import { startProjector } from "../../src/projections/runner.ts";
import { timers } from "../../src/projections/timers/projector.ts";
import type { Climate } from "./climate.ts";
import { tally } from "./database/projection-statements.ts";
import type { Node } from "./node.ts";

/** Read models that are projected here. */
export const PROJECTIONS = [tally, timers];

/** Starts what goes on by itself in a node: the projector and the timers, each under its lease. */
export function startBackground(
  { host, ...node }: Node,
  store: EventStore,
  pool: Pool,
  { leaseMs }: Climate,
  note: (what: string) => void,
) {
  const { clock, newId } = host.surroundings;
  const tell = (details: object, message: string) => {
    const { err } = details as { err?: unknown };
    note(`${host.name} says: ${message}${err instanceof Error ? `: ${err.name}: ${err.message}` : ""}`);
  };
  const log = { info: tell, warn: tell, error: tell };
  const common = { pool, clock, log, holder: host.name, timing: host.timing, validMs: leaseMs, renewMs: leaseMs / 2 };
  const context = () => processContext("timers", newId);
  const projector = startProjector({ ...common, store, projections: PROJECTIONS });
  const seeing = startTimers({
    ...common,
    idleMs: 1_000,
    handlers: {
      inventory: portionByPortion((inventory) => node.reservations.lapseDue(inventory, context()), clock),
      booking: (bookingId) => node.process.seeTo(bookingId, context()),
      cart: cartTimers(node.carts, node.process, context),
      async listing(eventId) {
        await node.events.bringInventoriesUpToDate(eventId, context());
        return { againAtMs: null };
      },
    },
  });
  return { stop: () => Promise.all([projector.stop(), seeing.stop()]) };
}
