import type Stripe from "stripe";
import { type Charge, ChargeNotPossible, type ChargeRef, ProviderUnavailable } from "../port.ts";
import { CLOSED_AFTER_DECLINE, chargeOf } from "./charges.ts";
import { isKeyTaken, isRefusal, notPossible } from "./failures.ts";
import type { Intents } from "./intents.ts";

/**
 * Captures without a key of ours: Stripe refuses to capture twice, and what it refused is looked at. (A key would keep
 * the answer 500 for a day.)
 */
export async function capture(stripe: Stripe, intents: Intents, { attemptId, chargeId }: ChargeRef): Promise<Charge> {
  const intentId = chargeId || (await intents.find(attemptId))?.id;
  if (intentId === undefined) throw new ChargeNotPossible(`Stripe has no charge for the attempt ${attemptId}`);
  try {
    return chargeOf(await stripe.paymentIntents.capture(intentId));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const intent = await intents.get(intentId);
    if (intent?.status === "succeeded") return chargeOf(intent);
    throw notPossible(error);
  }
}

/** Cancels the PaymentIntent, or keeps one from ever being made for this attempt. */
export async function voidCharge(stripe: Stripe, intents: Intents, ref: ChargeRef): Promise<Charge> {
  const { attemptId, chargeId } = ref;
  const intent = await intents.find(attemptId, chargeId);
  if (intent !== null) return cancel(stripe, intents, intent, "requested_by_customer");
  const placeholder = await takeKey(stripe, attemptId);
  intents.remember(attemptId, placeholder.id);
  return cancel(stripe, intents, placeholder, "requested_by_customer");
}

/**
 * After a failed 3-D Secure the buyer still has the client secret and could try another card: an attempt that was told
 * to be declined is closed.
 */
export function closeDeclined(stripe: Stripe, intents: Intents, intent: Stripe.PaymentIntent): Promise<Charge> {
  return cancel(stripe, intents, intent, CLOSED_AFTER_DECLINE);
}

async function cancel(
  stripe: Stripe,
  intents: Intents,
  intent: Stripe.PaymentIntent,
  cancellation_reason: Stripe.PaymentIntentCancelParams.CancellationReason,
): Promise<Charge> {
  // What the failure was may be gone from a cancelled intent.
  const { declineReason } = chargeOf(intent);
  const told = (charge: Charge): Charge =>
    charge.status === "declined" ? { ...charge, declineReason: declineReason ?? charge.declineReason } : charge;
  if (intent.status === "canceled") return chargeOf(intent);
  try {
    return told(chargeOf(await stripe.paymentIntents.cancel(intent.id, { cancellation_reason })));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const now = await intents.get(intent.id);
    if (now?.status === "canceled" || now?.status === "succeeded" || now?.status === "processing") {
      return told(chargeOf(now));
    }
    throw new ProviderUnavailable(`Stripe did not cancel ${intent.id}, which is ${now?.status ?? "gone"}`);
  }
}

/**
 * Nothing was found of the attempt, but its request may still be on its way. So its idempotency key is used up, on a
 * PaymentIntent that has no payment method and is cancelled at once: what comes later under this key is refused. When
 * the key is used already, there is an intent that can't be found yet.
 */
async function takeKey(stripe: Stripe, attemptId: string): Promise<Stripe.PaymentIntent> {
  const params: Stripe.PaymentIntentCreateParams = {
    amount: 1_000, // above every minimum, never charged
    currency: "usd",
    capture_method: "manual",
    description: "Keeps a payment that was given up from being made",
    metadata: { attemptId },
  };
  try {
    return await stripe.paymentIntents.create(params, { idempotencyKey: attemptId });
  } catch (error) {
    if (!isKeyTaken(error)) throw error;
    throw new ProviderUnavailable(`Stripe knows the attempt ${attemptId}, but can't find it yet`);
  }
}
