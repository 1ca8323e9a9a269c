import type { Staged } from "./decision.ts";
import { StagedMap } from "./staged-map.ts";

/** Entries that one ticket type's waitlist takes; it is kept in memory. */
export const MAX_WAITLIST = 100_000;

/** Somebody who waits for tickets. */
export interface WaitingEntry {
  readonly entryId: string;
  readonly accountId: string;
  readonly quantity: number;
  /** How long an offer to this entry stands. */
  readonly offerTtlSeconds: number;
}

/** An entry whose tickets are held for it. */
export type OpenOffer = Pick<WaitingEntry, "entryId" | "accountId">;

/**
 * Who waits, in the order of arrival, and who has an open offer: one entry an account. Changed in place, staged until
 * committed, see {@link StagedMap}.
 *
 * Entries stand in queues by quantity, so that the oldest that fits into n tickets is found among the heads of at most n
 * queues, however many wait. What has left stays in its queue until the head comes past it, or until all queues are
 * cleaned because what has left outnumbers what waits.
 */
export class Waitlist implements Staged {
  readonly #waiting: StagedMap<string, Arrival>;
  /** The entry of each account that waits or has an open offer. */
  readonly #entryOf: StagedMap<string, string>;
  readonly #queues = new Map<number, Queue>();
  readonly #touched = new Set<Queue>();
  #arrivals = 0;
  /** Arrivals in all queues, those that have left included; as of the last commit. */
  #queued = 0;

  /** @param waiting in the order of arrival */
  constructor(waiting: Iterable<WaitingEntry> = [], offers: Iterable<OpenOffer> = []) {
    const arrivals = new Map<string, Arrival>();
    const entryOf = new Map<string, string>();
    for (const { accountId, entryId } of offers) entryOf.set(accountId, entryId);
    for (const entry of waiting) {
      arrivals.set(entry.entryId, this.#enqueue(entry));
      entryOf.set(entry.accountId, entry.entryId);
    }
    this.#waiting = new StagedMap(arrivals);
    this.#entryOf = new StagedMap(entryOf);
    this.#keepQueues();
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** An entry that waits. */
  get(entryId: string): WaitingEntry | undefined {
    return this.#waiting.get(entryId)?.entry;
  }

  /** The entry of an account that waits or has an offer which has not ended on record. */
  entryOf(accountId: string): string | undefined {
    return this.#entryOf.get(accountId);
  }

  /** Those who wait, the oldest first. */
  *entries(): IterableIterator<WaitingEntry> {
    for (const [, { entry }] of this.#waiting.entries()) yield entry;
  }

  join(entry: WaitingEntry): void {
    this.#waiting.set(entry.entryId, this.#enqueue(entry));
    this.#entryOf.set(entry.accountId, entry.entryId);
  }

  /** It left, or there will be no offer. */
  leave(entryId: string): void {
    const { entry } = this.#takeOff(entryId);
    this.offerEnded(entry);
  }

  /** Its tickets are held from now on; it counts as the account's until {@link offerEnded}. */
  offer(entryId: string): void {
    this.#takeOff(entryId);
  }

  /** Whatever became of the offer. */
  offerEnded({ entryId, accountId }: OpenOffer): void {
    if (this.#entryOf.get(accountId) === entryId) this.#entryOf.delete(accountId);
  }

  /**
   * Who is next, at most `max`: the oldest entry that fits into so many free tickets, then the oldest that fits into
   * what that one leaves, and so on. Those that don't fit, or may not have as many, are passed over and keep their place.
   */
  next(free: number, max: number, mayHave: (entry: WaitingEntry) => boolean = () => true): readonly WaitingEntry[] {
    const chosen: WaitingEntry[] = [];
    const heads = this.#headsWithin(free).sort((a, b) => b.arrival.order - a.arrival.order);
    for (let left = free; chosen.length < max; ) {
      const head = heads.pop(); // the oldest
      if (head === undefined) break;
      const { entry } = head.arrival;
      if (entry.quantity > left) continue; // nor will its queue fit later on
      if (mayHave(entry)) {
        chosen.push(entry);
        left -= entry.quantity;
      }
      const following = this.#firstFrom(head.queue, head.index + 1);
      if (following !== null) insert(following, heads);
    }
    return chosen;
  }

  commit(): void {
    this.#waiting.commit();
    this.#entryOf.commit();
    this.#keepQueues();
    if (this.#queued > 2 * this.#waiting.size + 1024) {
      for (const queue of this.#queues.values()) this.#clean(queue);
      this.#keepQueues();
    }
  }

  rollback(): void {
    this.#waiting.rollback();
    this.#entryOf.rollback();
    for (const queue of this.#touched) {
      queue.arrivals.length = queue.durableLength;
      queue.start = queue.durableStart;
      if (queue.durableLength === 0) this.#queues.delete(queue.quantity);
    }
    this.#touched.clear();
  }

  #enqueue(entry: WaitingEntry): Arrival {
    const { quantity } = entry;
    let queue = this.#queues.get(quantity);
    if (queue === undefined) {
      queue = { quantity, arrivals: [], start: 0, durableStart: 0, durableLength: 0 };
      this.#queues.set(quantity, queue);
    }
    const arrival = { entry, order: this.#arrivals++ };
    queue.arrivals.push(arrival);
    this.#touched.add(queue);
    return arrival;
  }

  #takeOff(entryId: string): Arrival {
    const arrival = this.#waiting.get(entryId);
    if (arrival === undefined) throw new Error(`entry ${entryId} is not in the waitlist`);
    this.#waiting.delete(entryId);
    const queue = this.#queues.get(arrival.entry.quantity) as Queue;
    queue.start = this.#firstFrom(queue, queue.start)?.index ?? queue.arrivals.length;
    this.#touched.add(queue);
    return arrival;
  }

  /** There are at most as many quantities as free tickets, or as queues, whichever is less. */
  #headsWithin(free: number): Head[] {
    const heads: Head[] = [];
    const look = (queue: Queue | undefined) => {
      const head = queue === undefined ? null : this.#firstFrom(queue, queue.start);
      if (head !== null) heads.push(head);
    };
    if (free < this.#queues.size)
      for (let quantity = 1; quantity <= free; quantity += 1) look(this.#queues.get(quantity));
    else for (const queue of this.#queues.values()) if (queue.quantity <= free) look(queue);
    return heads;
  }

  #firstFrom(queue: Queue, from: number): Head | null {
    for (let index = from; index < queue.arrivals.length; index += 1) {
      const arrival = queue.arrivals[index] as Arrival;
      if (this.#waits(arrival)) return { queue, index, arrival };
    }
    return null;
  }

  #waits(arrival: Arrival): boolean {
    return this.#waiting.get(arrival.entry.entryId) === arrival;
  }

  /** What the touched queues are now is durable. */
  #keepQueues(): void {
    for (const queue of this.#touched) {
      const before = queue.durableLength;
      queue.durableStart = queue.start;
      queue.durableLength = queue.arrivals.length;
      if (queue.start === queue.arrivals.length) {
        this.#queues.delete(queue.quantity);
        queue.durableLength = 0;
      }
      this.#queued += queue.durableLength - before;
    }
    this.#touched.clear();
  }

  #clean(queue: Queue): void {
    queue.arrivals = queue.arrivals.slice(queue.start).filter((arrival) => this.#waits(arrival));
    queue.start = 0;
    this.#touched.add(queue);
  }
}

/** An entry and its turn. */
interface Arrival {
  readonly entry: WaitingEntry;
  readonly order: number;
}

/** Those of one quantity, the oldest first. */
interface Queue {
  readonly quantity: number;
  arrivals: Arrival[];
  /** Those before this index have left. */
  start: number;
  durableStart: number;
  durableLength: number;
}

/** The oldest of a queue that is left to be chosen. */
interface Head {
  readonly queue: Queue;
  readonly index: number;
  readonly arrival: Arrival;
}

/** Into heads that stand with the oldest last. */
function insert(head: Head, heads: Head[]): void {
  let low = 0;
  let high = heads.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((heads[middle] as Head).arrival.order > head.arrival.order) low = middle + 1;
    else high = middle;
  }
  heads.splice(low, 0, head);
}
