import type { Staged } from "./decision.ts";

/** Looks up when an entry is due now: epoch milliseconds, or undefined when it no longer is to be. */
export type DueAt = (id: string) => number | undefined;

/**
 * Finds what is due without looking at what is not: ids in buckets by the second they are due in, sorted
 * when their second has come.
 *
 * It is an index over committed state and may hold entries that have moved or ended; `dueAt` tells which still count.
 * Stale entries are dropped when their bucket's turn comes, or all at once when they outnumber the live ones, so that
 * the calendar stays within about twice the size of what it indexes.
 */
export class DueCalendar implements Staged {
  readonly #dueAt: DueAt;
  readonly #live: () => number;
  #buckets = new Map<number, Bucket>();
  #entries = 0;
  #earliest = Number.POSITIVE_INFINITY;
  #staged: Entry[] = [];

  /** @param live how many entries count at the moment, to tell when it is time to clean up */
  constructor(dueAt: DueAt, live: () => number) {
    this.#dueAt = dueAt;
    this.#live = live;
  }

  /** Takes in what is committed already. */
  restore(id: string, dueAtMs: number): void {
    this.#insert(id, dueAtMs);
  }

  add(id: string, dueAtMs: number): void {
    this.#staged.push({ id, dueAtMs });
  }

  /** What is due at `atMs`, each id once, oldest second first. What was added since the last commit is not looked at: it is not due yet. */
  *due(atMs: number): IterableIterator<string> {
    const lastSecond = Math.floor(atMs / 1000);
    if (this.#earliest > lastSecond) return;
    const seconds = [...this.#buckets.keys()].filter((second) => second <= lastSecond).sort((a, b) => a - b);
    for (const second of seconds) {
      const bucket = sorted(this.#buckets.get(second) as Bucket);
      const seen = new Set<string>(); // an id that moved away and came back stands in its bucket twice
      for (let i = bucket.start; i < bucket.entries.length; i += 1) {
        const { id } = bucket.entries[i] as Entry;
        const dueAtMs = this.#dueAt(id);
        if (dueAtMs === undefined || dueAtMs > atMs || Math.floor(dueAtMs / 1000) !== second || seen.has(id)) continue;
        seen.add(id);
        yield id;
      }
    }
  }

  commit(): void {
    for (const { id, dueAtMs } of this.#staged) this.#insert(id, dueAtMs);
    this.#staged = [];
    this.#dropStaleAtTheFront();
    if (this.#entries > 2 * this.#live() + 1024) this.#rebuild();
  }

  rollback(): void {
    this.#staged = [];
  }

  #insert(id: string, dueAtMs: number): void {
    const second = Math.floor(dueAtMs / 1000);
    const bucket = this.#buckets.get(second);
    if (bucket === undefined) this.#buckets.set(second, { entries: [{ id, dueAtMs }], start: 0, isSorted: true });
    else {
      bucket.entries.push({ id, dueAtMs });
      bucket.isSorted = false;
    }
    this.#entries += 1;
    if (second < this.#earliest) this.#earliest = second;
  }

  #dropStaleAtTheFront(): void {
    let bucket = this.#buckets.get(this.#earliest);
    while (bucket !== undefined) {
      const before = bucket.start;
      const { entries } = bucket;
      while (bucket.start < entries.length && this.#isStale(entries[bucket.start] as Entry)) bucket.start += 1;
      this.#entries -= bucket.start - before;
      if (bucket.start < entries.length) return;
      this.#buckets.delete(this.#earliest);
      this.#earliest = Number.POSITIVE_INFINITY;
      for (const second of this.#buckets.keys()) if (second < this.#earliest) this.#earliest = second;
      bucket = this.#buckets.get(this.#earliest);
    }
  }

  #isStale({ id }: Entry): boolean {
    const dueAtMs = this.#dueAt(id);
    return dueAtMs === undefined || Math.floor(dueAtMs / 1000) !== this.#earliest;
  }

  #rebuild(): void {
    const live: Entry[] = [];
    for (const [second, bucket] of this.#buckets) {
      for (const id of new Set(bucket.entries.slice(bucket.start).map((entry) => entry.id))) {
        const dueAtMs = this.#dueAt(id);
        if (dueAtMs !== undefined && Math.floor(dueAtMs / 1000) === second) live.push({ id, dueAtMs });
      }
    }
    this.#buckets = new Map();
    this.#entries = 0;
    this.#earliest = Number.POSITIVE_INFINITY;
    for (const { id, dueAtMs } of live) this.#insert(id, dueAtMs);
  }
}

interface Entry {
  readonly id: string;
  readonly dueAtMs: number;
}

interface Bucket {
  readonly entries: Entry[];
  /** Entries before this index are done with. */
  start: number;
  isSorted: boolean;
}

/** By time, then by id: the same whatever the order in which entries came, also after a snapshot. */
function sorted(bucket: Bucket): Bucket {
  if (bucket.isSorted) return bucket;
  const rest = bucket.entries.splice(bucket.start);
  rest.sort((a, b) => a.dueAtMs - b.dueAtMs || (a.id < b.id ? -1 : 1));
  for (const entry of rest) bucket.entries.push(entry);
  bucket.isSorted = true;
  return bucket;
}
