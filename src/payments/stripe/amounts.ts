import type { Money } from "../../domain/money.ts";

/**
 * Stripe counts in minor units too, but for some currencies not in those of ISO 4217: it has two decimals where ISO has
 * none, and none where ISO has two (docs.stripe.com/currencies, "Special cases" and "Zero-decimal currencies").
 */
const STRIPE_UNITS_PER_ISO_UNIT: Readonly<Record<string, number>> = { ISK: 100, UGX: 100 };
const ISO_UNITS_PER_STRIPE_UNIT: Readonly<Record<string, number>> = { MGA: 100 };
/** Card networks settle these without their third decimal, so its digit has to be 0. */
const THREE_DECIMALS: ReadonlySet<string> = new Set(["BHD", "JOD", "KWD", "OMR", "TND"]);

export interface StripeAmount {
  readonly amount: number;
  /** In lower case, as Stripe has it. */
  readonly currency: string;
}

/** @returns null for what can't be said in Stripe's units; it is never rounded here */
export function toStripe({ amount, currency }: Money): StripeAmount | null {
  if (THREE_DECIMALS.has(currency) && amount % 10 !== 0) return null;
  const inStripeUnits =
    (amount * (STRIPE_UNITS_PER_ISO_UNIT[currency] ?? 1)) / (ISO_UNITS_PER_STRIPE_UNIT[currency] ?? 1);
  return Number.isSafeInteger(inStripeUnits) ? { amount: inStripeUnits, currency: currency.toLowerCase() } : null;
}

export function fromStripe({ amount, currency }: StripeAmount): Money {
  const iso = currency.toUpperCase();
  const inIsoUnits = (amount * (ISO_UNITS_PER_STRIPE_UNIT[iso] ?? 1)) / (STRIPE_UNITS_PER_ISO_UNIT[iso] ?? 1);
  return { amount: inIsoUnits, currency: iso };
}
