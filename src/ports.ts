/** What running commands needs from outside, so that a simulation can drive all of it. */
export interface Surroundings {
  readonly clock: Clock;
  /** A fresh UUID, ordered by time where possible. */
  readonly newId: () => string;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Resolves after so many milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
  /** Runs something soon, after what has arrived meanwhile was taken in. */
  readonly soon: (run: () => void) => void;
  /** Milliseconds that only grow; for measuring waits, not for dates. */
  readonly monotonicMs: () => number;
}

/** Waiting and measuring, for what goes on by itself; a simulation has its own. */
export interface Timing {
  /** Resolves after so many milliseconds, or as soon as the signal aborts. */
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Milliseconds that only grow; for measuring waits, not for dates. */
  readonly monotonicMs: () => number;
}

/** The one clock that every node goes by. */
export interface Clock {
  /**
   * Epoch milliseconds.
   * @throws ClockLost there has been no measurement for too long: nothing may be decided by a guess
   */
  nowMs(): number;
}

export class ClockLost extends Error {
  override readonly name = "ClockLost";
}

/** What is told about a runner's work; all of it may be ignored. */
export interface Log {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}
