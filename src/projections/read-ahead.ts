import { type Batch, PAGE_BYTES, type StoredEvent } from "../eventstore/port.ts";

interface Waiting extends Batch {
  /** Of all its events. */
  readonly characters: number;
}

/** Told at once, and about the memory that the texts take; their bytes would have to be counted. */
const charactersOf = ({ data, metadata }: StoredEvent): number => data.length + metadata.length;

/**
 * Takes batches from a subscription while the one before is being projected, so that the store works meanwhile and
 * what came in goes together in one transaction. Holds at most about `maxEvents` and as many characters as two pages
 * have bytes, then lets the store wait.
 */
export class ReadAhead {
  readonly #waiting: Waiting[] = [];
  readonly #maxEvents: number;
  #events = 0;
  #characters = 0;
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
   * What has come in, once there is something, up to `maxEvents` and {@link PAGE_BYTES} characters where batches allow;
   * null at the subscription's end.
   * @throws what ended the subscription, after everything before it was taken
   */
  async next(maxEvents: number): Promise<Batch | null> {
    while (this.#waiting.length === 0) {
      if (this.#failure !== null) throw this.#failure.error;
      if (this.#ended) return null;
      await this.#changed.promise;
    }
    const first = this.#waiting.shift() as Waiting;
    const taken = [first];
    let { characters } = first;
    let count = first.events.length;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (count + next.events.length > maxEvents || characters + next.characters > PAGE_BYTES) break;
      count += next.events.length;
      characters += next.characters;
      taken.push(next);
      this.#waiting.shift();
    }
    this.#events -= count;
    this.#characters -= characters;
    this.#notify();
    const last = taken.at(-1) as Waiting;
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
        const characters = batch.events.reduce((sum, event) => sum + charactersOf(event), 0);
        this.#waiting.push({ ...batch, characters });
        this.#events += batch.events.length;
        this.#characters += characters;
        this.#notify();
        while (this.#isFull() && !signal.aborted) await this.#changed.promise;
        if (signal.aborted) break;
      }
    } catch (error) {
      this.#failure = { error };
    }
    this.#ended = true;
    this.#notify();
  }

  #isFull(): boolean {
    return this.#events >= this.#maxEvents || this.#characters >= 2 * PAGE_BYTES;
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}
