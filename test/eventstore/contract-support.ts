import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Batch, EventStore, NewEvent, Position, ScanOptions, StoredEvent } from "../../src/eventstore/port.ts";

/** A category no other spec uses: the part of a stream's name before the first `-`. */
export const category = (): string => `spec${randomBytes(6).toString("hex")}`;

export const aStream = (): string => `${category()}-1`;

export const newEvent = (given: Partial<NewEvent> = {}): NewEvent => ({
  id: randomUUID(),
  type: "TicketsReserved",
  data: '{"quantity":2}',
  metadata: '{"schemaVersion":1}',
  ...given,
});

export const newEvents = (count: number): NewEvent[] => Array.from({ length: count }, () => newEvent());

export const readAll = (store: EventStore, stream: string): Promise<readonly StoredEvent[]> =>
  store.read(stream, { from: "start", direction: "forwards", maxCount: 4096 });

/** A scan of everything whose name begins so. */
export const scanOf = (prefix: string): Omit<ScanOptions, "upTo"> => ({
  after: null,
  streamPrefixes: [prefix],
  signal: new AbortController().signal,
});

/** All events of a scan. */
export async function scanned(
  store: EventStore,
  {
    prefixes,
    ...part
  }: Pick<ScanOptions, "upTo"> & { readonly prefixes: readonly string[]; readonly after?: Position },
): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const page of store.scan({ ...scanOf(""), streamPrefixes: prefixes, ...part })) {
    for (let index = 0; index < page.count; index += 1) events.push(page.event(index));
  }
  return events;
}

export interface Follower {
  readonly batches: readonly Batch[];
  /** Settles as the iteration does. */
  readonly ended: Promise<void>;
  /** All events so far, once the condition holds on them; fails after 30 s or when the subscription does. */
  until(condition: (events: readonly StoredEvent[]) => boolean): Promise<readonly StoredEvent[]>;
  /** Aborts and waits for the end, which has to be without an error. */
  stop(): Promise<void>;
}

/** Subscribes and collects what is delivered. */
export function follow(
  store: EventStore,
  options: {
    readonly prefixes: readonly string[];
    readonly after?: Position | null;
    readonly maxBatch?: number;
    readonly signal?: AbortSignal;
  },
): Follower {
  const { prefixes, after = null, maxBatch = 100, signal } = options;
  const own = new AbortController();
  const batches: Batch[] = [];
  const events: StoredEvent[] = [];
  let failure: unknown;
  const run = async (): Promise<void> => {
    const subscription = { after, streamPrefixes: prefixes, maxBatch, signal: signal ?? own.signal };
    for await (const batch of store.subscribe(subscription)) {
      batches.push(batch);
      events.push(...batch.events);
    }
  };
  const ended = run();
  ended.catch((error: unknown) => {
    failure = error;
  });
  return {
    batches,
    ended,
    async until(condition) {
      const deadline = performance.now() + 30_000;
      while (!condition(events)) {
        if (failure !== undefined) throw failure;
        if (performance.now() > deadline) throw new Error(`${events.length} events after 30 s, and more were expected`);
        await pause(2);
      }
      return [...events];
    },
    async stop() {
      own.abort();
      await ended;
    },
  };
}
