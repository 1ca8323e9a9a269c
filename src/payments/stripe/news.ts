import type Stripe from "stripe";
import { InvalidWebhook, type WebhookNews } from "../port.ts";
import { attemptOf, bookingOf } from "./charges.ts";

/** How old a webhook may be, by its signed time. Stripe signs again whenever it delivers again. */
const TOLERANCE_S = 300;

/** Events about a PaymentIntent or a Refund; either has our ids in its metadata. */
const ABOUT_CHARGES = /^(payment_intent|refund)\./;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * @param rawBody the bytes as they came, as text: the signature is over them
 * @returns null for what is not about a charge of ours
 * @throws InvalidWebhook
 */
export function webhookNews(
  stripe: Stripe,
  secret: string,
  headers: Headers,
  rawBody: string,
  nowMs: number,
): WebhookNews | null {
  const event = verified(stripe, secret, headers, rawBody, nowMs);
  if (!ABOUT_CHARGES.test(event.type)) return null;
  const object = event.data.object as { metadata?: Stripe.Metadata | null };
  const attemptId = attemptOf(object);
  const bookingId = bookingOf(object);
  return attemptId === null || bookingId === null ? null : { attemptId, bookingId };
}

function verified(stripe: Stripe, secret: string, headers: Headers, rawBody: string, nowMs: number): Stripe.Event {
  const signature = headers["stripe-signature"];
  if (typeof signature !== "string") throw new InvalidWebhook("one header Stripe-Signature is needed");
  try {
    return stripe.webhooks.constructEvent(rawBody, signature, secret, TOLERANCE_S, undefined, nowMs);
  } catch {
    // The SDK's message has several lines on how to use it; its error has the whole body.
    throw new InvalidWebhook("the signature does not fit, or is too old");
  }
}
