import type { Position } from "../../../src/eventstore/port.ts";
import { consistentReads } from "../../../src/projections/consistent-read.ts";
import type { EventDetails, RecordedEvent } from "../../../src/projections/event-details/queries.ts";
import type { ChangeListener } from "../../../src/projections/hot-reads/change-feed.ts";
import { type HotEvents, type HotEventsOptions, hotEvents } from "../../../src/projections/hot-reads/hot-events.ts";

export const EVENT = "018f0000-0000-7000-8000-0000000000e1";
export const OTHER = "018f0000-0000-7000-8000-0000000000e2";

/** One load under way, which the spec answers. */
export interface Load {
  readonly eventId: string;
  /** Answers with what is there now, or as it was at a position. */
  answer(checkpoint?: bigint): void;
  fail(): void;
}

/**
 * A database of events in the hands of a spec: an event's revision is the position of its last change. Loads are answered
 * at once, unless they are held.
 */
export function scripted(options: Partial<HotEventsOptions> = {}) {
  let nowMs = 1_000;
  let checkpoint = 1n;
  let held = false;
  let away = false;
  let head: bigint | null = null;
  /** When each event changed, by positions. */
  const changes = new Map<string, bigint[]>([[EVENT, [1n]]]);
  const listeners: ChangeListener[] = [];
  const loads: Load[] = [];
  const feed = { hears: true, upTo: 1n as Position | null, lostAtMs: 0 };
  const waiting: { position: bigint; go: () => void }[] = [];
  let counted = 0;

  const at = (eventId: string, position: bigint) => ({
    checkpoint: position,
    value: recorded(eventId, changes.get(eventId)?.findLast((one) => one <= position) ?? null),
  });
  const reads = consistentReads({
    progress: {
      projected: () => undefined,
      close: async () => undefined,
      reached: (_names, position) => {
        if (checkpoint >= position) return Promise.resolve(true);
        return new Promise((resolve) => waiting.push({ position, go: () => resolve(true) }));
      },
    },
    head: async () => head ?? checkpoint,
    waitMs: 500,
  });
  const events: HotEvents = hotEvents({
    details: {
      recorded(eventId) {
        counted += 1;
        if (away) return Promise.reject(new Error("away"));
        if (!held) return Promise.resolve(at(eventId, checkpoint));
        const { promise, resolve, reject } = Promise.withResolvers<ReturnType<typeof at>>();
        loads.push({
          eventId,
          answer: (position = checkpoint) => resolve(at(eventId, position)),
          fail: () => reject(new Error("away")),
        });
        return promise;
      },
    },
    reads,
    changes: {
      get hears() {
        return feed.hears;
      },
      get upTo() {
        return feed.upTo;
      },
      heardUntilMs: () => (feed.hears ? nowMs : feed.lostAtMs),
      follow: (listener) => void listeners.push(listener),
      close: async () => undefined,
    },
    readsFromReplica: false,
    monotonicMs: () => nowMs,
    ...options,
  });

  return {
    loads,
    /** How many times the database was asked. */
    asked: () => counted,
    /** The revision that a reader gets; null: there is none. */
    async revision(eventId = EVENT, minPosition: Position | null = null): Promise<number | null> {
      return (await events.get(eventId, { minPosition, nowMs: 0 }))?.revision ?? null;
    },
    get: (eventId = EVENT, minPosition: Position | null = null) => events.get(eventId, { minPosition, nowMs: 0 }),
    /** The database goes on; nobody is told. @param eventIds whose rows change with it */
    commit(...eventIds: string[]): bigint {
      checkpoint += 1n;
      for (const eventId of eventIds) changes.set(eventId, [...(changes.get(eventId) ?? []), checkpoint]);
      for (const { position, go } of waiting) if (position <= checkpoint) go();
      return checkpoint;
    },
    /** What was committed is heard: these may have changed, or many. */
    hear(eventIds: readonly string[] | null, upTo = checkpoint): void {
      feed.upTo = upTo;
      for (const listener of listeners) listener.changed(eventIds, upTo);
    },
    rebuilt: () => listeners.forEach((listener) => void listener.rebuilt()),
    lose() {
      feed.hears = false;
      feed.lostAtMs = nowMs;
    },
    hearAgain() {
      feed.hears = true;
      this.hear(null);
    },
    pass(ms: number) {
      nowMs += ms;
    },
    hold() {
      held = true;
    },
    goAway() {
      away = true;
    },
    comeBack() {
      away = false;
    },
    /** The log is ahead of the database. */
    record(position: bigint) {
      head = position;
    },
  };
}

function recorded(eventId: string, revision: bigint | null): RecordedEvent | null {
  if (revision === null) return null;
  const event = { eventId, version: Number(revision) } as EventDetails;
  return { eventId, revision: Number(revision), at: () => ({ event, untilMs: Number.POSITIVE_INFINITY }) };
}
