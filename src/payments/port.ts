import type { Money } from "../domain/money.ts";

/**
 * Where the money is. Every call may be repeated: what it is about has an id of ours, which is the key that the provider
 * knows it by, so that a repetition finds what the first one did.
 *
 * Any call may fail with {@link ProviderUnavailable}, which says nothing about what became of it: look it up.
 */
export interface PaymentProvider {
  /** As it stands in the log: `sandbox` or `stripe`. */
  readonly name: string;
  /** Whether buyers may name this method; for the 400 before anything is recorded. */
  accepts(method: string): boolean;
  /**
   * Sets the amount aside. What can't be told at once is `pending` or `requires-action`, and told by webhook later.
   * @throws ProviderUnavailable
   */
  authorize(request: Authorization): Promise<Charge>;
  /**
   * Takes what was set aside; taking it again changes nothing.
   * @throws ProviderUnavailable
   * @throws ChargeNotPossible it is neither authorized nor captured
   */
  capture(charge: ChargeRef): Promise<Charge>;
  /**
   * Gives back what was set aside and keeps the attempt from ever succeeding. The answer tells what it is now: some
   * methods can't be stopped once begun, and stay `pending`; what was captured meanwhile stays `captured`. An attempt
   * that the provider never heard of is `voided` too: should it come to it later, nothing comes of it.
   * @throws ProviderUnavailable
   */
  void(charge: ChargeRef): Promise<Charge>;
  /**
   * Gives back a part of what was captured.
   * @throws ProviderUnavailable
   * @throws ChargeNotPossible more than is left, or nothing was captured
   */
  refund(request: RefundRequest): Promise<Refund>;
  /**
   * The attempt as the provider has it now; null when there is nothing to be found. Of an attempt made a moment ago that
   * may be said too early: only {@link authorize} and {@link void} with its id tell for sure, and never do it twice.
   * @param chargeId the provider's own id where it is known, which finds it at once
   * @throws ProviderUnavailable
   */
  lookUp(attemptId: string, chargeId?: string | null): Promise<Charge | null>;
  /**
   * All charges that were made since, oldest first, for reconciliation.
   * @throws ProviderUnavailable
   */
  chargesSince(sinceMs: number): AsyncIterable<Charge>;
  /**
   * What a webhook tells of: the attempt to look up. What it says of that is not believed.
   * @param rawBody the bytes as they came, as text
   * @returns null for what is not about a charge
   * @throws InvalidWebhook forged, changed on its way, or too old
   */
  webhook(headers: Readonly<Record<string, string | string[] | undefined>>, rawBody: string): WebhookNews | null;
  close(): Promise<void>;
}

export interface Authorization {
  /** A UUID of ours; the key that the provider knows the attempt by. */
  readonly attemptId: string;
  readonly bookingId: string;
  readonly amount: Money;
  readonly method: string;
  /** Until when payment counts, RFC 3339. */
  readonly deadline: string;
}

/** A charge by our id, with the provider's own where it is known. */
export interface ChargeRef {
  readonly attemptId: string;
  readonly chargeId: string | null;
}

export interface RefundRequest extends ChargeRef {
  /** A UUID of ours; the same one again is the same refund. */
  readonly refundId: string;
  readonly amount: Money;
}

export type ChargeStatus = "pending" | "requires-action" | "authorized" | "captured" | "declined" | "voided";

export interface Charge {
  /** Empty where the provider refused the attempt without making anything of it. */
  readonly chargeId: string;
  readonly attemptId: string;
  readonly bookingId: string;
  readonly status: ChargeStatus;
  readonly amount: Money;
  /** Minor units, of refunds that succeeded. */
  readonly refundedMinor: number;
  /** For the buyer's browser, where there is something to do; never recorded. */
  readonly clientSecret: string | null;
  /** For `declined`. */
  readonly declineReason: string | null;
}

export interface Refund {
  readonly providerRefundId: string;
  readonly status: "pending" | "succeeded" | "failed";
}

export interface WebhookNews {
  readonly attemptId: string;
  readonly bookingId: string;
}

/** No answer, or one that says nothing: it may or may not have been done. */
export class ProviderUnavailable extends Error {
  override readonly name = "ProviderUnavailable";
}

/** The provider says that this can't be done with the charge as it is. */
export class ChargeNotPossible extends Error {
  override readonly name = "ChargeNotPossible";
}

export class InvalidWebhook extends Error {
  override readonly name = "InvalidWebhook";
}
