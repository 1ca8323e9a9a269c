/** How long a place is waited for since the last one was taken or came free: by then the provider is slow or away. */
const PATIENCE_MS = 1_000;

/**
 * Bounds how many refunds are under way at once, and has whoever begins them go as fast as they are made: otherwise most
 * would be left to timers, each of which has to find and read its booking again. A provider that does not answer keeps
 * nobody: when no place came free for a while, there is none.
 */
export class RefundPlaces {
  readonly #nowMs: () => number;
  readonly #waiting = new Set<() => void>();
  #free: number;
  /** When a place was last taken or given back. */
  #movedAtMs = Number.NEGATIVE_INFINITY;

  /** @param most under way at once; @param nowMs monotonic */
  constructor(most: number, nowMs: () => number = () => performance.now()) {
    this.#free = most;
    this.#nowMs = nowMs;
  }

  /** Takes a place, soon or not at all. @returns whether one was got, to be given back then */
  async take(): Promise<boolean> {
    if (this.#free > 0) {
      this.#free -= 1;
      this.#movedAtMs = this.#nowMs();
      return true;
    }
    const restMs = this.#movedAtMs + PATIENCE_MS - this.#nowMs();
    return restMs > 0 && this.#handedOver(restMs);
  }

  giveBack(): void {
    this.#movedAtMs = this.#nowMs();
    const [next] = this.#waiting;
    if (next === undefined) this.#free += 1;
    else next();
  }

  #handedOver(withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (got: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(take);
        resolve(got);
      };
      const take = () => settle(true);
      const timer = setTimeout(settle, withinMs, false);
      this.#waiting.add(take);
    });
  }
}
