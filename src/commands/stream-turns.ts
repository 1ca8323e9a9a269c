import type { Surroundings } from "../ports.ts";

/** The right to write to a stream next, among the nodes that ask for it. */
export interface Turn {
  /** Lets the next one have it; may be called again. */
  release(): void;
}

/**
 * Has the nodes that write to one stream do so one after the other, in the order in which they ask. It only saves
 * conflicts: what is appended without a turn, or after one was lost, is judged by its expected revision like everything.
 */
export interface StreamTurns {
  /** Waits for a turn, within bounds; null: it is not to be had. Never rejects. */
  take(stream: string): Promise<Turn | null>;
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
  async begin(): Promise<void> {
    if (this.isShared) await this.#take();
  }

  /** After {@link CONFLICTS_BEFORE_TURNS} conflicts in a row, and after each that follows. */
  async conflicted(): Promise<void> {
    this.#sharedUntilMs = this.#deps.surroundings.monotonicMs() + SHARED_FOR_MS;
    if (this.#turn === null) await this.#take();
    else await this.#pause(); // others write without turns
    if (this.#turn === null) await this.#pause();
  }

  /** What was found in the stream's tail, during a turn. */
  found(eventsOfOthers: number): void {
    if (eventsOfOthers > 0) this.#sharedUntilMs = this.#deps.surroundings.monotonicMs() + SHARED_FOR_MS;
  }

  /** After a batch, however it ended. */
  end(): void {
    this.#turn?.release();
    this.#turn = null;
  }

  async #take(): Promise<void> {
    const { turns, stream } = this.#deps;
    if (turns !== null) this.#turn = await turns.take(stream);
  }

  async #pause(): Promise<void> {
    const { pause, random } = this.#deps.surroundings;
    await pause(random() * MAX_PAUSE_MS);
  }
}
