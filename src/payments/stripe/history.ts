import type Stripe from "stripe";
import type { Charge } from "../port.ts";
import { attemptOf, bookingOf, chargeOf, WITH_REFUNDS } from "./charges.ts";
import { inOurWords } from "./failures.ts";

const FIRST_SPAN_S = 3_600;
/** How many intents are held at once, to turn them round. */
const MAX_HELD = 1_000;
/** The most that the SDK collects of one list; Stripe lets nobody make as many within a second. */
const MAX_OF_A_SECOND = 10_000;
/** Stripe's clock may be ahead of ours. */
const SKEW_S = 300;

/**
 * All charges of ours, oldest first. Stripe lists the newest first and can't be asked otherwise, so time is walked
 * through in spans, shorter ones where much was sold.
 * @throws ProviderUnavailable
 */
export async function* chargesSince(stripe: Stripe, sinceMs: number, nowMs: number): AsyncGenerator<Charge> {
  const endS = Math.floor(nowMs / 1_000) + SKEW_S;
  let fromS = Math.floor(sinceMs / 1_000);
  let spanS = FIRST_SPAN_S;
  while (fromS < endS) {
    const untilS = Math.min(fromS + spanS, endS);
    const limit = spanS === 1 ? MAX_OF_A_SECOND : MAX_HELD + 1;
    const intents = await madeWithin(stripe, fromS, untilS, limit);
    if (intents.length > MAX_HELD && spanS > 1) {
      spanS = Math.ceil(spanS / 4);
      continue;
    }
    for (const intent of intents.reverse()) {
      if (attemptOf(intent) !== null && bookingOf(intent) !== null) yield chargeOf(intent);
    }
    fromS = untilS;
    spanS *= 2;
  }
}

async function madeWithin(stripe: Stripe, fromS: number, untilS: number, limit: number) {
  const params = { created: { gte: fromS, lt: untilS }, limit: 100, expand: [`data.${WITH_REFUNDS}`] };
  try {
    return await stripe.paymentIntents.list(params).autoPagingToArray({ limit });
  } catch (error) {
    throw inOurWords(error);
  }
}
