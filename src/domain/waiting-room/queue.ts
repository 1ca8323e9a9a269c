import { type Rank, secondOf } from "./rank.ts";

/**
 * How many people arrived in each second, of those that are not all called yet. Nobody is in here by name: within a second
 * lots are spread evenly, so that a share of a second's lots is that share of its people.
 */
export class Queue {
  /** Ascending. */
  #seconds: number[] = [];
  #people: number[] = [];
  /** People before the second of the same place; made again when something changed. */
  #before: number[] | null = null;

  /** So many people arrived in that second, all told. */
  set(second: number, people: number): void {
    const place = this.#placeOf(second);
    if (this.#seconds[place] === second) {
      if (this.#people[place] === people) return;
      this.#people[place] = people;
    } else {
      this.#seconds.splice(place, 0, second);
      this.#people.splice(place, 0, people);
    }
    this.#before = null;
  }

  /** Forgets the seconds before this one: all of them have been called. */
  forgetBefore(second: number): void {
    const place = this.#placeOf(second);
    if (place === 0) return;
    this.#seconds.splice(0, place);
    this.#people.splice(0, place);
    this.#before = null;
  }

  /** Seconds that are kept. */
  get size(): number {
    return this.#seconds.length;
  }

  /** The last second in which somebody came; -1: none is kept. */
  get lastSecond(): number {
    return this.#seconds.at(-1) ?? -1;
  }

  /** People with a lower rank than this, from the first second that is kept on. */
  before(rank: Rank): number {
    const second = secondOf(rank);
    const place = this.#placeOf(second);
    const before = this.#sums()[place] as number;
    return this.#seconds[place] === second ? before + (this.#people[place] as number) * (rank - second) : before;
  }

  /** People from one rank up to below another. */
  between(from: Rank, to: Rank): number {
    return Math.max(0, this.before(to) - this.before(from));
  }

  /**
   * The rank that so many people stand before, from `from` on; at most `upTo`, where there are not so many. Over seconds
   * in which nobody came it goes on at once.
   */
  after(from: Rank, people: number, upTo: Rank): Rank {
    let left = people;
    for (let place = this.#placeOf(secondOf(from)); place < this.#seconds.length; place += 1) {
      const second = this.#seconds[place] as number;
      if (second >= upTo) break;
      const start = Math.max(from, second);
      const count = this.#people[place] as number;
      const waiting = count * (second + 1 - start);
      if (waiting > left + TINY) return Math.max(from, Math.min(upTo, start + left / count));
      left = Math.max(0, left - waiting);
    }
    return Math.max(from, upTo);
  }

  /** The first place whose second is this one or later. */
  #placeOf(second: number): number {
    let low = 0;
    let high = this.#seconds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#seconds[middle] as number) < second) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #sums(): readonly number[] {
    if (this.#before !== null) return this.#before;
    const sums = [0];
    let sum = 0;
    for (const people of this.#people) {
      sum += people;
      sums.push(sum);
    }
    this.#before = sums;
    return sums;
  }
}

/** Sums of fractions miss by less. */
const TINY = 1e-9;
