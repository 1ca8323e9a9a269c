import type { FastifyBaseLogger } from "fastify";
import type { z } from "zod";
import type { Caller } from "../../accounts/caller.ts";
import type { CommandContext } from "../../commands/outcome.ts";
import type { Purchase, PurchaseCommands, PurchaseWish } from "../../commands/purchases.ts";
import type { TicketCodes } from "../../commands/tickets.ts";
import { type Booking, evolve, type OpenedBooking } from "../../domain/booking-state.ts";
import type { Refused } from "../../domain/decision.ts";
import type { Position } from "../../eventstore/port.ts";
import type { PaymentProvider } from "../../payments/port.ts";
import type { Clock } from "../../ports.ts";
import type { BookingProcess, Driven } from "../../processes/bookings.ts";
import type { ReservationQueries } from "../../projections/reservations/queries.ts";
import { isUuid } from "../../projections/uuid.ts";
import { callerOf, commandContext, recordedAt } from "../conventions/commands.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { within } from "../conventions/within.ts";
import { invalid, Problem, refusal } from "../problems/problem.ts";
import { booking, newPurchase } from "./schemas.ts";
import { bookingView, factsOf } from "./view.ts";

export interface PurchaseRoutes {
  readonly purchases: PurchaseCommands;
  readonly process: Pick<BookingProcess, "drive" | "newsOf" | "look">;
  readonly provider: Pick<PaymentProvider, "name" | "accepts">;
  readonly reservations: ReservationQueries;
  readonly codeOf: TicketCodes;
  readonly clock: Clock;
}

/** How long the buyer waits for a payment that can't be told at once. */
const WAIT_MS = 3_000;
/** Another node may hear from the provider: so often the booking is looked at meanwhile. */
const LOOK_MS = 500;

/** Buying: reservations or a cart become a booking, paid for within a few seconds or later. */
export const purchaseRoutes =
  ({ purchases, process, provider, reservations, codeOf, clock }: PurchaseRoutes): RoutePlugin =>
  (api) => {
    /**
     * Drives the booking until it is no longer open, the buyer has something to do, or the time is over. It is on record:
     * what fails from here on is made good by its timer, and is no reason to tell the buyer that nothing was done.
     */
    const settle = async (
      { bookingId, recorded }: Purchase,
      context: CommandContext,
      log: FastifyBaseLogger,
    ): Promise<Driven> => {
      const orLater = <Value>(asked: Promise<Value>): Promise<Value | null> =>
        asked.catch((error: unknown) => {
          log.warn({ err: error, bookingId }, "a purchase is left to its booking's timer");
          return null;
        });
      const look = async (known: Booking | null): Promise<Booking> =>
        known === null ? process.look(bookingId) : ((await orLater(process.look(bookingId))) ?? known);
      const untilMs = performance.now() + WAIT_MS;
      const driven = await orLater(within(WAIT_MS, process.drive(bookingId, context, recorded)));
      let booking = driven?.booking ?? (await look(openedBy(recorded)));
      for (;;) {
        const restMs = untilMs - performance.now();
        if (!isOpen(booking) || (driven !== null && driven.clientSecret !== null) || restMs <= 0) break;
        await process.newsOf(bookingId, Math.min(restMs, LOOK_MS));
        booking = await look(booking);
      }
      return { position: 0n, againAtMs: null, clientSecret: null, ...driven, booking };
    };

    /** An inventory forgets what has ended; whether by time or by its owner, the read model knows. */
    const whyNotHeld = async (refused: Refused, wish: PurchaseWish): Promise<Refused> => {
      if (refused.code !== "reservation-not-held" || !("reservationIds" in wish.of)) return refused;
      const at = { minPosition: null, nowMs: clock.nowMs() };
      for (const reservationId of wish.of.reservationIds) {
        const found = await reservations.get(reservationId, at);
        if (found?.status === "EXPIRED") return { ...refused, code: "reservation-expired" };
      }
      return refused;
    };

    api.route({
      method: "POST",
      url: "/purchases",
      schema: {
        tags: ["Bookings"],
        summary: "Buy reservations, or the cart",
        description:
          "201: decided, see `status`. 202: the payment is still open; it may take until `expiresAt`. 402: the payment was " +
          "declined, nothing was charged, and the reservations are held until their own time.",
        body: newPurchase,
        response: { 201: booking, 202: booking },
      },
      config: {
        idempotent: true,
        problems: [
          "reservation-not-found",
          "reservation-expired",
          "reservation-not-held",
          "cart-empty",
          "cart-expired",
          "currency-mixed",
          "limit-exceeded",
          "payment-in-progress",
          "payment-declined",
          "too-many-attempts",
          "event-cancelled",
          "read-model-behind",
          "busy",
          "outcome-unknown",
        ],
      },
      handler: async (request, reply) => {
        const caller = callerOf(request);
        const context = commandContext(request);
        const wish = wishOf(caller, request.body, provider);
        const opened = await purchases.open(wish, context);
        if (!opened.accepted) throw refusal(await whyNotHeld(opened, wish));
        const { bookingId, replayed } = opened;
        const driven = await settle(opened, context, request.log);
        const state = driven.booking as OpenedBooking;
        if (state.withdrawnBecause === "event-cancelled")
          throw new Problem("event-cancelled", { members: { bookingId } });
        if (state.withdrawnBecause === "tickets-gone") {
          throw new Problem("reservation-expired", { members: { bookingId } });
        }
        recordedAt(reply, { position: later(opened.position, driven.position), replayed });
        if (state.status === "declined") throw new Problem("payment-declined", { members: { bookingId } });
        reply.code(isOpen(state) ? 202 : 201).header("location", `/bookings/${bookingId}`);
        const view = bookingView(factsOf(state), codeOf);
        const { clientSecret } = driven;
        return clientSecret === null ? view : { ...view, payment: { ...view.payment, clientSecret } };
      },
    });
  };

/** null: it was opened before, and nothing was recorded now. */
const openedBy = (recorded: Purchase["recorded"]): Booking | null =>
  recorded.length === 0
    ? null
    : recorded.reduce<Booking>((state, { event }) => evolve(state, event), { status: "missing" });

const isOpen = ({ status }: Driven["booking"]): boolean => status === "open" || status === "confirmed";

const later = (a: Position, b: Position): Position => (a > b ? a : b);

function wishOf(
  { accountId }: Caller,
  { reservationIds, cartId, payment }: z.output<typeof newPurchase>,
  provider: PurchaseRoutes["provider"],
): PurchaseWish {
  if (payment !== undefined && !provider.accepts(payment.method)) {
    throw invalid("body", "/payment/method", "takes a method of the payment provider");
  }
  const paid = payment === undefined ? null : { provider: provider.name, method: payment.method };
  if (cartId !== undefined) return { accountId, of: { cartId }, payment: paid };
  if (reservationIds?.some((one) => !isUuid(one))) throw new Problem("reservation-not-found");
  return { accountId, of: { reservationIds: reservationIds ?? [] }, payment: paid };
}
