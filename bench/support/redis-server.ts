import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../../src/embedded/free-port.ts";

const STARTS_WITHIN_MS = 10_000;

export interface BenchRedis {
  readonly url: string;
  stop(): Promise<void>;
}

/** Whether this machine has a redis-server. */
export const hasRedis = (): boolean => spawnSync("redis-server", ["--version"]).error === undefined;

/** A Redis of our own that replies only after its file is synced, as durable as the others. */
export async function startBenchRedis(directory: string): Promise<BenchRedis> {
  const port = await freePort(undefined);
  const durable = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""];
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", directory, "--daemonize", "no", ...durable];
  const server = spawn("redis-server", args, { stdio: "ignore" });
  const ended = once(server, "exit");
  // It knows nothing of us: should we go without a word, it goes too.
  const killServer = () => void server.kill("SIGKILL");
  process.once("exit", killServer);
  await listening(server, port);
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      process.off("exit", killServer);
      server.kill("SIGTERM");
      await ended;
    },
  };
}

async function listening(server: ChildProcess, port: number): Promise<void> {
  const deadline = performance.now() + STARTS_WITHIN_MS;
  while (performance.now() < deadline && server.exitCode === null) {
    const socket = connect(port, "127.0.0.1");
    const connected = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (connected) return;
    await pause(50);
  }
  server.kill("SIGKILL");
  throw new Error("redis-server did not start");
}
