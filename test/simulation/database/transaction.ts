import type { LockMode } from "./locks.ts";
import type { DatabaseServer, Row } from "./server.ts";

/** What a transaction has changed, for itself until it commits; reads what is committed, as read committed has it. */
export class Transaction {
  readonly changes = new Map<string, Map<string, Row | null>>();
  /** Its commit is not waited for: a crash of the server may take it back. */
  isAsynchronous = false;
  /** The process that it is of. */
  readonly by: string;
  readonly #server: DatabaseServer;

  constructor(server: DatabaseServer, by: string) {
    this.#server = server;
    this.by = by;
  }

  get nowMs(): number {
    return this.#server.nowMs;
  }

  get(table: string, key: string): Row | undefined {
    const changed = this.changes.get(table)?.get(key);
    return changed === undefined ? this.#server.table(table).get(key) : (changed ?? undefined);
  }

  /** By key, in the order of keys. */
  rows(table: string): readonly (readonly [string, Row])[] {
    const rows = new Map(this.#server.table(table));
    for (const [key, row] of this.changes.get(table) ?? []) {
      if (row === null) rows.delete(key);
      else rows.set(key, row);
    }
    return [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** null deletes it. The row has to be locked before. */
  put(table: string, key: string, row: Row | null): void {
    const changes = this.changes.get(table) ?? new Map<string, Row | null>();
    this.changes.set(table, changes.set(key, row));
  }

  /** Waits until it has the row. What was read of it before may be another's by then. */
  async lock(table: string, key: string, mode: LockMode): Promise<void> {
    await this.#server.locks.take(this, `${table}/${key}`, mode);
  }

  tryLock(table: string, key: string, mode: LockMode): boolean {
    return this.#server.locks.tryTake(this, `${table}/${key}`, mode);
  }

  commit(): void {
    this.#server.commit(this);
    this.#server.locks.releaseAll(this);
  }

  rollback(): void {
    this.changes.clear();
    this.#server.locks.releaseAll(this);
  }
}
