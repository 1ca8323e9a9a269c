/**
 * The event store as Boxoffice uses it: named streams of immutable events, appended with an expected revision, and one
 * global order over all of them. Two adapters implement it (`postgres/`, `eventstoredb/`) and one contract suite
 * (`test/eventstore/contract.ts`) holds both to what is written here.
 */

import type { EventPage } from "./event-page.ts";

/** A place in the global log. Opaque outside the adapters, comparable: a later event has a greater one. */
export type Position = bigint;

/** Where an event stands in its stream, from 0. */
export type Revision = number;

/** What has to be true of a stream for an append to be recorded. A number is the revision of its last event. */
export type ExpectedRevision = Revision | "no-stream" | "stream-exists" | "any";

/** An event as it is stored: `data` and `metadata` are JSON texts, kept byte for byte because hashes cover them. */
export interface NewEvent {
  /** A UUID, fresh for each decision; used again only to send identical bytes again. */
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
}

export interface StoredEvent extends NewEvent {
  readonly stream: string;
  readonly revision: Revision;
  readonly position: Position;
}

export interface AppendResult {
  /** Revision of the last event that was appended. */
  readonly revision: Revision;
  /** Position of the last event that was appended. */
  readonly position: Position;
}

/** The largest append, in bytes of data, metadata, types and ids together: 1 MiB, EventStoreDB's default limit. */
export const MAX_APPEND_BYTES = 1024 * 1024;

/**
 * A page of a read or a batch of a subscription ends with the event whose data and metadata bring it to this many bytes:
 * 8 MiB, so that what a reader holds is bounded however large events are. No page ends earlier for its bytes.
 */
export const PAGE_BYTES = 8 * 1024 * 1024;

export interface ReadOptions {
  /** The first revision to read; "start" and "end" are the stream's ends. */
  readonly from: Revision | "start" | "end";
  readonly direction: "forwards" | "backwards";
  /** At most this many events come back, 1 to 4,096; see {@link EventStore.read} for when there are fewer. */
  readonly maxCount: number;
}

export interface SubscribeOptions {
  /** Deliver what comes after this position; null is from the beginning of the log. */
  readonly after: Position | null;
  /** Only streams whose name begins with one of these. */
  readonly streamPrefixes: readonly string[];
  /** At most this many events in one batch; fewer when they reach {@link PAGE_BYTES}. */
  readonly maxBatch: number;
  /** Ends the subscription; the iteration then finishes without an error. */
  readonly signal: AbortSignal;
}

/** A part of the log. */
export interface ScanOptions extends Pick<SubscribeOptions, "after" | "streamPrefixes" | "signal"> {
  /** The last position that is wanted. It must have been reached: a scan does not wait for what is to come. */
  readonly upTo: Position;
}

/** A run of events in log order. */
export interface Batch {
  /** May be empty: then only the checkpoint moved, past events of other streams. */
  readonly events: readonly StoredEvent[];
  /** Everything up to and including this position has been delivered: safe to resume from. */
  readonly checkpoint: Position;
}

export interface EventStore {
  /** A name for logs and reports, e.g. `postgres` or `eventstoredb`. */
  readonly name: string;

  /**
   * Appends all events or none, durable before it resolves.
   *
   * Sending identical bytes again (same stream, ids, data, metadata and expected revision) after an unknown outcome
   * gives the first result again and records nothing twice.
   *
   * @throws WrongExpectedRevision the stream is elsewhere; nothing was recorded
   * @throws InvalidAppend no events, an id twice in the append, ids used before with other bytes, or over
   *   {@link MAX_APPEND_BYTES}; nothing was recorded
   * @throws OutcomeUnknown it may or may not have been recorded: send the same bytes again until the outcome is known
   * @throws StoreUnavailable nothing was recorded by this call; try again later
   */
  append(stream: string, events: readonly NewEvent[], expected: ExpectedRevision): Promise<AppendResult>;

  /**
   * Reads one stream; a missing stream reads as empty.
   *
   * There may be fewer events than `maxCount` for two reasons: the stream ends there, or the page has reached
   * {@link PAGE_BYTES}, always with one event at least. `isLastPage` (pages.ts) tells one from the other; `pagesOf` reads
   * to the end.
   * @throws StoreUnavailable
   */
  read(stream: string, options: ReadOptions): Promise<readonly StoredEvent[]>;

  /**
   * Position of the last event among streams with one of these prefixes, or null when there is none. An append that
   * was acknowledged before the call is covered.
   * @throws StoreUnavailable
   */
  head(streamPrefixes: readonly string[]): Promise<Position | null>;

  /**
   * Follows the log: what is there, then what comes. Delivers each event once, in log order, without gaps.
   * A lost connection ends the iteration with an error; the consumer subscribes again from its checkpoint.
   * @throws StoreUnavailable
   */
  subscribe(options: SubscribeOptions): AsyncIterable<Batch>;

  /**
   * Goes once through a part of the log, as fast as the store can give it: the events that {@link EventStore.subscribe}
   * would deliver up to there, as bytes. Ends by itself, or without an error when its signal is aborted. Takes some
   * {@link PAGE_BYTES} ahead at most.
   * @throws StoreUnavailable
   */
  scan(options: ScanOptions): AsyncIterable<EventPage>;

  /** Lets go of connections. Calls under way are finished or fail as unavailable. */
  close(): Promise<void>;
}

/** The stream's last event is not the expected one. */
export class WrongExpectedRevision extends Error {
  override readonly name = "WrongExpectedRevision";
  readonly stream: string;
  readonly expected: ExpectedRevision;
  /** Revision of the stream's last event; null when there is no such stream. */
  readonly actual: Revision | null;
  constructor(stream: string, expected: ExpectedRevision, actual: Revision | null) {
    super(`stream ${stream} is at ${actual ?? "no event"}, expected ${expected}`);
    this.stream = stream;
    this.expected = expected;
    this.actual = actual;
  }
}

/** The append can never succeed as it stands. */
export class InvalidAppend extends Error {
  override readonly name = "InvalidAppend";
  readonly reason: "empty" | "duplicate-id" | "ids-reused" | "too-large";
  constructor(reason: InvalidAppend["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** The store did not say whether the append was recorded. */
export class OutcomeUnknown extends Error {
  override readonly name = "OutcomeUnknown";
}

/** The store cannot be reached or is not ready; nothing was recorded by the call. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}
