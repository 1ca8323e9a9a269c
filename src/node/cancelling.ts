import { randomUUID } from "node:crypto";
import type { Pool } from "pg";
import { processContext } from "../commands/aggregate.ts";
import { EventCancellation } from "../commands/event-cancellation.ts";
import type { EventStore, Position } from "../eventstore/port.ts";
import type { Log, Timing } from "../ports.ts";
import type { BookingProcess } from "../processes/bookings.ts";
import { Cancellations } from "../processes/cancellation-progress.ts";
import { startCancellations } from "../processes/cancellations.ts";
import { RefundPlaces } from "../processes/refund-places.ts";
import type { TimerHandlers } from "../processes/timers.ts";
import type { BookingQueries } from "../projections/bookings/queries.ts";
import type { CommandSide } from "./command-side.ts";

export interface CancellingOptions {
  readonly pool: Pool;
  readonly store: EventStore;
  readonly commands: Pick<CommandSide, "events" | "inventories" | "bookingCommands">;
  readonly bookingProcess: Pick<BookingProcess, "drive">;
  readonly bookings: Pick<BookingQueries, "idsOfEvent" | "cancellationOf">;
  readonly head: () => Promise<Position | null>;
  readonly newId: () => string;
  readonly log: Log;
  readonly timing?: Timing;
}

export interface Cancelling {
  /** For the routes. */
  readonly cancellations: Cancellations;
  /** For listings that changed: inventories follow, and of what is cancelled the bookings are seen to. */
  readonly listingTimer: TimerHandlers["listing"];
  /** Starts seeing to the bookings of cancelled events. @param pool with room for two connections at a time */
  start(pool: Pool): { stop(): Promise<void> };
}

/**
 * Refunds that the walk has under way; those it can't begin are left to their bookings' timers, a few seconds later. Each
 * is four commits and a call in a row, which many at once share: twice as many take a fifth of the work off the processor.
 */
const MOST_REFUNDS_AT_ONCE = 128;

/** Everything about events that are called off, wired together. */
export function cancelling(options: CancellingOptions): Cancelling {
  const { pool, store, commands, bookingProcess, bookings, head, newId, log, timing } = options;
  const { events, inventories, bookingCommands } = commands;
  const cancellation = new EventCancellation({ store, inventories, events });
  const cancellations = new Cancellations({
    pool,
    cancelledAt: (eventId) => cancellation.cancelledAt(eventId),
    figures: (eventId) => bookings.cancellationOf(eventId, { minPosition: null }),
  });
  const context = () => processContext("cancellations", newId);

  const places = new RefundPlaces(MOST_REFUNDS_AT_ONCE);
  /** Resolves when it is begun or left to the booking's timer. */
  const refund = async (bookingId: string): Promise<void> => {
    if (!(await places.take())) return;
    bookingProcess
      .drive(bookingId, context())
      .catch((error: unknown) => log.warn({ err: error, bookingId }, "a refund is left to its booking's timer"))
      .finally(() => places.giveBack());
  };

  return {
    cancellations,
    async listingTimer(eventId) {
      await events.bringInventoriesUpToDate(eventId, context());
      if ((await events.find(eventId)).status === "cancelled") await cancellations.begin(eventId);
      return { againAtMs: null };
    },
    start: (processPool) =>
      startCancellations({
        pool: processPool,
        close: (eventId) => events.bringInventoriesUpToDate(eventId, context()),
        empty: (eventId) => cancellation.empty(eventId, context()),
        bookingsOf: (eventId, page, minPosition) => bookings.idsOfEvent(eventId, page, minPosition),
        async cancelForEvent(bookingId, eventId) {
          const outcome = await bookingCommands.cancelForEvent(bookingId, eventId, context());
          if (!outcome.accepted && outcome.code === "payment-in-progress") return "later";
          if (outcome.accepted) await refund(bookingId);
          return "done";
        },
        head,
        holder: randomUUID(),
        log,
        timing,
      }),
  };
}
