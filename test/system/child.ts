import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { dirname } from "node:path";

/** The repository's folder. */
export const ROOT = dirname(dirname(import.meta.dirname));

const KEPT_OUTPUT_CHARACTERS = 8_000;
const READY_WITHIN_MS = 60_000;

/** A TypeScript program of this repository, run by this Node as a process of its own. */
export interface Child {
  readonly pid: number;
  /** What it said last, for a failure's message. */
  output(): string;
  /** Resolves when it has ended: the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, and SIGKILL after `withinMs`; resolves when it has ended. */
  stop(withinMs?: number): Promise<number | NodeJS.Signals>;
}

export interface ChildOptions {
  /** Path of the program from the repository's folder. */
  readonly program: string;
  /** In place of this process's variables of the same names; undefined takes one away. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nodeOptions?: readonly string[];
  /** Whether the program says "ready" over its channel; without it, having started is enough. */
  readonly saysReady?: boolean;
}

/**
 * Starts a program and resolves when it says that it is ready. It ends by itself when this process is gone, because the
 * channel between them is.
 * @throws Error with its last words when it ends before, or takes longer than a minute
 */
export async function startChild({ program, env, nodeOptions = [], saysReady = true }: ChildOptions): Promise<Child> {
  const child = spawn(process.execPath, [...nodeOptions, program], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const output = lastOutput(child);
  const ended = once(child, "exit").then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  if (saysReady) await ready(child, program, output);
  else await once(child, "spawn");
  return {
    pid: child.pid as number,
    output,
    ended,
    kill: (signal) => void child.kill(signal),
    async stop(withinMs = 15_000) {
      child.kill("SIGTERM");
      const patience = setTimeout(() => child.kill("SIGKILL"), withinMs);
      return ended.finally(() => clearTimeout(patience));
    },
  };
}

function lastOutput(child: ChildProcess): () => string {
  let kept = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      kept = (kept + text).slice(-KEPT_OUTPUT_CHARACTERS);
    });
  }
  return () => kept;
}

async function ready(child: ChildProcess, program: string, output: () => string): Promise<void> {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), READY_WITHIN_MS);
  const { signal } = giveUp;
  try {
    const first = await Promise.race([once(child, "message", { signal }), once(child, "close", { signal })]);
    if (first[0] !== "ready") throw new Error(`${program} ended before it was ready:\n${output()}`);
  } catch (error) {
    child.kill("SIGKILL");
    throw signal.aborted ? new Error(`${program} is not ready after ${READY_WITHIN_MS} ms:\n${output()}`) : error;
  } finally {
    clearTimeout(timer);
    giveUp.abort();
  }
}
