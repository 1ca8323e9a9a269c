import type { HeadSeen } from "../history/history.ts";

/** Part of the log: what was on record at some time between two moments of a client is among its states. */
export interface Span {
  /** Everything up to here was on record before. */
  readonly from: bigint;
  /** Nothing beyond this was on record by the end; null: nobody looked after that, and all of it may have been. */
  readonly to: bigint | null;
}

/**
 * Moments of clients as places in the log, by what was seen of its end meanwhile. An append that was acknowledged before
 * somebody asked for the end is covered by the answer, and whatever the answer names was on record when it came.
 */
export class Moments {
  readonly #heads: readonly HeadSeen[];

  /** @param heads in the order in which they were seen, one after the other */
  constructor(heads: readonly HeadSeen[]) {
    this.#heads = heads;
  }

  spanOf(beganAtMs: number, endedAtMs: number): Span {
    return { from: this.before(beganAtMs), to: this.by(endedAtMs) };
  }

  /** What was surely on record at a time. */
  before(atMs: number): bigint {
    const after = this.#first(({ seenAtMs }) => seenAtMs > atMs);
    return after === 0 ? 0n : (this.#heads[after - 1] as HeadSeen).position;
  }

  /** Beyond what surely nothing was on record at a time; null: it is not known. */
  by(atMs: number): bigint | null {
    return this.#heads[this.#first(({ askedAtMs }) => askedAtMs >= atMs)]?.position ?? null;
  }

  /** The place of the first that is so, by bisection; all after it are. */
  #first(isSo: (head: HeadSeen) => boolean): number {
    let low = 0;
    let high = this.#heads.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isSo(this.#heads[middle] as HeadSeen)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
