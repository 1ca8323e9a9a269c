/** Chance from a seed: the same seed gives the same throws (mulberry32). */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number from 0 to below `n`. */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  is(probability: number): boolean {
    return this.next() < probability;
  }

  of<One>(list: readonly One[]): One {
    return list[this.below(list.length)] as One;
  }

  /** By weight. */
  weighted<One>(weights: readonly (readonly [number, One])[]): One {
    let left = this.next() * weights.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, one] of weights) {
      left -= weight;
      if (left < 0) return one;
    }
    return (weights.at(-1) as readonly [number, One])[1];
  }
}
