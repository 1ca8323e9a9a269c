import type { Answer, Ask } from "./asks.ts";

/** One time that a client asked for something: of what he asks again he keeps each time. */
export interface Entry {
  readonly client: number;
  /** The same for all times that the same is asked. */
  readonly ask: Ask;
  /** Unlike that of any other time. */
  readonly requestId: string;
  /** Which node was asked. */
  readonly node: string;
  /** In simulated milliseconds, when he asked and when he had the answer. */
  readonly beganMs: number;
  endedMs: number;
  /** null: not yet. */
  answer: Answer | null;
}

/** All that clients saw. */
export class Journal {
  readonly entries: Entry[] = [];

  begin(entry: Omit<Entry, "requestId" | "endedMs" | "answer">): Entry {
    const requestId = `request-${this.entries.length + 1}`;
    const begun: Entry = { ...entry, requestId, endedMs: Number.POSITIVE_INFINITY, answer: null };
    this.entries.push(begun);
    return begun;
  }

  /** The times that each was asked. */
  byAsk(): ReadonlyMap<Ask, readonly Entry[]> {
    const byAsk = new Map<Ask, Entry[]>();
    for (const entry of this.entries) byAsk.set(entry.ask, [...(byAsk.get(entry.ask) ?? []), entry]);
    return byAsk;
  }
}
