import { CommandRunner, type CommandRunnerOptions, type Untimed } from "../../src/commands/command-runner.ts";
import type { CommandContext, Outcome } from "../../src/commands/outcome.ts";
import type { Log } from "../../src/commands/ports.ts";
import { sha256 } from "../../src/eventstore/envelope.ts";
import type { NewEvent, StoredEvent } from "../../src/eventstore/port.ts";
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
  readonly body?: string;
  readonly lane?: "first" | "normal";
  readonly stream?: string;
}

let benches = 0;

/** Another bench on the same `store` is another node. */
export function ledgerBench(options: Partial<LedgerOptions> & { readonly store?: MemoryEventStore } = {}): LedgerBench {
  benches += 1;
  const store = options.store ?? new MemoryEventStore();
  const surroundings = (options.surroundings as ControlledSurroundings | undefined) ?? controlledSurroundings(benches);
  const log = collectedLog();
  const runner = new CommandRunner({ decider: ledger, log, ...options, store, surroundings });
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
export function context({ newId }: { newId: () => string }, { key, body = "{}" }: Sent = {}): CommandContext {
  const requestId = newId();
  return {
    actor: { account: "acc_1", role: "customer" },
    commandId: newId(),
    correlationId: requestId,
    causationId: null,
    requestId,
    idempotency: key === undefined ? null : { keyHash: sha256(key), bodyHash: sha256(body) },
  };
}

export const written = (events: readonly NewEvent[]): string[] =>
  events.map(({ type, data }) => {
    const { name } = JSON.parse(data) as { name: string };
    return type === "Erased" ? `-${name}` : name;
  });

/** Appends as somebody else would: a writer that reads the stream and follows the rules of the chain. */
export async function foreignWrite(store: MemoryEventStore, name: string, sent: Sent = {}): Promise<StoredEvent> {
  const other = ledgerBench({ store });
  await other.send(write(name), sent).promise;
  return store.eventsOf(STREAM).at(-1) as StoredEvent;
}

/** As {@link foreignWrite}, the other way round. */
export async function foreignErase(store: MemoryEventStore, name: string): Promise<void> {
  await ledgerBench({ store }).send(erase(name)).promise;
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

export interface CollectedLog extends Log {
  readonly warnings: readonly string[];
}

export function collectedLog(): CollectedLog {
  const warnings: string[] = [];
  const note = (_: object, message: string): void => void warnings.push(message);
  return { warnings, info() {}, warn: note, error: note };
}
