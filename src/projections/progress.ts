import { setTimeout as sleep } from "node:timers/promises";
import type { Pool, PoolClient } from "pg";
import type { Position } from "../eventstore/port.ts";
import type { Log } from "../ports.ts";
import { PROJECTED_CHANNEL, readStandings } from "./registry.ts";

/** How far the read models have come, as far as this process knows; whoever waits for a position is woken. */
export interface Progress {
  /** Told by the projector of this process, ahead of the notification. */
  projected(names: readonly string[], checkpoint: Position): void;
  /**
   * Waits until all of these read models have reached the position.
   * @returns whether they have, within `timeoutMs`
   */
  reached(names: readonly string[], position: Position, timeoutMs: number): Promise<boolean>;
  close(): Promise<void>;
}

export interface ProgressOptions {
  /** Takes one connection of it for good. Not a replica: those don't pass notifications on. */
  readonly pool: Pool;
  readonly log: Log;
  /** While somebody waits, the table is looked at this often, in case a notification got lost. */
  readonly pollMs?: number;
}

const POLL_MS = 100;
const RECONNECT_MS = 1_000;
/** More than this many reads at once don't wait; they are told that the read model is behind. */
const MAX_WAITERS = 10_000;

interface Waiter {
  readonly names: readonly string[];
  readonly position: Position;
  readonly resolve: (reached: boolean) => void;
}

/** Starts listening to what projectors say, in whatever process they run. */
export function watchProgress(options: ProgressOptions): Progress {
  return new WatchedProgress(options);
}

class WatchedProgress implements Progress {
  readonly #options: ProgressOptions;
  readonly #checkpoints = new Map<string, Position>();
  readonly #waiters = new Set<Waiter>();
  readonly #stop = new AbortController();
  readonly #listening: Promise<void>;
  #polling = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#listening = this.#listen();
  }

  projected(names: readonly string[], checkpoint: Position): void {
    for (const name of names) {
      if (checkpoint > (this.#checkpoints.get(name) ?? -1n)) this.#checkpoints.set(name, checkpoint);
    }
    for (const waiter of this.#waiters) if (this.#isReached(waiter)) waiter.resolve(true);
  }

  reached(names: readonly string[], position: Position, timeoutMs: number): Promise<boolean> {
    if (this.#isReached({ names, position })) return Promise.resolve(true);
    if (this.#waiters.size >= MAX_WAITERS) return Promise.resolve(false);
    return new Promise((done) => {
      const resolve = (reached: boolean) => {
        clearTimeout(timeout);
        this.#waiters.delete(waiter);
        done(reached);
      };
      const waiter: Waiter = { names, position, resolve };
      const timeout = setTimeout(() => resolve(false), timeoutMs);
      this.#waiters.add(waiter);
      void this.#poll();
    });
  }

  async close(): Promise<void> {
    this.#stop.abort();
    for (const waiter of this.#waiters) waiter.resolve(false);
    await this.#listening;
  }

  #isReached({ names, position }: Pick<Waiter, "names" | "position">): boolean {
    return names.every((name) => (this.#checkpoints.get(name) ?? -1n) >= position);
  }

  /** One look at the table for all who wait, as long as somebody does. */
  async #poll(): Promise<void> {
    if (this.#polling) return;
    this.#polling = true;
    while (this.#waiters.size > 0 && !this.#stop.signal.aborted) {
      await this.#look();
      if (this.#waiters.size > 0) await this.#pause(this.#options.pollMs ?? POLL_MS);
    }
    this.#polling = false;
  }

  async #look(): Promise<void> {
    try {
      for (const { name, checkpoint } of await readStandings(this.#options.pool)) {
        if (checkpoint !== null) this.projected([name], checkpoint);
      }
    } catch (error) {
      this.#options.log.warn({ err: error }, "the read models' checkpoints cannot be read");
    }
  }

  async #listen(): Promise<void> {
    const { pool, log } = this.#options;
    while (!this.#stop.signal.aborted) {
      try {
        const client = await pool.connect();
        await this.#listenOn(client);
      } catch (error) {
        log.warn({ err: error }, "notifications of projectors are lost for now; polling goes on");
        await this.#pause(RECONNECT_MS);
      }
    }
  }

  /** Returns when stopped, throws when the connection breaks. */
  async #listenOn(client: PoolClient): Promise<void> {
    const broken = Promise.withResolvers<never>();
    broken.promise.catch(() => undefined);
    client.on("error", broken.reject);
    client.on("end", () => broken.reject(new Error("the connection was closed")));
    client.on("notification", ({ payload }) => this.#notified(payload));
    try {
      await client.query(`listen ${PROJECTED_CHANNEL}`);
      await Promise.race([broken.promise, aborted(this.#stop.signal)]);
    } finally {
      client.release(true);
    }
  }

  #notified(payload: string | undefined): void {
    const checkpoints = JSON.parse(payload ?? "{}") as Record<string, string>;
    for (const [name, checkpoint] of Object.entries(checkpoints)) this.projected([name], BigInt(checkpoint));
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
