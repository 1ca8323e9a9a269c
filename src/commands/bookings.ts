import { type Quote, quoteOf } from "../domain/booking.ts";
import type { Booking } from "../domain/booking-state.ts";
import { type Refused, refuse } from "../domain/decision.ts";
import type { Listing } from "../domain/listing.ts";
import { nextBoundaryMs } from "../domain/refund-policy.ts";
import type { Position } from "../eventstore/port.ts";
import { bookingStream } from "../eventstore/streams.ts";
import type { CommandContext } from "./outcome.ts";
import type { BookingRunner } from "./purchases.ts";
import { ticketId, ticketRefs } from "./tickets.ts";

export type BookingOutcome =
  | { readonly accepted: true; readonly position: Position; readonly replayed: boolean }
  | Refused;

/** What cancelling would give back now. */
export interface RefundQuote {
  readonly accepted: true;
  readonly tickets: readonly { readonly ticketId: string; readonly amount: Quote["total"] }[];
  readonly total: Quote["total"];
  /** RFC 3339: until then it stays as it is, if nothing else changes; null: it does not change with time. */
  readonly validUntil: string | null;
}

export interface BookingCommandsDependencies {
  readonly bookings: BookingRunner;
  readonly findListing: (eventId: string) => Promise<Listing>;
  readonly newId: () => string;
}

/** What becomes of bookings after the purchase. Money and tickets follow by `processes/bookings.ts`. */
export class BookingCommands {
  readonly #deps: BookingCommandsDependencies;

  constructor(deps: BookingCommandsDependencies) {
    this.#deps = deps;
  }

  /**
   * Refusals: `booking-not-found`, `booking-not-paid`, `payment-in-progress`, `ticket-not-found`,
   * `ticket-already-cancelled` (with `ticketIds`).
   * @param ticketIds null: all that are valid
   */
  async quote(bookingId: string, ticketIds: readonly string[] | null): Promise<RefundQuote | Refused> {
    const { booking, atMs } = await this.#deps.bookings.look(bookingStream(bookingId), (state, now) => ({
      booking: state,
      atMs: now,
    }));
    if (booking.status === "missing" || booking.status === "abandoned") return refuse("booking-not-found");
    if (booking.status === "open" || booking.status === "confirmed") return refuse("payment-in-progress");
    if (booking.status !== "paid") return refuse("booking-not-paid", { bookingStatus: booking.status });
    const wanted = ticketIds === null ? null : ticketRefs(booking.lines, ticketIds);
    if (wanted !== null && wanted.unknown.length > 0) return refuse("ticket-not-found", { ticketIds: wanted.unknown });
    const quote = quoteOf(booking, wanted?.tickets ?? null, await this.#cancelledEvents(booking), atMs);
    if ("code" in quote) return byTicketIds(quote);
    const boundaryMs = nextBoundaryMs(booking.events, atMs);
    return {
      accepted: true,
      tickets: quote.tickets.flatMap(({ reservationId, ordinals, each }) =>
        ordinals.map((ordinal) => ({ ticketId: ticketId(reservationId, ordinal), amount: each })),
      ),
      total: quote.total,
      validUntil: boundaryMs === null ? null : new Date(boundaryMs).toISOString(),
    };
  }

  /**
   * Cancels tickets of a paid booking, or an open booking as a whole: there are no tickets of it to be named yet.
   *
   * Refusals: those of `quote`, and `refund-changed` (with `total`).
   * @param expectedTotal in minor units, what the buyer was told; null: whatever it is
   */
  async cancel(
    bookingId: string,
    ticketIds: readonly string[] | null,
    expectedTotal: number | null,
    context: CommandContext,
  ): Promise<BookingOutcome> {
    const stream = bookingStream(bookingId);
    const booking = await this.#deps.bookings.look(stream, (state) => state);
    if (booking.status === "missing" || booking.status === "abandoned") return refuse("booking-not-found");
    // Of one that is not paid nobody knows a ticket: who names some did not mean to end it as a whole.
    if (booking.status === "open" && ticketIds !== null) return refuse("payment-in-progress");
    if (booking.status === "open" || booking.status === "withdrawn") {
      return this.#run(bookingId, { type: "Withdraw", cause: "customer" }, context);
    }
    const wanted = ticketIds === null ? null : ticketRefs(booking.lines, ticketIds);
    if (wanted !== null && wanted.unknown.length > 0) return refuse("ticket-not-found", { ticketIds: wanted.unknown });
    const outcome = await this.#run(
      bookingId,
      {
        type: "CancelTickets",
        cancellationId: this.#deps.newId(),
        refundId: this.#deps.newId(),
        tickets: wanted?.tickets ?? null,
        cancelledEvents: await this.#cancelledEvents(booking),
        expectedTotal,
      },
      context,
    );
    return outcome.accepted ? outcome : byTicketIds(outcome);
  }

  /**
   * Cancels all tickets of an event that is cancelled, and promises their whole price back. Nothing where there is none
   * left, or where the booking came to nothing.
   *
   * Refusals: `payment-in-progress`: it is being paid at the moment, ask again.
   */
  async cancelForEvent(bookingId: string, eventId: string, context: CommandContext): Promise<BookingOutcome> {
    const stream = bookingStream(bookingId);
    const booking = await this.#deps.bookings.look(stream, (state) => state);
    if (booking.status === "missing" || booking.status === "abandoned") return refuse("booking-not-found");
    const command = {
      type: "CancelTicketsOfEvent",
      eventId,
      cancellationId: this.#deps.newId(),
      refundId: this.#deps.newId(),
    } as const;
    return this.#run(bookingId, command, context);
  }

  /**
   * Refusals: `booking-not-found`, `booking-not-paid`, `refund-exceeds-payment` (with `refundable`).
   * @param organizerId of whose tickets it is given back; absent: an administrator gives it
   */
  refund(
    bookingId: string,
    amountMinor: number,
    context: CommandContext,
    organizerId?: string,
  ): Promise<BookingOutcome> {
    const refund = { type: "RequestRefund", refundId: this.#deps.newId(), amountMinor } as const;
    return this.#run(bookingId, organizerId === undefined ? refund : { ...refund, organizerId }, context);
  }

  async #run(
    bookingId: string,
    command: Parameters<BookingRunner["run"]>[1],
    context: CommandContext,
  ): Promise<BookingOutcome> {
    const outcome = await this.#deps.bookings.run(bookingStream(bookingId), command, context);
    return outcome.accepted ? { accepted: true, position: outcome.position, replayed: outcome.replayed } : outcome;
  }

  async #cancelledEvents(booking: Booking): Promise<readonly string[]> {
    if (booking.status === "missing" || booking.status === "abandoned") return [];
    const listings = await Promise.all(booking.events.map(({ eventId }) => this.#deps.findListing(eventId)));
    return listings.flatMap((listing) => (listing.status === "cancelled" ? [listing.eventId] : []));
  }
}

/** Clients know tickets by their ids. */
function byTicketIds(refused: Refused): Refused {
  const tickets = refused.details.tickets as Quote["tickets"] | undefined;
  if (refused.code !== "ticket-already-cancelled" || tickets === undefined) return refused;
  const ticketIds = tickets.flatMap(({ reservationId, ordinals }) =>
    ordinals.map((ordinal) => ticketId(reservationId, ordinal)),
  );
  return refuse(refused.code, { ticketIds });
}
