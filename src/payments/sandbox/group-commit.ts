import type { DatabaseSync } from "node:sqlite";

/** More writes than this don't wait: the answer to them is to come again. */
const MAX_WAITING = 10_000;
/** Bounds how long the others wait for one transaction. */
const MAX_TOGETHER = 500;

/** Too much waits already; nothing was done. */
export class TooManyWrites extends Error {
  override readonly name = "TooManyWrites";
}

interface Waiting {
  /** Does the write and keeps what it gives; to be answered once that is durable. */
  readonly write: () => void;
  readonly answer: () => void;
  readonly fail: (error: unknown) => void;
}

export interface GroupCommit {
  /**
   * Runs a write in a transaction and resolves with what it gives, once that is on the disk.
   * @throws TooManyWrites
   */
  run<Given>(write: () => Given): Promise<Given>;
}

/**
 * Writes of requests that come together share a transaction, and so one wait for the disk. While that waits, the next
 * ones arrive: the more there is to do, the larger the groups.
 */
export function groupCommits(database: DatabaseSync): GroupCommit {
  let waiting: Waiting[] = [];

  function commitWaiting(): void {
    const group = waiting.slice(0, MAX_TOGETHER);
    waiting = waiting.slice(MAX_TOGETHER);
    if (waiting.length > 0) setImmediate(commitWaiting);
    commit(group);
  }

  /** What one of them breaks does not break the others: after a failure each has a transaction of its own. */
  function commit(group: readonly Waiting[]): void {
    try {
      database.exec("begin immediate");
      for (const { write } of group) write();
      database.exec("commit");
    } catch (error) {
      if (database.isTransaction) database.exec("rollback");
      if (group.length > 1) for (const one of group) commit([one]);
      else group[0]?.fail(error);
      return;
    }
    for (const { answer } of group) answer();
  }

  return {
    run<Given>(write: () => Given): Promise<Given> {
      if (waiting.length >= MAX_WAITING) return Promise.reject(new TooManyWrites("too many writes wait"));
      const { promise, resolve, reject } = Promise.withResolvers<Given>();
      let given: Given;
      if (waiting.length === 0) setImmediate(commitWaiting);
      waiting.push({
        write: () => {
          given = write();
        },
        answer: () => resolve(given),
        fail: reject,
      });
      return promise;
    },
  };
}
