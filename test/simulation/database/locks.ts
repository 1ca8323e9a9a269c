import type { Transaction } from "./transaction.ts";

/** How strongly a row is locked, as Postgres has it: a reference, a change of what no key covers, any change. */
export type LockMode = "key-share" | "no-key-update" | "update";

interface Waiter {
  readonly by: Transaction;
  readonly mode: LockMode;
  readonly granted: () => void;
}

interface Row {
  readonly holders: Map<Transaction, LockMode>;
  readonly waiters: Waiter[];
}

const STRENGTH: Readonly<Record<LockMode, number>> = { "key-share": 0, "no-key-update": 1, update: 2 };

/** Two transactions can have these on one row at the same time. */
const goTogether = (one: LockMode, other: LockMode): boolean => STRENGTH[one] + STRENGTH[other] <= 1;

/** Who has which row, there or not; first come first served. */
export class RowLocks {
  readonly #rows = new Map<string, Row>();

  /** @returns null when it is had at once, else what resolves when it is */
  take(by: Transaction, row: string, mode: LockMode): Promise<void> | null {
    const locked = this.#row(row);
    if (locked.waiters.length === 0 && canHave(locked, by, mode)) {
      grant(locked, by, mode);
      return null;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    locked.waiters.push({ by, mode, granted: resolve });
    return promise;
  }

  /** Takes it if that can be at once. */
  tryTake(by: Transaction, row: string, mode: LockMode): boolean {
    const locked = this.#row(row);
    if (!canHave(locked, by, mode)) return false;
    grant(locked, by, mode);
    return true;
  }

  /** The transaction has ended. */
  releaseAll(by: Transaction): void {
    for (const [name, row] of this.#rows) {
      row.holders.delete(by);
      const left = row.waiters.filter((waiter) => waiter.by !== by);
      row.waiters.length = 0;
      for (const waiter of left) {
        if (row.waiters.length === 0 && canHave(row, waiter.by, waiter.mode)) {
          grant(row, waiter.by, waiter.mode);
          waiter.granted();
        } else row.waiters.push(waiter);
      }
      if (row.holders.size === 0 && row.waiters.length === 0) this.#rows.delete(name);
    }
  }

  #row(name: string): Row {
    const row = this.#rows.get(name) ?? { holders: new Map(), waiters: [] };
    this.#rows.set(name, row);
    return row;
  }
}

const canHave = ({ holders }: Row, by: Transaction, mode: LockMode): boolean =>
  [...holders].every(([holder, held]) => holder === by || goTogether(held, mode));

function grant({ holders }: Row, by: Transaction, mode: LockMode): void {
  const held = holders.get(by);
  if (held === undefined || STRENGTH[held] < STRENGTH[mode]) holders.set(by, mode);
}
