import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { isRunning } from "../../src/embedded/process-state.ts";
import type { Authorization, Charge } from "../../src/payments/port.ts";
import type { Address } from "../../src/payments/sandbox/address.ts";
import { startSandbox } from "../../src/payments/sandbox/start-sandbox.ts";
import { payment, privateDirectory, receiver, ref, silent } from "./sandbox.ts";

const PATIENCE = { timeout: 20_000, interval: 50 };

interface TestNode {
  readonly process: ChildProcess;
  ask(call: "authorize" | "capture" | "lookUp" | "close", arg?: unknown): Promise<unknown>;
  /** Asks until the provider is there. */
  insist(call: "authorize" | "capture" | "lookUp", arg: unknown): Promise<unknown>;
  kill(): Promise<void>;
}

async function startNode(dataDir: string): Promise<TestNode> {
  const child = fork(join(import.meta.dirname, "sandbox-node.ts"), [dataDir], { execArgv: [], silent: true });
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  });
  const waiting = new Map<number, (answer: { value?: unknown; error?: string }) => void>();
  let asked = 0;
  const [first] = await once(child, "message");
  expect(first).toEqual({ ready: true });
  child.on("message", (answer: { id: number; value?: unknown; error?: string }) => waiting.get(answer.id)?.(answer));

  const ask: TestNode["ask"] = async (call, arg) => {
    asked += 1;
    const { promise, resolve } = Promise.withResolvers<{ value?: unknown; error?: string }>();
    waiting.set(asked, resolve);
    child.send({ id: asked, call, arg });
    const { value, error } = await promise;
    if (error !== undefined) throw new Error(error);
    return value;
  };
  return {
    process: child,
    ask,
    insist: (call, arg) =>
      vi
        .waitFor(() => ask(call, arg), PATIENCE)
        .catch((error: Error) => {
          throw new Error(`${call} was never answered: ${error.message}`);
        }),
    async kill() {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

const addressIn = async (dataDir: string): Promise<Address> =>
  JSON.parse(await readFile(join(dataDir, "sandbox", "address.json"), "utf8"));

const gone = (pid: number) => vi.waitFor(async () => expect(await isRunning(pid)).toBe(false), PATIENCE);

describe("one provider for all nodes of a directory", () => {
  it("is started by the first and found by the others", async () => {
    const dataDir = await privateDirectory();
    const nodes = await Promise.all([1, 2, 3].map(() => startNode(dataDir)));
    const { pid } = await addressIn(dataDir);
    const wanted = payment();
    const charges = (await Promise.all(nodes.map((node) => node.ask("authorize", wanted)))) as Charge[];
    expect(new Set(charges.map(({ chargeId }) => chargeId)).size).toBe(1);
    expect((await addressIn(dataDir)).pid).toBe(pid);
    expect(nodes.map((node) => node.process.pid)).not.toContain(pid);
  });

  it("ends with the node that started it, and another starts it again", async () => {
    const dataDir = await privateDirectory();
    const first = await startNode(dataDir);
    const second = await startNode(dataDir);
    const wanted = payment();
    await first.ask("authorize", wanted);
    const before = await addressIn(dataDir);
    await first.kill();
    await gone(before.pid);
    expect(await second.insist("capture", ref(wanted))).toMatchObject({ status: "captured" });
    expect((await addressIn(dataDir)).pid).not.toBe(before.pid);
  });

  it("is handed on by a node that closes", async () => {
    const dataDir = await privateDirectory();
    const first = await startNode(dataDir);
    const second = await startNode(dataDir);
    const { pid } = await addressIn(dataDir);
    await first.ask("close");
    await gone(pid);
    expect(await second.insist("authorize", payment())).toMatchObject({ status: "authorized" });
    await second.ask("close");
    await gone((await addressIn(dataDir)).pid);
  });
});

describe("kill -9", () => {
  it("of the provider, again and again, loses nothing that it has answered", async () => {
    const dataDir = await privateDirectory();
    const nodes = [await startNode(dataDir), await startNode(dataDir)];
    const answered: Authorization[] = [];
    let working = true;
    const work = async (node: TestNode) => {
      while (working) {
        const wanted = payment();
        const failure = await node.ask("authorize", wanted).then(
          () => void answered.push(wanted),
          (error: Error) => error,
        );
        if (failure === undefined) continue;
        expect(failure.message).toBe("ProviderUnavailable");
        await pause(20); // what fails at once would keep the machine from starting it again
      }
    };
    const workers = nodes.flatMap((node) => Array.from({ length: 8 }, () => work(node)));
    for (let round = 1; round <= 4; round++) {
      const before = answered.length;
      await vi.waitFor(() => expect(answered.length).toBeGreaterThan(before + 50), PATIENCE);
      process.kill((await addressIn(dataDir)).pid, "SIGKILL");
    }
    const before = answered.length;
    await vi.waitFor(() => expect(answered.length).toBeGreaterThan(before + 50), PATIENCE);
    working = false;
    await Promise.all(workers);
    const [node] = nodes as [TestNode];
    await node.insist("lookUp", ""); // it may have been the other node that went on
    const found = (await Promise.all(answered.map(({ attemptId }) => node.ask("lookUp", attemptId)))) as Charge[];
    expect(found.filter((charge) => charge?.status !== "authorized")).toEqual([]);
  });

  it("of node and provider together leaves nothing that blocks the next start", async () => {
    const dataDir = await privateDirectory();
    const wanted = payment("sandbox-slow");
    for (let round = 1; round <= 3; round++) {
      const node = await startNode(dataDir);
      expect(await node.ask("authorize", wanted)).toMatchObject({ bookingId: wanted.bookingId });
      const { pid } = await addressIn(dataDir);
      process.kill(pid, "SIGKILL");
      await node.kill();
    }
    const node = await startNode(dataDir);
    await vi.waitFor(
      async () => expect(await node.ask("lookUp", wanted.attemptId)).toMatchObject({ status: "authorized" }),
      PATIENCE,
    );
  });
});

describe("startSandbox", () => {
  const options = { remote: null, clockOffsetMs: () => 0, log: silent };

  it("is not misled by an address that something else has now", async () => {
    const dataDir = await privateDirectory();
    const asked: (string | undefined)[] = [];
    const stranger = createServer((request, response) => {
      asked.push(request.headers.authorization);
      response.writeHead(200, { "boxoffice-sandbox": randomUUID() }).end("{}");
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void stranger.close());
    await once(stranger, "listening");
    const { port } = stranger.address() as { port: number };
    await mkdir(join(dataDir, "sandbox"));
    const address = { url: `http://127.0.0.1:${port}`, instance: randomUUID(), pid: 1 };
    await writeFile(join(dataDir, "sandbox", "address.json"), JSON.stringify(address));

    const sandbox = await startSandbox({ ...options, dataDir });
    onTestFinished(() => sandbox.close());
    expect((await sandbox.provider.authorize(payment())).status).toBe("authorized");
    expect(asked, "and gives it no secret").toEqual([undefined]);
  });

  it("is not kept from it by half a file, nor by a lost one while it runs", async () => {
    const dataDir = await privateDirectory();
    await mkdir(join(dataDir, "sandbox"));
    await writeFile(join(dataDir, "sandbox", "address.json"), '{"url": "http');
    const sandbox = await startSandbox({ ...options, dataDir });
    onTestFinished(() => sandbox.close());
    await rm(join(dataDir, "sandbox", "address.json"));
    expect((await sandbox.provider.authorize(payment())).status).toBe("authorized");
  });

  it("says so to each provider that comes: what time it is, and where to post", async () => {
    const dataDir = await privateDirectory();
    const { url, deliveries } = await receiver();
    const sandbox = await startSandbox({ ...options, dataDir, clockOffsetMs: () => 900_000 });
    onTestFinished(() => sandbox.close());
    const wanted = payment("sandbox-late", { deadline: new Date(Date.now() + 899_000).toISOString() });
    await sandbox.provider.authorize(wanted);
    const { pid } = await addressIn(dataDir);
    process.kill(pid, "SIGKILL");
    sandbox.receiveWebhooksAt(url);
    await vi.waitFor(() => expect(deliveries).toHaveLength(1), PATIENCE);
    const [{ headers, body }] = deliveries as [(typeof deliveries)[0]];
    expect(sandbox.provider.webhook(headers, body)).toMatchObject({ attemptId: wanted.attemptId });
    expect(Date.now()).toBeLessThan(Date.parse(wanted.deadline));
  });

  it("ends in order, again and again, and while the provider is just being started", async () => {
    const dataDir = await privateDirectory();
    for (let round = 1; round <= 3; round++) {
      const sandbox = await startSandbox({ ...options, dataDir });
      const { pid } = await addressIn(dataDir);
      if (round === 2) process.kill(pid, "SIGKILL");
      await Promise.all([sandbox.close(), sandbox.provider.close()]);
      await expect(sandbox.provider.lookUp("a1")).rejects.toThrow("not running");
      await gone((await addressIn(dataDir)).pid);
    }
  });

  it("goes on without one on another machine, until that comes", async () => {
    const { runProvider } = await import("../../src/payments/sandbox/provider.ts");
    const directory = await privateDirectory();
    const started = { directory, host: "127.0.0.1", port: null, secret: "shared", log: silent };
    const first = await runProvider(started);
    await first.close();
    const remote = { url: first.address.url, secret: "shared" };
    const sandbox = await startSandbox({ ...options, dataDir: "/nowhere", remote });
    onTestFinished(() => sandbox.close());
    await expect(sandbox.provider.authorize(payment())).rejects.toThrow("not running");
    const second = await runProvider(started);
    onTestFinished(() => second.close());
    await vi.waitFor(async () => expect(await sandbox.provider.lookUp("a1")).toBeNull(), PATIENCE);
  });

  it("says in one line why it can't be", async () => {
    const dataDir = await privateDirectory();
    await writeFile(join(dataDir, "sandbox"), "a file");
    await expect(startSandbox({ ...options, dataDir })).rejects.toThrow(/^EEXIST/);
  });
});
