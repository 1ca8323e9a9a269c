import { CommandRunner, type CommandRunnerOptions, type Untimed } from "../../src/commands/command-runner.ts";
import type { CommandContext, Outcome } from "../../src/commands/outcome.ts";
import type { Snapshot, SnapshotStore } from "../../src/commands/snapshots.ts";
import { sha256 } from "../../src/eventstore/envelope.ts";
import type { NewEvent, StoredEvent } from "../../src/eventstore/port.ts";
import type { Log } from "../../src/ports.ts";
import { MemoryEventStore } from "../support/memory-event-store.ts";
import { type ControlledSurroundings, controlledSurroundings, settled } from "../support/surroundings.ts";
import { type Ledger, type LedgerCommand, type LedgerEvent, ledger } from "./ledger.ts";

export const STREAM = "ledger-1";

type LedgerOptions = CommandRunnerOptions<Ledger, LedgerCommand, LedgerEvent>;

/** A runner of ledgers on a store in memory, with all around it under control. */
export interface LedgerBench {
  readonly store: MemoryEventStore;
  readonly surroundings: ControlledSurroundings;
  readonly log: CollectedLog;
  readonly runner: CommandRunner<Ledger, LedgerCommand, LedgerEvent>;
  /** Sends a command to {@link STREAM}; without a key unless one is named. */
  send(command: Untimed<LedgerCommand>, sent?: Sent): Tracked<Outcome<LedgerEvent>>;
  /** Names in the order in which they stand in the log, `-` before those that were erased. */
  written(): string[];
}

export interface Sent {
  readonly key?: string;
  /** In place of the hash of `key`. */
  readonly keyHash?: string;
  readonly body?: string;
  readonly lane?: "first" | "normal";
  readonly stream?: string;
}

interface LedgerBenchOptions extends Partial<LedgerOptions> {
  /** The store in memory, when it is another bench's. */
  readonly memory?: MemoryEventStore;
}

let benches = 0;

/** Another bench on the same `memory` is another node. */
export function ledgerBench(options: LedgerBenchOptions = {}): LedgerBench {
  benches += 1;
  const { memory: store = new MemoryEventStore() } = options;
  const surroundings = (options.surroundings as ControlledSurroundings | undefined) ?? controlledSurroundings(benches);
  const log = collectedLog();
  const runner = new CommandRunner({ decider: ledger, log, store, ...options, surroundings });
  return {
    store,
    surroundings,
    log,
    runner,
    send: (command, sent = {}) =>
      tracked(runner.run(sent.stream ?? STREAM, command, context(surroundings, sent), sent.lane)),
    written: () => written(store.eventsOf(STREAM)),
  };
}

export const write = (name: string, more: { parts?: number; bytes?: number } = {}): Untimed<LedgerCommand> => ({
  type: "Write",
  name,
  ...more,
});

export const erase = (name: string): Untimed<LedgerCommand> => ({ type: "Erase", name });

/** A context as a request would bring it. */
export function context({ newId }: { newId: () => string }, sent: Sent = {}): CommandContext {
  const { key, keyHash = key === undefined ? undefined : sha256(key), body = "{}" } = sent;
  const requestId = newId();
  return {
    actor: { account: "acc_1", role: "customer" },
    commandId: newId(),
    correlationId: requestId,
    causationId: null,
    requestId,
    idempotency: keyHash === undefined ? null : { keyHash, bodyHash: sha256(body) },
  };
}

export const written = (events: readonly NewEvent[]): string[] =>
  events.map(({ type, data }) => {
    const { name } = JSON.parse(data) as { name: string };
    return type === "Erased" ? `-${name}` : name;
  });

/** Writes as another node would, past whatever is scripted for this one. */
export async function foreignWrite(memory: MemoryEventStore, name: string, sent: Sent = {}): Promise<StoredEvent> {
  await ledgerBench({ memory, store: memory.elsewhere }).send(write(name), sent).promise;
  return memory.eventsOf(STREAM).at(-1) as StoredEvent;
}

/** As {@link foreignWrite}, the other way round. */
export async function foreignErase(memory: MemoryEventStore, name: string): Promise<void> {
  await ledgerBench({ memory, store: memory.elsewhere }).send(erase(name)).promise;
}

/** A promise that can be asked whether it is settled. */
export interface Tracked<Value> {
  readonly promise: Promise<Value>;
  readonly state: "pending" | "resolved" | "rejected";
  /** @throws when it has not resolved */
  readonly value: Value;
  /** @throws when it was not rejected */
  readonly error: Error;
}

export function tracked<Value>(promise: Promise<Value>): Tracked<Value> {
  let settledAs: { value: Value } | { error: Error } | null = null;
  promise.then(
    (value) => {
      settledAs = { value };
    },
    (error: Error) => {
      settledAs = { error };
    },
  );
  return {
    promise,
    get state() {
      if (settledAs === null) return "pending";
      return "value" in settledAs ? "resolved" : "rejected";
    },
    get value() {
      if (settledAs === null) throw new Error("pending");
      if ("error" in settledAs) throw settledAs.error;
      return settledAs.value;
    },
    get error() {
      if (settledAs === null || "value" in settledAs) throw new Error("it did not fail");
      return settledAs.error;
    },
  };
}

export const all = async <Value>(sent: readonly Tracked<Value>[]): Promise<Value[]> => {
  await settled();
  return sent.map((one) => one.value);
};

/** Snapshots as the newest written of each stream, through JSON as a real store has them. */
export interface MemorySnapshots extends SnapshotStore {
  readonly texts: Map<string, string>;
  saves: number;
}

export function memorySnapshots(): MemorySnapshots {
  const texts = new Map<string, string>();
  return {
    texts,
    saves: 0,
    async load(stream, stateVersion) {
      const text = texts.get(stream);
      const snapshot = text === undefined ? null : (JSON.parse(text) as Snapshot);
      return snapshot?.stateVersion === stateVersion ? snapshot : null;
    },
    async save(snapshot) {
      this.saves += 1;
      texts.set(snapshot.stream, JSON.stringify(snapshot));
    },
    async discard(stream) {
      texts.delete(stream);
    },
  };
}

export interface CollectedLog extends Log {
  readonly warnings: readonly string[];
}

export function collectedLog(): CollectedLog {
  const warnings: string[] = [];
  const note = (_: object, message: string): void => void warnings.push(message);
  return { warnings, info() {}, warn: note, error: note };
}
