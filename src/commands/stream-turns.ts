import type { Revision, StoredEvent } from "../eventstore/port.ts";
import type { Surroundings } from "../ports.ts";

/** The right to write to a stream next, among the nodes that ask for it. */
export interface Turn {
  /** What the stream had after the revision that was asked for, once it was this one's turn; null: it has to be read. */
  readonly tail: readonly StoredEvent[] | null;
  /** Lets the next one have it; may be called again. */
  release(): void;
}

/**
 * Has the nodes that write to one stream do so one after the other, in the order in which they ask. It only saves
 * conflicts: what is appended without a turn, or after one was lost, is judged by its expected revision like everything.
 */
export interface StreamTurns {
  /**
   * Waits for a turn, within bounds; null: it is not to be had. Never rejects.
   * @param after the revision that is known; null: nothing is, and what the stream has is not told
   */
  take(stream: string, after: Revision | null): Promise<Turn | null>;
}

/** After this many conflicts in a row a writer waits for its turn, so that others get theirs. */
export const CONFLICTS_BEFORE_TURNS = 2;
/** So long after another's events were last found, turns are taken before anything is decided. */
const SHARED_FOR_MS = 250;
/** Where no turn is to be had: a random pause, so that not all try again at the same time. */
const MAX_PAUSE_MS = 8;

export interface ContentionDependencies {
  readonly stream: string;
  /** null: there are none; conflicts are followed by random pauses. */
  readonly turns: StreamTurns | null;
  readonly surroundings: Pick<Surroundings, "monotonicMs" | "pause" | "random">;
}

/**
 * What one mailbox knows of other nodes that write to its stream. Alone it appends without asking anybody. Where it meets
 * others at each append, most of what everybody decides is decided for nothing, and who was fast once stays so: from then
 * on they take turns, read what the others wrote, and decide all that has gathered.
 */
export class Contention {
  readonly #deps: ContentionDependencies;
  #sharedUntilMs = Number.NEGATIVE_INFINITY;
  #turn: Turn | null = null;
  #tail: { readonly after: Revision; readonly events: readonly StoredEvent[] } | null = null;

  constructor(deps: ContentionDependencies) {
    this.#deps = deps;
  }

  /** Whether another node was at the stream a moment ago. */
  get isShared(): boolean {
    return this.#deps.turns !== null && this.#deps.surroundings.monotonicMs() < this.#sharedUntilMs;
  }

  /** Whether what is read of the stream's tail now stays its tail, as far as others take turns too. */
  get hasTurn(): boolean {
    return this.#turn !== null;
  }

  /** Before a batch: waits for a turn if the stream is shared. */
  async begin(known: Revision | null): Promise<void> {
    if (this.isShared) await this.#take(known);
  }

  /** After {@link CONFLICTS_BEFORE_TURNS} conflicts in a row, and after each that follows. */
  async conflicted(known: Revision): Promise<void> {
    this.#sharedUntilMs = this.#deps.surroundings.monotonicMs() + SHARED_FOR_MS;
    if (this.#turn === null) await this.#take(known);
    else await this.#pause(); // others write without turns
    if (this.#turn === null) await this.#pause();
  }

  /** Whether what the others wrote came with the turn: it is as old as that, and a command may be younger. */
  get hasTail(): boolean {
    return this.#tail !== null;
  }

  /** What came with the turn, once; null: what follows `known` has to be read. */
  takeTail(known: Revision): readonly StoredEvent[] | null {
    const tail = this.#tail;
    this.#tail = null;
    return tail?.after === known ? tail.events : null;
  }

  /** What was found in the stream's tail, during a turn. */
  found(eventsOfOthers: number): void {
    if (eventsOfOthers > 0) this.#sharedUntilMs = this.#deps.surroundings.monotonicMs() + SHARED_FOR_MS;
  }

  /** After a batch, however it ended. */
  end(): void {
    this.#turn?.release();
    this.#turn = null;
    this.#tail = null;
  }

  async #take(after: Revision | null): Promise<void> {
    const { turns, stream } = this.#deps;
    if (turns === null) return;
    this.#turn = await turns.take(stream, after);
    const events = this.#turn?.tail ?? null;
    this.#tail = events === null || after === null ? null : { after, events };
  }

  async #pause(): Promise<void> {
    const { pause, random } = this.#deps.surroundings;
    await pause(random() * MAX_PAUSE_MS);
  }
}
