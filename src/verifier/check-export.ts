import type { KeyObject } from "node:crypto";
import { eventHash } from "./event-hash.ts";
import { BadLine, type ExportedEvent, exportedEvent } from "./export-line.ts";
import { headAfter, NO_EVENTS, type RunningHead } from "./running-head.ts";
import { isSignedBy, type SignedHead } from "./signed-head.ts";

export interface ExportCheck {
  /** By their ids. */
  readonly keys: ReadonlyMap<string, KeyObject>;
  /** Kept heads, in any order. */
  readonly heads: readonly SignedHead[];
  /** Where an export that does not begin at the log's first event goes on from: a kept head just before it. */
  readonly after?: SignedHead;
  /** Only some of the log's streams are in it: heads say nothing about it, chains do. */
  readonly someStreams?: boolean;
}

export interface ExportReport {
  readonly events: number;
  /** The head of what was read; null of some streams only. */
  readonly head: RunningHead | null;
  /** Heads that were signed by a known key and agree with the export. */
  readonly headsAgreed: number;
  /** At most {@link MOST_FINDINGS}. */
  readonly findings: readonly Finding[];
}

export interface Finding {
  /** Of the export, from 1; null where it is about its end or a head. */
  readonly line: number | null;
  readonly position: string | null;
  readonly stream: string | null;
  readonly problem: string;
}

const MOST_FINDINGS = 100;

/**
 * Checks an export by nothing but itself, kept heads and public keys: that each event's bytes have the hash that it names,
 * that each stream is whole and in order, and that the whole log up to each head is the one that was signed.
 * Keeps about 200 bytes a stream.
 * @param lines without their ends; empty ones don't count
 */
export async function checkExport(lines: AsyncIterable<string>, check: ExportCheck): Promise<ExportReport> {
  const found = new Findings();
  const heads = trusted(check, found);
  const chains = new Chains(found);
  let head: RunningHead = check.after ?? NO_EVENTS;
  let line = 0;
  let agreed = 0;
  let due = 0;
  while (due < heads.length && isBefore(heads[due], head)) due += 1;
  const settle = (upTo: bigint | null) => {
    for (let next = heads[due]; next !== undefined && (upTo === null || next.position < upTo); next = heads[due]) {
      due += 1;
      const problem = differenceOf(next, head);
      if (problem === null) agreed += 1;
      else found.add({ line: upTo === null ? null : line, position: String(next.position), stream: null, problem });
    }
  };
  let events = 0;
  for await (const text of lines) {
    line += 1;
    if (text === "") continue;
    const event = readLine(text, line, found);
    if (event === null) continue;
    const at = { line, position: String(event.position), stream: event.recorded.stream };
    if (event.position <= head.position && events > 0) found.add({ ...at, problem: "stands behind a later position" });
    if (events === 0 && event.position <= head.position)
      found.add({ ...at, problem: "is before the head to go on from" });
    settle(event.position);
    const hash = eventHash(event.recorded);
    if (hash !== event.hash) found.add({ ...at, problem: "was changed: its bytes have another hash than it names" });
    chains.take(event, hash, at, check.after !== undefined);
    head = headAfter(head, event.position, hash);
    events += 1;
  }
  settle(null);
  const isWhole = check.someStreams !== true;
  return { events, head: isWhole ? head : null, headsAgreed: agreed, findings: found.kept };
}

/** Heads that can be relied on, in the order of the log. */
function trusted({ heads, after, keys, someStreams = false }: ExportCheck, found: Findings): readonly SignedHead[] {
  const isGood = (head: SignedHead) => {
    const key = keys.get(head.keyId);
    const problem =
      key === undefined
        ? `the head is signed with a key that was not given: ${head.keyId}`
        : isSignedBy(head, key)
          ? null
          : "the head's signature is not that of its key";
    if (problem !== null) found.add({ line: null, position: String(head.position), stream: null, problem });
    return problem === null;
  };
  if (after !== undefined) isGood(after);
  const good = heads.filter(isGood);
  return someStreams ? [] : good.toSorted((a, b) => (a.position < b.position ? -1 : a.position > b.position ? 1 : 0));
}

const isBefore = (kept: SignedHead | undefined, head: RunningHead): boolean =>
  kept !== undefined && kept.position < head.position;

/** What a kept head says of a log that has another up to its position; null: they agree. */
function differenceOf(kept: SignedHead, head: RunningHead): string | null {
  if (head.count < kept.count) {
    return `the log was cut or events are missing: ${head.count} up to here, the head was signed over ${kept.count}`;
  }
  if (head.count > kept.count)
    return `events were added: ${head.count} up to here, the head was signed over ${kept.count}`;
  if (head.hash !== kept.hash) return "up to here it is not the log that the head was signed over";
  return head.position === kept.position ? null : "the head's last event stands at another position";
}

function readLine(text: string, line: number, found: Findings): ExportedEvent | null {
  try {
    return exportedEvent(text);
  } catch (error) {
    if (!(error instanceof BadLine)) throw error;
    found.add({ line, position: null, stream: null, problem: `the line ${error.message}` });
    return null;
  }
}

/** Where each stream stands. */
class Chains {
  readonly #last = new Map<string, { readonly revision: number; readonly hash: string }>();
  readonly #found: Findings;

  constructor(found: Findings) {
    this.#found = found;
  }

  /** @param mayBegin streams may begin in the middle, because the export does */
  take({ recorded, previousHash }: ExportedEvent, hash: string, at: Omit<Finding, "problem">, mayBegin: boolean): void {
    const { stream, revision } = recorded;
    const last = this.#last.get(stream);
    this.#last.set(stream, { revision, hash });
    if (last === undefined && mayBegin) return;
    const expected = (last?.revision ?? -1) + 1;
    if (revision > expected)
      this.#found.add({ ...at, problem: `revisions ${expected} to ${revision - 1} are missing` });
    else if (revision < expected)
      this.#found.add({ ...at, problem: `revision ${revision} comes after ${expected - 1}` });
    else if (previousHash !== (last?.hash ?? null)) {
      this.#found.add({ ...at, problem: "the chain is broken: it names another event before it" });
    }
  }
}

class Findings {
  readonly kept: Finding[] = [];

  add(finding: Finding): void {
    if (this.kept.length < MOST_FINDINGS) this.kept.push(finding);
  }
}
