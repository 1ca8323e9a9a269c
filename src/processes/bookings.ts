import { unkeyed } from "../commands/aggregate.ts";
import type { CommandContext } from "../commands/outcome.ts";
import type { BookingLine } from "../domain/booking-events.ts";
import type { Booking } from "../domain/booking-state.ts";
import { bookingStream, inventoryStream } from "../eventstore/streams.ts";
import { Drive, type DriveDependencies, type Driven, type Opened } from "./booking-drive.ts";

export interface BookingProcessDependencies extends DriveDependencies {
  /** Reservations that are claimed for a booking, as the read model has them; for one that was never recorded. */
  readonly claimsOf: (
    bookingId: string,
  ) => Promise<readonly Pick<BookingLine, "reservationId" | "eventId" | "ticketTypeId">[]>;
}

/**
 * Brings bookings to rest, whatever stopped whoever was at it before: it looks at the booking's stream, does what
 * `nextSteps` says, records what came of it, and looks again. All that it asks of inventories and of the provider may
 * be asked twice, so two processes at the same booking do no harm; the booking's expected revision lets one of them win.
 */
export class BookingProcess {
  readonly #deps: BookingProcessDependencies;
  /** One drive of a booking at a time in this process; whoever comes meanwhile goes next. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(deps: BookingProcessDependencies) {
    this.#deps = deps;
  }

  /**
   * Does all that can be done for a booking now.
   * @param opened what this process recorded a moment ago when it opened the booking: then nothing has to be read, and
   *   the provider can't have heard of it
   * @throws Busy, StoreUnavailable, OutcomeUnknown, ClockLost; ask again
   */
  drive(bookingId: string, context: CommandContext, opened: Opened = []): Promise<Driven> {
    const before = this.#turns.get(bookingId);
    const drive = (before ?? Promise.resolve())
      .catch(() => {})
      .then(() => new Drive(this.#deps, bookingId, unkeyed(context)).run(before === undefined ? opened : []));
    const turn = drive.finally(() => {
      for (const wake of this.#waiting.get(bookingId) ?? []) wake();
      if (this.#turns.get(bookingId) === turn) this.#turns.delete(bookingId);
    });
    this.#turns.set(bookingId, turn);
    turn.catch(() => {});
    return drive;
  }

  /** Resolves when somebody in this process has brought the booking on, or after so many milliseconds. */
  async newsOf(bookingId: string, withinMs: number): Promise<void> {
    const waiting = this.#waiting.get(bookingId) ?? new Set();
    this.#waiting.set(bookingId, waiting);
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, withinMs);
    waiting.add(resolve);
    await promise;
    clearTimeout(timer);
    waiting.delete(resolve);
    if (waiting.size === 0) this.#waiting.delete(bookingId);
  }

  /** The booking as it is on record. */
  look(bookingId: string): Promise<Booking> {
    return this.#deps.bookings.look(bookingStream(bookingId), (state) => state);
  }

  /** The same, and how long nothing has been recorded of it, in milliseconds. */
  lookWithAge(bookingId: string): Promise<{ readonly booking: Booking; readonly quietMs: number }> {
    const see = (booking: Booking, atMs: number, _revision: number, lastAtMs: number) => ({
      booking,
      quietMs: atMs - lastAtMs,
    });
    return this.#deps.bookings.look(bookingStream(bookingId), see);
  }

  /**
   * For a timer: brings the booking on, or gives up one whose purchase stopped before it was recorded.
   * @returns when to look again; null: never, unless something happens
   */
  async seeTo(bookingId: string, context: CommandContext): Promise<{ readonly againAtMs: number | null }> {
    const { booking, againAtMs } = await this.drive(bookingId, context);
    if (booking.status !== "missing" && booking.status !== "abandoned") return { againAtMs };
    await this.#abandon(bookingId, context);
    return { againAtMs: null };
  }

  async #abandon(bookingId: string, context: CommandContext): Promise<void> {
    const { bookings, inventories, claimsOf } = this.#deps;
    const outcome = await bookings.run(bookingStream(bookingId), { type: "AbandonBooking", bookingId }, context);
    const state = await bookings.look(bookingStream(bookingId), ({ status }) => status);
    if (!outcome.accepted || state !== "abandoned") return; // it was recorded after all
    for (const { reservationId, eventId, ticketTypeId } of await claimsOf(bookingId)) {
      const command = { type: "LetGo", reservationId, bookingId, outcome: "abandoned" } as const;
      await inventories.run(inventoryStream(eventId, ticketTypeId), command, context, "first");
    }
  }
}
