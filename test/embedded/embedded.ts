import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { onTestFinished } from "vitest";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../src/embedded/embedded-postgres.ts";

export const asRoot = process.getuid?.() === 0;

/** A directory of the test's own, mode 0700: under root the server's user may not enter it. */
export async function privateDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "boxoffice-test-"));
  onTestFinished(() => rm(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  return path;
}

export interface Journal {
  readonly lines: string[];
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
}

/** A log that keeps what is said to the operator. */
export function journal(): Journal {
  const lines: string[] = [];
  return { lines, debug() {}, info: (message) => lines.push(message), warn: (message) => lines.push(message) };
}

/** Starts one in this process; it is stopped at the end of the test, if not before. */
export async function started(dataDir: string, log = journal()): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataDir, log });
  onTestFinished(() => postgres.stop());
  return postgres;
}

export interface Owner {
  readonly process: ChildProcess;
  readonly said: { readonly connectionString?: string; readonly error?: string };
}

/** Starts one in a process of its own and resolves when it runs or has given up. */
export async function ownerProcess(dataDir: string, ...args: string[]): Promise<Owner> {
  const child = forkOwner(dataDir, ...args);
  if (child.stdout === null) throw new Error("no stdout");
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return { process: child, said: JSON.parse(line) };
}

/** The same, without waiting for anything. It is killed at the end of the test, if it still runs. */
export function forkOwner(dataDir: string, ...args: string[]): ChildProcess {
  const script = fileURLToPath(new URL("./owner.ts", import.meta.url));
  const child = fork(script, [dataDir, ...args], { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  onTestFinished(() => kill(child));
  return child;
}

/** Kill -9, and wait until it is gone. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

/** The server's process number, or undefined when none is on record. */
export async function serverPid(dataDir: string): Promise<number | undefined> {
  const path = join(dataDir, "postgres", "postmaster.pid");
  if (!existsSync(path)) return undefined;
  return Number.parseInt(await readFile(path, "utf8"), 10);
}

export async function query<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {}); // the server is killed under it
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}
