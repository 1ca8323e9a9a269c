import type Stripe from "stripe";
import type { Money } from "../../domain/money.ts";
import type { Authorization, Charge, ChargeStatus } from "../port.ts";
import { fromStripe } from "./amounts.ts";
import { reasonOf } from "./failures.ts";

/** What to ask for along with a PaymentIntent, to know what was refunded of it. */
export const WITH_REFUNDS = "latest_charge.refunds";

/** Why an intent is cancelled of which the attempt failed; every other one was voided. */
export const CLOSED_AFTER_DECLINE = "abandoned";

/** The attempt that a PaymentIntent was made for, as its metadata tell; null for what others do with the account. */
export function attemptOf(object: { readonly metadata?: Stripe.Metadata | null }): string | null {
  return object.metadata?.attemptId || null;
}

export function bookingOf(object: { readonly metadata?: Stripe.Metadata | null }): string | null {
  return object.metadata?.bookingId || null;
}

/** Of an attempt that was voided before it was made, nobody told the amount; ISO 4217 has a code for that. */
const NO_AMOUNT: Money = { amount: 0, currency: "XXX" };

/** A PaymentIntent in the port's words; one without a booking only keeps the attempt's key (see `takeKey`). */
export function chargeOf(intent: Stripe.PaymentIntent): Charge {
  const status = statusOf(intent);
  const bookingId = bookingOf(intent);
  return {
    chargeId: intent.id,
    attemptId: attemptOf(intent) ?? "",
    bookingId: bookingId ?? "",
    status,
    amount: bookingId === null ? NO_AMOUNT : fromStripe(intent),
    refundedMinor: fromStripe({ amount: refundedOf(intent), currency: intent.currency }).amount,
    clientSecret: status === "requires-action" ? intent.client_secret : null,
    declineReason: status === "declined" ? reasonOf(intent.last_payment_error ?? {}) : null,
  };
}

/** An attempt that Stripe refused without making a PaymentIntent of it. */
export function refusedCharge({ attemptId, bookingId, amount }: Authorization, declineReason: string): Charge {
  const nothing = { chargeId: "", refundedMinor: 0, clientSecret: null };
  return { ...nothing, attemptId, bookingId, amount, status: "declined", declineReason };
}

/** docs.stripe.com/payments/paymentintents/lifecycle */
function statusOf({ status, cancellation_reason }: Stripe.PaymentIntent): ChargeStatus {
  switch (status) {
    case "requires_capture":
      return "authorized";
    case "succeeded":
      return "captured";
    case "requires_action":
      return "requires-action";
    case "requires_payment_method":
      return "declined"; // it was made with one, and that failed
    case "canceled":
      return cancellation_reason === CLOSED_AFTER_DECLINE ? "declined" : "voided";
    default:
      return "pending"; // processing, requires_confirmation, and whatever Stripe may invent
  }
}

/**
 * What was given back, in Stripe's units. It sends the latest ten refunds along; where there are more, its own sum
 * counts, which has those under way too.
 */
function refundedOf({ latest_charge }: Stripe.PaymentIntent): number {
  if (latest_charge === null || typeof latest_charge === "string") return 0; // not asked for: just made, or just captured
  const { refunds, amount_refunded } = latest_charge;
  if (!refunds || refunds.has_more) return amount_refunded;
  return refunds.data.filter(({ status }) => status === "succeeded").reduce((sum, { amount }) => sum + amount, 0);
}
