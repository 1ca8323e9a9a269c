import type { Rank } from "./rank.ts";

/** How long somebody who is called may come in. */
export const ADMISSION_MS = 15 * 60_000;

/** One class was called up to a rank. */
export interface Call {
  /** Epoch milliseconds, ascending. */
  readonly atMs: number;
  /** Everybody below it is called. Only grows. */
  readonly serving: Rank;
  /** People called so far, all told. */
  readonly called: number;
}

/** How a rank stands with those that were called. */
export type Turn =
  | { readonly is: "waiting" }
  /** Called at that time, and still welcome. */
  | { readonly is: "called"; readonly atMs: number }
  /** Called so long ago that it is over. */
  | { readonly is: "over" };

/** The calls of one class: those of the last 15 minutes, and the last one before them. Memory is bounded by that. */
export class Calls {
  readonly #calls: Call[] = [{ atMs: Number.NEGATIVE_INFINITY, serving: 0, called: 0 }];

  /** Calls that are known already are left out. */
  add(call: Call): void {
    const { last } = this;
    if (call.atMs <= last.atMs || call.serving < last.serving) return;
    this.#calls.push(call);
  }

  /** Calls that are kept. */
  get size(): number {
    return this.#calls.length;
  }

  get last(): Call {
    return this.#calls.at(-1) as Call;
  }

  /** When a rank was called first is what its 15 minutes go by, however often somebody asks. */
  turnOf(rank: Rank, nowMs: number): Turn {
    if (rank >= this.last.serving) return { is: "waiting" };
    const { atMs } = this.#calls[this.#first((call) => call.serving > rank)] as Call;
    return nowMs < atMs + ADMISSION_MS ? { is: "called", atMs } : { is: "over" };
  }

  /** People who were called after that time. */
  calledSince(atMs: number): number {
    const place = this.#first((call) => call.atMs > atMs);
    return place === 0 ? this.last.called : this.last.called - (this.#calls[place - 1] as Call).called;
  }

  /** Lets go of calls that nobody can come by any more, but for the last of them. */
  forgetBefore(atMs: number): void {
    const place = this.#first((call) => call.atMs > atMs);
    if (place > 1) this.#calls.splice(0, place - 1);
  }

  #first(isIt: (call: Call) => boolean): number {
    let low = 0;
    let high = this.#calls.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isIt(this.#calls[middle] as Call)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
