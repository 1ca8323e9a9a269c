import type { Pool } from "pg";
import { processContext } from "../../src/commands/aggregate.ts";
import type { EventStore } from "../../src/eventstore/port.ts";
import { BOXOFFICE_PREFIXES } from "../../src/eventstore/streams.ts";
import { cancelling } from "../../src/node/cancelling.ts";
import { cartTimers } from "../../src/processes/cart-timers.ts";
import { portionByPortion, startTimers } from "../../src/processes/timers.ts";
import { startProjector } from "../../src/projections/runner.ts";
import { timers as timersModel } from "../../src/projections/timers/projector.ts";
import type { ReadModels } from "../model/read-models.ts";
import type { Climate } from "./climate.ts";
import { tally } from "./database/projection-statements.ts";
import type { Node } from "./node.ts";

/** Read models that are projected here. */
export const PROJECTIONS = [tally, timersModel];

interface BackgroundAround {
  readonly store: EventStore;
  readonly pool: Pool;
  readonly readModels: ReadModels;
  /** Asks the read models, over the network. */
  readonly ask: <Value>(what: string, read: () => Value) => Promise<Value>;
}

/** What goes on by itself in a node: the projector, the timers and refunds of cancelled events, each under its lease. */
export function startBackground(
  { host, ...node }: Node,
  { store, pool, readModels, ask }: BackgroundAround,
  { leaseMs }: Climate,
  note: (what: string) => void,
): { stop(): Promise<unknown> } {
  const { timing } = host;
  const { clock, newId } = host.surroundings;
  const tell = (details: object, message: string) => {
    const { err } = details as { err?: unknown };
    note(`${host.name} says: ${message}${err instanceof Error ? `: ${err.name}: ${err.message}` : ""}`);
  };
  const log = { info: tell, warn: tell, error: tell };
  const common = { pool, clock, log, holder: host.name, timing, validMs: leaseMs, renewMs: leaseMs / 2 };
  const context = () => processContext("timers", newId);
  const projector = startProjector({ ...common, store, projections: PROJECTIONS });
  const { reservations, process, carts } = node;
  const cancellations = cancelling({
    pool,
    store,
    commands: node,
    bookingProcess: process,
    bookings: {
      idsOfEvent: (eventId, page) => ask("bookings of an event", () => pageOf(readModels.bookingsOf(eventId), page)),
      cancellationOf: () => Promise.reject(new Error("nobody asks")),
    },
    head: () => store.head(BOXOFFICE_PREFIXES),
    newId,
    log,
    timing,
  });
  const timers = startTimers({
    ...common,
    idleMs: 1_000,
    handlers: {
      inventory: portionByPortion((inventory) => reservations.lapseDue(inventory, context()), clock),
      listing: cancellations.listingTimer,
      booking: (bookingId) => process.seeTo(bookingId, context()),
      cart: cartTimers(carts, process, context),
    },
  });
  const refunds = cancellations.start(pool);
  return { stop: () => Promise.all([projector.stop(), timers.stop(), refunds.stop()]) };
}

const pageOf = (
  all: readonly string[],
  { cursor, limit }: { readonly cursor: string | null; readonly limit: number },
) => {
  const from = Number(cursor ?? 0);
  const next = from + limit < all.length ? String(from + limit) : null;
  return { items: all.slice(from, from + limit), next };
};
