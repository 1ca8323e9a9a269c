import { Found } from "./found.ts";
import { Replay } from "./replaying.ts";
import { spilledEvents } from "./spill.ts";

/** One file of streams that were sorted, to be replayed. */
export interface PartToReplay {
  readonly dir: string;
  readonly part: number;
  /** When the log's last event was recorded. */
  readonly now: string;
}

export interface ReplayedPart extends Pick<Found, "count" | "told"> {
  /** Bookings that are under way. */
  readonly unsettled: number;
}

/** @throws what `signal` was aborted with */
export async function replayPart({ dir, part, now }: PartToReplay, signal: AbortSignal): Promise<ReplayedPart> {
  const found = new Found();
  const replay = new Replay(found);
  for await (const events of spilledEvents(dir, part)) {
    signal.throwIfAborted();
    for (const event of events) replay.take(event);
  }
  const unsettled = replay.close(now);
  return { unsettled, count: found.count, told: found.told };
}
