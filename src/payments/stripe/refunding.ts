import type Stripe from "stripe";
import { ChargeNotPossible, type Refund, type RefundRequest } from "../port.ts";
import { toStripe } from "./amounts.ts";
import { bookingOf } from "./charges.ts";
import { isKeyTaken, isRefusal, notPossible } from "./failures.ts";
import type { Intents } from "./intents.ts";

/** The most that the SDK collects of one list. */
const MAX_REFUNDS = 10_000;

/**
 * Refunds a part of a PaymentIntent. Its refunds are looked through first, for one with this id: Stripe forgets
 * idempotency keys after a day, and a refund may have to be asked for again for longer than that. The key covers two
 * who ask at the same time. Where the first one failed, somebody may have made another by hand, with this id in its
 * metadata: that one counts then.
 */
export async function refund(stripe: Stripe, intents: Intents, request: RefundRequest): Promise<Refund> {
  const { attemptId, chargeId, refundId } = request;
  const intent = await intents.find(attemptId, chargeId);
  if (intent?.status !== "succeeded") {
    throw new ChargeNotPossible(`nothing was captured of ${attemptId}: ${intent?.status ?? "unknown to Stripe"}`);
  }
  const amount = toStripe(request.amount);
  if (amount === null || amount.currency !== intent.currency) {
    throw new ChargeNotPossible(`Stripe can't refund ${request.amount.amount} ${request.amount.currency} of it`);
  }
  const ours = (await refundsOf(stripe, intent)).filter(({ metadata }) => metadata?.refundId === refundId);
  const known = ours.find(({ status }) => status === "succeeded") ?? ours[0];
  if (known !== undefined) {
    if (known.amount === amount.amount) return refundOf(known);
    throw new ChargeNotPossible(`the refund ${refundId} is already one of another amount`);
  }
  const bookingId = bookingOf(intent) ?? "";
  const params = { payment_intent: intent.id, amount: amount.amount, metadata: { refundId, attemptId, bookingId } };
  try {
    return refundOf(await stripe.refunds.create(params, { idempotencyKey: refundId }));
  } catch (error) {
    if (isKeyTaken(error)) throw new ChargeNotPossible(`the refund ${refundId} is already another one`);
    throw isRefusal(error) ? notPossible(error) : error;
  }
}

async function refundsOf(stripe: Stripe, intent: Stripe.PaymentIntent): Promise<readonly Stripe.Refund[]> {
  const { latest_charge } = intent;
  const sentAlong = latest_charge === null || typeof latest_charge === "string" ? null : latest_charge.refunds;
  if (sentAlong && !sentAlong.has_more) return sentAlong.data;
  return stripe.refunds.list({ payment_intent: intent.id, limit: 100 }).autoPagingToArray({ limit: MAX_REFUNDS });
}

function refundOf({ id, status }: Stripe.Refund): Refund {
  if (status === "succeeded") return { providerRefundId: id, status };
  return { providerRefundId: id, status: status === "failed" || status === "canceled" ? "failed" : "pending" };
}
