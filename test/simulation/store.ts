import {
  type Batch,
  type EventStore,
  type NewEvent,
  OutcomeUnknown,
  type Position,
  type StoredEvent,
  StoreUnavailable,
  type SubscribeOptions,
} from "../../src/eventstore/port.ts";
import { scanBySubscription } from "../../src/eventstore/scan-by-subscription.ts";
import { MemoryEventStore } from "../support/memory-event-store.ts";
import type { Host } from "./host.ts";
import { noAnswer, roundTrip, tripMs, type Weather } from "./network.ts";
import type { Scheduler } from "./scheduler.ts";

/** What goes wrong on the way to the store and back; each is how likely, of one call. */
export interface StoreFaults {
  /** An append is not taken: the store is busy, or it is not the leader that was asked. */
  readonly busy: number;
  /** An append never arrives, and nobody says so. */
  readonly lost: number;
  /** It is recorded, and the answer is lost. */
  readonly answerLost: number;
  /** It is given up, and arrives all the same: before it is sent again, or after. */
  readonly late: number;
  /** A read fails. */
  readonly readFails: number;
  /** A subscription ends after a batch. */
  readonly drops: number;
  /** How long it takes at most to give up a call without an answer. */
  readonly giveUpMs: number;
}

export const NO_STORE_FAULTS: StoreFaults = {
  busy: 0,
  lost: 0,
  answerLost: 0,
  late: 0,
  readFails: 0,
  drops: 0,
  giveUpMs: 100,
};

/** The log, and when what was recorded. */
export class StoreServer {
  readonly memory = new MemoryEventStore();
  readonly log: StoredEvent[] = [];
  /** By position: when it was recorded, in simulated milliseconds; position 1 stands first. */
  readonly recordedAtMs: number[] = [];
  readonly #scheduler: Scheduler;
  #isDown = false;
  #lastDownMs = Number.NEGATIVE_INFINITY;
  #news = Promise.withResolvers<void>();

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  get isDown(): boolean {
    return this.#isDown;
  }

  /** Ends; what it was doing is not answered any more, and subscriptions break. */
  goDown(): void {
    this.#isDown = true;
    this.#lastDownMs = this.#scheduler.nowMs;
    this.#tell();
  }

  comeBack(): void {
    this.#isDown = false;
  }

  wentDownAfter(ms: number): boolean {
    return this.#lastDownMs >= ms;
  }

  /** Resolves when something was recorded, or the store went down. */
  get news(): Promise<void> {
    return this.#news.promise;
  }

  async append(...[stream, events, expected]: Parameters<EventStore["append"]>) {
    if (this.#isDown) throw new StoreUnavailable("the store is down");
    const before = this.memory.eventsOf(stream).length;
    const result = await this.memory.elsewhere.append(stream, events, expected);
    const recorded = this.memory.eventsOf(stream).slice(before);
    for (const event of recorded) {
      this.log.push(event);
      this.recordedAtMs.push(this.#scheduler.nowMs);
      this.#scheduler.note(
        `  recorded ${event.position} ${stream}@${event.revision} ${event.type} ${event.id.slice(-8)}`,
      );
    }
    if (recorded.length > 0) this.#tell();
    return result;
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }
}

/** The store as one process reaches it. */
export function storeLink(
  host: Host,
  server: StoreServer,
  weather: () => Weather,
  faults: () => StoreFaults,
): EventStore {
  const { chance, scheduler } = host;
  const unknown = () => new OutcomeUnknown("simulated: no answer");
  const giveUpMs = () => 5 + chance.next() * faults().giveUpMs;

  const ask = async <Value>(what: string, serve: () => Promise<Value>): Promise<Value> => {
    const { readFails } = faults();
    return roundTrip(host, weather(), what, async () => {
      if (server.isDown || chance.is(readFails)) throw new StoreUnavailable("simulated: not now");
      return serve();
    });
  };

  const append: EventStore["append"] = async (stream, events, expected) => {
    const sent = events.map(({ id, type, data, metadata }): NewEvent => ({ id, type, data, metadata }));
    const what = `append ${stream} after ${expected}`;
    const record = () => server.append(stream, sent, expected);
    const arrives = (ms: number) => scheduler.after(ms, `${host.name} > ${what}`, null, () => record().catch(() => {}));
    const { busy, lost, answerLost, late } = faults();
    const isDeaf = chance.next() - busy;
    if (isDeaf < 0) {
      return roundTrip(host, weather(), what, () => {
        throw new StoreUnavailable("simulated: busy");
      });
    }
    if (isDeaf < lost) return noAnswer(host, giveUpMs(), what, unknown);
    if (isDeaf < lost + answerLost) {
      arrives(tripMs(host, weather()));
      return noAnswer(host, giveUpMs(), what, unknown);
    }
    if (isDeaf < lost + answerLost + late) {
      const afterMs = giveUpMs();
      arrives(afterMs * 3 * chance.next());
      return noAnswer(host, afterMs, what, unknown);
    }
    let servedMs = Number.NaN;
    const answer = await roundTrip(host, weather(), what, () => {
      servedMs = scheduler.nowMs;
      return record();
    });
    if (server.wentDownAfter(servedMs)) throw unknown();
    return answer;
  };

  return {
    name: "simulated",
    append,
    read: (stream, options) =>
      ask(`read ${stream} from ${options.from}`, () => server.memory.elsewhere.read(stream, options)),
    head: (prefixes) => ask("head", () => server.memory.elsewhere.head(prefixes)),
    subscribe: (options) => follow(host, server, weather, faults, options),
    scan: scanBySubscription((options) => follow(host, server, weather, faults, options)),
    close: async () => {},
  };
}

/** Delivers what is there, then what comes, each batch a while later, until it breaks. */
async function* follow(
  host: Host,
  server: StoreServer,
  weather: () => Weather,
  faults: () => StoreFaults,
  { after, streamPrefixes, maxBatch, signal }: SubscribeOptions,
): AsyncIterable<Batch> {
  const { chance } = host;
  let next = Number(after ?? 0n);
  const aborted = new Promise<null>((resolve) => signal.addEventListener("abort", () => resolve(null), { once: true }));
  while (!signal.aborted) {
    const batch = await Promise.race([
      aborted,
      roundTrip(host, weather(), "follow", async (): Promise<Batch> => {
        while (server.log.length <= next && !server.isDown && !host.hasEnded && !signal.aborted) await server.news;
        if (server.isDown || chance.is(faults().drops)) throw new StoreUnavailable("simulated: subscription dropped");
        const upTo = Math.min(server.log.length, next + 1 + chance.below(maxBatch));
        const run = server.log.slice(next, upTo);
        const events = run.filter(({ stream }) => streamPrefixes.some((prefix) => stream.startsWith(prefix)));
        return { events, checkpoint: BigInt(upTo) as Position };
      }),
    ]);
    if (batch === null) return;
    next = Number(batch.checkpoint);
    yield batch;
  }
}
