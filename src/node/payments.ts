import type { Config } from "../config.ts";
import type { PaymentProvider } from "../payments/port.ts";
import { startSandbox } from "../payments/sandbox/start-sandbox.ts";
import type { Log } from "../ports.ts";

/** A payment provider with what only some of them want to know. */
export interface OpenedProvider {
  readonly provider: PaymentProvider;
  /** The address that it can post webhooks to, once this node listens. */
  readonly receiveWebhooksAt: (url: string) => void;
  /** The clock was moved on. */
  readonly clockMoved: () => Promise<void>;
  /** Payments are play money: the clock may be moved, too. */
  readonly isSandbox: boolean;
}

/** @param clockOffsetMs how far the nodes' clock is ahead of this machine's */
export type OpenProvider = (clockOffsetMs: () => number, log: Log) => Promise<OpenedProvider>;

/** The sandbox provider can't be started; the message is one line. */
export class ProviderNotStarted extends Error {
  override readonly name = "ProviderNotStarted";
}

/** The provider that the settings name. Stripe is told the address of webhooks in its dashboard. */
export const providerBy =
  ({ payments, dataDir }: Pick<Config, "payments" | "dataDir">): OpenProvider =>
  async (clockOffsetMs, log) => {
    if (payments.provider === "sandbox") {
      const { remote } = payments;
      const sandbox = await startSandbox({ dataDir, remote, clockOffsetMs, log }).catch((error: Error) => {
        throw new ProviderNotStarted(`DATA_DIR ${dataDir}: ${error.message}`, { cause: error });
      });
      return { ...sandbox, isSandbox: true };
    }
    const { secretKey, webhookSecret } = payments;
    const { stripeProvider } = await import("../payments/stripe/provider.ts"); // a start is quicker without its library
    return {
      provider: stripeProvider({ secretKey, webhookSecret }),
      receiveWebhooksAt: () => {},
      clockMoved: async () => {},
      isSandbox: false,
    };
  };
