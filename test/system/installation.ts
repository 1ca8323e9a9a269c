import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../../src/embedded/free-port.ts";
import type { Child } from "./child.ts";
import { type Product, startProduct } from "./product.ts";

/** Several processes of the product on the same stores, which may be killed and started again, all at once. */
export interface Installation {
  /** Where its nodes listen; they keep their ports. */
  readonly ports: readonly number[];
  readonly databaseUrl: () => string;
  /** Starts all nodes and resolves when they take requests. */
  start(): Promise<void>;
  /** `kill -9` of everything that may be killed, at the same instant; resolves when all of it is gone. */
  kill(): Promise<void>;
  /** Ends everything in order. */
  stop(): Promise<void>;
}

/** Nodes on a Postgres that somebody else keeps running. */
export async function nodesOn(databaseUrl: string, dataDir: string, count: number): Promise<Installation> {
  const ports = await portsFor(count);
  let nodes: readonly Product[] = [];
  return {
    ports,
    databaseUrl: () => databaseUrl,
    async start() {
      nodes = await Promise.all(ports.map((port) => startProduct({ databaseUrl, dataDir, port })));
    },
    kill: () => killAll(nodes),
    stop: () => stopAll(nodes),
  };
}

/** A node with the embedded Postgres and one beside it on the same Postgres. Killing takes the Postgres along. */
export async function nodesWithTheirPostgres(dataDir: string): Promise<Installation> {
  const ports = await portsFor(2);
  const [port, portBeside] = ports as [number, number];
  let databaseUrl = "";
  let nodes: readonly Product[] = [];
  return {
    ports,
    databaseUrl: () => databaseUrl,
    async start() {
      const first = await startProduct({ databaseUrl: null, dataDir, port });
      nodes = [first];
      databaseUrl = (await readFile(join(dataDir, "database-url"), "utf8")).trim();
      nodes = [first, await startProduct({ databaseUrl, dataDir, port: portBeside })];
    },
    async kill() {
      const postmaster = await postmasterOf(dataDir);
      process.kill(postmaster, "SIGKILL");
      await killAll(nodes);
    },
    stop: () => stopAll(nodes.toReversed()),
  };
}

const portsFor = (count: number): Promise<number[]> =>
  Promise.all(Array.from({ length: count }, () => freePort(undefined)));

/** The number of the Postgres server's main process, from the first line of its lock file. */
export async function postmasterOf(dataDir: string): Promise<number> {
  const [line = ""] = (await readFile(join(dataDir, "postgres", "postmaster.pid"), "utf8")).split("\n");
  const pid = Number.parseInt(line, 10);
  if (!(pid > 1)) throw new Error(`no process number in postmaster.pid: ${line}`);
  return pid;
}

async function killAll(nodes: readonly Child[]): Promise<void> {
  for (const node of nodes) node.kill("SIGKILL");
  await Promise.all(nodes.map(({ ended }) => ended));
}

/** One after the other: the last may be the one whose Postgres the others use. */
async function stopAll(nodes: readonly Child[]): Promise<void> {
  for (const node of nodes) await node.stop();
}
