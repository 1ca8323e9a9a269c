import { setTimeout as pause } from "node:timers/promises";
import type { Log } from "../../ports.ts";
import type { Watch } from "./connection.ts";

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
/** A provider that ran this long was well: what comes after is a new trouble. */
const WELL_AFTER_MS = 10_000;

export interface ConnectionParts {
  /** A line to a running provider. */
  readonly find: () => Promise<Watch>;
  /** What has to be said to it before it is used. */
  readonly onFound: (watch: Watch) => Promise<void>;
  readonly onLost: () => void;
  readonly log: Log;
}

export interface Connection {
  /** Resolves when a provider was found for the first time. */
  readonly found: Promise<void>;
  /** Why there is none. */
  trouble(): string;
  close(): Promise<void>;
}

/**
 * Keeps a line to the provider and looks for another as soon as it ends. Pauses grow, and are of random length: of several
 * nodes that lose it at the same instant one should be first to start it.
 */
export function stayConnected({ find, onFound, onLost, log }: ConnectionParts): Connection {
  const closing = new AbortController();
  const found = Promise.withResolvers<void>();
  let current: Watch | null = null;
  let trouble = "";
  const work = keepLooking();

  async function keepLooking(): Promise<void> {
    let failures = 0;
    let isFirst = true;
    while (!closing.signal.aborted) {
      const sinceMs = performance.now();
      try {
        await useOne(isFirst);
        isFirst = false;
        trouble = "it has ended";
        if (!closing.signal.aborted) log.warn({}, "the sandbox payment provider is gone");
      } catch (error) {
        trouble = (error as Error).message;
        if (failures === 3) log.warn({ reason: trouble }, "the sandbox payment provider can't be reached");
      }
      failures = performance.now() - sinceMs > WELL_AFTER_MS ? 0 : failures + 1;
      await breathe(Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS) * Math.random());
    }
  }

  /** Resolves when it has ended. */
  async function useOne(isFirst: boolean): Promise<void> {
    const watch = await find();
    current = watch;
    try {
      if (closing.signal.aborted) return;
      await onFound(watch);
      found.resolve();
      if (!isFirst) log.info({ url: watch.url }, "the sandbox payment provider is there");
      await watch.ended;
    } finally {
      onLost();
      watch.close();
      current = null;
    }
  }

  const breathe = (ms: number) => pause(ms, undefined, { signal: closing.signal }).catch(() => {});

  return {
    found: found.promise,
    trouble: () => trouble,
    async close() {
      closing.abort();
      current?.close();
      await work;
    },
  };
}
