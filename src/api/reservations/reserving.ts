import type { FastifyRequest } from "fastify";
import type { Caller } from "../../accounts/caller.ts";
import type { EventCommands } from "../../commands/events.ts";
import type { ReservationCommands, ReservationOutcome } from "../../commands/reservations.ts";
import { refuse } from "../../domain/decision.ts";
import type { TicketsReserved } from "../../domain/inventory-events.ts";
import type { SeatChoice } from "../../domain/seating/seat-choice.ts";
import { isUuid } from "../../projections/uuid.ts";
import type { Admissions } from "../../waiting-room/admissions.ts";
import { commandContext } from "../conventions/commands.ts";
import { refusedBySale } from "../events/refused-by-sale.ts";
import type { ProblemCode } from "../problems/catalogue.ts";
import { OF_ADMISSION, saySo, shownBy } from "../waiting-room/admitted.ts";

/** Tickets of one type for a caller, however the request put it. */
export interface ReservationWish {
  readonly eventId: string;
  /** Ids are opaque: one of another form is of no ticket type. */
  readonly ticketTypeId: string;
  readonly quantity: number;
  /** Which seats; without it whichever. */
  readonly choice?: SeatChoice | undefined;
  /** null: as long as the event says. */
  readonly holdTtlSeconds?: number | null;
}

type Held = Extract<ReservationOutcome<TicketsReserved["data"]>, { accepted: true }>;

/**
 * Holds tickets: the one way for all routes that reserve outside of carts.
 * @throws Problem {@link OF_RESERVING}
 */
export type Reserving = (request: FastifyRequest, caller: Caller, wish: ReservationWish) => Promise<Held>;

/** Why tickets can't be held. */
export const OF_RESERVING = [
  "event-not-found",
  "ticket-type-not-found",
  "event-cancelled",
  "event-ended",
  "event-not-published",
  "sale-paused",
  "sale-not-open",
  "sale-closed",
  "guests-not-allowed",
  ...OF_ADMISSION,
  "limit-exceeded",
  "sold-out",
] as const satisfies readonly ProblemCode[];

/** The same where seats can be wished for. */
export const OF_RESERVING_SEATS = [
  ...OF_RESERVING,
  "seat-taken",
  "no-adjacent-seats",
] as const satisfies readonly ProblemCode[];

export const reservingBy =
  (
    commands: Pick<ReservationCommands, "reserve">,
    events: Pick<EventCommands, "find">,
    admissions: Pick<Admissions, "given" | "using">,
  ): Reserving =>
  async (request, caller, { eventId, ticketTypeId, quantity, choice, holdTtlSeconds = null }) => {
    const context = commandContext(request, undefined, caller);
    if (!isUuid(ticketTypeId)) throw await refusedBySale(refuse("ticket-type-not-found"), eventId, caller, events);
    const of = { eventId, ticketTypeId };
    const wish = { quantity, choice };
    const shown = shownBy(admissions, request, eventId, caller.accountId);
    const outcome =
      shown === null
        ? await commands.reserve(of, caller, wish, context, holdTtlSeconds)
        : await admissions
            .using(shown, ticketTypeId, (given) => commands.reserve(of, caller, wish, context, holdTtlSeconds, given))
            .catch(saySo);
    if (!outcome.accepted) throw await refusedBySale(outcome, eventId, caller, events);
    return outcome;
  };
