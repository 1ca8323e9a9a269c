import Stripe from "stripe";
import { ChargeNotPossible, ProviderUnavailable } from "../port.ts";

const { StripeCardError, StripeError, StripeIdempotencyError, StripeInvalidRequestError } = Stripe.errors;

/**
 * What Stripe's SDK throws, in the port's words. Nothing of its errors goes on: they carry the whole PaymentIntent, whose
 * client secret belongs in no log.
 */
export function inOurWords(error: unknown): unknown {
  return error instanceof StripeError ? new ProviderUnavailable(inShort(error)) : error;
}

/** Runs requests to Stripe; see {@link inOurWords}. */
export async function asking<T>(requests: () => Promise<T>): Promise<T> {
  try {
    return await requests();
  } catch (error) {
    throw inOurWords(error);
  }
}

/** Stripe understood, and won't: the same request again gets the same answer. */
export function isRefusal(error: unknown): error is Stripe.errors.StripeError {
  return error instanceof StripeCardError || error instanceof StripeInvalidRequestError;
}

/** The key was used before, with another request. */
export function isKeyTaken(error: unknown): boolean {
  return error instanceof StripeIdempotencyError;
}

export function isUnknownToStripe(error: unknown): boolean {
  return error instanceof StripeInvalidRequestError && error.code === "resource_missing";
}

export function notPossible(error: Stripe.errors.StripeError): ChargeNotPossible {
  return new ChargeNotPossible(inShort(error));
}

/** Why in one word, e.g. `insufficient_funds`. */
export function reasonOf(error: { readonly decline_code?: string; readonly code?: string }): string {
  return error.decline_code || error.code || "declined";
}

/** The answer is the one that an earlier request with this key got, and may be out of date. */
export function isReplay(headers: Readonly<Record<string, string>> | undefined): boolean {
  return headers?.["idempotent-replayed"] === "true";
}

function inShort({ type, statusCode, code, requestId, detail }: Stripe.errors.StripeError): string {
  const cause = detail instanceof Error && "code" in detail ? detail.code : undefined; // e.g. ECONNREFUSED
  const details = [statusCode, code, cause, requestId].filter((one) => one !== undefined && one !== "");
  return details.length === 0 ? `Stripe: ${type}` : `Stripe: ${type} (${details.join(", ")})`;
}
