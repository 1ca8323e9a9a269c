import type { NewEvent, Position } from "../port.ts";
import type { Recorded } from "./answer.ts";

/** How many ids of appends with unknown outcome are kept; the oldest are forgotten first. */
const MAX_IDS = 100_000;

/**
 * Tells successes that need a look at what is really stored from those that can't be anything but fresh. The server
 * recognises a resend by ids only and then says "success", whatever the bytes. A success is doubted when
 *
 * - it names a place in the log that this process knew of before it sent the append: fresh events come later, or
 * - one of its ids went out before without an answer, or is under way in another call, or
 * - it names no place.
 *
 * In normal running none of this holds, and an append costs a comparison of two numbers. What escapes: ids that another
 * process recorded in the same place after anything this process has heard of. Nobody shares ids across processes.
 */
export interface SentBefore {
  /** Any place in the log that was heard of. */
  heard(position: Position): void;
  /** To be called before an append is sent. */
  begin(events: readonly NewEvent[]): Sending;
}

export interface Sending {
  /** Whether a success may be that of an earlier append. */
  doubts(success: Recorded): boolean;
  /** It has an outcome: recorded or refused. */
  settled(): void;
  /** It went out and its outcome is not known: its ids will come again. */
  unknown(): void;
  /** It did not go out: what was known of its ids stays. */
  unsent(): void;
}

export function sentBefore(): SentBefore {
  let newest: Position = -1n;
  const unanswered = new Set<string>();
  const underWay = new Set<string>();

  const remember = (id: string): void => {
    if (unanswered.size >= MAX_IDS) unanswered.delete(unanswered.values().next().value as string);
    unanswered.add(id);
  };

  return {
    heard(position) {
      if (position > newest) newest = position;
    },
    begin(events) {
      const known = newest;
      const first = events[0]?.id ?? "";
      const again = underWay.has(first) || (unanswered.size > 0 && events.some((event) => unanswered.has(event.id)));
      underWay.add(first);
      return {
        doubts: ({ position }) => again || position === null || position <= known,
        settled() {
          underWay.delete(first);
          if (unanswered.size > 0) for (const { id } of events) unanswered.delete(id);
        },
        unknown() {
          underWay.delete(first);
          for (const { id } of events) remember(id);
        },
        unsent: () => void underWay.delete(first),
      };
    },
  };
}
