import { pagesOf } from "../../../src/eventstore/pages.ts";
import type { EventStore } from "../../../src/eventstore/port.ts";
import type { Following } from "./follower.ts";
import type { Writing } from "./writers.ts";

/** What is wrong in the log, and with what a subscriber saw of it, against what writers were told. All are to be 0. */
export interface Verdict {
  /** Acknowledged and not in its stream. */
  readonly lost: number;
  /** In its stream more than once. */
  readonly twice: number;
  /** In a stream, and nobody was told that it is. */
  readonly unasked: number;
  /** In its stream elsewhere than the acknowledgements say. */
  readonly misplaced: number;
  readonly missedBySubscriber: number;
  readonly twiceForSubscriber: number;
  readonly outOfOrderForSubscriber: number;
}

/** Reads every stream of the writers, once they have stopped, and holds it against what they and the subscriber know. */
export async function verdictOf(store: EventStore, writing: Writing, following: Following): Promise<Verdict> {
  let [lost, twice, unasked, misplaced] = [0, 0, 0, 0];
  const recorded = new Set<string>();
  for (const [stream, ids] of writing.acknowledged) {
    const found: string[] = [];
    for await (const page of pagesOf(store, stream, 0)) found.push(...page.map(({ id }) => id));
    const there = new Set(found);
    twice += found.length - there.size;
    lost += ids.filter((id) => !there.has(id)).length;
    const told = new Set(ids);
    unasked += found.filter((id) => !told.has(id)).length;
    misplaced += ids.filter((id, index) => there.has(id) && found[index] !== id).length;
    for (const id of found) recorded.add(id);
  }
  const seen = new Set(following.ids);
  return {
    lost,
    twice,
    unasked,
    misplaced,
    missedBySubscriber: [...recorded].filter((id) => !seen.has(id)).length,
    twiceForSubscriber: following.ids.length - seen.size,
    outOfOrderForSubscriber: following.outOfOrder(),
  };
}
