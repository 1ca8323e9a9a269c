import { bytesOf, pageLength } from "../../src/eventstore/pages.ts";
import {
  type AppendResult,
  type Batch,
  type EventStore,
  type ExpectedRevision,
  InvalidAppend,
  MAX_APPEND_BYTES,
  type NewEvent,
  OutcomeUnknown,
  PAGE_BYTES,
  type Position,
  type ReadOptions,
  type Revision,
  type StoredEvent,
  StoreUnavailable,
  type SubscribeOptions,
  WrongExpectedRevision,
} from "../../src/eventstore/port.ts";
import { scanBySubscription } from "../../src/eventstore/scan-by-subscription.ts";

/** One call of `append` as it arrived, with what was answered. */
export interface AppendCall {
  readonly stream: string;
  readonly events: readonly NewEvent[];
  readonly expected: ExpectedRevision;
  outcome: "pending" | "recorded" | "failed";
}

/** What happens to one append, in place of what would have. */
export type AppendFault =
  /** OutcomeUnknown, and nothing was recorded. */
  | "unknown-before"
  /** OutcomeUnknown, though it was recorded. */
  | "unknown-after"
  | "unavailable"
  /** Another failure, of no kind that the port knows. */
  | "broken";

/** Holds a call back: it waits before it does anything until released. */
export interface Gate {
  /** Resolves when the call has arrived. */
  readonly reached: Promise<void>;
  release(): void;
}

type Step = { readonly fault: AppendFault } | { readonly before: () => Promise<unknown> };

/**
 * An event store in memory that keeps the port's contract, for specs of what stands on the port. What is to go wrong is
 * scripted: each step is used up by one call, in the order of the script.
 */
export class MemoryEventStore implements EventStore {
  readonly name = "memory";
  /** Every append that arrived, also those that failed. */
  readonly appends: AppendCall[] = [];
  /** How many times `read` was called. */
  reads = 0;
  readonly #log: StoredEvent[] = [];
  readonly #streams = new Map<string, StoredEvent[]>();
  readonly #byId = new Map<string, StoredEvent>();
  readonly #appendScript: Step[] = [];
  readonly #readScript: Step[] = [];
  readonly #latency: () => Promise<void>;
  #wake = Promise.withResolvers<void>();
  #away = false;

  /** @param latency awaited by every append and read before it does anything; by default only a microtask */
  constructor(latency: () => Promise<void> = async () => {}) {
    this.#latency = latency;
  }

  /** The next append that has nothing scripted yet fails like this. */
  failNextAppend(fault: AppendFault): void {
    this.#appendScript.push({ fault });
  }

  /** What is scripted and not used up yet does not happen. */
  heal(): void {
    this.#appendScript.length = 0;
    this.#readScript.length = 0;
  }

  holdNextAppend(): Gate {
    return gate((before) => this.#appendScript.push({ before }));
  }

  /** Runs something just before the next append is looked at, e.g. an append by somebody else. */
  beforeNextAppend(run: () => Promise<unknown>): void {
    this.#appendScript.push({ before: run });
  }

  failNextRead(): void {
    this.#readScript.push({ fault: "unavailable" });
  }

  holdNextRead(): Gate {
    return gate((before) => this.#readScript.push({ before }));
  }

  beforeNextRead(run: () => Promise<unknown>): void {
    this.#readScript.push({ before: run });
  }

  /** Everything fails as unavailable, and subscriptions end, until {@link MemoryEventStore.comeBack}. */
  goAway(): void {
    this.#away = true;
    this.#wakeFollowers();
  }

  comeBack(): void {
    this.#away = false;
  }

  /** All events of a stream; not counted as a read. */
  eventsOf(stream: string): readonly StoredEvent[] {
    return this.#streams.get(stream) ?? [];
  }

  /** All events in the order of the log; not counted as a read. */
  get events(): readonly StoredEvent[] {
    return this.#log;
  }

  /** The same log as another node sees it: nothing scripted happens to its calls, and they are not noted. */
  get elsewhere(): EventStore {
    return {
      name: this.name,
      append: async (stream, events, expected) => this.#record(stream, events, expected),
      read: async (stream, options) => this.#slice(stream, options),
      head: (prefixes) => this.head(prefixes),
      subscribe: (options) => this.subscribe(options),
      scan: (options) => this.scan(options),
      close: async () => {},
    };
  }

  async append(stream: string, events: readonly NewEvent[], expected: ExpectedRevision): Promise<AppendResult> {
    const bytes = events.map(({ id, type, data, metadata }) => ({ id, type, data, metadata }));
    const call: AppendCall = { stream, events: bytes, expected, outcome: "pending" };
    this.appends.push(call);
    const step = this.#appendScript.shift();
    try {
      await this.#latency();
      if (step !== undefined && "before" in step) await step.before();
      if (this.#away) throw new StoreUnavailable("the store is away");
      const result = this.#faulty(step, () => this.#record(stream, events, expected));
      call.outcome = "recorded";
      return result;
    } catch (error) {
      call.outcome = "failed";
      throw error;
    }
  }

  async read(stream: string, options: ReadOptions): Promise<readonly StoredEvent[]> {
    this.reads += 1;
    const step = this.#readScript.shift();
    await this.#latency();
    if (step !== undefined && "before" in step) await step.before();
    if (this.#away || (step !== undefined && "fault" in step)) throw new StoreUnavailable("the store is away");
    return this.#slice(stream, options);
  }

  #slice(stream: string, { from, direction, maxCount }: ReadOptions): readonly StoredEvent[] {
    const events = this.eventsOf(stream);
    if (direction === "forwards") {
      const first = from === "start" ? 0 : from === "end" ? events.length : from;
      return page(events.slice(first, first + maxCount), maxCount);
    }
    const last = from === "end" ? events.length - 1 : from === "start" ? 0 : Math.min(from, events.length - 1);
    return page(events.slice(Math.max(0, last + 1 - maxCount), last + 1).reverse(), maxCount);
  }

  async head(streamPrefixes: readonly string[]): Promise<Position | null> {
    await this.#latency();
    if (this.#away) throw new StoreUnavailable("the store is away");
    return this.#log.findLast((event) => begins(event, streamPrefixes))?.position ?? null;
  }

  async *subscribe({ after, streamPrefixes, maxBatch, signal }: SubscribeOptions): AsyncIterable<Batch> {
    let next = Number(after ?? 0n);
    const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    while (!signal.aborted) {
      if (this.#away) throw new StoreUnavailable("the store is away");
      const woken = this.#wake.promise;
      const events: StoredEvent[] = [];
      let bytes = 0;
      while (next < this.#log.length && events.length < maxBatch && bytes < PAGE_BYTES) {
        const event = this.#log[next] as StoredEvent;
        if (begins(event, streamPrefixes)) {
          events.push(event);
          bytes += bytesOf(event);
        }
        next += 1;
      }
      if (events.length > 0) yield { events, checkpoint: BigInt(next) };
      else await Promise.race([woken, aborted]);
    }
  }

  scan = scanBySubscription((options) => this.subscribe(options));

  async close(): Promise<void> {
    this.goAway();
  }

  #faulty(step: Step | undefined, record: () => AppendResult): AppendResult {
    if (step === undefined || !("fault" in step)) return record();
    switch (step.fault) {
      case "unavailable":
        throw new StoreUnavailable("scripted");
      case "broken":
        throw new Error("scripted");
      case "unknown-before":
        throw new OutcomeUnknown("scripted: nothing was recorded");
      case "unknown-after":
        record();
        throw new OutcomeUnknown("scripted: it was recorded");
    }
  }

  #record(stream: string, events: readonly NewEvent[], expected: ExpectedRevision): AppendResult {
    refuseInvalid(events);
    const again = this.#sentBefore(stream, events, expected);
    if (again !== null) return again;
    const recorded = this.#streams.get(stream) ?? [];
    const actual: Revision | null = recorded.length === 0 ? null : recorded.length - 1;
    if (!holds(expected, actual)) throw new WrongExpectedRevision(stream, expected, actual);
    for (const { id, type, data, metadata } of events) {
      const position = BigInt(this.#log.length + 1);
      const stored: StoredEvent = { id, type, data, metadata, stream, revision: recorded.length, position };
      recorded.push(stored);
      this.#log.push(stored);
      this.#byId.set(id, stored);
    }
    this.#streams.set(stream, recorded);
    this.#wakeFollowers();
    return { revision: recorded.length - 1, position: BigInt(this.#log.length) };
  }

  /** The first result, when these very bytes stand in the stream where they are expected. */
  #sentBefore(stream: string, events: readonly NewEvent[], expected: ExpectedRevision): AppendResult | null {
    const earlier = events.map((event) => this.#byId.get(event.id));
    if (earlier.every((event) => event === undefined)) return null;
    const start = expected === "no-stream" ? 0 : typeof expected === "number" ? expected + 1 : earlier[0]?.revision;
    for (const [index, event] of events.entries()) {
      const other = earlier[index];
      const same =
        other?.stream === stream &&
        other.revision === (start ?? 0) + index &&
        other.type === event.type &&
        other.data === event.data &&
        other.metadata === event.metadata;
      if (!same) throw new InvalidAppend("ids-reused", `${event.id} was used before, elsewhere or with other bytes`);
    }
    const { revision, position } = earlier.at(-1) as StoredEvent;
    return { revision, position };
  }

  #wakeFollowers(): void {
    const { resolve } = this.#wake;
    this.#wake = Promise.withResolvers();
    resolve();
  }
}

const page = (events: readonly StoredEvent[], maxCount: number): readonly StoredEvent[] =>
  events.slice(0, pageLength(events, maxCount));

function gate(script: (before: () => Promise<void>) => void): Gate {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  script(() => {
    reached.resolve();
    return released.promise;
  });
  return { reached: reached.promise, release: released.resolve };
}

function refuseInvalid(events: readonly NewEvent[]): void {
  if (events.length === 0) throw new InvalidAppend("empty", "no events");
  if (new Set(events.map((event) => event.id)).size < events.length) {
    throw new InvalidAppend("duplicate-id", "an id stands twice in the append");
  }
  const bytes = events.reduce((sum, { id, type, data, metadata }) => sum + byteLength(id, type, data, metadata), 0);
  if (bytes > MAX_APPEND_BYTES) throw new InvalidAppend("too-large", `${bytes} bytes`);
}

const byteLength = (...texts: readonly string[]): number =>
  texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);

function holds(expected: ExpectedRevision, actual: Revision | null): boolean {
  if (expected === "any") return true;
  if (expected === "no-stream") return actual === null;
  if (expected === "stream-exists") return actual !== null;
  return expected === actual;
}

const begins = (event: StoredEvent, prefixes: readonly string[]): boolean =>
  prefixes.some((prefix) => event.stream.startsWith(prefix));
