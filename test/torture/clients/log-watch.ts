import { setTimeout as pause } from "node:timers/promises";
import type { EventStore } from "../../../src/eventstore/port.ts";
import { BOXOFFICE_PREFIXES } from "../../../src/eventstore/streams.ts";
import { type HeadSeen, nowMs } from "../history/history.ts";
import { openLog } from "../log.ts";
import type { Town } from "../town.ts";

const EVERY_MS = 100;

/**
 * Looks at the log's end ten times a second, past all nodes, so that the checker can say of a moment of the clients which
 * events were on record before it, and which were not after it. While the store is away there is nothing to be seen.
 */
export class LogWatch {
  readonly #town: Town;
  readonly #heads: HeadSeen[];
  readonly #over = new AbortController();
  readonly #watching: Promise<void>;

  /** @param heads where what was seen is kept */
  constructor(town: Town, heads: HeadSeen[]) {
    this.#town = town;
    this.#heads = heads;
    this.#watching = this.#watch();
  }

  async #watch(): Promise<void> {
    let store: EventStore | null = null;
    while (!this.#over.signal.aborted) {
      try {
        store ??= await openLog(this.#town);
        const askedAtMs = nowMs();
        const position = (await store.head(BOXOFFICE_PREFIXES)) ?? 0n;
        this.#heads.push({ askedAtMs, seenAtMs: nowMs(), position });
      } catch {
        await store?.close().catch(() => undefined); // it is away, and is looked for again
        store = null;
      }
      await pause(EVERY_MS, undefined, { signal: this.#over.signal }).catch(() => undefined);
    }
    await store?.close();
  }

  async stop(): Promise<void> {
    this.#over.abort();
    await this.#watching;
  }
}
