import type { FastifyRequest } from "fastify";
import type { Caller } from "../../accounts/caller.ts";
import type { PurchaseCommands } from "../../commands/purchases.ts";
import type { UsedKeys } from "../../commands/used-keys.ts";
import type { PaymentProvider } from "../../payments/port.ts";
import { type Settle, withdrawnProblem } from "../bookings/settling.ts";
import type { WhyNotHeld } from "../bookings/why-not-held.ts";
import { commandContext, recordedAt } from "../conventions/commands.ts";
import type { ProblemCode } from "../problems/catalogue.ts";
import { Problem, refusal } from "../problems/problem.ts";

export interface BuyingOnce {
  readonly purchases: Pick<PurchaseCommands, "openOnce">;
  readonly settle: Settle;
  readonly whyNotHeld: WhyNotHeld;
  readonly provider: Pick<PaymentProvider, "name" | "accepts">;
  readonly keys: UsedKeys;
}

/** How it is paid for: these routes say nothing of payments. Providers other than the sandbox don't take it. */
const METHOD = "sandbox-ok";
const AGAIN_SECONDS = 1;

/** What may be against it now, or for good: no more than 400 to clients of earlier systems. */
export const OF_STATE = [
  "reservation-not-held",
  "reservation-expired",
  "payment-in-progress",
  "too-many-attempts",
  "event-cancelled",
  "limit-exceeded",
] as const satisfies readonly ProblemCode[];

/** Why a reservation can't be bought by these routes. */
export const OF_BUYING = [...OF_STATE, "reservation-not-found", "payment-required", "read-model-behind"] as const;

/**
 * Buys one reservation by a route that carries no payment, once for good: whoever asks again is told of the same booking,
 * after a restart and by another node too. An `Idempotency-Key` adds nothing to that but the 422 of one that comes again
 * with another body.
 * @param route its name: a reservation that was bought by another one is no longer held for this one
 * @returns the booking's id, once it is paid
 * @throws Problem {@link OF_BUYING}; `outcome-unknown` while it is being paid
 */
export const buyingOnce =
  ({ purchases, settle, whyNotHeld, provider, keys }: BuyingOnce) =>
  async (
    request: FastifyRequest,
    reply: Parameters<typeof recordedAt>[0],
    caller: Caller,
    { route, reservationId }: { readonly route: "book" | "confirm"; readonly reservationId: string },
  ): Promise<string> => {
    const context = commandContext(request, undefined, caller);
    const { idempotency } = context;
    const replayed = idempotency !== null && (await keys.isUsed(idempotency));
    const payment = provider.accepts(METHOD) ? { provider: provider.name, method: METHOD } : null;
    const wish = { accountId: caller.accountId, of: { reservationIds: [reservationId] }, payment };
    const opened = await purchases.openOnce(`${route}/${reservationId}`, wish, context);
    if (!opened.accepted) {
      if (opened.code === "invalid") throw new Problem("payment-required");
      throw refusal(await whyNotHeld(opened, wish));
    }
    const { bookingId } = opened;
    const { booking, position } = await settle(opened, context, request.log);
    if (booking.status === "declined") throw new Problem("payment-required");
    if (booking.status === "timed-out") throw new Problem("reservation-expired", { members: { bookingId } });
    if (booking.status === "withdrawn") throw withdrawnProblem(booking) ?? new Problem("reservation-not-held");
    if (booking.status !== "paid") throw stillOpen(bookingId);
    if (idempotency !== null && !replayed) await keys.use(idempotency);
    recordedAt(reply, { position: position > opened.position ? position : opened.position, replayed });
    return bookingId;
  };

/** These routes have no way to say that a payment takes longer: whoever asks again gets the same booking's end. */
const stillOpen = (bookingId: string): Problem =>
  new Problem("outcome-unknown", {
    detail: "The payment is not through yet. Repeat the request.",
    retryAfterSeconds: AGAIN_SECONDS,
    members: { bookingId },
  });
