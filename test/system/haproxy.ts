import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../../src/embedded/free-port.ts";
import { ROOT } from "./child.ts";

/** Debian's package puts it where users' paths may not look. */
const PATH = `${process.env.PATH ?? ""}:/usr/sbin:/usr/local/sbin`;
const CONFIGURATION = join(ROOT, "ops/haproxy/boxoffice.cfg");
const LISTENS_WITHIN_MS = 10_000;

export const hasHaproxy = spawnSync("haproxy", ["-v"], { env: { ...process.env, PATH } }).error === undefined;

/** The proxy of `ops/haproxy`, as a process of its own. */
export interface Haproxy {
  readonly port: number;
  readonly pid: number;
  /** What it said of itself, its nodes, and requests that failed. */
  output(): string;
  stop(): Promise<void>;
}

const settings = (port: number, nodes: readonly number[]): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH,
  BIND: `127.0.0.1:${port}`,
  ...Object.fromEntries(nodes.map((node, index) => [`NODE_${index + 1}`, `127.0.0.1:${node}`])),
});

/** What `haproxy -c` says of the configuration for so many nodes; `accepted` where it would start with it. */
export function checkConfiguration(files: readonly string[], nodes: number): { accepted: boolean; said: string } {
  const ports = Array.from({ length: nodes }, (_, index) => 3_001 + index);
  const args = ["-c", ...files.flatMap((file) => ["-f", join(ROOT, file)])];
  const checked = spawnSync("haproxy", args, { env: settings(8_080, ports), encoding: "utf8" });
  return { accepted: checked.status === 0, said: checked.stdout + checked.stderr };
}

/** Starts it in front of nodes that listen on these ports of this machine, at most four; resolves when it listens. */
export async function startHaproxy(nodes: readonly number[]): Promise<Haproxy> {
  const port = await freePort(undefined);
  const child = spawn("haproxy", ["-db", "-f", CONFIGURATION], {
    env: settings(port, nodes),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-16_000);
    });
  }
  const ended = once(child, "exit");
  const stop = async () => {
    child.kill("SIGTERM");
    const patience = setTimeout(() => child.kill("SIGKILL"), 5_000);
    await ended.finally(() => clearTimeout(patience));
  };
  // It ends with this process, whatever becomes of that.
  const last = () => void child.kill("SIGKILL");
  process.once("exit", last);
  void ended.then(() => process.off("exit", last));
  for (const deadline = performance.now() + LISTENS_WITHIN_MS; !(await listens(port)); await pause(20)) {
    if (child.exitCode === null && performance.now() < deadline) continue;
    await stop();
    throw new Error(`haproxy does not listen:\n${said}`);
  }
  return { port, pid: child.pid as number, output: () => said, stop };
}

function listens(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  return new Promise((resolve) => {
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
  }).then((answer) => {
    socket.destroy();
    return answer as boolean;
  });
}
