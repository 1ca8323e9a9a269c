import type { Pool } from "pg";
import { isCancellationDone, noteCancellation } from "./cancellation-rows.ts";

/** Bookings of an event, as a read model has them. */
export interface CancellationFigures {
  /** Those that were paid for and have, or had, tickets of the event. */
  readonly bookings: number;
  /** Those of them that have no valid ticket of the event left. */
  readonly cancelled: number;
  /** Refunds of these bookings that the provider has not made yet, and those that it has. */
  readonly refundsPending: number;
  readonly refundsSucceeded: number;
}

/** How far the refunds of a cancelled event have come. */
export interface CancellationProgress extends CancellationFigures {
  readonly eventId: string;
  /** DONE: every booking is cancelled, and every refund was made. */
  readonly status: "RUNNING" | "DONE";
  /** RFC 3339. */
  readonly cancelledAt: string;
}

export interface CancellationsDependencies {
  readonly pool: Pool;
  /** null: the event is not cancelled. */
  readonly cancelledAt: (eventId: string) => Promise<string | null>;
  readonly figures: (eventId: string) => Promise<CancellationFigures>;
}

/** Cancellations as organizers see them. */
export class Cancellations {
  readonly #deps: CancellationsDependencies;

  constructor(deps: CancellationsDependencies) {
    this.#deps = deps;
  }

  /** Has the bookings of a cancelled event seen to by whoever runs `startCancellations`; again: nothing more. */
  begin(eventId: string): Promise<void> {
    return noteCancellation(this.#deps.pool, eventId);
  }

  /** null: the event is not cancelled. */
  async progress(eventId: string): Promise<CancellationProgress | null> {
    const { pool, cancelledAt, figures } = this.#deps;
    const at = await cancelledAt(eventId);
    if (at === null) return null;
    const isWalked = await isCancellationDone(pool, eventId); // asked first: the figures may only be newer
    const { bookings, cancelled, refundsPending, refundsSucceeded } = await figures(eventId);
    const status = isWalked && refundsPending === 0 ? "DONE" : "RUNNING";
    return { eventId, status, cancelledAt: at, bookings, cancelled, refundsPending, refundsSucceeded };
  }
}
