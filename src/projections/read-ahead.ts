import type { Batch, StoredEvent } from "../eventstore/port.ts";

/**
 * Takes batches from a subscription while the one before is being projected, so that the store works meanwhile and
 * what came in goes together in one transaction. Holds at most about `maxEvents`, then lets the store wait.
 */
export class ReadAhead {
  readonly #waiting: Batch[] = [];
  readonly #maxEvents: number;
  #events = 0;
  #ended = false;
  #failure: { readonly error: unknown } | null = null;
  #changed = Promise.withResolvers<void>();

  /** @param signal the one that ends the subscription */
  constructor(source: AsyncIterable<Batch>, maxEvents: number, signal: AbortSignal) {
    this.#maxEvents = maxEvents;
    signal.addEventListener("abort", () => this.#notify(), { once: true });
    void this.#pump(source, signal);
  }

  /** Events that wait. */
  get size(): number {
    return this.#events;
  }

  /** The first event that waits. */
  get oldest(): StoredEvent | null {
    for (const { events } of this.#waiting) if (events[0] !== undefined) return events[0];
    return null;
  }

  /**
   * What has come in, once there is something, up to `maxEvents` where batches allow; null at the subscription's end.
   * @throws what ended the subscription, after everything before it was taken
   */
  async next(maxEvents: number): Promise<Batch | null> {
    while (this.#waiting.length === 0) {
      if (this.#failure !== null) throw this.#failure.error;
      if (this.#ended) return null;
      await this.#changed.promise;
    }
    const first = this.#waiting.shift() as Batch;
    const taken = [first];
    let count = first.events.length;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (count + next.events.length > maxEvents) break;
      count += next.events.length;
      taken.push(next);
      this.#waiting.shift();
    }
    this.#events -= count;
    this.#notify();
    const last = taken.at(-1) as Batch;
    return {
      events: taken.length === 1 ? first.events : taken.flatMap(({ events }) => events),
      checkpoint: last.checkpoint,
    };
  }

  async #pump(source: AsyncIterable<Batch>, signal: AbortSignal): Promise<void> {
    try {
      for await (const batch of source) {
        // Of batches that only move the checkpoint, the last one says it all.
        if (this.#waiting.at(-1)?.events.length === 0) this.#waiting.pop();
        this.#waiting.push(batch);
        this.#events += batch.events.length;
        this.#notify();
        while (this.#events >= this.#maxEvents && !signal.aborted) await this.#changed.promise;
        if (signal.aborted) break;
      }
    } catch (error) {
      this.#failure = { error };
    }
    this.#ended = true;
    this.#notify();
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}
