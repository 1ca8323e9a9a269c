import type { Decider, Decision } from "../domain/decision.ts";
import {
  type Actor,
  type DomainEventShape,
  decode,
  type Envelope,
  encode,
  eventHash,
  type RecordedEvent,
} from "../eventstore/envelope.ts";
import type { NewEvent, Position, Revision, StoredEvent } from "../eventstore/port.ts";
import { currentVersion } from "../eventstore/schema-versions.ts";
import { KeyWindow } from "./key-window.ts";
import type { CommandContext } from "./outcome.ts";

/** What of an aggregate changes with each event, apart from its staged tables. */
interface Head<State> {
  readonly state: State;
  /** Of the last event; -1 before the first. */
  readonly revision: Revision;
  readonly lastEventId: string | null;
  readonly lastHash: string | null;
  readonly lastAtMs: number;
}

/** A command's events, encoded and linked into the stream's hash chain, but not yet part of the aggregate. */
export interface Proposal<E extends DomainEventShape> {
  readonly events: readonly RecordedEvent<E>[];
  /** {@link eventHash} of each event. */
  readonly hashes: readonly string[];
  readonly bytes: number;
}

/**
 * One stream's aggregate in memory: the durable state and, staged on top of it, what a batch has decided so far.
 *
 * `decide` and `stage` build a batch; then `commit` keeps it (it is durable now) or `rollback` drops it at once.
 * `apply` takes in what others appended.
 */
export class Aggregate<State, Command, E extends DomainEventShape> {
  readonly stream: string;
  readonly #decider: Decider<State, Command, E>;
  #durable: Head<State>;
  #head: Head<State>;
  /** Position of the last durable event, where known. */
  position: Position | null = null;
  readonly keys: KeyWindow;
  /** The revision of the snapshot that it was restored from; -1 when it was replayed from the start. */
  readonly restoredAt: Revision;

  constructor(stream: string, decider: Decider<State, Command, E>, restored?: { head: Head<State>; keys: KeyWindow }) {
    this.stream = stream;
    this.#decider = decider;
    this.#durable = restored?.head ?? {
      state: decider.initialState(),
      revision: -1,
      lastEventId: null,
      lastHash: null,
      lastAtMs: 0,
    };
    this.#head = this.#durable;
    this.keys = restored?.keys ?? new KeyWindow();
    this.restoredAt = restored?.head.revision ?? -1;
  }

  /** State with what is staged. */
  get state(): State {
    return this.#head.state;
  }

  /** Of the last event, with what is staged; -1 before the first. */
  get revision(): Revision {
    return this.#head.revision;
  }

  get durable(): Head<State> {
    return this.#durable;
  }

  get lastAtMs(): number {
    return this.#head.lastAtMs;
  }

  decide(command: Command): Decision<E> {
    return this.#decider.decide(command, this.#head.state);
  }

  /** Writes the bytes of a decision's events as they would follow in the stream. Changes nothing. */
  propose(events: readonly E[], context: CommandContext, atMs: number, newId: () => string): Proposal<E> {
    const at = new Date(atMs).toISOString();
    const recorded: RecordedEvent<E>[] = [];
    const hashes: string[] = [];
    let { revision, lastHash } = this.#head;
    let bytes = 0;
    for (const [index, event] of events.entries()) {
      const answers = index === events.length - 1 ? context.idempotency : null;
      const envelope = envelopeOf(event, context, at, answers, lastHash);
      const encoded = encode(newId(), event, envelope);
      revision += 1;
      const stored = { ...encoded, stream: this.stream, revision, position: UNPLACED };
      lastHash = eventHash(stored);
      hashes.push(lastHash);
      bytes += sizeOf(encoded);
      recorded.push({ event, envelope, stored });
    }
    return { events: recorded, hashes, bytes };
  }

  /** Takes a proposal's events in, until they are committed or rolled back. */
  stage(proposal: Proposal<E>): void {
    for (const [index, recorded] of proposal.events.entries()) {
      this.#evolve(recorded, proposal.hashes[index] as string);
    }
  }

  /** What was staged is durable. */
  commit(position: Position | null): void {
    for (const staged of this.#decider.stagedIn(this.#head.state)) staged.commit();
    this.keys.commit();
    this.#durable = this.#head;
    if (position !== null) this.position = position;
  }

  /** What was staged is not going to be. */
  rollback(): void {
    for (const staged of this.#decider.stagedIn(this.#head.state)) staged.rollback();
    this.keys.rollback();
    this.#head = this.#durable;
  }

  /** Takes in an event from the log, the one after the last durable event. */
  apply(stored: StoredEvent): void {
    this.#evolve(decode<E>(stored), eventHash(stored));
    this.commit(stored.position);
  }

  #evolve({ event, envelope, stored }: RecordedEvent<E>, lastHash: string): void {
    const { revision } = stored;
    if (revision !== this.#head.revision + 1) {
      throw new Error(`${this.stream}: revision ${revision} after ${this.#head.revision}`);
    }
    const lastAtMs = Date.parse(envelope.at);
    if (envelope.keyHash !== null) this.keys.add(envelope.keyHash, revision, lastAtMs);
    const state = this.#decider.evolve(this.#head.state, event);
    this.#head = { state, revision, lastEventId: stored.id, lastHash, lastAtMs };
  }
}

/** Position of an event that is not in the log yet. */
const UNPLACED: Position = -1n;

function envelopeOf(
  event: DomainEventShape,
  context: CommandContext,
  at: string,
  answers: CommandContext["idempotency"],
  previousHash: string | null,
): Envelope {
  return {
    schemaVersion: currentVersion(event.type),
    at,
    actor: context.actor,
    commandId: context.commandId,
    correlationId: context.correlationId,
    causationId: context.causationId,
    requestId: context.requestId,
    keyHash: answers?.keyHash ?? null,
    bodyHash: answers?.bodyHash ?? null,
    previousHash,
  };
}

/** What an event weighs in an append. */
const sizeOf = (event: NewEvent): number =>
  Buffer.byteLength(event.data) + Buffer.byteLength(event.metadata) + event.type.length + event.id.length;

/** For steps that are the same however often they are taken, and that follow from the state rather than the body. */
export const unkeyed = (context: CommandContext): CommandContext => ({ ...context, idempotency: null });

/** The context of something that Boxoffice does by itself. */
export const processContext = (process: string, newId: () => string): CommandContext => {
  const commandId = newId();
  const actor: Actor = { process };
  return { actor, commandId, correlationId: commandId, causationId: null, requestId: null, idempotency: null };
};
