import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import Stripe from "stripe";

/** The API as the adapter was written for it; a newer SDK does not change what it gets. */
export const STRIPE_API_VERSION = "2026-10-28.endive";

export interface StripeClientOptions {
  readonly secretKey: string;
  /** Where Stripe's API is; its own address unless a test says otherwise. */
  readonly api?: { readonly protocol: "http" | "https"; readonly host: string; readonly port: number };
  /** For each try of a request, without a byte from Stripe. */
  readonly timeoutMs?: number;
  /** After the first try, with the same idempotency key; 0.5 s to 5 s apart. */
  readonly retries?: number;
}

export interface StripeClient {
  readonly stripe: Stripe;
  close(): void;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_RETRIES = 2;
const MAX_CONNECTIONS = 50;

/** Stripe's SDK with connections of its own, which end with {@link StripeClient.close}. */
export function stripeClient(options: StripeClientOptions): StripeClient {
  const { secretKey, api, timeoutMs = DEFAULT_TIMEOUT_MS, retries = DEFAULT_RETRIES } = options;
  const Agent = api?.protocol === "http" ? HttpAgent : HttpsAgent;
  const httpAgent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS });
  const stripe = new Stripe(secretKey, {
    ...api,
    httpAgent,
    apiVersion: STRIPE_API_VERSION,
    timeout: timeoutMs,
    maxNetworkRetries: retries,
    telemetry: false,
  });
  return { stripe, close: () => httpAgent.destroy() };
}
