import type { Pool, PoolClient } from "pg";
import { decode } from "../eventstore/envelope.ts";
import type { Batch, EventStore, Position, StoredEvent } from "../eventstore/port.ts";
import { BOXOFFICE_PREFIXES } from "../eventstore/streams.ts";
import { type Lease, runUnderLease } from "../leases/lease.ts";
import { machineTiming } from "../leases/machine-timing.ts";
import type { Clock, Log, Timing } from "../ports.ts";
import type { Change } from "./hot-reads/changes.ts";
import type { Rest } from "./patience.ts";
import type { Projection } from "./projection.ts";
import { ReadAhead } from "./read-ahead.ts";
import { READ_MODELS } from "./read-models.ts";
import { rebuildOutdated } from "./rebuild.ts";
import { readStandings } from "./registry.ts";
import { Throughput } from "./throughput.ts";
import { projectBatch } from "./transaction.ts";

export const PROJECTOR_LEASE = "projector";

export interface ProjectorOptions {
  readonly store: EventStore;
  /** With room for two connections at a time; better not the one that serves requests, or they delay renewals. */
  readonly pool: Pool;
  readonly clock: Clock;
  /** Unique to this start of this process. */
  readonly holder: string;
  readonly log: Log;
  readonly projections?: readonly Projection[];
  /** Told of each checkpoint as soon as it is committed, with what it changed of what is read most. */
  readonly onProjected?: (names: readonly string[], checkpoint: Position, change: Change | null) => void;
  /** At most this many events in a transaction; they keep the event loop for about 10 microseconds each. */
  readonly maxBatch?: number;
  /** Transactions begin at least this far apart while little is waiting: fewer, larger ones cost less. */
  readonly pauseMs?: number;
  /** In place of `pauseMs`: a rest after work, whatever is waiting. For what can wait itself. */
  readonly rest?: Rest;
  /** {@link PROJECTOR_LEASE}, unless it is another projector's. */
  readonly leaseName?: string;
  /** Of the lease; see {@link LeaseTerms}. */
  readonly validMs?: number;
  readonly renewMs?: number;
  readonly timing?: Timing;
}

/** The projector of this process: at work while it holds the lease, else standing by. */
export interface Projector {
  /** What it is doing, for health and metrics. */
  status(): ProjectorStatus;
  /**
   * Age of the oldest event that has arrived here and is not yet projected, in milliseconds, also while projecting it
   * fails; 0 when caught up, and while another process projects.
   */
  lagMs(): number;
  /** Finishes the transaction under way and gives the lease back. */
  stop(): Promise<void>;
}

export interface ProjectorStatus {
  /** false: another process projects, or nobody can. */
  readonly active: boolean;
  readonly checkpoint: Position | null;
  readonly projectedEvents: number;
  readonly eventsPerSecond: number;
}

const MAX_BATCH = 2_000;
const PAUSE_MS = 25;
/** In a rush, when a transaction had this many events, the next begins later: a large one costs a third as much an event. */
const RUSH_EVENTS = 100;
const RUSH_PAUSE_MS = 120;
/** A checkpoint without events is worth a transaction only now and then. */
const IDLE_CHECKPOINT_MS = 5_000;

/** Starts projecting the log into the read models, or standing by for whoever does. */
export function startProjector(options: ProjectorOptions): Projector {
  const stop = new AbortController();
  const work = new ProjectorWork(options);
  const terms = { ...options, name: options.leaseName ?? PROJECTOR_LEASE, onStandby: () => work.standBy() };
  const stopped = runUnderLease(terms, stop.signal, (lease) => work.run(lease));
  return {
    status: () => work.status(),
    lagMs: () => work.lagMs(),
    stop() {
      stop.abort();
      return stopped;
    },
  };
}

class ProjectorWork {
  readonly #options: ProjectorOptions;
  readonly #projections: readonly Projection[];
  readonly #maxBatch: number;
  readonly #timing: Timing;
  readonly #throughput: Throughput;
  #active = false;
  #checkpoint: Position | null = null;
  #projectedEvents = 0;
  #ahead: ReadAhead | null = null;
  /** The first event of the transaction under way, or of the one that failed. */
  #oldest: StoredEvent | null = null;

  constructor(options: ProjectorOptions) {
    this.#options = options;
    this.#projections = options.projections ?? READ_MODELS;
    this.#maxBatch = options.maxBatch ?? MAX_BATCH;
    this.#timing = options.timing ?? machineTiming;
    this.#throughput = new Throughput(this.#timing.monotonicMs);
  }

  /** Follows the log from the checkpoint; returns when the lease's signal aborts, throws when anything else ends it. */
  async run(lease: Lease): Promise<void> {
    const { pool } = this.#options;
    this.#active = true;
    await rebuildOutdated({ ...this.#options, projections: this.#projections, signal: lease.signal });
    const client = await pool.connect();
    const subscription = new AbortController();
    const { signal: broken } = subscription;
    // A connection that breaks between two queries tells only this way. Postgres may have crashed and taken back what it
    // had not flushed: the work begins again at the checkpoint, and not only when something comes.
    const onBroken = (error: Error) => subscription.abort(error);
    client.on("error", onBroken);
    try {
      await this.#follow(client, lease, AbortSignal.any([lease.signal, broken]));
      broken.throwIfAborted();
    } finally {
      subscription.abort();
      this.#active = false;
      this.#oldest = this.#oldestPending();
      this.#ahead = null;
      client.release(true);
    }
  }

  async #follow(client: PoolClient, lease: Lease, signal: AbortSignal): Promise<void> {
    const { store } = this.#options;
    const { pause, monotonicMs } = this.#timing;
    this.#checkpoint = await this.#lowestCheckpoint(client);
    const source = store.subscribe({
      after: this.#checkpoint,
      streamPrefixes: BOXOFFICE_PREFIXES,
      maxBatch: this.#maxBatch,
      signal,
    });
    const ahead = new ReadAhead(source, 2 * this.#maxBatch, signal);
    this.#ahead = ahead;
    let begun = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      const batch = await ahead.next(this.#maxBatch);
      if (signal.aborted) return;
      if (batch === null) throw new Error("the subscription ended by itself");
      if (batch.events.length === 0 && monotonicMs() - begun < IDLE_CHECKPOINT_MS) continue;
      begun = monotonicMs();
      await this.#project(client, lease, batch);
      const { rest } = this.#options;
      const hasMuchToDo = ahead.size >= this.#maxBatch / 2;
      if (rest !== undefined) {
        await rest({ ms: monotonicMs() - begun, hasMuchToDo }, (ms) => pause(ms, signal));
        continue;
      }
      if (hasMuchToDo) continue;
      const pauseMs = this.#options.pauseMs ?? (batch.events.length < RUSH_EVENTS ? PAUSE_MS : RUSH_PAUSE_MS);
      await pause(Math.max(0, begun + pauseMs - monotonicMs()), signal);
    }
  }

  async #project(client: PoolClient, lease: Lease, batch: Batch): Promise<void> {
    this.#oldest = batch.events[0] ?? null;
    const change = await projectBatch(client, lease, this.#projections, batch);
    this.#checkpoint = batch.checkpoint;
    this.#oldest = null;
    this.#projectedEvents += batch.events.length;
    this.#throughput.add(batch.events.length);
    const names = this.#projections.map(({ name }) => name);
    this.#options.onProjected?.(names, batch.checkpoint, change);
  }

  async #lowestCheckpoint(client: PoolClient): Promise<Position | null> {
    const names = new Set(this.#projections.map(({ name }) => name));
    const standings = (await readStandings(client)).filter(({ name }) => names.has(name));
    if (standings.length < names.size) throw new Error("read models are not prepared");
    let lowest = standings[0]?.checkpoint ?? null;
    for (const { checkpoint } of standings) {
      if (checkpoint === null || lowest === null) return null;
      if (checkpoint < lowest) lowest = checkpoint;
    }
    return lowest;
  }

  /** Somebody else projects: what is not projected is for that one to say. */
  standBy(): void {
    this.#oldest = null;
  }

  #oldestPending(): StoredEvent | null {
    return this.#oldest ?? this.#ahead?.oldest ?? null;
  }

  lagMs(): number {
    const oldest = this.#oldestPending();
    if (oldest === null) return 0;
    return Math.max(0, this.#options.clock.nowMs() - Date.parse(decode(oldest).envelope.at));
  }

  status(): ProjectorStatus {
    return {
      active: this.#active,
      checkpoint: this.#checkpoint,
      projectedEvents: this.#projectedEvents,
      eventsPerSecond: this.#throughput.perSecond(),
    };
  }
}
