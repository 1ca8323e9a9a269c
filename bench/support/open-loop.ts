import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { pinned } from "./pinning.ts";

/** Requests of one kind that arrive at a fixed rate, whatever becomes of those before them. */
export interface Arrivals {
  /** What results are told by. */
  readonly kind: string;
  readonly perSecond: number;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Taken by turns. */
  readonly paths: readonly string[];
  /** Bearer tokens, taken by turns; none: without one. */
  readonly tokens?: readonly string[];
  /** JSON, the same for all. */
  readonly body?: string;
  /** Each has an `Idempotency-Key` of its own: `<run>-<kind>-<number>`, numbers from 0 in the order of arrival. */
  readonly keyed?: boolean;
  /** What counts as a success. */
  readonly success: number;
}

export interface OpenLoop {
  /** Of a server on 127.0.0.1. */
  readonly port: number;
  readonly arrivals: readonly Arrivals[];
  /** That count, after those that don't. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Opened as they are needed. An arrival that finds none free waits for one, and the wait is part of its time. */
  readonly connections: number;
  /** From its scheduled time on; an arrival that has no answer by then has failed. */
  readonly timeoutMs: number;
  /** The processor that the generator keeps to, where the system can do so; null: any. */
  readonly core: number | null;
}

/** What became of the arrivals of one kind that count. Times are from the scheduled time to the last byte. */
export interface KindResult {
  /** The warm-up too. */
  readonly scheduledInAll: number;
  readonly succeededInAll: number;
  readonly scheduled: number;
  readonly succeeded: number;
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Of 429 and 503, those without `Retry-After`. */
  readonly withoutRetryAfter: number;
  /** Arrivals without an answer: too late, or the connection broke. */
  readonly unanswered: number;
  /** Of successes; 0 without any. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Of the other answers. */
  readonly refusedP99Ms: number;
}

/** One second of the schedule, warm-up and all. */
export interface SecondResult {
  readonly scheduled: number;
  readonly succeeded: number;
  readonly refused: number;
  readonly failed: number;
}

export interface OpenLoopResult {
  /** What keys begin with. */
  readonly run: string;
  readonly kinds: Readonly<Record<string, KindResult>>;
  readonly timeline: readonly SecondResult[];
  /** How much later than scheduled the generator itself came to send, or to look for a connection. */
  readonly generatorLateP99Ms: number;
  /** Of one processor. */
  readonly generatorBusy: number;
  readonly connectionsOpened: number;
}

/** Sends the arrivals from a process of its own, and tells what became of them. */
export async function runOpenLoop(load: OpenLoop): Promise<OpenLoopResult> {
  const file = fileURLToPath(new URL("open-loop-process.ts", import.meta.url));
  const [command, args] = pinned(load.core, process.execPath, [file]);
  const generator = spawn(command, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const failed = once(generator, "exit").then(([code]) => {
    throw new Error(`the generator ended with ${code}`);
  });
  const answered = once(generator, "message").then(([result]) => result as OpenLoopResult);
  failed.catch(() => {}); // it ends in any case
  generator.send(load);
  return Promise.race([answered, failed]);
}
