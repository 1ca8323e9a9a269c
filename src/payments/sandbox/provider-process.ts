import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Log } from "../../ports.ts";
import type { Address } from "./address.ts";

/** What the process says to the node that started it. */
export type FromProvider =
  | { readonly state: "running"; readonly address: Address }
  /** Another process has the directory. */
  | { readonly state: "taken" };

const ENTRY = join(import.meta.dirname, "main.ts");
const END_WITHIN_MS = 10_000;

export interface ProviderProcess {
  readonly address: Address;
  /** Ends it, by force if it takes too long. */
  stop(): Promise<void>;
}

/**
 * Starts the provider as a process of its own, which ends with this one.
 * @returns null when another process has the directory
 * @throws Error it did not start; why is in the log
 */
export async function startProviderProcess(dataDir: string, log: Log): Promise<ProviderProcess | null> {
  const { PATH } = process.env; // nothing of ours besides: no secrets
  const child = fork(ENTRY, {
    env: { PATH, DATA_DIR: dataDir },
    execArgv: [],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const exited = once(child, "exit");
  if (child.stderr !== null) {
    createInterface({ input: child.stderr }).on("line", (line) => log.warn({ line }, "from the sandbox provider"));
  }
  const first = await Promise.race([
    once(child, "message").then(([message]) => message as FromProvider),
    exited.then(([code, signal]) => {
      throw new Error(`the sandbox provider ended at its start (${signal ?? `exit code ${code}`})`);
    }),
  ]);
  if (first.state === "taken") return null;
  return {
    address: first.address,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), END_WITHIN_MS);
      await exited;
      clearTimeout(late);
    },
  };
}
