import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { StartError } from "./start-error.ts";

const ATTEMPTS = 100;

/** A TCP port of 127.0.0.1 that nobody listens on just now: the preferred one if it is free. */
export async function freePort(preferred: number | undefined): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    // Below the range that systems give to outgoing connections (32768 on Linux, 49152 elsewhere): a port from there
    // could be taken by any client, even by one that connects to itself while the server is being started again.
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) return port;
  }
  throw new StartError("no TCP port between 20000 and 32000 is free on 127.0.0.1 for the embedded Postgres");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ host: "127.0.0.1", port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
