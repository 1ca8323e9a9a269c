import { sha256 } from "../../eventstore/envelope.ts";
import type { EventStore, Position } from "../../eventstore/port.ts";
import { BOXOFFICE_PREFIXES } from "../../eventstore/streams.ts";
import { headAfter, type RunningHead } from "../../verifier/running-head.ts";
import type { HeadQueries } from "../heads/table.ts";
import type { Found } from "./found.ts";
import { KeptHeads } from "./kept-heads.ts";
import type { Sorter } from "./sorters.ts";

export interface ReadingOptions {
  readonly store: Pick<EventStore, "scan">;
  readonly heads: HeadQueries;
  readonly sorter: Pick<Sorter, "take">;
  readonly found: Found;
  /** What was read already. */
  readonly from: RunningHead;
  readonly upTo: Position;
  readonly signal: AbortSignal;
  /** Told after each page: up to there the sorter has all. */
  readonly onPage: (head: RunningHead) => Promise<void> | void;
}

/** Reads the whole log in its order, folds its head, compares that with all that are kept, and has it sorted by streams. */
export async function readLog(options: ReadingOptions): Promise<RunningHead> {
  const { store, sorter, found, from, upTo, signal } = options;
  const kept = await KeptHeads.open(options.heads, found, from.position);
  let head = from;
  const after = from.count === 0 ? null : from.position;
  for await (const page of store.scan({ after, upTo, streamPrefixes: BOXOFFICE_PREFIXES, signal })) {
    await kept.refill(page.last ?? from.position);
    const hashes: string[] = [];
    for (let index = 0; index < page.count; index += 1) {
      const position = page.position(index);
      const hash = sha256(page.record(index));
      head = headAfter(head, position, hash);
      if (kept.isDue(position)) kept.compare(head);
      hashes.push(hash);
    }
    await sorter.take(page, hashes);
    await options.onPage(head);
  }
  signal.throwIfAborted();
  return head;
}
