// The process of the sandbox payment provider. A node that needs one starts it (provider-process.ts); for nodes on several
// machines it is started by itself: `DATA_DIR=... SANDBOX_LISTEN=0.0.0.0:4010 SANDBOX_SECRET=... node main.ts`.
import { join } from "node:path";
import { pino } from "pino";
import { ProviderRuns } from "./database.ts";
import { runProvider } from "./provider.ts";
import type { FromProvider } from "./provider-process.ts";

const { DATA_DIR = "./.boxoffice", SANDBOX_LISTEN, SANDBOX_SECRET } = process.env;
const tell = (message: FromProvider) => process.send?.(message);
const ownNode = process.channel !== undefined;

/** `host:port`, or a host alone. */
function listenAddress(text = "127.0.0.1"): { host: string; port: number | null } {
  const { hostname, port } = new URL(`http://${text}`);
  return { host: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? null : Number(port) };
}

try {
  const provider = await runProvider({
    directory: join(DATA_DIR, "sandbox"),
    ...listenAddress(SANDBOX_LISTEN),
    secret: SANDBOX_SECRET ?? null,
    log: pino({ name: "sandbox", level: "warn" }, pino.destination(2)),
  });
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    void provider.close().finally(() => process.exit(0));
  };
  process.on("SIGTERM", end);
  // A Ctrl-C in the terminal reaches us too: the node still needs us for what it has under way, and tells when not.
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => ownNode || end());
  // The node is gone, however it went.
  process.on("disconnect", end);
  if (ownNode && !process.connected) end();
  tell({ state: "running", address: provider.address });
  if (!ownNode) console.log(`The sandbox payment provider listens on ${provider.address.url}`);
} catch (error) {
  if (!(error instanceof ProviderRuns)) throw error;
  tell({ state: "taken" });
  if (!ownNode) console.error(error.message);
  process.disconnect?.();
  process.exitCode = 1;
}
