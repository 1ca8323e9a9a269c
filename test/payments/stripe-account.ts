import { randomUUID } from "node:crypto";
import { onTestFinished } from "vitest";
import type { Authorization, PaymentProvider } from "../../src/payments/port.ts";
import { type StripeOptions, stripeProvider } from "../../src/payments/stripe/provider.ts";
import { type StripeStandIn, startStripe } from "../support/stripe/server.ts";

export interface Account {
  readonly stripe: StripeStandIn;
  readonly provider: PaymentProvider;
  /** Another process, which remembers nothing of what this one did. */
  another(): PaymentProvider;
}

/** A Stripe account of its own for one spec. Without retries of the SDK, which wait half a second. */
export async function openAccount(options: Partial<StripeOptions> = {}): Promise<Account> {
  const stripe = await startStripe();
  onTestFinished(() => stripe.close());
  const { api, secretKey, webhookSecret } = stripe;
  const another = () => {
    const provider = stripeProvider({ api, secretKey, webhookSecret, retries: 0, ...options });
    onTestFinished(() => provider.close());
    return provider;
  };
  return { stripe, provider: another(), another };
}

export function request(changes: Partial<Authorization> = {}): Authorization {
  return {
    attemptId: randomUUID(),
    bookingId: randomUUID(),
    amount: { amount: 4_500, currency: "EUR" },
    method: "pm_card_visa",
    deadline: "2030-01-01T12:00:00Z",
    ...changes,
  };
}

/** As the log has it, where nothing is known but our own id. */
export const byOurId = ({ attemptId }: { readonly attemptId: string }) => ({ attemptId, chargeId: null });
