const WINDOW_SECONDS = 10;

/** Events a second, over the last ten full seconds. */
export class Throughput {
  readonly #counts = new Array<number>(WINDOW_SECONDS + 1).fill(0);
  readonly #seconds = new Array<number>(WINDOW_SECONDS + 1).fill(-1);
  readonly #monotonicMs: () => number;

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  add(events: number): void {
    const second = this.#second();
    const slot = second % this.#counts.length;
    if (this.#seconds[slot] !== second) {
      this.#seconds[slot] = second;
      this.#counts[slot] = 0;
    }
    this.#counts[slot] = (this.#counts[slot] ?? 0) + events;
  }

  perSecond(): number {
    const now = this.#second();
    let events = 0;
    for (const [slot, second] of this.#seconds.entries()) {
      if (second >= now - WINDOW_SECONDS && second < now) events += this.#counts[slot] ?? 0;
    }
    return events / WINDOW_SECONDS;
  }

  #second(): number {
    return Math.floor(this.#monotonicMs() / 1_000);
  }
}
