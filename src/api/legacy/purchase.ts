import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Purchase, PurchaseCommands } from "../../commands/purchases.ts";
import type { OpenedBooking } from "../../domain/booking-state.ts";
import { refuse } from "../../domain/decision.ts";
import type { Position } from "../../eventstore/port.ts";
import type { PaymentProvider } from "../../payments/port.ts";
import type { Clock } from "../../ports.ts";
import type { BookingProcess } from "../../processes/bookings.ts";
import type { ReservationQueries } from "../../projections/reservations/queries.ts";
import { isUuid } from "../../projections/uuid.ts";
import { paymentWish } from "../bookings/payment-wish.ts";
import type { Settle } from "../bookings/settling.ts";
import { callerOf, commandContext, recordedAt } from "../conventions/commands.ts";
import type { ProblemCode } from "../problems/catalogue.ts";
import { invalid, Problem, refusal } from "../problems/problem.ts";

export interface EarlierPurchases {
  readonly purchases: Pick<PurchaseCommands, "open" | "openOnce">;
  readonly process: Pick<BookingProcess, "look">;
  readonly settle: Settle;
  readonly provider: Pick<PaymentProvider, "name" | "accepts">;
  readonly reservations: Pick<ReservationQueries, "get">;
  readonly clock: Clock;
  /** The log's last position. */
  readonly head: () => Promise<Position | null>;
}

/** What earlier systems' clients are told of a purchase. */
export const earlierPurchase = z
  .strictObject({
    bookingId: z.string().meta({ description: "From now on the booking's" }),
    status: z.enum(["PENDING_PAYMENT", "PAID", "CANCELLED", "TIMEOUT"]).meta({
      description: "CANCELLED: declined, too",
    }),
  })
  .meta({
    id: "EarlierPurchase",
    examples: [{ bookingId: "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f11", status: "PAID" }],
  });

type Told = z.output<typeof earlierPurchase>;

const STATUS_OF = {
  open: "PENDING_PAYMENT",
  confirmed: "PENDING_PAYMENT",
  paid: "PAID",
  declined: "CANCELLED",
  withdrawn: "CANCELLED",
  "timed-out": "TIMEOUT",
} as const satisfies Record<OpenedBooking["status"], Told["status"]>;

/** Refused because of what has become of the reservation, which then is the answer. */
const DECIDED: ReadonlySet<string> = new Set([
  "reservation-not-held",
  "reservation-expired",
  "payment-in-progress",
  "event-cancelled",
]);

/** What else buying one reservation may come to. */
export const OF_EARLIER_PURCHASES = [
  "booking-not-found",
  "currency-mixed",
  "too-many-attempts",
  "read-model-behind",
  "busy",
  "outcome-unknown",
] as const satisfies readonly ProblemCode[];

interface Wish {
  /** The reservation's until it is bought, then the booking's: either will do. */
  readonly bookingId: string;
  readonly paymentDetails: { readonly method: string } | undefined;
}

/**
 * `POST /purchases` as earlier systems' clients send it: buys one reservation, and tells in any case how it stands. Without
 * an `Idempotency-Key` it is one purchase too, however often it is asked for; after one that was declined, another.
 */
export const earlierPurchases = (dependencies: EarlierPurchases) => {
  const { purchases, process, settle, provider, reservations, clock, head } = dependencies;

  return async (request: FastifyRequest, reply: FastifyReply, wish: Wish): Promise<Told> => {
    const { accountId } = callerOf(request);
    const context = commandContext(request);
    const { bookingId: id } = wish;

    const settled = async (purchase: Pick<Purchase, "bookingId" | "recorded">): Promise<Told & Stands> => {
      const { booking, position } = await settle(purchase, context, request.log);
      return { bookingId: purchase.bookingId, status: STATUS_OF[booking.status], position };
    };
    const ofBooking = async (bookingId: string): Promise<(Told & Stands) | null> => {
      const booking = await process.look(bookingId);
      const isOwn = "accountId" in booking && booking.accountId === accountId;
      return isOwn ? settled({ bookingId, recorded: [] }) : null;
    };
    /** What has become of a reservation that can't be bought here any more. */
    const ofReservation = async (): Promise<Told & Stands> => {
      const position = (await head()) ?? 0n;
      const found = await reservations.get(id, { minPosition: position, nowMs: clock.nowMs() });
      if (found?.accountId !== accountId) throw new Problem("booking-not-found");
      const bought = found.bookingId === null ? null : await ofBooking(found.bookingId);
      if (bought !== null) return bought;
      const status = found.status === "EXPIRED" ? "TIMEOUT" : found.status === "HELD" ? "PENDING_PAYMENT" : "CANCELLED";
      return { bookingId: id, status, position };
    };

    const payment = paymentWish(wish.paymentDetails, provider, "/paymentDetails");
    const wanted = { accountId, of: { reservationIds: [id] }, payment };
    const open = () =>
      context.idempotency === null
        ? purchases.openOnce(`purchase/${id}`, wanted, context)
        : purchases.open(wanted, context);
    const opened = isUuid(id) ? await open() : refuse("reservation-not-found");

    let told: (Told & Stands) | null;
    if (opened.accepted) told = await settled(opened);
    else if (opened.code === "reservation-not-found") told = isUuid(id) ? await ofBooking(id) : null;
    else if (DECIDED.has(opened.code)) told = await ofReservation();
    else if (opened.code === "invalid") throw invalid("body", "/paymentDetails", "what has a price needs a payment");
    else throw refusal(opened);
    if (told === null) throw new Problem("booking-not-found");
    const { bookingId, status, position } = told;
    const replayed = opened.accepted && opened.replayed && context.idempotency !== null;
    recordedAt(reply, {
      position: opened.accepted && opened.position > position ? opened.position : position,
      replayed,
    });
    return { bookingId, status };
  };
};

interface Stands {
  readonly position: Position;
}
