import type { Pool } from "pg";
import { isCancellationDone, noteCancellation } from "./cancellation-rows.ts";

/** Bookings of an event that were paid, or had nothing to pay, as a read model has them. */
export interface CancellationFigures {
  readonly bookings: number;
  /** Those of them that have no valid ticket of the event any more. */
  readonly cancelled: number;
  readonly refunds: { readonly pending: number; readonly succeeded: number };
}

/** How far the refunds of a cancelled event have come. */
export interface CancellationProgress extends Omit<CancellationFigures, "refunds"> {
  readonly eventId: string;
  /** DONE: every booking is cancelled, and every refund was made. */
  readonly status: "RUNNING" | "DONE";
  /** RFC 3339. */
  readonly cancelledAt: string;
  /** Refunds that the provider has not made yet, and those that it has. */
  readonly refundsPending: number;
  readonly refundsSucceeded: number;
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
    const { bookings, cancelled, refunds } = await figures(eventId);
    const status = isWalked && refunds.pending === 0 ? "DONE" : "RUNNING";
    return {
      eventId,
      status,
      cancelledAt: at,
      bookings,
      cancelled,
      refundsPending: refunds.pending,
      refundsSucceeded: refunds.succeeded,
    };
  }
}
