import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import { Webhook } from "standardwebhooks";
import type { Charge } from "../../src/payments/port.ts";
import { keptAddress } from "../../src/payments/sandbox/address.ts";
import { endpointAt, type SandboxClient, sandboxClient } from "../../src/payments/sandbox/client.ts";
import { openDatabase, ProviderRuns } from "../../src/payments/sandbox/database.ts";
import { keptSecret, keysFrom } from "../../src/payments/sandbox/keys.ts";
import { sandboxProvider } from "../../src/payments/sandbox/sandbox-provider.ts";

const LOOKS_AFTER_A_KILL = 200;
const KILLS = 20;

/** The sandbox provider that the nodes of a `DATA_DIR` use, seen from outside of them. */
export interface SandboxFromOutside {
  /** All charges that it was ever asked for. */
  charges(): Promise<readonly Charge[]>;
  /** The buyer's part of a payment that asks for one, with the secret that only he has. */
  complete(clientSecret: string, confirm: boolean): Promise<void>;
  /** A webhook as it would sign it. @param at when it says that it was sent */
  signed(message: object, at?: Date): Promise<{ readonly headers: Record<string, string>; readonly body: string }>;
  kill(): Promise<void>;
  /** Kills it, and keeps nodes from starting it again until the work is done. */
  whileKilled<Result>(work: () => Promise<Result>): Promise<Result>;
  /** It runs on, but does nothing until the work is done. */
  whileFrozen<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** @param dataDir of a node that has started */
export function sandboxOf(dataDir: string): SandboxFromOutside {
  const directory = join(dataDir, "sandbox");

  async function address() {
    const kept = await keptAddress(directory);
    if (kept === null) throw new Error(`no provider was ever started in ${directory}`);
    return kept;
  }

  async function asking<Result>(ask: (client: SandboxClient) => Promise<Result>): Promise<Result> {
    const { apiToken } = keysFrom(await keptSecret(directory));
    const endpoint = endpointAt((await address()).url, apiToken);
    const client = sandboxClient(() => endpoint);
    return ask(client).finally(() => client.close());
  }

  /** What runs there may have ended a moment ago. */
  async function signal(name: NodeJS.Signals): Promise<void> {
    try {
      process.kill((await address()).pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }

  /** Its lock on its charges: whoever has it keeps all others from starting. */
  async function lockOfKilled(): Promise<DatabaseSync> {
    for (let kills = 0; kills < KILLS; kills += 1) {
      await signal("SIGKILL");
      for (let looks = 0; looks < LOOKS_AFTER_A_KILL; looks += 1) {
        try {
          return openDatabase(directory);
        } catch (error) {
          if (!(error instanceof ProviderRuns)) throw error;
          await setImmediate(); // it is not gone yet, or another was started already
        }
      }
    }
    throw new Error("the provider is started again faster than it can be killed");
  }

  return {
    charges: () =>
      asking(async (client) => {
        const provider = sandboxProvider({ client, webhookSecret: () => "", close: async () => {} });
        return Array.fromAsync(provider.chargesSince(0));
      }),
    complete: (clientSecret, confirm) =>
      asking(async (client) => {
        const attemptId = clientSecret.slice(0, clientSecret.indexOf("_"));
        const { status } = await client.call("POST", `/charges/${attemptId}/complete`, { clientSecret, confirm });
        if (status !== 200) throw new Error(`the provider answered ${status}`);
      }),
    async signed(message, at = new Date()) {
      const { webhookSecret } = keysFrom(await keptSecret(directory));
      const id = `msg_${crypto.randomUUID()}`;
      const body = JSON.stringify(message);
      const headers = {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
        "webhook-signature": new Webhook(webhookSecret).sign(id, at, body),
      };
      return { headers, body };
    },
    kill: () => signal("SIGKILL"),
    async whileKilled(work) {
      const lock = await lockOfKilled();
      return work().finally(() => lock.close());
    },
    async whileFrozen(work) {
      await signal("SIGSTOP");
      return work().finally(() => signal("SIGCONT"));
    },
  };
}
