import { LRUCache } from "lru-cache";
import type { Decider } from "../domain/decision.ts";
import type { DomainEventShape } from "../eventstore/envelope.ts";
import type { EventStore } from "../eventstore/port.ts";
import type { Log, Surroundings } from "../ports.ts";
import { type Aggregate, processContext } from "./aggregate.ts";
import type { FindOlderKey } from "./earlier-answers.ts";
import { load } from "./loading.ts";
import {
  DEFAULT_LIMITS,
  Mailbox,
  type MailboxDependencies,
  type MailboxLimits,
  type Recalled,
  type See,
} from "./mailbox.ts";
import { Busy, type CommandContext, type Outcome } from "./outcome.ts";
import type { Lane } from "./queue.ts";
import type { SnapshotFormat, SnapshotStore } from "./snapshots.ts";
import type { StreamTurns } from "./stream-turns.ts";

/** A command without the time it is decided at, which the runner adds. */
export type Untimed<Command> = Command extends unknown ? Omit<Command, "atMs"> : never;

export interface CommandRunnerOptions<State, Command extends { readonly atMs: number }, E extends DomainEventShape> {
  readonly store: EventStore;
  readonly surroundings: Surroundings;
  readonly log: Log;
  readonly decider: Decider<State, Command, E>;
  readonly snapshots?: {
    readonly store: SnapshotStore;
    readonly format: SnapshotFormat<State>;
    readonly terms?: SnapshotTerms | undefined;
  };
  readonly limits?: Partial<MailboxLimits> | undefined;
  /** What an aggregate does of itself at the beginning of each batch. */
  readonly housekeeping?: Untimed<Command>;
  /** Asks for keys that the key window had to forget; see {@link Mailbox}. */
  readonly findOlderKey?: FindOlderKey;
  /** For streams that several nodes write to at the same time. */
  readonly turns?: StreamTurns | undefined;
  /** Aggregates kept in memory, by what they weigh together in entries of about 100 bytes. */
  readonly maxCachedEntries?: number | undefined;
  /** What a state weighs, in entries; what its snapshot format says, or next to nothing, when it isn't given. */
  readonly entriesOf?: (state: State) => number;
  /** Streams that may have commands waiting at the same time. */
  readonly maxBusyStreams?: number;
}

const SWEEP_MS = 250;

/** When a snapshot is taken while commands run. */
export interface SnapshotTerms {
  /** Events after which one of a small aggregate is worth it; larger ones wait until a quarter of them changed. */
  readonly events: number;
  /** Writing a large one takes some 50 ms of this process, so they are far apart; replaying what came since takes a second. */
  readonly everyMs: number;
}

const SNAPSHOT_TERMS: SnapshotTerms = { events: 5_000, everyMs: 10_000 };
/** At closing, fewer are not worth a write: reading them again takes a few milliseconds. */
const CLOSING_SNAPSHOT_EVENTS = 500;

/** What the runner has to say about itself, for metrics. */
export interface RunnerFigures {
  readonly busyStreams: number;
  readonly waitingCommands: number;
  readonly waitingInLanes: Readonly<Record<Lane, number>>;
  /** Of the stream where most commands wait. */
  readonly deepest: number;
  readonly batches: number;
  readonly commands: number;
}

/**
 * Runs commands of one kind of aggregate: one {@link Mailbox} a stream, made when a command comes and kept, within
 * bounds, for the next. Correct with any number of processes: the expected revision decides.
 */
export class CommandRunner<State, Command extends { readonly atMs: number }, E extends DomainEventShape> {
  readonly #options: CommandRunnerOptions<State, Command, E>;
  readonly #busy = new Map<string, Mailbox<State, Command, E>>();
  readonly #idle: LRUCache<string, Mailbox<State, Command, E>>;
  readonly #snapshotAt = new WeakMap<Aggregate<State, Command, E>, number>();
  readonly #saving = new Set<Promise<void>>();
  #lastSnapshotMs = Number.NEGATIVE_INFINITY;
  #batches = 0;
  #commands = 0;
  #closed = false;
  #sweeping = false;
  /** Resolves when, after closing, nothing is under way any more. */
  readonly #quiet = Promise.withResolvers<void>();

  constructor(options: CommandRunnerOptions<State, Command, E>) {
    this.#options = options;
    const maxSize = options.maxCachedEntries ?? 2_000_000;
    // What is larger than the whole cache would not be kept at all, and loaded anew for every command.
    this.#idle = new LRUCache({ maxSize, sizeCalculation: (mailbox) => Math.min(this.#weigh(mailbox), maxSize) });
  }

  /**
   * Runs a command on a stream's aggregate; resolves when what came of it is durable, or when it was refused.
   *
   * @throws Busy too much is waiting; it was not run
   * @throws KeyReused the idempotency key was used with another body
   * @throws StoreUnavailable nothing was recorded
   * @throws OutcomeUnknown it may yet be recorded: ask again with the same key
   * @throws ClockLost nothing may be decided at the moment
   */
  run(stream: string, command: Untimed<Command>, context: CommandContext, lane: Lane = "normal"): Promise<Outcome<E>> {
    const mailbox = this.#busyMailbox(stream);
    if (mailbox instanceof Busy) return Promise.reject(mailbox); // not async: the hot path makes no promise more
    return mailbox.submit((atMs) => timed<Command>(command, atMs), context, lane);
  }

  /**
   * Shows a stream's state as it is on record, at a moment after the call; what is kept of it must be copied.
   * @throws Busy, StoreUnavailable, ClockLost
   */
  async look<Seen>(stream: string, see: See<State, Seen>, lane: Lane = "normal"): Promise<Seen> {
    const mailbox = this.#busyMailbox(stream);
    if (mailbox instanceof Busy) throw mailbox;
    return mailbox.look(see, processContext("look", this.#options.surroundings.newId), lane);
  }

  /**
   * Finds the answer that the context's key got before, or shows the state where it got none.
   * @throws KeyReused, Busy, StoreUnavailable, ClockLost
   */
  async recall<Seen>(stream: string, see: See<State, Seen>, context: CommandContext): Promise<Recalled<E, Seen>> {
    const mailbox = this.#busyMailbox(stream);
    if (mailbox instanceof Busy) throw mailbox;
    return mailbox.recall(see, context, "normal");
  }

  /** Loads aggregates ahead of their first command, one after the other, until the signal aborts. */
  async warm(streams: readonly string[], signal: AbortSignal): Promise<void> {
    for (const stream of streams) {
      if (signal.aborted) return;
      const aggregate = await this.#load(stream);
      if (!this.#busy.has(stream) && !this.#idle.has(stream))
        this.#idle.set(stream, this.#newMailbox(stream, aggregate));
    }
  }

  figures(): RunnerFigures {
    const waitingInLanes = { first: 0, normal: 0 };
    let deepest = 0;
    for (const mailbox of this.#busy.values()) {
      waitingInLanes.first += mailbox.waitingIn("first");
      waitingInLanes.normal += mailbox.waitingIn("normal");
      deepest = Math.max(deepest, mailbox.waiting);
    }
    const waitingCommands = waitingInLanes.first + waitingInLanes.normal;
    const counted = { batches: this.#batches, commands: this.#commands };
    return { busyStreams: this.#busy.size, waitingCommands, waitingInLanes, deepest, ...counted };
  }

  /** Takes no more commands, finishes those under way and writes snapshots of what has changed; within `withinMs`. */
  async close(withinMs: number): Promise<void> {
    this.#closed = true;
    await Promise.race([this.#finish(), this.#options.surroundings.pause(withinMs)]);
  }

  async #finish(): Promise<void> {
    if (this.#busy.size > 0) await this.#quiet.promise;
    for (const { aggregate } of this.#idle.values()) {
      if (aggregate === null || this.#changesSinceSnapshot(aggregate) < CLOSING_SNAPSHOT_EVENTS) continue;
      await this.#takeSnapshot(aggregate); // one after the other: there may be thousands
    }
    await Promise.allSettled(this.#saving);
  }

  #busyMailbox(stream: string): Mailbox<State, Command, E> | Busy {
    if (this.#closed) return new Busy("shutting down");
    const busy = this.#busy.get(stream);
    if (busy !== undefined) return busy;
    if (this.#busy.size >= (this.#options.maxBusyStreams ?? 20_000)) return new Busy("too many streams are busy");
    const mailbox = this.#idle.get(stream) ?? this.#newMailbox(stream);
    this.#idle.delete(stream);
    this.#busy.set(stream, mailbox);
    if (!this.#sweeping) void this.#sweepWhileBusy();
    return mailbox;
  }

  #load(stream: string): Promise<Aggregate<State, Command, E>> {
    const { store, decider, log, snapshots = null } = this.#options;
    return load(stream, { store, decider, snapshots, log });
  }

  #newMailbox(stream: string, aggregate: Aggregate<State, Command, E> | null = null): Mailbox<State, Command, E> {
    const { store, surroundings, log, housekeeping, limits } = this.#options;
    const dependencies: MailboxDependencies<State, Command, E> = {
      store,
      surroundings,
      log,
      limits: { ...DEFAULT_LIMITS, ...limits },
      load: (name) => this.#load(name),
      housekeeping: housekeeping === undefined ? null : (atMs) => timed<Command>(housekeeping, atMs),
      findOlderKey: this.#options.findOlderKey ?? (async () => null),
      turns: this.#options.turns ?? null,
      onCommitted: (aggregate, commands) => this.#onCommitted(aggregate, commands),
      onIdle: (idle) => {
        this.#busy.delete(stream);
        if (idle.aggregate !== null) this.#idle.set(stream, idle);
        if (this.#closed && this.#busy.size === 0) this.#quiet.resolve();
      },
    };
    return new Mailbox(stream, dependencies, aggregate);
  }

  #onCommitted(aggregate: Aggregate<State, Command, E>, commands: number): void {
    this.#batches += 1;
    this.#commands += commands;
    const { snapshots } = this.#options;
    if (snapshots === undefined) return;
    const { events, everyMs } = snapshots.terms ?? SNAPSHOT_TERMS;
    const nowMs = this.#options.surroundings.monotonicMs();
    if (this.#saving.size > 0 || nowMs - this.#lastSnapshotMs < everyMs) return;
    const worthIt = Math.max(events, snapshots.format.size(aggregate.durable.state) / 4);
    if (this.#changesSinceSnapshot(aggregate) < worthIt) return;
    this.#lastSnapshotMs = nowMs;
    void this.#takeSnapshot(aggregate);
  }

  #changesSinceSnapshot(aggregate: Aggregate<State, Command, E>): number {
    return aggregate.durable.revision - (this.#snapshotAt.get(aggregate) ?? aggregate.restoredAt);
  }

  /** Writes a snapshot; a failure costs only time later and is not passed on. */
  async #takeSnapshot(aggregate: Aggregate<State, Command, E>): Promise<void> {
    const { snapshots, log } = this.#options;
    if (snapshots === undefined) return;
    this.#snapshotAt.set(aggregate, aggregate.durable.revision);
    const saving = save(aggregate, snapshots)
      .catch((error: unknown) => log.warn({ stream: aggregate.stream, err: error }, "snapshot not saved"))
      .finally(() => this.#saving.delete(saving));
    this.#saving.add(saving);
    await saving;
  }

  #weigh(mailbox: Mailbox<State, Command, E>): number {
    const { aggregate } = mailbox;
    if (aggregate === null) return 1;
    const { entriesOf = this.#options.snapshots?.format.size } = this.#options;
    return 100 + Math.ceil(entriesOf?.(aggregate.durable.state) ?? 0) + aggregate.keys.size;
  }

  /** Answers those who have waited too long, for as long as anybody waits. */
  async #sweepWhileBusy(): Promise<void> {
    this.#sweeping = true;
    while (this.#busy.size > 0) {
      await this.#options.surroundings.pause(SWEEP_MS);
      for (const mailbox of this.#busy.values()) mailbox.giveUpOnOld();
    }
    this.#sweeping = false;
  }
}

/** Writes down what is durable, before it first waits: nothing is staged at this moment. */
async function save<State, Command, E extends DomainEventShape>(
  aggregate: Aggregate<State, Command, E>,
  { store, format }: { readonly store: SnapshotStore; readonly format: SnapshotFormat<State> },
): Promise<void> {
  const { state, revision, lastEventId: eventId, lastHash: hash, lastAtMs: atMs } = aggregate.durable;
  if (eventId === null || hash === null) return;
  const { stream, keys } = aggregate;
  const written = { keys: keys.snapshot(), state: format.write(state) };
  await store.save({ stream, stateVersion: format.version, revision, eventId, hash, atMs, ...written });
}

const timed = <Command extends { readonly atMs: number }>(command: Untimed<Command>, atMs: number): Command =>
  ({ ...command, atMs }) as unknown as Command;
