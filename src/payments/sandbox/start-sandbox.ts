import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Log } from "../../ports.ts";
import type { PaymentProvider } from "../port.ts";
import { keptAddress } from "./address.ts";
import { type Endpoint, endpointAt, type SandboxClient, sandboxClient } from "./client.ts";
import { type Watch, watchProvider } from "./connection.ts";
import { keptSecret, keysFrom, type SandboxKeys } from "./keys.ts";
import { type ProviderProcess, startProviderProcess } from "./provider-process.ts";
import { sandboxProvider } from "./sandbox-provider.ts";
import { stayConnected } from "./stay-connected.ts";

/** For a provider to be found or started; one that was just killed may hold its charges for a while yet. */
const START_WITHIN_MS = 20_000;
/** One on another machine may start later than we: payments are unavailable until then. */
const WAIT_FOR_REMOTE_MS = 2_000;

export interface SandboxOptions {
  /** The provider and all nodes on this machine share it: `DATA_DIR/sandbox` has charges, secret and address. */
  readonly dataDir: string;
  /** A provider that somebody else keeps running; null: this process finds or starts that of `dataDir`. */
  readonly remote: { readonly url: string; readonly secret: string } | null;
  /** How far the nodes' clock is ahead of this machine's, in milliseconds. */
  readonly clockOffsetMs: () => number;
  readonly log: Log;
}

export interface Sandbox {
  readonly provider: PaymentProvider;
  /** For specs and benchmarks: faults, the buyer's part, lists. */
  readonly client: SandboxClient;
  /** Has webhooks posted to this address of ours, and says so again to each provider that comes. */
  receiveWebhooksAt(url: string): void;
  /**
   * Tells the provider how far the clock is ahead now; what is due by it has happened when this resolves.
   * @throws ProviderUnavailable it is told when it comes back
   */
  clockMoved(): Promise<void>;
  /** Ends the provider too, if this process runs it: another node then takes over. The same as `provider.close`. */
  close(): Promise<void>;
}

/**
 * The sandbox payment provider, as a node uses it. One process a DATA_DIR runs it: whoever starts first, or meets that it
 * is gone. It ends with the node that started it, and the others start it again.
 * @throws Error it does not start; the message is one line
 */
export async function startSandbox({ dataDir, remote, clockOffsetMs, log }: SandboxOptions): Promise<Sandbox> {
  const directory = join(dataDir, "sandbox");
  let keys: SandboxKeys | null = remote === null ? null : keysFrom(remote.secret);
  let endpoint: Endpoint | null = null;
  let own: ProviderProcess | null = null;
  let webhookUrl: string | null = null;
  const client = sandboxClient(() => endpoint);

  /** The running provider of this directory, or one that is started for it. */
  async function findOrStart(): Promise<Watch> {
    const kept = await keptAddress(directory);
    const running = kept === null ? null : await watchProvider(kept.url, kept.instance).catch(() => null);
    if (running !== null) return running;
    const started = await startProviderProcess(dataDir, log);
    if (started === null) throw new Error("another process has its charges and does not answer");
    own = started;
    return watchProvider(started.address.url, started.address.instance);
  }

  async function greet(watch: Watch): Promise<void> {
    keys = remote === null ? keysFrom(await keptSecret(directory)) : keysFrom(remote.secret);
    endpoint = endpointAt(watch.url, keys.apiToken);
    await clockMoved();
    if (webhookUrl !== null) await client.call("POST", "/webhook-endpoint", { url: webhookUrl });
  }

  async function clockMoved(): Promise<void> {
    await client.call("POST", "/clock", { offsetMs: Math.round(clockOffsetMs()) });
  }

  if (remote === null) await mkdir(directory, { recursive: true, mode: 0o700 });
  const connection = stayConnected({
    find: () => (remote === null ? findOrStart() : watchProvider(remote.url, null)),
    onFound: greet,
    onLost: () => {
      endpoint = null;
    },
    log,
  });
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= connection.close().then(async () => {
      client.close();
      await own?.stop();
    });
    return closed;
  };
  const webhookSecret = () => keys?.webhookSecret ?? "";
  const sandbox: Sandbox = {
    provider: sandboxProvider({ client, webhookSecret, close }),
    client,
    receiveWebhooksAt(url) {
      webhookUrl = url;
      if (endpoint === null) return; // told when it comes
      client.call("POST", "/webhook-endpoint", { url }).catch((error: unknown) => {
        log.warn({ err: error }, "the sandbox provider does not know where to post webhooks yet");
      });
    },
    clockMoved,
    close,
  };

  const within = pause(remote === null ? START_WITHIN_MS : WAIT_FOR_REMOTE_MS, false, { ref: false });
  if (await Promise.race([connection.found.then(() => true), within])) return sandbox;
  const reason = connection.trouble();
  if (remote !== null) {
    log.warn({ reason }, "the sandbox payment provider does not answer yet");
    return sandbox;
  }
  await close();
  throw new Error(`the sandbox payment provider in ${directory} does not start: ${reason}`);
}
