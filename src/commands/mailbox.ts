import type { Refused } from "../domain/decision.ts";
import type { DomainEventShape, RecordedEvent } from "../eventstore/envelope.ts";
import {
  type EventStore,
  InvalidAppend,
  MAX_APPEND_BYTES,
  type NewEvent,
  OutcomeUnknown,
  type Position,
  type Revision,
  StoreUnavailable,
  WrongExpectedRevision,
} from "../eventstore/port.ts";
import { ClockLost, type Log, type Surroundings } from "../ports.ts";
import { type Aggregate, type Proposal, processContext } from "./aggregate.ts";
import { appendUntilKnown } from "./append-until-known.ts";
import { answerRepeats, answerWith, type FindOlderKey, recorded } from "./earlier-answers.ts";
import { catchUp } from "./loading.ts";
import { Busy, type CommandContext, type Outcome, type Recorded } from "./outcome.ts";
import { CommandQueue, type Lane, type Waiting } from "./queue.ts";
import { CONFLICTS_BEFORE_TURNS, Contention, type StreamTurns } from "./stream-turns.ts";

export interface MailboxLimits {
  /** Commands that may wait for one stream; more are answered with {@link Busy}. */
  readonly maxWaiting: number;
  /** Commands decided in one batch. */
  readonly maxBatch: number;
  /** How long a command may wait before it is looked at; then {@link Busy}, and it is not run. */
  readonly maxWaitMs: number;
  /** How long an answer may wait for an append whose outcome is unknown; then {@link OutcomeUnknown}. */
  readonly maxOutcomeMs: number;
}

export const DEFAULT_LIMITS: MailboxLimits = {
  maxWaiting: 10_000,
  maxBatch: 500,
  maxWaitMs: 5_000,
  maxOutcomeMs: 10_000,
};

/** Room for the store's own framing of an append. */
const MAX_BATCH_BYTES = Math.floor(MAX_APPEND_BYTES * 0.9);

export interface MailboxDependencies<State, Command, E extends DomainEventShape> {
  readonly store: EventStore;
  readonly surroundings: Surroundings;
  readonly log: Log;
  readonly limits: MailboxLimits;
  readonly load: (stream: string) => Promise<Aggregate<State, Command, E>>;
  /** What the aggregate does of itself at the beginning of each batch, e.g. recording what is due. */
  readonly housekeeping: ((atMs: number) => Command) | null;
  readonly findOlderKey: FindOlderKey;
  /** With other nodes that write to the stream; null: there are none. */
  readonly turns: StreamTurns | null;
  /** Told after each durable batch. */
  readonly onCommitted: (aggregate: Aggregate<State, Command, E>, commands: number) => void;
  /** Told when nothing waits any more. */
  readonly onIdle: (mailbox: Mailbox<State, Command, E>) => void;
}

/**
 * What somebody looks at: the state, the time by the one clock (epoch milliseconds), and of its last event the revision
 * and the time (-1 and 0: there is none). What is kept of the state must be copied.
 */
export type See<State, Seen> = (state: State, atMs: number, revision: Revision, lastAtMs: number) => Seen;

/** The first answer to a key; or, where there is none, what was looked at. */
export type Recalled<E extends DomainEventShape, Seen> =
  | { readonly answer: Recorded<E>; readonly seen: undefined }
  | { readonly answer: null; readonly seen: Seen };

const NOTHING = { events: [], hashes: [], bytes: 0 } as const;

/** What a batch has decided for one of its commands. */
type Decided<Command, E extends DomainEventShape> = { readonly waiting: Waiting<Command, E> } & (
  | { readonly proposal: Proposal<E> }
  | { readonly refusal: Refused }
  | { readonly repeats: RecordedEvent<E> }
  | { readonly error: unknown }
);

interface DecidedBatch<Command, E extends DomainEventShape> {
  readonly decided: readonly Decided<Command, E>[];
  readonly events: readonly NewEvent[];
}

/**
 * Runs the commands of one stream, a batch at a time: all that wait are decided one after the other on the state in
 * memory, and their events go out in ONE append with the expected revision. While it is under way the next batch
 * gathers, so the hotter the stream, the larger the batches and the less each command costs.
 *
 * Nobody is answered before what the answer rests on is durable. An append that succeeded proves that the state was the
 * newest; a batch that records nothing reads the stream's tail instead, before its refusals go out.
 */
export class Mailbox<State, Command, E extends DomainEventShape> {
  readonly stream: string;
  readonly #deps: MailboxDependencies<State, Command, E>;
  readonly #queue = new CommandQueue<Command, E>();
  #inBatch: readonly Waiting<Command, E>[] = [];
  #batchSinceMs = 0;
  /** The batch that is durable and not answered yet. */
  #unanswered: { readonly decided: readonly Decided<Command, E>[]; readonly position: Position | null } | null = null;
  #aggregate: Aggregate<State, Command, E> | null;
  readonly #contention: Contention;
  #running = false;

  /** @param aggregate when it has been loaded already */
  constructor(
    stream: string,
    deps: MailboxDependencies<State, Command, E>,
    aggregate: Aggregate<State, Command, E> | null = null,
  ) {
    this.stream = stream;
    this.#deps = deps;
    this.#aggregate = aggregate;
    this.#contention = new Contention({ stream, ...deps });
  }

  waitingIn(lane: Lane): number {
    return this.#queue.lengthOf(lane);
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** The aggregate as it is in memory, if it is; only durable state may be taken from it. */
  get aggregate(): Aggregate<State, Command, E> | null {
    return this.#aggregate;
  }

  /**
   * @throws Busy too many wait, or it waited too long; it was not run
   * @throws KeyReused the idempotency key was used with another body
   * @throws StoreUnavailable nothing was recorded
   * @throws OutcomeUnknown it may yet be recorded: ask again with the same key
   */
  submit(command: (atMs: number) => Command, context: CommandContext, lane: Lane): Promise<Outcome<E>> {
    return this.#enqueue({ command, look: null }, context, lane);
  }

  /**
   * Shows the state as it is on record, at a moment after the call.
   * @throws Busy, StoreUnavailable, ClockLost
   */
  async look<Seen>(see: See<State, Seen>, context: CommandContext, lane: Lane): Promise<Seen> {
    const { seen } = await this.recall(see, context, lane);
    return seen as Seen;
  }

  /**
   * Finds the answer that the context's key got before, or shows the state where it got none.
   * @throws KeyReused, Busy, StoreUnavailable, ClockLost
   */
  async recall<Seen>(see: See<State, Seen>, context: CommandContext, lane: Lane): Promise<Recalled<E, Seen>> {
    let seen: Seen | undefined;
    const look = (state: unknown, atMs: number, revision: number, lastAtMs: number) => {
      seen = see(state as State, atMs, revision, lastAtMs);
    };
    const outcome = await this.#enqueue({ command: null, look }, context, lane);
    return outcome.accepted && outcome.replayed
      ? { answer: outcome, seen: undefined }
      : { answer: null, seen: seen as Seen };
  }

  #enqueue(
    wish: Pick<Waiting<Command, E>, "command" | "look">,
    context: CommandContext,
    lane: Lane,
  ): Promise<Outcome<E>> {
    if (this.#queue.length >= this.#deps.limits.maxWaiting) {
      return Promise.reject(new Busy(`${this.stream}: ${this.#queue.length} commands wait`));
    }
    return new Promise((resolve, reject) => {
      const sinceMs = this.#deps.surroundings.monotonicMs();
      this.#queue.push({
        ...wish,
        context,
        lane,
        sinceMs,
        resolve,
        reject,
        otherRevision: null,
        olderKeysAsked: false,
      });
      this.#start();
    });
  }

  /** Answers those who have waited too long. Called now and then by the owner of the mailboxes. */
  giveUpOnOld(): void {
    const { limits, surroundings } = this.#deps;
    const nowMs = surroundings.monotonicMs();
    for (const old of this.#queue.takeOlderThan(nowMs - limits.maxWaitMs)) {
      old.reject(new Busy(`${this.stream}: waited longer than ${limits.maxWaitMs} ms`));
    }
    if (this.#inBatch.length > 0 && nowMs - this.#batchSinceMs > limits.maxOutcomeMs) {
      for (const { reject } of this.#inBatch) reject(new OutcomeUnknown(`${this.stream}: no answer from the store`));
      this.#inBatch = [];
    }
  }

  #start(): void {
    if (this.#running) return;
    this.#running = true;
    // Not at once: what arrives in the same turn of the event loop shares the first append.
    this.#deps.surroundings.soon(() => void this.#run());
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      if (this.#contention.isShared) await this.#contention.begin(this.#known); // meanwhile the batch gathers
      this.#inBatch = this.#queue.take(this.#deps.limits.maxBatch);
      this.#batchSinceMs = this.#deps.surroundings.monotonicMs();
      try {
        await this.#runBatch();
      } catch (error) {
        this.#recover(error);
        for (const { reject } of this.#inBatch) reject(error);
      }
      this.#inBatch = [];
      this.#contention.end();
      if (this.#queue.length === 0) this.#answer(); // which may bring more
    }
    this.#running = false;
    this.#deps.onIdle(this);
  }

  /** Nothing of the batch was recorded: back to what is durable, or, after a fault of our own, to what the log says. */
  #recover(error: unknown): void {
    if (error instanceof StoreUnavailable || error instanceof ClockLost) this.#aggregate?.rollback();
    else this.#aggregate = null;
  }

  async #runBatch(): Promise<void> {
    let verified = this.#aggregate === null; // what is loaded now is as new as a look at the tail
    this.#aggregate ??= await this.#deps.load(this.stream);
    const aggregate = this.#aggregate;
    if (this.#contention.hasTurn) {
      const isRead = !this.#contention.hasTail;
      this.#contention.found(await this.#catchUp(aggregate));
      verified ||= isRead;
    }
    for (let conflicts = 0; ; ) {
      const fresh = await answerRepeats(this.#inBatch, aggregate, this.#deps);
      const decided = this.#decideAll(fresh, aggregate);
      this.#inBatch = fresh.slice(0, decided.decided.length);
      this.#queue.putBack(fresh.slice(decided.decided.length));
      if (fresh.length === 0) return aggregate.rollback();
      if (decided.events.length === 0 && !verified) {
        // Only refusals, or nothing to change: true only if nobody else has appended meanwhile.
        aggregate.rollback();
        await catchUp(aggregate, this.#deps.store);
        verified = true;
        continue;
      }
      const result = await this.#append(decided.events, aggregate);
      if (result !== "conflict") {
        this.#contention.end(); // the next node reads while this one answers
        aggregate.commit(result);
        this.#answerSoon(decided.decided, result ?? aggregate.position);
        this.#inBatch = [];
        this.#deps.onCommitted(aggregate, decided.decided.length);
        return;
      }
      aggregate.rollback();
      conflicts += 1;
      if (conflicts >= CONFLICTS_BEFORE_TURNS) await this.#contention.conflicted(aggregate.durable.revision);
      await this.#catchUp(aggregate);
      verified = true;
    }
  }

  get #known(): Revision | null {
    return this.#aggregate?.durable.revision ?? null;
  }

  /** By what came with the turn, if anything did. @returns how many events there were */
  #catchUp(aggregate: Aggregate<State, Command, E>): Promise<number> | number {
    const tail = this.#contention.takeTail(aggregate.durable.revision);
    if (tail === null) return catchUp(aggregate, this.#deps.store);
    for (const stored of tail) aggregate.apply(stored);
    return tail.length;
  }

  /**
   * Decides the commands in turn, each on what those before it leave, as many as fit into one append. None may fit
   * beside what housekeeping records, which then goes alone.
   */
  #decideAll(batch: readonly Waiting<Command, E>[], aggregate: Aggregate<State, Command, E>): DecidedBatch<Command, E> {
    const { surroundings } = this.#deps;
    const atMs = Math.max(surroundings.clock.nowMs(), aggregate.lastAtMs);
    const decided: Decided<Command, E>[] = [];
    const events: NewEvent[] = [];
    const answered = new Map<string, RecordedEvent<E>>();
    let bytes = 0;
    const keepHouse = this.#housekeep(aggregate, atMs);
    if (keepHouse !== null) {
      bytes += keepHouse.bytes;
      events.push(...keepHouse.events.map(({ stored }) => stored));
    }
    for (const waiting of batch) {
      const keyHash = waiting.context.idempotency?.keyHash;
      const earlier = keyHash === undefined ? undefined : answered.get(keyHash);
      if (earlier !== undefined) {
        decided.push({ waiting, repeats: earlier });
        continue;
      }
      const one = this.#decideOne(waiting, aggregate, atMs);
      if ("proposal" in one) {
        if (events.length > 0 && bytes + one.proposal.bytes > MAX_BATCH_BYTES) break;
        aggregate.stage(one.proposal);
        bytes += one.proposal.bytes;
        for (const { stored } of one.proposal.events) events.push(stored);
        const answer = one.proposal.events.at(-1);
        if (keyHash !== undefined && answer !== undefined) answered.set(keyHash, answer);
      }
      decided.push(one);
    }
    return { decided, events };
  }

  /** One command; a fault of its own is its own, the others of the batch go on. */
  #decideOne(waiting: Waiting<Command, E>, aggregate: Aggregate<State, Command, E>, atMs: number): Decided<Command, E> {
    try {
      waiting.look?.(aggregate.state, atMs, aggregate.revision, aggregate.lastAtMs);
      if (waiting.command === null) return { waiting, proposal: NOTHING };
      const decision = aggregate.decide(waiting.command(atMs));
      if (!decision.accepted) return { waiting, refusal: decision };
      const proposal = aggregate.propose(decision.events, waiting.context, atMs, this.#deps.surroundings.newId);
      if (proposal.bytes <= MAX_APPEND_BYTES) return { waiting, proposal };
      return { waiting, error: new InvalidAppend("too-large", `${proposal.bytes} bytes of one command`) };
    } catch (error) {
      return { waiting, error };
    }
  }

  #housekeep(aggregate: Aggregate<State, Command, E>, atMs: number): Proposal<E> | null {
    if (this.#deps.housekeeping === null) return null;
    const decision = aggregate.decide(this.#deps.housekeeping(atMs));
    if (!decision.accepted || decision.events.length === 0) return null;
    const { newId } = this.#deps.surroundings;
    const proposal = aggregate.propose(decision.events, processContext("housekeeping", newId), atMs, newId);
    if (proposal.bytes > MAX_BATCH_BYTES) {
      this.#deps.log.error({ stream: this.stream, bytes: proposal.bytes }, "housekeeping is too large for an append");
      return null;
    }
    aggregate.stage(proposal);
    return proposal;
  }

  /** @returns the position, null when there was nothing to append, or "conflict" */
  async #append(
    events: readonly NewEvent[],
    aggregate: Aggregate<State, Command, E>,
  ): Promise<Position | null | "conflict"> {
    if (events.length === 0) return null;
    const { revision } = aggregate.durable;
    try {
      const appended = appendUntilKnown(this.stream, events, revision < 0 ? "no-stream" : revision, this.#deps);
      if (this.#unanswered !== null) this.#deps.surroundings.soon(() => this.#answer());
      return (await appended).position;
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error;
      // A log that went back (restored from a backup) is not what is in memory: it has to be loaded anew.
      if ((error.actual ?? -1) < revision) throw new Busy(`${this.stream}: the log is behind what was read of it`);
      return "conflict";
    }
  }

  /**
   * The batch is durable. If commands wait, their append goes out first, so that the store works while the replies are
   * written; but whatever they have to wait for, the answers go out two turns of the event loop later.
   */
  #answerSoon(decided: readonly Decided<Command, E>[], position: Position | null): void {
    this.#answer();
    this.#unanswered = { decided, position };
    const { soon } = this.#deps.surroundings;
    soon(() => soon(() => this.#answer()));
  }

  #answer(): void {
    const batch = this.#unanswered;
    this.#unanswered = null;
    if (batch !== null) this.#settle(batch.decided, batch.position);
  }

  #settle(decided: readonly Decided<Command, E>[], position: Position | null): void {
    for (const one of decided) {
      const { waiting } = one;
      if ("error" in one) waiting.reject(one.error);
      else if ("refusal" in one) waiting.resolve(one.refusal);
      else if ("repeats" in one) answerWith(one.repeats, waiting, position ?? 0n);
      else waiting.resolve(recorded(one.proposal.events, position ?? 0n, false));
    }
  }
}
