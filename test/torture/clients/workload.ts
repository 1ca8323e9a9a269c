import type { History } from "../history/history.ts";
import type { Town } from "../town.ts";

export interface WorkloadOptions {
  readonly town: Town;
  /** Of what clients choose; when what happens is the world's affair. */
  readonly seed: number;
  /** How many ask at the same time. */
  readonly clients: number;
  readonly history: History;
}

/** How far clients have come. */
export interface Progress {
  /** Attempts, each time that something is asked again is one more. */
  asked: number;
  answered: number;
  unknown: number;
  /** Commands that got an answer that says something, by name. */
  readonly byCommand: Map<string, number>;
}

export interface Workload {
  readonly progress: Progress;
  /** Ends it: no new commands, and what has no answer yet is asked again with its key until it has; closes the history. */
  stop(): Promise<void>;
}

/** Starts clients that ask for everything that can be asked for. */
export function startWorkload(options: WorkloadOptions): Workload {
  throw new Error(`nothing is asked for yet by ${options.clients} clients`);
}
