import type { Call } from "./calls.ts";
import { type Pace, passed, shareOut } from "./pace.ts";
import type { Queue } from "./queue.ts";
import type { Rank } from "./rank.ts";

/** One class as it is before somebody is called. */
export interface ClassBefore {
  readonly share: number;
  readonly queue: Queue;
  readonly last: Call;
}

export interface Advance {
  readonly pace: Pace;
  /** By class; where nobody is called the last call again, at a later time. */
  readonly calls: readonly Call[];
  /** Whether a class is called any further. */
  readonly goesOn: boolean;
  /** How many are called, over all classes. */
  readonly called: number;
}

/**
 * Calls whoever is next: as many as the pace lets, but no more than there are tickets for (`room`), of each class by its
 * share, and only those whose second stands.
 * @param upTo ranks below it stand
 */
export function advance(
  classes: readonly ClassBefore[],
  pace: Pace,
  { nowMs, admitPerMinute, room, upTo }: { nowMs: number; admitPerMinute: number; room: number; upTo: Rank },
): Advance {
  const now = passed(pace, nowMs, admitPerMinute);
  const waiting = classes.map(({ share, queue, last }) => ({
    share,
    people: queue.between(last.serving, Math.max(upTo, last.serving)),
  }));
  const parts = shareOut(Math.max(0, Math.min(now.credit, room)), waiting);
  const calls = classes.map(({ queue, last }, index): Call => {
    const people = parts[index] as number;
    // Where nobody waits, whoever was not counted comes in with the rest.
    const isFree = room > 0 && (waiting[index] as { people: number }).people <= 0;
    const serving = people > 0 || isFree ? queue.after(last.serving, people, upTo) : last.serving;
    return { atMs: nowMs, serving, called: last.called + people };
  });
  const called = parts.reduce((sum, part) => sum + part, 0);
  const goesOn = calls.some(({ serving }, index) => serving > (classes[index] as ClassBefore).last.serving);
  return { pace: { ...now, credit: now.credit - called }, calls, called, goesOn };
}
