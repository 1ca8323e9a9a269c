import { type Envelope, eventHash } from "../eventstore/envelope.ts";
import type { EventStore, StoredEvent } from "../eventstore/port.ts";
import type { Place } from "../projections/trail/queries.ts";

/** An event as it is on record: `data` as it was written, in the schema version that it was written in. */
export interface AuditedEvent {
  readonly stored: StoredEvent;
  readonly envelope: Envelope;
  readonly data: unknown;
  /** Of the stored bytes; the event after it in its stream names it. */
  readonly hash: string;
}

/** A read model names an event that the event store does not have. */
export class EventMissing extends Error {
  override readonly name = "EventMissing";
}

export const audited = (stored: StoredEvent): AuditedEvent => ({
  stored,
  envelope: JSON.parse(stored.metadata) as Envelope,
  data: JSON.parse(stored.data),
  hash: eventHash(stored),
});

/**
 * The events at these places, in the same order; those that follow one another in a stream are read at once.
 * @throws StoreUnavailable
 * @throws EventMissing
 */
export async function eventsAt(
  store: Pick<EventStore, "read">,
  places: readonly Place[],
): Promise<readonly AuditedEvent[]> {
  const runs = await Promise.all(runsOf(places).map((run) => readRun(store, run)));
  const byPlace = new Map(runs.flat().map((stored) => [keyOf(stored), stored]));
  return places.map((place) => {
    const stored = byPlace.get(keyOf(place));
    if (stored === undefined) throw new EventMissing(`${place.stream} has no event ${place.revision}`);
    return audited(stored);
  });
}

const keyOf = ({ stream, revision }: Pick<Place, "stream" | "revision">): string => `${stream}@${revision}`;

interface Run {
  readonly stream: string;
  readonly first: number;
  last: number;
}

/** Revisions of a stream without a gap between them. */
function runsOf(places: readonly Place[]): readonly Run[] {
  const runs: Run[] = [];
  const sorted = [...places].sort((a, b) =>
    a.stream === b.stream ? a.revision - b.revision : a.stream < b.stream ? -1 : 1,
  );
  for (const { stream, revision } of sorted) {
    const run = runs.at(-1);
    if (run?.stream === stream && revision <= run.last + 1) run.last = revision;
    else runs.push({ stream, first: revision, last: revision });
  }
  return runs;
}

async function readRun(store: Pick<EventStore, "read">, { stream, first, last }: Run): Promise<readonly StoredEvent[]> {
  const found: StoredEvent[] = [];
  for (let from = first; from <= last; ) {
    const page = await store.read(stream, { from, direction: "forwards", maxCount: last - from + 1 });
    if (page.length === 0) return found;
    found.push(...page);
    from += page.length;
  }
  return found;
}
