import type { FastifyBaseLogger } from "fastify";
import type { CommandContext } from "../../commands/outcome.ts";
import type { Purchase } from "../../commands/purchases.ts";
import { type Booking, evolve, type OpenedBooking } from "../../domain/booking-state.ts";
import type { Driven } from "../../processes/booking-drive.ts";
import type { BookingProcess } from "../../processes/bookings.ts";
import { within } from "../conventions/within.ts";
import { Problem } from "../problems/problem.ts";

/** How long the buyer waits for a payment that can't be told at once. */
const WAIT_MS = 3_000;
/**
 * Another node may hear from the provider: so often the booking is looked at meanwhile. A provider that gave no answer is
 * asked again as often, because most calls that fail do so once.
 */
const LOOK_MS = 500;

/** How far a booking that is on record came while its buyer waited. */
export interface Settled extends Pick<Driven, "position" | "clientSecret"> {
  readonly booking: OpenedBooking;
}

/**
 * Drives a booking until it is no longer open, the buyer has something to do, or the time is over. It is on record: what
 * fails from here on is made good by its timer, and is no reason to tell the buyer that nothing was done.
 */
export type Settle = (
  purchase: Pick<Purchase, "bookingId" | "recorded">,
  context: CommandContext,
  log: FastifyBaseLogger,
) => Promise<Settled>;

export const settlingBy =
  (process: Pick<BookingProcess, "drive" | "newsOf" | "look">): Settle =>
  async ({ bookingId, recorded }, context, log) => {
    const orLater = <Value>(asked: Promise<Value>): Promise<Value | null> =>
      asked.catch((error: unknown) => {
        log.warn({ err: error, bookingId }, "a purchase is left to its booking's timer");
        return null;
      });
    const look = async (known: Booking | null): Promise<Booking> =>
      known === null ? process.look(bookingId) : ((await orLater(process.look(bookingId))) ?? known);
    const untilMs = performance.now() + WAIT_MS;
    let driven = await orLater(within(WAIT_MS, process.drive(bookingId, context, recorded)));
    let booking = driven?.booking ?? (await look(openedBy(recorded)));
    for (;;) {
      const restMs = untilMs - performance.now();
      if (!isOpen(booking) || (driven !== null && driven.clientSecret !== null) || restMs <= 0) break;
      await process.newsOf(bookingId, Math.min(restMs, LOOK_MS));
      if (driven?.unanswered) {
        const leftMs = untilMs - performance.now();
        driven = (await orLater(within(leftMs, process.drive(bookingId, context)))) ?? driven;
        booking = driven.booking;
      } else booking = await look(booking);
    }
    const { position, clientSecret } = driven ?? { position: 0n, clientSecret: null };
    return { booking: booking as OpenedBooking, position, clientSecret };
  };

/** Its payment may take longer than the buyer waited. */
export const isOpen = ({ status }: Booking): boolean => status === "open" || status === "confirmed";

/** Why a booking came to nothing while its buyer waited, other than by a payment that was declined; null: it did not. */
export function withdrawnProblem({ withdrawnBecause, bookingId }: OpenedBooking): Problem | null {
  if (withdrawnBecause === "event-cancelled") return new Problem("event-cancelled", { members: { bookingId } });
  return withdrawnBecause === "tickets-gone" ? new Problem("reservation-expired", { members: { bookingId } }) : null;
}

/** null: it was opened before, and nothing was recorded now. */
const openedBy = (recorded: Purchase["recorded"]): Booking | null =>
  recorded.length === 0
    ? null
    : recorded.reduce<Booking>((state, { event }) => evolve(state, event), { status: "missing" });
