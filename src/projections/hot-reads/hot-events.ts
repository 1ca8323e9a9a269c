import { setTimeout as sleep } from "node:timers/promises";
import { LRUCache } from "lru-cache";
import type { Position } from "../../eventstore/port.ts";
import { type Answer, type ConsistentReads, type ReadAt, ReadModelBehind } from "../consistent-read.ts";
import type { EventDetails, EventDetailsQueries } from "../event-details/queries.ts";
import { isUuid } from "../uuid.ts";
import type { ChangeFeed, ChangeListener } from "./change-feed.ts";
import { HOT_MODELS } from "./changes.ts";
import { Freshness } from "./freshness.ts";
import { emptyKept, type KeptEvent, type Loaded, shownAt } from "./kept-event.ts";

/** An event as it is shown at an instant. */
export interface HotEvent {
  /** The same object for as long as nothing about it changes, so that what was made of it can be kept with it. */
  readonly event: EventDetails;
  /** Of its availability: grows with every event of its inventories. */
  readonly revision: number;
  /** How long it is since this was the newest for sure; 0 while nothing newer is known of and all would be heard. */
  readonly staleForMs: number;
}

/** Events that are read often, kept in memory for as long as nothing is heard to have changed about them. */
export interface HotEvents {
  /**
   * One event; null when there is none. Answers at once when it is kept and good enough. While its database can't be
   * asked, what is kept is answered for an hour more. Drafts are the caller's to keep to their organizer.
   * @throws ReadModelBehind
   * @throws Error the database is away, and nothing is kept that would do
   */
  get(eventId: string, at: ReadAt): HotEvent | null | Promise<HotEvent | null>;
}

export interface HotEventsOptions {
  readonly details: Pick<EventDetailsQueries, "recorded">;
  readonly reads: Pick<ConsistentReads, "find">;
  readonly changes: ChangeFeed;
  /** Whether reads are answered by another server than the one that is projected into. */
  readonly readsFromReplica: boolean;
  readonly maxBytes?: number;
  readonly monotonicMs?: () => number;
}

const MAX_BYTES = 64 * 1024 * 1024;
/** An event takes about so many bytes for each character of its JSON: the object, and two texts that are made of it. */
const BYTES_A_CHARACTER = 4;

/** A value that has changed may be answered for so long while the new one is loaded; then readers wait for that. */
const PREVIOUS_FOR_MS = 50;
/** What is kept is loaded again after this even if nothing was heard: a bound to what a fault could do. */
const REFRESH_MS = 60_000;
/** A replica that was behind is asked again after this. */
const REPLICA_RETRY_MS = 25;
/** Who could have an old value waits so long for the new one. */
const PATIENCE_MS = 500;
/** After a load has failed, the next one is tried after so long, and nobody who can have an old value waits for it. */
const NO_TRY_MS = 500;
/** What is kept is answered for so long after it was the newest for sure. */
const STALE_AT_MOST_MS = 3_600_000;

export function hotEvents(options: HotEventsOptions): HotEvents {
  const events = new KeptEvents(options);
  options.changes.follow(events);
  return events;
}

class KeptEvents implements HotEvents, ChangeListener {
  readonly #options: HotEventsOptions;
  readonly #monotonicMs: () => number;
  readonly #freshness: Freshness;
  readonly #kept: LRUCache<string, KeptEvent>;
  /** Those with a load under way, wherever they are kept; no more than there are requests for them. */
  readonly #underWay = new Map<string, KeptEvent>();
  /** When the last load failed, or took too long; null: it did not. */
  #failedAtMs: number | null = null;

  constructor(options: HotEventsOptions) {
    this.#options = options;
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now());
    this.#freshness = new Freshness(options.changes);
    this.#kept = new LRUCache({ maxSize: options.maxBytes ?? MAX_BYTES });
  }

  changed(events: readonly string[] | null, upTo: Position): void {
    const nowMs = this.#monotonicMs();
    if (events === null) this.#freshness.manyChanged(upTo, nowMs);
    for (const eventId of events ?? []) {
      const kept = this.#kept.peek(eventId) ?? this.#underWay.get(eventId);
      if (kept === undefined) continue;
      if (kept.loaded !== null && this.#freshness.changedAtMs(kept, kept.loaded) === null) kept.changedAtMs = nowMs;
      kept.needs = upTo;
    }
  }

  rebuilt(): void {
    this.#freshness.rebuilt(this.#monotonicMs());
  }

  get(eventId: string, at: ReadAt): HotEvent | null | Promise<HotEvent | null> {
    const kept = this.#kept.get(eventId);
    const loaded = kept?.loaded ?? null;
    if (kept === undefined || loaded === null) return isUuid(eventId) ? this.#find(eventId, at) : null;
    const nowMs = this.#monotonicMs();
    const answer = () => this.#shown(kept, loaded, at.nowMs, nowMs);
    if (at.minPosition !== null) return this.#suffices(kept, at.minPosition) ? answer() : this.#find(eventId, at);
    if (this.#freshness.isNewest(kept, loaded, nowMs)) {
      if (nowMs - loaded.atMs > REFRESH_MS) this.#loadAside(kept);
      return answer();
    }
    if (!this.#mayBeOld(kept, loaded, nowMs)) return this.#find(eventId, at);
    this.#loadAside(kept);
    return answer();
  }

  /** Whether a reader is given what is kept without waiting for the newest. */
  #mayBeOld(kept: KeptEvent, loaded: Loaded, nowMs: number): boolean {
    if (this.#failedAtMs !== null) return this.#freshness.staleForMs(kept, loaded, nowMs) <= STALE_AT_MOST_MS;
    const changedAtMs = this.#freshness.changedAtMs(kept, loaded);
    return changedAtMs !== null && nowMs - changedAtMs <= PREVIOUS_FOR_MS;
  }

  async #find(eventId: string, { minPosition, nowMs }: ReadAt): Promise<HotEvent | null> {
    const old = this.#kept.peek(eventId);
    const finding = this.#options.reads.find(HOT_MODELS, minPosition, () => this.#answer(eventId, minPosition));
    try {
      const found = await (old === undefined || minPosition !== null ? finding : this.#withPatience(finding));
      return found === null ? null : this.#shown(found.kept, found.loaded, nowMs, this.#monotonicMs());
    } catch (error) {
      const { loaded = null } = old ?? {};
      if (error instanceof ReadModelBehind || old === undefined || loaded === null) throw error;
      const now = this.#monotonicMs();
      const reaches = minPosition === null || this.#freshness.reached(old, loaded, now) >= minPosition;
      if (!reaches || this.#freshness.staleForMs(old, loaded, now) > STALE_AT_MOST_MS) throw error;
      return this.#shown(old, loaded, nowMs, now);
    }
  }

  /** What is kept, when it is good enough; else what a load gives, which may be one that is under way. */
  async #answer(eventId: string, minPosition: Position | null): Promise<Answer<Found | null>> {
    const kept = this.#kept.peek(eventId) ?? this.#underWay.get(eventId) ?? emptyKept(eventId, this.#freshness.needs);
    const { checkpoint, value } = this.#suffices(kept, minPosition)
      ? { checkpoint: null, value: kept.loaded }
      : await this.#load(kept);
    if (value === null) return { checkpoint, value };
    return {
      checkpoint: this.#freshness.reached(kept, value, this.#monotonicMs()),
      value: { kept, loaded: value },
    };
  }

  #suffices(kept: KeptEvent, minPosition: Position | null): boolean {
    const { loaded } = kept;
    if (loaded === null) return false;
    const nowMs = this.#monotonicMs();
    if (minPosition !== null) return this.#freshness.reached(kept, loaded, nowMs) >= minPosition;
    return this.#freshness.isNewest(kept, loaded, nowMs) || nowMs < kept.againAtMs;
  }

  /** While the database fails, one at a time asks it, now and then. */
  #loadAside(kept: KeptEvent): void {
    const nowMs = this.#monotonicMs();
    if (kept.loading !== null || nowMs < kept.againAtMs) return;
    if (this.#failedAtMs !== null && (nowMs - this.#failedAtMs < NO_TRY_MS || this.#underWay.size > 0)) return;
    this.#load(kept).catch(() => undefined); // noted as a failure; whoever waits for a value is told
  }

  /** One load at a time, however many ask. */
  #load(kept: KeptEvent): Promise<Answer<Loaded | null>> {
    kept.loading ??= this.#loaded(kept).finally(() => {
      kept.loading = null;
      this.#underWay.delete(kept.eventId);
    });
    this.#underWay.set(kept.eventId, kept);
    return kept.loading;
  }

  async #loaded(kept: KeptEvent): Promise<Answer<Loaded | null>> {
    const atMs = this.#monotonicMs();
    try {
      const { checkpoint, value: recorded } = await this.#options.details.recorded(kept.eventId);
      this.#failedAtMs = null;
      if (recorded === null) return { checkpoint, value: null };
      const sureAtMs = this.#freshness.sureAtMs(this.#options.readsFromReplica, atMs);
      return { checkpoint, value: this.#take(kept, { recorded, checkpoint: checkpoint ?? -1n, atMs, sureAtMs }) };
    } catch (error) {
      this.#failedAtMs = this.#monotonicMs();
      throw error;
    }
  }

  /** Never back in the log: of several replicas one may be further behind than another. */
  #take(kept: KeptEvent, loaded: Loaded): Loaded {
    const nowMs = this.#monotonicMs();
    const old = kept.loaded;
    const goesBack = old !== null && loaded.checkpoint < old.checkpoint && !this.#freshness.isOutdated(old);
    if (!goesBack) kept.loaded = loaded;
    const taken = goesBack ? old : loaded;
    if (this.#freshness.changedAtMs(kept, taken) === null) kept.changedAtMs = null;
    else kept.againAtMs = nowMs + REPLICA_RETRY_MS;
    const characters = JSON.stringify(taken.recorded.at(0).event).length;
    this.#kept.set(kept.eventId, kept, { size: characters * BYTES_A_CHARACTER });
    return taken;
  }

  /** Fails when it takes too long; the load goes on by itself then. */
  async #withPatience<Value>(finding: Promise<Value>): Promise<Value> {
    const over = new AbortController();
    const tooLong = sleep(PATIENCE_MS, undefined, { signal: over.signal }).then(() => {
      this.#failedAtMs = this.#monotonicMs();
      throw new Error("the database takes long to answer");
    });
    tooLong.catch(() => undefined);
    finding.catch(() => undefined);
    return Promise.race([finding, tooLong]).finally(() => over.abort());
  }

  #shown(kept: KeptEvent, loaded: Loaded, atMs: number, nowMs: number): HotEvent {
    return {
      event: shownAt(kept, loaded, atMs),
      revision: loaded.recorded.revision,
      staleForMs: this.#freshness.staleForMs(kept, loaded, nowMs),
    };
  }
}

interface Found {
  readonly kept: KeptEvent;
  readonly loaded: Loaded;
}
