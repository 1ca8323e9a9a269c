import { EventEmitter } from "node:events";

/** An event as a client proposed it. */
export interface Proposed {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export interface LogRecord extends Proposed {
  readonly stream: string;
  readonly revision: number;
  readonly position: bigint;
}

export type Expected = number | "no-stream" | "stream-exists" | "any";

export type Outcome =
  | { readonly kind: "success"; readonly revision: number; readonly position: bigint | null }
  | { readonly kind: "wrong-revision"; readonly actual: number | null }
  | { readonly kind: "too-large" };

export const MAX_APPEND_BYTES = 1024 * 1024;

/**
 * The stand-in's log, in memory. It takes appends as a real 24.6 server was seen to do, its oddities above all: a
 * resend is known by its ids alone, the same id may be twice in one append, an empty append succeeds.
 */
export interface Log {
  readonly records: readonly LogRecord[];
  /** Where the next record will stand. */
  readonly end: bigint;
  stream(name: string): readonly LogRecord[];
  append(stream: string, events: readonly Proposed[], expected: Expected): Outcome;
  /** Index of the first record past a position. */
  indexAfter(position: bigint): number;
  /** Resolves when there are more records than `count`, or the signal is aborted. */
  grown(count: number, signal: AbortSignal): Promise<void>;
}

export function createLog(): Log {
  const records: LogRecord[] = [];
  const streams = new Map<string, LogRecord[]>();
  const growth = new EventEmitter().setMaxListeners(0);
  let end = 0n;

  const write = (stream: string, events: readonly Proposed[]): Outcome => {
    const own = streams.get(stream) ?? [];
    for (const event of events) {
      const record: LogRecord = { ...event, stream, revision: own.length, position: end };
      end += BigInt(100 + stream.length + event.data.length + event.metadata.length);
      own.push(record);
      records.push(record);
    }
    if (events.length > 0) streams.set(stream, own);
    growth.emit("grown");
    return { kind: "success", revision: own.length - 1, position: own.at(-1)?.position ?? null };
  };

  const log: Log = {
    records,
    get end() {
      return end;
    },
    stream: (name) => streams.get(name) ?? [],
    append(stream, events, expected) {
      const own = streams.get(stream) ?? [];
      const size = events.reduce((sum, event) => sum + event.data.length + event.metadata.length, 0);
      if (size > MAX_APPEND_BYTES) return { kind: "too-large" };
      const wrong: Outcome = { kind: "wrong-revision", actual: own.length === 0 ? null : own.length - 1 };
      if (expected === "stream-exists" && own.length === 0) return wrong;
      if (typeof expected === "string" && expected !== "no-stream") {
        const found = own.findIndex((record) => record.id === events[0]?.id);
        if (found < 0) return write(stream, events);
        return stoodFor(own, events, found) ?? wrong;
      }
      const next = expected === "no-stream" ? 0 : expected + 1;
      if (next === own.length) return write(stream, events);
      return stoodFor(own, events, next) ?? wrong;
    },
    indexAfter(position) {
      let [low, high] = [0, records.length];
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((records[middle]?.position ?? 0n) <= position) low = middle + 1;
        else high = middle;
      }
      return low;
    },
    async grown(count, signal) {
      while (records.length <= count && !signal.aborted) {
        await new Promise<void>((resolve) => {
          growth.once("grown", resolve);
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
      }
    },
  };
  // A server's log begins with events of its own; whoever asks for prefixes must not see them.
  log.append("$settings", [systemEvent()], "any");
  return log;
}

/** The earlier append that these ids are taken for, from `first` on. */
function stoodFor(own: readonly LogRecord[], events: readonly Proposed[], first: number): Outcome | null {
  if (events.length === 0 || events.some((event, index) => own[first + index]?.id !== event.id)) return null;
  const last = own[first + events.length - 1];
  return last === undefined ? null : { kind: "success", revision: last.revision, position: last.position };
}

const systemEvent = (): Proposed => ({
  id: "00000000-0000-4000-8000-000000000000",
  type: "$settings",
  contentType: "application/json",
  data: Buffer.from("{}"),
  metadata: new Uint8Array(),
});
