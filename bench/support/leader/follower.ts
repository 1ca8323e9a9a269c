import { setTimeout as pause } from "node:timers/promises";
import { type EventStore, type Position, StoreUnavailable } from "../../../src/eventstore/port.ts";

const AGAIN_AFTER_MS = 100;

/** Follows a prefix as the projector does: subscribes again from its checkpoint whenever the subscription is lost. */
export interface Following {
  /** Every event id that was delivered, in the order of delivery. */
  readonly ids: readonly string[];
  readonly restarts: () => number;
  /** Places where the log went back. */
  readonly outOfOrder: () => number;
  /** The longest time without an event, in ms, since this was asked for last. */
  longestGapMs(): number;
  /** Resolves when it has come to this position, and ends it. */
  stopAt(position: Position): Promise<void>;
}

export function startFollower(store: EventStore, prefix: string): Following {
  const ids: string[] = [];
  const ending = new AbortController();
  let checkpoint: Position | null = null;
  let reached: Position = -1n;
  let [restarts, outOfOrder, longest] = [0, 0, 0];
  let last = performance.now();
  let goal: Position | null = null;

  const follow = async (): Promise<void> => {
    const subscription = { after: checkpoint, streamPrefixes: [prefix], maxBatch: 500, signal: ending.signal };
    for await (const batch of store.subscribe(subscription)) {
      for (const { id, position } of batch.events) {
        if (position <= reached) outOfOrder += 1;
        reached = position;
        ids.push(id);
      }
      if (batch.events.length > 0) {
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
      }
      checkpoint = batch.checkpoint;
      if (goal !== null && checkpoint >= goal) ending.abort();
    }
  };
  const following = (async () => {
    while (!ending.signal.aborted) {
      try {
        await follow();
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        restarts += 1;
        await pause(AGAIN_AFTER_MS);
      }
    }
  })();
  following.catch(() => {}); // whoever stops it is told

  return {
    ids,
    restarts: () => restarts,
    outOfOrder: () => outOfOrder,
    longestGapMs() {
      const gap = Math.max(longest, performance.now() - last);
      longest = 0;
      return gap;
    },
    async stopAt(position) {
      goal = position;
      if (checkpoint !== null && checkpoint >= position) ending.abort();
      await following;
    },
  };
}
