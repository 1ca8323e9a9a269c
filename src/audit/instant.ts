import type { Envelope } from "../eventstore/envelope.ts";
import type { EventStore, Position, Revision, StoredEvent } from "../eventstore/port.ts";

/** As of when something is asked for. */
export type Instant =
  /** RFC 3339 UTC: what was recorded at that time or earlier. */
  | { readonly time: string }
  | { readonly revision: Revision }
  /** Of the whole log: what stands there or before. */
  | { readonly position: Position }
  | "now";

/**
 * The last event of a stream as of an instant; null when there was none yet. Times and positions never go back within a
 * stream, so it is looked for by halves: 20 reads of one event among a million.
 * @throws StoreUnavailable
 */
export async function lastEventAt(
  store: Pick<EventStore, "read">,
  stream: string,
  instant: Instant,
): Promise<StoredEvent | null> {
  const eventAt = async (from: Revision | "end") => {
    const direction = from === "end" ? "backwards" : "forwards";
    return (await store.read(stream, { from, direction, maxCount: 1 }))[0] ?? null;
  };
  const newest = await eventAt("end");
  if (newest === null || isBy(newest, instant)) return newest;
  if (instant !== "now" && "revision" in instant) return eventAt(instant.revision);
  let last: StoredEvent | null = null;
  for (let low = 0, high = newest.revision - 1; low <= high; ) {
    const middle = Math.floor((low + high) / 2);
    const event = await eventAt(middle);
    if (event !== null && isBy(event, instant)) {
      last = event;
      low = middle + 1;
    } else high = middle - 1;
  }
  return last;
}

/** Whether an event was there already. */
function isBy({ revision, position, metadata }: StoredEvent, instant: Instant): boolean {
  if (instant === "now") return true;
  if ("revision" in instant) return revision <= instant.revision;
  if ("position" in instant) return position <= instant.position;
  return (JSON.parse(metadata) as Envelope).at <= instant.time;
}
