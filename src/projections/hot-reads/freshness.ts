import type { Position } from "../../eventstore/port.ts";
import type { ChangeFeed } from "./change-feed.ts";
import type { KeptEvent, Loaded } from "./kept-event.ts";

/** While changes are not heard a value is trusted for so long. */
const UNHEARD_TRUST_MS = 250;

/** Judges what is kept by what was heard since it was loaded. */
export class Freshness {
  readonly #feed: Pick<ChangeFeed, "hears" | "upTo" | "heardUntilMs">;
  /** The last time that "many have changed" was heard: values below it are not the newest. */
  #many: { readonly upTo: Position; readonly atMs: number } | null = null;
  #rebuiltAtMs = Number.NEGATIVE_INFINITY;

  constructor(feed: Pick<ChangeFeed, "hears" | "upTo" | "heardUntilMs">) {
    this.#feed = feed;
  }

  manyChanged(upTo: Position, nowMs: number): void {
    this.#many = { upTo, atMs: nowMs };
  }

  rebuilt(nowMs: number): void {
    this.#rebuiltAtMs = nowMs;
  }

  /** Nothing newer is known of, and would be if there were something. */
  isNewest(kept: KeptEvent, loaded: Loaded, nowMs: number): boolean {
    if (loaded.atMs <= this.#rebuiltAtMs || this.changedAtMs(kept, loaded) !== null) return false;
    return this.#feed.hears || nowMs - loaded.atMs <= UNHEARD_TRUST_MS;
  }

  /** Since when something newer is known of; null: it isn't. */
  changedAtMs(kept: KeptEvent, loaded: Loaded): number | null {
    if (kept.needs !== null && loaded.checkpoint < kept.needs) return kept.changedAtMs ?? loaded.atMs;
    return this.#many !== null && loaded.checkpoint < this.#many.upTo ? this.#many.atMs : null;
  }

  /** How far in the log a value is right: one that is the newest, as far as nothing was heard to have changed it. */
  reached(kept: KeptEvent, loaded: Loaded, nowMs: number): Position {
    const { upTo } = this.#feed;
    const isRightUpTo = upTo !== null && upTo > loaded.checkpoint && this.isNewest(kept, loaded, nowMs);
    return isRightUpTo ? upTo : loaded.checkpoint;
  }

  /** How long it is since it was the newest for sure. */
  staleForMs(kept: KeptEvent, loaded: Loaded, nowMs: number): number {
    const changedAtMs = this.changedAtMs(kept, loaded);
    if (changedAtMs !== null) return nowMs - changedAtMs;
    if (this.#feed.hears) return 0;
    return Math.max(0, nowMs - Math.max(loaded.sureAtMs, this.#feed.heardUntilMs()));
  }

  /** When a value that is read now was the newest for sure, as far as the server that is read from can say. */
  sureAtMs(readsFromReplica: boolean, nowMs: number): number {
    return readsFromReplica && !this.#feed.hears ? this.#feed.heardUntilMs() : nowMs;
  }

  /** What a value that is asked for now has to have reached to be the newest. */
  get needs(): Position | null {
    return this.#feed.hears ? this.#feed.upTo : null;
  }

  /** Whether a value that goes back in the log may take the place of this one: of tables that are no more. */
  isOutdated(loaded: Loaded): boolean {
    return loaded.atMs <= this.#rebuiltAtMs;
  }
}
