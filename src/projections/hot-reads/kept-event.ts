import type { Position } from "../../eventstore/port.ts";
import type { Answer } from "../consistent-read.ts";
import type { EventDetails, RecordedEvent } from "../event-details/queries.ts";

/** What was loaded of an event. Milliseconds are of the monotonic clock. */
export interface Loaded {
  readonly recorded: RecordedEvent;
  readonly checkpoint: Position;
  /** When the load began. */
  readonly atMs: number;
  /** When it was the newest for sure: a replica may be behind without knowing it. */
  readonly sureAtMs: number;
}

/** An event that is kept in memory: what was loaded of it, what was heard since, and the load under way. */
export interface KeptEvent {
  readonly eventId: string;
  loaded: Loaded | null;
  /** A value whose checkpoint is below this is not the newest. */
  needs: Position | null;
  /** Since when what is loaded is known not to be the newest. */
  changedAtMs: number | null;
  /** Not loaded again before this: a replica that is behind is given time. */
  againAtMs: number;
  loading: Promise<Answer<Loaded | null>> | null;
  /** As it was shown last, and until when that stays so by itself (by the one clock). */
  shown: { readonly of: RecordedEvent; readonly event: EventDetails; readonly untilMs: number } | null;
}

export const emptyKept = (eventId: string, needs: Position | null): KeptEvent => ({
  eventId,
  loaded: null,
  needs,
  changedAtMs: null,
  againAtMs: Number.NEGATIVE_INFINITY,
  loading: null,
  shown: null,
});

/** The event as it is shown now: the same object for as long as nothing about it changes. */
export function shownAt(kept: KeptEvent, { recorded }: Loaded, nowMs: number): EventDetails {
  const { shown } = kept;
  if (shown !== null && shown.of === recorded && nowMs < shown.untilMs) return shown.event;
  kept.shown = { of: recorded, ...recorded.at(nowMs) };
  return kept.shown.event;
}
