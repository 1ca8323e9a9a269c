/**
 * Holds any EventStoreDB server to the contract of the event store port:
 *
 *     EVENTSTORE_URL=esdb://... npm run contract
 *
 * The server may be shared: specs write streams of their own (`spec...`), which stay, and truncate or delete nothing. What
 * they break are their own connections, through a proxy, where the server is a single host without TLS; elsewhere those
 * cases are listed as skipped.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";

if (!process.env.EVENTSTORE_URL) {
  console.error("EVENTSTORE_URL has to name a server, e.g. esdb://127.0.0.1:2113?tls=false");
  process.exit(1);
}
const args = ["run", "--config", "test/eventstore/contract.config.ts", "--root", ".", "--reporter=verbose"];
const vitest = spawn(process.execPath, [resolve("node_modules/vitest/vitest.mjs"), ...args, ...process.argv.slice(2)], {
  stdio: "inherit",
  env: { ...process.env, NODE_ENV: "test" },
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => vitest.kill(signal));
const [code] = (await once(vitest, "exit")) as [number | null];
process.exitCode = code ?? 1;
