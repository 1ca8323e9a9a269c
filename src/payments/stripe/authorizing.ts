import type Stripe from "stripe";
import { type Authorization, type Charge, ProviderUnavailable } from "../port.ts";
import { toStripe } from "./amounts.ts";
import { chargeOf, refusedCharge } from "./charges.ts";
import { isKeyTaken, isRefusal, isReplay, reasonOf } from "./failures.ts";
import type { Intents } from "./intents.ts";

/**
 * Makes and confirms a PaymentIntent whose idempotency key is the attempt's id. For at least 24 hours the same request
 * again gets the first one's answer, word for word; so what it was about is then fetched as it is now.
 */
export async function authorize(stripe: Stripe, intents: Intents, request: Authorization): Promise<Charge> {
  const { attemptId, bookingId, method } = request;
  const amount = toStripe(request.amount);
  if (amount === null) return refusedCharge(request, "amount-not-chargeable");
  const params: Stripe.PaymentIntentCreateParams = {
    ...amount,
    payment_method: method,
    capture_method: "manual",
    confirm: true,
    // What needs another page can't be shown from here; 3-D Secure goes through Stripe.js with the client secret.
    automatic_payment_methods: { enabled: true, allow_redirects: "never" },
    use_stripe_sdk: true,
    metadata: { attemptId, bookingId },
  };
  try {
    const intent = await stripe.paymentIntents.create(params, { idempotencyKey: attemptId });
    return await asItIsNow(intents, attemptId, intent, isReplay(intent.lastResponse.headers));
  } catch (error) {
    if (isKeyTaken(error)) return takenBefore(intents, request);
    if (!isRefusal(error)) throw error;
    const { payment_intent: intent, headers } = error;
    if (intent === undefined) return refusedCharge(request, reasonOf(error));
    return asItIsNow(intents, attemptId, intent, isReplay(headers));
  }
}

async function asItIsNow(
  intents: Intents,
  attemptId: string,
  intent: Stripe.PaymentIntent,
  isOld: boolean,
): Promise<Charge> {
  intents.remember(attemptId, intent.id);
  return chargeOf((isOld ? await intents.get(intent.id) : null) ?? intent);
}

/** The attempt was voided before it was made: the key is that of a cancelled intent. */
async function takenBefore(intents: Intents, { attemptId, bookingId, amount }: Authorization): Promise<Charge> {
  const intent = await intents.find(attemptId);
  if (intent === null) throw new ProviderUnavailable(`Stripe knows the attempt ${attemptId}, but can't find it yet`);
  return { ...chargeOf(intent), bookingId, amount };
}
