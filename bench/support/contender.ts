import type { SentKeys, Target } from "./load.ts";

/** A design that sells tickets over HTTP, to be measured. */
export interface Contender {
  readonly name: string;
  /** Starts it from nothing with one ticket type on sale, more than can be sold, and buyers signed in. */
  start(): Promise<RunningContender>;
}

export interface RunningContender {
  readonly target: Target;
  /** The process that answers. */
  readonly pid: number;
  /** How far its read models are behind at this moment, in milliseconds; null where there is nothing to be behind. */
  lagMs(): Promise<number | null>;
  /**
   * Asks again for the keys that may have gone unanswered and proves that each key has had one effect.
   * @param created how many 201s the load generator counted
   * @throws Error the counts do not agree
   */
  settle(sent: readonly SentKeys[], created: number): Promise<void>;
  stop(): Promise<void>;
}
