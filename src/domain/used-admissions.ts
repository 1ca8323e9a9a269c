import type { Staged } from "./decision.ts";

/** An admission of a waiting room stands for so long (`ADMISSION_MS`); once it is over nobody has to remember it. */
const STANDS_MS = 15 * 60_000;

/**
 * Admissions that made a reservation, for as long as somebody could come with them again. One that is used now stands for
 * 15 minutes more at most: so those that end 15 minutes before the last of them are over, and memory is bounded.
 */
export class UsedAdmissions implements Staged {
  /** By the time of use, with when they end (epoch milliseconds). */
  readonly #committed: Map<string, number>;
  readonly #staged = new Map<string, number>();
  #latestMs: number;

  /** @param committed becomes this object's own */
  constructor(committed = new Map<string, number>()) {
    this.#committed = committed;
    this.#latestMs = [...committed.values()].reduce((latest, endsAtMs) => Math.max(latest, endsAtMs), 0);
  }

  has(id: string): boolean {
    return this.#committed.has(id) || this.#staged.has(id);
  }

  add(id: string, endsAtMs: number): void {
    this.#staged.set(id, endsAtMs);
  }

  entries(): readonly (readonly [id: string, endsAtMs: number])[] {
    return [...this.#committed];
  }

  commit(): void {
    if (this.#staged.size === 0) return;
    for (const [id, endsAtMs] of this.#staged) {
      this.#committed.set(id, endsAtMs);
      this.#latestMs = Math.max(this.#latestMs, endsAtMs);
    }
    this.#staged.clear();
    for (const [id, endsAtMs] of this.#committed) {
      if (endsAtMs > this.#latestMs - STANDS_MS) break;
      this.#committed.delete(id);
    }
  }

  rollback(): void {
    this.#staged.clear();
  }
}
