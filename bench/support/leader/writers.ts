import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type EventStore, type NewEvent, OutcomeUnknown, StoreUnavailable } from "../../../src/eventstore/port.ts";

/** Sent again after this many ms when the store could not be reached or did not say what became of it. */
const AGAIN_AFTER_MS = 20;

/** What writers were told, and how it went. Counts grow while they write. */
export interface Writing {
  readonly prefix: string;
  /** Ids that were acknowledged, by stream, in the order of the acknowledgements. */
  readonly acknowledged: ReadonlyMap<string, readonly string[]>;
  readonly unknown: () => number;
  readonly unavailable: () => number;
  readonly count: () => number;
  /** The longest time without an acknowledgement, in ms, since this was asked for last. */
  longestGapMs(): number;
  /** Lets every writer get an outcome for what it has sent. */
  stop(): Promise<void>;
}

/**
 * Each writer has a stream of its own and one append of one event under way, sent again until its outcome is known. Nobody
 * else writes there: a refusal by revision means that an append was recorded twice or lost, and fails the run.
 */
export function startWriters(store: EventStore, writers: number): Writing {
  const prefix = `leaderchange${randomUUID().replaceAll("-", "")}-`;
  const acknowledged = new Map<string, string[]>();
  let [unknown, unavailable, count] = [0, 0, 0];
  let running = true;
  let last = performance.now();
  let longest = 0;

  const acknowledge = (ids: string[], id: string): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    ids.push(id);
    count += 1;
  };

  const write = async (stream: string): Promise<void> => {
    const ids: string[] = [];
    acknowledged.set(stream, ids);
    while (running) {
      const event = newEvent();
      while (!(await sent(stream, event, ids.length === 0 ? "no-stream" : ids.length - 1))) await pause(AGAIN_AFTER_MS);
      acknowledge(ids, event.id);
    }
  };

  const sent = async (stream: string, event: NewEvent, expected: number | "no-stream"): Promise<boolean> => {
    try {
      await store.append(stream, [event], expected);
      return true;
    } catch (error) {
      if (error instanceof OutcomeUnknown) unknown += 1;
      else if (error instanceof StoreUnavailable) unavailable += 1;
      else throw error;
      return false;
    }
  };

  const writing = Promise.all(Array.from({ length: writers }, (_, index) => write(`${prefix}${index}`)));
  writing.catch(() => {}); // whoever stops them is told
  return {
    prefix,
    acknowledged,
    unknown: () => unknown,
    unavailable: () => unavailable,
    count: () => count,
    longestGapMs() {
      const gap = Math.max(longest, performance.now() - last);
      longest = 0;
      return gap;
    },
    async stop() {
      running = false;
      await writing;
    },
  };
}

const newEvent = (): NewEvent => ({
  id: randomUUID(),
  type: "TicketsReserved",
  data: JSON.stringify({ quantity: 2, note: "x".repeat(400) }),
  metadata: JSON.stringify({ schemaVersion: 1, correlationId: randomUUID() }),
});
