import { type ChildProcess, type Serializable, spawn } from "node:child_process";
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

/** One that may not be ready yet. */
export interface LaunchedChild extends Child {
  /** Resolves when it says that it is ready; rejects with its last words when it ends before. */
  readonly ready: Promise<void>;
  /** Over the channel between us; nothing where it has ended. */
  tell(message: Serializable): void;
}

export interface ChildOptions {
  /** Path of the program from the repository's folder. */
  readonly program: string;
  readonly arguments?: readonly string[];
  /** In place of this process's variables of the same names; undefined takes one away. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nodeOptions?: readonly string[];
  /** Whether the program says over its channel that it is ready; without it, having started is enough. */
  readonly saysReady?: boolean;
  /** Given all that it says. */
  readonly onOutput?: (text: string) => void;
}

/**
 * Starts a program and resolves when it says that it is ready. It ends by itself when this process is gone, because the
 * channel between them is.
 * @throws Error with its last words when it ends before, or takes longer than a minute
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const child = launchChild(options);
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new Error(`${options.program} is not ready after ${READY_WITHIN_MS} ms:\n${child.output()}`));
  }, READY_WITHIN_MS);
  try {
    await Promise.race([child.ready, late.promise]);
    return child;
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Starts a program, as {@link startChild} does, and waits for nothing. */
export function launchChild(options: ChildOptions): LaunchedChild {
  const { program, arguments: given = [], env, nodeOptions = [], saysReady = true, onOutput = () => {} } = options;
  const child = spawn(process.execPath, [...nodeOptions, program, ...given], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const output = lastOutput(child, onOutput);
  const ended = once(child, "exit").then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  const ready = saysReady ? whenReady(child, program, output) : once(child, "spawn").then(() => undefined);
  ready.catch(() => {}); // for whoever waits for it
  return {
    pid: child.pid as number,
    output,
    ended,
    ready,
    kill: (signal) => void child.kill(signal),
    tell(message) {
      if (child.connected) child.send(message, () => {});
    },
    async stop(withinMs = 15_000) {
      child.kill("SIGTERM");
      const patience = setTimeout(() => child.kill("SIGKILL"), withinMs);
      return ended.finally(() => clearTimeout(patience));
    },
  };
}

function lastOutput(child: ChildProcess, onOutput: (text: string) => void): () => string {
  let kept = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      kept = (kept + text).slice(-KEPT_OUTPUT_CHARACTERS);
      onOutput(text);
    });
  }
  return () => kept;
}

async function whenReady(child: ChildProcess, program: string, output: () => string): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  const first = Promise.race([once(child, "message", { signal }), once(child, "close", { signal })]);
  const [said] = await first.finally(() => over.abort());
  if (!saysThatItIsReady(said)) throw new Error(`${program} ended before it was ready:\n${output()}`);
}

/** As nodes say it, or as the sandbox provider does. */
const saysThatItIsReady = (said: unknown): boolean =>
  said === "ready" || (typeof said === "object" && said !== null && "state" in said && said.state === "running");
