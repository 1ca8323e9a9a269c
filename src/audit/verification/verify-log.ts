import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { EventStore } from "../../eventstore/port.ts";
import { BOXOFFICE_PREFIXES } from "../../eventstore/streams.ts";
import type { Violation } from "../../verifier/books/fact.ts";
import { NO_EVENTS, type RunningHead } from "../../verifier/running-head.ts";
import type { HeadQueries } from "../heads/table.ts";
import { Found } from "./found.ts";
import { readLog } from "./reading.ts";
import { ownLane, type ReplayLane, threadLane } from "./replay-lanes.ts";
import type { ReplayedPart } from "./replay-part.ts";
import { ownSorter, threadSorter } from "./sorters.ts";

export interface LogVerification {
  readonly eventsChecked: number;
  /** Of the log up to which it was checked. */
  readonly head: RunningHead;
  /** In all; not each of them may be told. */
  readonly found: number;
  readonly violations: readonly Violation[];
  /** Purchases that were under way at the log's end. */
  readonly unsettled: number;
}

export interface VerifyLogOptions {
  readonly store: Pick<EventStore, "scan" | "head">;
  readonly heads: HeadQueries;
  /** An own folder for what does not fit into memory. Where an earlier run left it, that is gone on with. */
  readonly workDir: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: VerifyProgress) => void;
  /** How often it is put down how far it has come. */
  readonly keepEveryMs?: number;
  /** That help to replay what was read, each with about 10,000 events in memory; one of them sorts while it is read. */
  readonly threads?: number;
}

export interface VerifyProgress {
  readonly phase: "reading" | "replaying";
  readonly events: number;
  /** 0 to 1, of this phase. */
  readonly part: number;
}

/** Of what is kept, the files of events included: what another version of the program wrote is not gone on with. */
const FORMAT = 2;

/** How far an interrupted run has come. */
interface Kept {
  readonly version: typeof FORMAT;
  readonly upTo: string;
  readonly count: number;
  readonly position: string;
  readonly hash: string;
  readonly lastAt: string;
  readonly sizes: readonly number[];
  /** Files that are replayed; null while the log is being read. */
  readonly replayed: number | null;
  readonly unsettled: number;
  readonly found: number;
  readonly violations: readonly Violation[];
}

const FILE = "verification.json";
const KEEP_EVERY_MS = 5_000;
/** Events a file at most, about: the states of their streams are in memory together. */
const EVENTS_A_FILE = 10_000;
const [LEAST_FILES, MOST_FILES] = [16, 256];

/**
 * Verifies the whole log: its running head against all heads that are kept, the chain of each stream, and what it says,
 * replayed by the domain and by independent books. What needs more memory than is good is kept in files.
 * @throws StoreUnavailable
 */
export async function verifyLog(options: VerifyLogOptions): Promise<LogVerification> {
  const { store, heads, workDir, signal = new AbortController().signal, onProgress = () => {} } = options;
  const { keepEveryMs = KEEP_EVERY_MS } = options;
  await mkdir(workDir, { recursive: true });
  const newest = await heads.latest();
  const last = (await store.head(BOXOFFICE_PREFIXES)) ?? 0n;
  let kept = (await keptIn(workDir)) ?? begun(last);
  const upTo = BigInt(kept.upTo);
  const found = new Found(kept.found, kept.violations);
  if (newest !== null && newest.position > last && kept.count === 0) {
    const detail = `a head was signed at position ${newest.position}, and the log ends at ${last}`;
    found.add({ code: "head-differs", position: String(newest.position), stream: null, revision: null, detail });
  }
  let keptAt = performance.now();
  const keep = async (changes: Partial<Kept>) => {
    kept = { ...kept, ...changes, found: found.count, violations: found.told };
    await keepIn(workDir, kept);
    keptAt = performance.now();
  };
  if (kept.replayed === null) {
    const wish = { dir: workDir, sizes: kept.sizes };
    const sorter = options.threads === undefined || options.threads === 0 ? ownSorter(wish) : threadSorter(wish);
    const settle = async (head: RunningHead, changes: Partial<Kept> = {}) => {
      const { sizes, lastAt, found: more } = await sorter.settle();
      found.addAll(more);
      await keep({ ...savedHead(head), sizes, lastAt: lastAt > kept.lastAt ? lastAt : kept.lastAt, ...changes });
    };
    try {
      const from: RunningHead = { count: kept.count, position: BigInt(kept.position), hash: kept.hash };
      const head = await readLog({
        ...{ store, heads, sorter, found, from, upTo, signal },
        async onPage(head) {
          onProgress({ phase: "reading", events: head.count, part: Number(head.position) / Math.max(1, Number(upTo)) });
          if (performance.now() - keptAt >= keepEveryMs) await settle(head);
        },
      });
      await settle(head, { replayed: 0 });
    } finally {
      await sorter.close();
    }
  }
  const parts = { dir: workDir, now: kept.lastAt, from: kept.replayed ?? 0, to: kept.sizes.length };
  for await (const { unsettled, ...ofPart } of replayed(parts, options.threads ?? 0, signal)) {
    found.addAll(ofPart);
    const replayedParts = (kept.replayed ?? 0) + 1;
    kept = { ...kept, unsettled: kept.unsettled + unsettled, replayed: replayedParts };
    onProgress({ phase: "replaying", events: kept.count, part: replayedParts / parts.to });
    if (performance.now() - keptAt >= keepEveryMs) await keep({});
  }
  await rm(workDir, { recursive: true, force: true });
  const head = { count: kept.count, position: BigInt(kept.position), hash: kept.hash };
  const { count: eventsChecked, unsettled } = kept;
  return { eventsChecked, head, found: found.count, violations: found.told, unsettled };
}

interface Parts {
  readonly dir: string;
  readonly now: string;
  readonly from: number;
  /** The first that there isn't. */
  readonly to: number;
}

/** What came of each file, in their order. A lane that is done takes the next one that nobody has. */
async function* replayed(
  { dir, now, from, to }: Parts,
  threads: number,
  signal: AbortSignal,
): AsyncGenerator<ReplayedPart, void, undefined> {
  const own = ownLane();
  const others = Array.from({ length: threads }, threadLane);
  const results = Array.from({ length: to - from }, () => Promise.withResolvers<ReplayedPart>());
  const aborted = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  for (const promise of [aborted, ...results.map(({ promise }) => promise)]) promise.catch(() => undefined);
  let next = from;
  const work = async (lane: ReplayLane): Promise<void> => {
    while (next < to) {
      const part = next++;
      const result = results[part - from] as PromiseWithResolvers<ReplayedPart>;
      await lane.replay({ dir, part, now }).then(result.resolve, (error: unknown) => {
        next = to;
        result.reject(error);
      });
    }
  };
  const working = [own, ...others, ...others].map(work); // a thread has another file when one is done
  try {
    for (const { promise } of results) {
      signal.throwIfAborted();
      yield await Promise.race([promise, aborted]);
    }
  } finally {
    next = to;
    await Promise.all([own, ...others].map((lane) => lane.close()));
    await Promise.all(working);
  }
}

function begun(upTo: bigint): Kept {
  const files = Math.min(MOST_FILES, Math.max(LEAST_FILES, Math.ceil(Number(upTo) / EVENTS_A_FILE)));
  const sizes = new Array<number>(files).fill(0);
  const nothing = { version: FORMAT, replayed: null, unsettled: 0, found: 0, violations: [], lastAt: "" } as const;
  return { ...nothing, upTo: String(upTo), sizes, ...savedHead(NO_EVENTS) };
}

const savedHead = ({ count, position, hash }: RunningHead) => ({ count, position: String(position), hash });

async function keptIn(dir: string): Promise<Kept | null> {
  try {
    const kept = JSON.parse(await readFile(join(dir, FILE), "utf8")) as Kept;
    return kept.version === FORMAT ? kept : null;
  } catch {
    return null; // there is none, or it was being written: then from the beginning
  }
}

async function keepIn(dir: string, kept: Kept): Promise<void> {
  const draft = join(dir, `${FILE}.draft`);
  await writeFile(draft, JSON.stringify(kept));
  await rename(draft, join(dir, FILE));
}
