import type { Pool } from "pg";
import type { Position } from "../../eventstore/port.ts";
import type { Log } from "../../ports.ts";
import { hearNotifications } from "../../postgres/notifications.ts";
import { readStandings } from "../registry.ts";
import { CHANGES_CHANNEL, type Change, HOT_MODELS, parseChange } from "./changes.ts";

/** Told of what changes, in the order in which it did. */
export interface ChangeListener {
  /** These events may differ from `upTo` on; null: all may. */
  changed(events: readonly string[] | null, upTo: Position): void;
  /** What was read before now is worth nothing. */
  rebuilt(): void;
}

/** What projectors say they have changed, in whatever process they run. */
export interface ChangeFeed {
  /** Whether everything that is said is heard at present. */
  readonly hears: boolean;
  /** What was said up to here was heard, or "many" was said in its place; null: nothing yet. */
  readonly upTo: Position | null;
  /** By the monotonic clock in milliseconds: all that was said until then was heard. */
  heardUntilMs(): number;
  follow(listener: ChangeListener): void;
  close(): Promise<void>;
}

/** The feed as the projector of this process sees it, which tells it ahead of the notification. */
export interface ToldChangeFeed extends ChangeFeed {
  told(change: Change): void;
}

export interface ChangeFeedOptions {
  /** Of the primary; takes one connection of it for good. */
  readonly pool: Pool;
  readonly log: Log;
  readonly monotonicMs?: () => number;
}

/**
 * Hears of changes over a connection of its own. Each change says after which position it follows: where one is missing,
 * and whenever the connection is made anew, all may have changed.
 */
export function followChanges(options: ChangeFeedOptions): ToldChangeFeed {
  const { pool, log, monotonicMs = () => performance.now() } = options;
  const listeners: ChangeListener[] = [];
  let hears = false;
  let upTo: Position | null = null;
  let aliveAtMs = Number.NEGATIVE_INFINITY;

  const tellAll = (events: readonly string[] | null, position: Position) => {
    for (const listener of listeners) listener.changed(events, position);
  };

  function told({ after, upTo: position, events }: Change): void {
    if (upTo !== null && position <= upTo) return;
    const isGapless = upTo !== null && (after === null || after <= upTo);
    upTo = position;
    tellAll(isGapless ? events : null, position);
  }

  const hearing = hearNotifications({
    pool,
    channel: CHANGES_CHANNEL,
    log,
    onNotification(payload) {
      const change = parseChange(payload);
      if (change !== "rebuilt") return told(change);
      for (const listener of listeners) listener.rebuilt();
    },
    async onListening() {
      const standings = (await readStandings(pool)).filter(({ name }) => HOT_MODELS.includes(name));
      const now = standings.reduce<Position>((least, { checkpoint }) => {
        return (checkpoint ?? 0n) < least ? (checkpoint ?? 0n) : least;
      }, standings[0]?.checkpoint ?? 0n);
      if (upTo === null || now > upTo) upTo = now;
      tellAll(null, upTo);
      aliveAtMs = monotonicMs();
      hears = true;
    },
    onAlive() {
      aliveAtMs = monotonicMs();
    },
    onLost() {
      hears = false;
    },
  });

  return {
    get hears() {
      return hears;
    },
    get upTo() {
      return upTo;
    },
    heardUntilMs: () => (hears ? monotonicMs() : aliveAtMs),
    told,
    follow: (listener) => void listeners.push(listener),
    close: () => hearing.close(),
  };
}
