import { Busy } from "./outcome.ts";

/** More than this many waiting for one key is not somebody who clicks twice. */
const MAX_WAITING = 100;

/**
 * Has what concerns the same thing run one after the other in this process. That only saves work: other nodes have turns
 * of their own, so what runs must be right without them.
 */
export class Turns {
  readonly #queues = new Map<string, { last: Promise<unknown>; waiting: number }>();

  /**
   * Runs it when those that came before it under the same key are done, however they ended.
   * @throws Busy too many wait; it was not run
   */
  async take<Value>(key: string, run: () => Promise<Value>): Promise<Value> {
    const queue = this.#queues.get(key) ?? { last: Promise.resolve(), waiting: 0 };
    if (queue.waiting >= MAX_WAITING) throw new Busy(`${key}: ${queue.waiting} wait for their turn`);
    queue.waiting += 1;
    this.#queues.set(key, queue);
    const before = queue.last;
    const turn = Promise.withResolvers<void>();
    queue.last = turn.promise;
    try {
      await before;
      return await run();
    } finally {
      queue.waiting -= 1;
      if (queue.waiting === 0) this.#queues.delete(key);
      turn.resolve();
    }
  }
}
