import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Address, keptAddress } from "../../../src/payments/sandbox/address.ts";
import { endpointAt, sandboxClient } from "../../../src/payments/sandbox/client.ts";
import { watchProvider } from "../../../src/payments/sandbox/connection.ts";
import type { FaultSettings } from "../../../src/payments/sandbox/faults.ts";
import { keptSecret, keysFrom } from "../../../src/payments/sandbox/keys.ts";

export type Faults = FaultSettings;

const LOOK_MS = 100;
const NO_FAULTS: Faults = { failPercent: 0, delayPercent: 0, delayMs: 0, answerLostPercent: 0 };

/** The sandbox provider of an installation, seen from outside: it can be killed, and made to fail. */
export class OutsideProvider {
  readonly #directory: string;
  #faults: Faults = NO_FAULTS;
  /** The run of the provider that knows of them. */
  #told: string | null = null;
  readonly #stopping = new AbortController();
  readonly #work: Promise<void>;

  /** @param dataDir of the installation */
  constructor(dataDir: string) {
    this.#directory = join(dataDir, "sandbox");
    this.#work = this.#keepTelling();
  }

  /** From now on, also after it was started again, within a tenth of a second. */
  setFaults(faults: Faults): void {
    this.#faults = faults;
    this.#told = null;
  }

  healFaults(): void {
    this.setFaults(NO_FAULTS);
  }

  /** `kill -9`. @returns false: it did not run just now */
  async kill(): Promise<boolean> {
    const running = await this.#running();
    if (running === null) return false;
    process.kill(running.pid, "SIGKILL");
    return true;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#work;
  }

  /** The address that was kept may be of one that has ended, its number another process's by now: it is asked. */
  async #running(): Promise<Address | null> {
    const kept = await keptAddress(this.#directory);
    if (kept === null) return null;
    const watch = await watchProvider(kept.url, kept.instance).catch(() => null);
    watch?.close();
    return watch === null ? null : kept;
  }

  async #keepTelling(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const kept = await keptAddress(this.#directory);
      if (kept !== null && kept.instance !== this.#told) await this.#tell(kept);
      await pause(LOOK_MS, undefined, { signal }).catch(() => {});
    }
  }

  async #tell({ url, instance }: Address): Promise<void> {
    const faults = this.#faults;
    const { apiToken } = keysFrom(await keptSecret(this.#directory));
    const client = sandboxClient(() => endpointAt(url, apiToken));
    try {
      const { status } = await client.call("POST", "/faults", { ...faults });
      if (status === 200 && faults === this.#faults) this.#told = instance;
    } catch {
      // it is just ending, or not there yet: the next look tells
    } finally {
      client.close();
    }
  }
}
