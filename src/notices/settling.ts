import type { Settlement } from "./outbox.ts";

/**
 * Writes down what became of mails, those that end while a write is under way together in the next one: a write for each
 * mail would cost as much as sending it.
 */
export class Settling {
  readonly #write: (settlements: readonly Settlement[]) => Promise<void>;
  #waiting: Settlement[] = [];
  #next: Promise<void> | null = null;
  #underway: Promise<void> = Promise.resolve();

  constructor(write: (settlements: readonly Settlement[]) => Promise<void>) {
    this.#write = write;
  }

  /** Resolves when it is written. @throws what writing threw, to all whose settlements were in it */
  add(settlement: Settlement): Promise<void> {
    this.#waiting.push(settlement);
    this.#next ??= this.#underway.then(() => {
      const settlements = this.#waiting;
      this.#waiting = [];
      this.#next = null;
      const written = this.#write(settlements);
      this.#underway = written.catch(() => undefined);
      return written;
    });
    return this.#next;
  }
}
