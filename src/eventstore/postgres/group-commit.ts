import { type AppendResult, StoreUnavailable } from "../port.ts";
import type { AppendOutcome, CommitLane } from "./commit-lane.ts";
import type { PreparedAppend } from "./prepared-append.ts";

export interface GroupCommitLimits {
  /** At most this many appends share a commit. */
  readonly maxAppendsPerCommit: number;
  /** A commit takes no further append once it has this many bytes. */
  readonly maxBytesPerCommit: number;
  /** Appends that wait; beyond them {@link StoreUnavailable}. */
  readonly maxWaiting: number;
  /** Bytes of the appends that wait; beyond them {@link StoreUnavailable}. */
  readonly maxWaitingBytes: number;
}

export interface GroupCommit {
  append(append: PreparedAppend): Promise<AppendResult>;
  /** Fails what waits as unavailable and lets what is being committed finish. */
  close(): Promise<void>;
}

interface Waiting {
  readonly append: PreparedAppend;
  settle(outcome: AppendOutcome): void;
}

/**
 * Lets the appends that wait, of whatever stream, share the next commit: the busier the process, the more of them
 * divide the cost of one. A commit has at most one append of a stream, and a stream is in one commit at a time, so
 * appends to a stream are recorded in the order of the calls.
 */
export function createGroupCommit(lanes: readonly CommitLane[], limits: GroupCommitLimits): GroupCommit {
  const queues = new Map<string, Waiting[]>(); // of streams with appends waiting or being committed
  let ready: string[] = []; // streams with appends waiting and none being committed, in order of arrival
  const free = [...lanes];
  const running = new Set<Promise<void>>();
  let waiting = 0;
  let waitingBytes = 0;
  let scheduled = false;
  let closed = false;

  function append(prepared: PreparedAppend): Promise<AppendResult> {
    if (closed) return Promise.reject(new StoreUnavailable("the event store is closed"));
    if (waiting >= limits.maxWaiting || waitingBytes + prepared.bytes > limits.maxWaitingBytes) {
      return Promise.reject(new StoreUnavailable(`${waiting} appends wait already`));
    }
    return new Promise((resolve, reject) => {
      const settle = (outcome: AppendOutcome): void => (outcome instanceof Error ? reject(outcome) : resolve(outcome));
      const queue = queues.get(prepared.stream);
      if (queue === undefined) {
        queues.set(prepared.stream, [{ append: prepared, settle }]);
        ready.push(prepared.stream);
      } else {
        queue.push({ append: prepared, settle });
      }
      waiting += 1;
      waitingBytes += prepared.bytes;
      schedule();
    });
  }

  /** Puts the commit off to the end of this turn of the event loop, so that all of the turn's appends are in it. */
  function schedule(): void {
    if (scheduled || free.length === 0 || ready.length === 0) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      const lane = ready.length > 0 ? free.pop() : undefined;
      if (lane === undefined) return;
      const run = commit(lane, nextBatch()).finally(() => {
        running.delete(run);
        free.push(lane);
        schedule();
      });
      running.add(run);
      schedule();
    });
  }

  function nextBatch(): Waiting[] {
    const batch: Waiting[] = [];
    let bytes = 0;
    for (const stream of ready) {
      const first = queues.get(stream)?.shift();
      if (first === undefined) throw new Error(`nothing waits for ${stream}`);
      batch.push(first);
      bytes += first.append.bytes;
      if (batch.length === limits.maxAppendsPerCommit || bytes >= limits.maxBytesPerCommit) break;
    }
    ready = ready.slice(batch.length);
    waiting -= batch.length;
    waitingBytes -= bytes;
    return batch;
  }

  async function commit(lane: CommitLane, batch: readonly Waiting[]): Promise<void> {
    const outcomes = await lane.commit(batch.map((each) => each.append));
    for (const [index, each] of batch.entries()) {
      const { stream } = each.append;
      if (queues.get(stream)?.length === 0) queues.delete(stream);
      else if (!closed) ready.push(stream);
      const outcome = outcomes[index];
      if (outcome === undefined) throw new Error(`no outcome for an append to ${stream}`);
      each.settle(outcome);
    }
  }

  return {
    append,
    async close() {
      closed = true;
      ready = [];
      for (const queue of queues.values()) {
        for (const each of queue.splice(0)) each.settle(new StoreUnavailable("the event store was closed"));
      }
      await Promise.all(running);
      await Promise.all(lanes.map((lane) => lane.close()));
    },
  };
}
