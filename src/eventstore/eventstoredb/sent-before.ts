import type { NewEvent, Position } from "../port.ts";
import type { Recorded } from "./answer.ts";

/** How many ids of appends with unknown outcome are kept; the oldest are forgotten first. */
const MAX_IDS = 100_000;

/**
 * Tells successes that need a look at what is really stored from those that can't be anything but fresh. The server
 * recognises a resend by ids only and then says "success", whatever the bytes, with the position that the events got
 * the first time. A success is doubted when
 *
 * - it names a place in the log that this process knew of before it sent the append: fresh events come later, or
 * - one of its ids went out before without an answer, or
 * - it names no place.
 *
 * In normal running none of this holds, and an append costs a comparison of two numbers. What escapes is written down
 * in `docs/decisions/eventstoredb-adapter.md`.
 */
export interface SentBefore {
  /** Any place in the log that was heard of. */
  heard(position: Position): void;
  /**
   * To be called before an append is sent. It waits while an append that begins with the same id is under way: sent at
   * the same time, one of them runs into the server's own timeout.
   */
  begin(events: readonly NewEvent[]): Sending | Promise<Sending>;
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
  const underWay = new Map<string, PromiseWithResolvers<void>>();

  const remember = (id: string): void => {
    if (unanswered.size >= MAX_IDS) unanswered.delete(unanswered.values().next().value as string);
    unanswered.add(id);
  };

  const sending = (events: readonly NewEvent[], first: string): Sending => {
    const known = newest;
    const again = unanswered.size > 0 && events.some((event) => unanswered.has(event.id));
    const turn = Promise.withResolvers<void>();
    underWay.set(first, turn);
    const over = (): void => {
      underWay.delete(first);
      turn.resolve();
    };
    return {
      doubts: ({ position }) => again || position === null || position <= known,
      settled() {
        if (unanswered.size > 0) for (const { id } of events) unanswered.delete(id);
        over();
      },
      unknown() {
        for (const { id } of events) remember(id);
        over();
      },
      unsent: over,
    };
  };

  const inTurn = async (events: readonly NewEvent[], first: string): Promise<Sending> => {
    for (let turn = underWay.get(first); turn !== undefined; turn = underWay.get(first)) await turn.promise;
    return sending(events, first);
  };

  return {
    heard(position) {
      if (position > newest) newest = position;
    },
    begin(events) {
      const first = events[0]?.id ?? "";
      return underWay.has(first) ? inTurn(events, first) : sending(events, first);
    },
  };
}
