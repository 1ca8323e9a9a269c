import { join } from "node:path";
import type { Charge } from "../../../src/payments/port.ts";
import { keptAddress } from "../../../src/payments/sandbox/address.ts";
import { endpointAt, type SandboxClient, sandboxClient } from "../../../src/payments/sandbox/client.ts";
import { keptSecret, keysFrom } from "../../../src/payments/sandbox/keys.ts";
import { sandboxProvider } from "../../../src/payments/sandbox/sandbox-provider.ts";

/** A refund as the provider has it. */
export interface ProvidersRefund {
  readonly refundId: string;
  readonly attemptId: string;
  readonly amount: { readonly amount: number };
}

/** What the sandbox provider of a `DATA_DIR` has on record, asked of it without a node between. */
export interface ProviderRecord {
  charges(): Promise<readonly Charge[]>;
  refunds(): Promise<readonly ProvidersRefund[]>;
  /** Each call about money waits so long from now on, until the provider starts anew. */
  delayEach(delayMs: number): Promise<void>;
  /** Each call about money fails from now on, or none. */
  failEach(failing: boolean): Promise<void>;
  /** @throws Error with code `ESRCH`, when it has just ended */
  signal(name: NodeJS.Signals): Promise<void>;
}

/** @param dataDir of a node that has started */
export function providerRecord(dataDir: string): ProviderRecord {
  const directory = join(dataDir, "sandbox");
  const address = async () => {
    const kept = await keptAddress(directory);
    if (kept === null) throw new Error(`no provider was ever started in ${directory}`);
    return kept;
  };
  const asking = async <Result>(ask: (client: SandboxClient) => Promise<Result>): Promise<Result> => {
    const endpoint = endpointAt((await address()).url, keysFrom(await keptSecret(directory)).apiToken);
    const client = sandboxClient(() => endpoint);
    return ask(client).finally(() => client.close());
  };
  const faults = (settings: object) =>
    asking(async (client) => {
      const { status } = await client.call("POST", "/faults", settings);
      if (status !== 200) throw new Error(`the provider takes no faults: ${status}`);
    });
  return {
    charges: () =>
      asking((client) => {
        const provider = sandboxProvider({ client, webhookSecret: () => "", close: async () => {} });
        return Array.fromAsync(provider.chargesSince(0));
      }),
    refunds: () => asking(allRefunds),
    delayEach: (delayMs) => faults({ delayPercent: 100, delayMs }),
    failEach: (failing) => faults({ failPercent: failing ? 100 : 0 }),
    async signal(name) {
      process.kill((await address()).pid, name);
    },
  };
}

async function allRefunds(client: SandboxClient): Promise<readonly ProvidersRefund[]> {
  const refunds: ProvidersRefund[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const { body } = await client.call("GET", `/refunds?after=${after}`);
    const page = body as { items: readonly ProvidersRefund[]; next: { readonly after: number } | null };
    refunds.push(...page.items);
    after = page.next?.after ?? null;
  }
  return refunds;
}
