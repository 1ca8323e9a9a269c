import type { z } from "zod";
import type { Caller } from "../../accounts/caller.ts";
import type { PurchaseCommands, PurchaseWish } from "../../commands/purchases.ts";
import type { TicketCodes } from "../../commands/tickets.ts";
import type { Position } from "../../eventstore/port.ts";
import type { PaymentProvider } from "../../payments/port.ts";
import type { Clock } from "../../ports.ts";
import type { BookingProcess } from "../../processes/bookings.ts";
import type { ReservationQueries } from "../../projections/reservations/queries.ts";
import { isUuid } from "../../projections/uuid.ts";
import { callerOf, commandContext, recordedAt } from "../conventions/commands.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { earlierPurchase, earlierPurchases } from "../legacy/purchase.ts";
import { inEarlierWords } from "../problems/earlier-words.ts";
import { Problem, refusal } from "../problems/problem.ts";
import { paymentWish } from "./payment-wish.ts";
import { booking, newPurchase } from "./schemas.ts";
import { isOpen, settlingBy, withdrawnProblem } from "./settling.ts";
import { bookingView, factsOf } from "./view.ts";
import { whyNotHeldBy } from "./why-not-held.ts";

export interface PurchaseRoutes {
  readonly purchases: PurchaseCommands;
  readonly process: Pick<BookingProcess, "drive" | "newsOf" | "look">;
  readonly provider: Pick<PaymentProvider, "name" | "accepts">;
  readonly reservations: ReservationQueries;
  readonly codeOf: TicketCodes;
  readonly clock: Clock;
  /** The log's last position. */
  readonly head: () => Promise<Position | null>;
}

/** Buying: reservations or a cart become a booking, paid for within a few seconds or later. */
export const purchaseRoutes =
  ({ purchases, process, provider, reservations, codeOf, clock, head }: PurchaseRoutes): RoutePlugin =>
  (api) => {
    const settle = settlingBy(process);
    const whyNotHeld = whyNotHeldBy(reservations, clock);
    const purchaseEarlier = earlierPurchases({ purchases, process, settle, provider, reservations, clock, head });

    api.route({
      method: "POST",
      url: "/purchases",
      schema: {
        tags: ["Bookings"],
        summary: "Buy reservations, or the cart",
        description:
          "201: decided, see `status`. 202: the payment is still open; it may take until `expiresAt`. 402: the payment was " +
          "declined, nothing was charged, and the reservations are held until their own time. 409 with a `bookingId`: it was " +
          "begun, and came to nothing meanwhile (the event was called off, the tickets lapsed); nothing stays charged. 200: to `bookingId`, as " +
          "earlier systems have it, whatever became of it.",
        body: newPurchase,
        response: { 200: earlierPurchase, 201: booking, 202: booking },
      },
      config: {
        idempotent: true,
        problems: [
          "booking-not-found",
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
      errorHandler: inEarlierWords,
      handler: async (request, reply) => {
        const { bookingId: earlierId, paymentDetails } = request.body;
        if (earlierId !== undefined) {
          reply.code(200);
          return purchaseEarlier(request, reply, { bookingId: earlierId, paymentDetails });
        }
        const caller = callerOf(request);
        const context = commandContext(request);
        const wish = wishOf(caller, request.body, provider);
        const opened = await purchases.open(wish, context);
        if (!opened.accepted) throw refusal(await whyNotHeld(opened, wish));
        const { bookingId, replayed } = opened;
        const driven = await settle(opened, context, request.log);
        const state = driven.booking;
        const withdrawn = withdrawnProblem(state);
        if (withdrawn !== null) throw withdrawn;
        recordedAt(reply, { position: later(opened.position, driven.position), replayed });
        if (state.status === "declined") throw new Problem("payment-declined", { members: { bookingId } });
        reply.code(isOpen(state) ? 202 : 201).header("location", `/bookings/${bookingId}`);
        const view = bookingView(factsOf(state), codeOf);
        const { clientSecret } = driven;
        return clientSecret === null ? view : { ...view, payment: { ...view.payment, clientSecret } };
      },
    });
  };

const later = (a: Position, b: Position): Position => (a > b ? a : b);

function wishOf(
  { accountId }: Caller,
  { reservationIds, cartId, payment }: z.output<typeof newPurchase>,
  provider: PurchaseRoutes["provider"],
): PurchaseWish {
  const paid = paymentWish(payment, provider, "/payment");
  if (cartId !== undefined) return { accountId, of: { cartId }, payment: paid };
  if (reservationIds?.some((one) => !isUuid(one))) throw new Problem("reservation-not-found");
  return { accountId, of: { reservationIds: reservationIds ?? [] }, payment: paid };
}
