import type { PaymentProvider } from "../port.ts";
import { authorize } from "./authorizing.ts";
import { chargeOf } from "./charges.ts";
import { type StripeClientOptions, stripeClient } from "./client.ts";
import { asking } from "./failures.ts";
import { chargesSince } from "./history.ts";
import { intents as stripeIntents } from "./intents.ts";
import { webhookNews } from "./news.ts";
import { refund } from "./refunding.ts";
import { capture, closeDeclined, voidCharge } from "./settling.ts";

export interface StripeOptions extends StripeClientOptions {
  /** `whsec_...`, of the endpoint that is registered for `POST /payments/webhook`. */
  readonly webhookSecret: string;
  /** The time of day, for the age of webhooks; Stripe's own clock is not moved on in tests, so this is not the one clock. */
  readonly nowMs?: () => number;
}

/** A PaymentMethod that the buyer's browser made with Stripe.js. */
const PAYMENT_METHOD = /^pm_\w{1,250}$/;

/**
 * Payments through Stripe: one PaymentIntent for each attempt, captured by hand. Ids of PaymentIntents are the charges'
 * ids; ours are in the metadata.
 */
export function stripeProvider(options: StripeOptions): PaymentProvider {
  const { webhookSecret, nowMs = Date.now } = options;
  const { stripe, close } = stripeClient(options);
  const intents = stripeIntents(stripe, nowMs);
  return {
    name: "stripe",
    accepts: (method) => PAYMENT_METHOD.test(method),
    authorize: (request) => asking(() => authorize(stripe, intents, request)),
    capture: (ref) => asking(() => capture(stripe, intents, ref)),
    void: (ref) => asking(() => voidCharge(stripe, intents, ref)),
    refund: (request) => asking(() => refund(stripe, intents, request)),
    lookUp: (attemptId, chargeId) =>
      asking(async () => {
        const intent = await intents.find(attemptId, chargeId);
        if (intent === null) return null;
        return intent.status === "requires_payment_method" ? closeDeclined(stripe, intents, intent) : chargeOf(intent);
      }),
    chargesSince: (sinceMs) => chargesSince(stripe, sinceMs, nowMs()),
    webhook: (headers, rawBody) => webhookNews(stripe, webhookSecret, headers, rawBody, nowMs()),
    close: async () => close(),
  };
}
