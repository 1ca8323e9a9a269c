import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Authorization } from "../../src/payments/port.ts";
import { type RunningProvider, runProvider } from "../../src/payments/sandbox/provider.ts";
import { type Sandbox, startSandbox } from "../../src/payments/sandbox/start-sandbox.ts";
import type { Log } from "../../src/ports.ts";

const SECRET = "a secret for specs";

export const silent: Log = { info() {}, warn() {}, error() {} };

/** A directory of this spec's own, removed at its end. */
export async function privateDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "boxoffice-sandbox-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

export interface SandboxUnderTest extends Sandbox {
  readonly running: RunningProvider;
  readonly directory: string;
  /** Moves the provider's clock so far ahead of this machine's. */
  aheadBy(ms: number): Promise<void>;
}

/** A provider in this process, and a node's adapter for it. */
export async function sandboxUnderTest(kept?: string): Promise<SandboxUnderTest> {
  const directory = kept ?? (await privateDirectory());
  const running = await runProvider({ directory, host: "127.0.0.1", port: 0, secret: SECRET, log: silent });
  onTestFinished(() => running.close());
  const remote = { url: running.address.url, secret: SECRET };
  let offsetMs = 0;
  const sandbox = await startSandbox({ dataDir: directory, remote, clockOffsetMs: () => offsetMs, log: silent });
  onTestFinished(() => sandbox.close());
  return {
    ...sandbox,
    running,
    directory,
    async aheadBy(ms) {
      offsetMs = ms;
      await sandbox.clockMoved();
    },
  };
}

/** A payment of 45.00 EUR that counts for 15 minutes. */
export const payment = (method = "sandbox-ok", more: Partial<Authorization> = {}): Authorization => ({
  attemptId: randomUUID(),
  bookingId: randomUUID(),
  amount: { amount: 4500, currency: "EUR" },
  method,
  deadline: new Date(Date.now() + 900_000).toISOString(),
  ...more,
});

export const ref = ({ attemptId }: Pick<Authorization, "attemptId">) => ({ attemptId, chargeId: null });

export interface Delivery {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** An address that takes webhooks. @param status what it answers to each, by its number from 0 */
export async function receiver(status: (delivery: number) => number = () => 204) {
  const deliveries: Delivery[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part: string) => {
      body += part;
    });
    request.on("end", () => {
      deliveries.push({ headers: request.headers, body });
      response.writeHead(status(deliveries.length - 1)).end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const close = () => new Promise<void>((closed) => void server.close(() => closed()).closeAllConnections());
  onTestFinished(close);
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}/payments/webhook`, deliveries, close };
}
