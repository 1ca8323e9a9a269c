import type { DomainEventShape } from "../eventstore/envelope.ts";
import type { Revision } from "../eventstore/port.ts";
import type { CommandContext, Outcome } from "./outcome.ts";

/**
 * Commands that give tickets back or settle what was sold go first: they make room for the others. The normal lane
 * still gets a quarter of every batch.
 */
export type Lane = "first" | "normal";

const FIRST_LANE_SHARE = 0.75;

/** A command that waits for its outcome. */
export interface Waiting<Command, E extends DomainEventShape> {
  /** null for one who only looks. */
  readonly command: ((atMs: number) => Command) | null;
  /** Shown the state in the command's turn; what it saw counts only once the outcome is there. */
  readonly look: ((state: unknown, atMs: number, revision: Revision, lastAtMs: number) => void) | null;
  readonly context: CommandContext;
  readonly lane: Lane;
  /** On the monotonic clock, when it came. */
  readonly sinceMs: number;
  readonly resolve: (outcome: Outcome<E>) => void;
  readonly reject: (error: unknown) => void;
  /** A revision that the key window took for its key's answer and that turned out to be another's, or too old. */
  otherRevision: Revision | null;
  /** The keys beyond the window have been asked about it. */
  olderKeysAsked: boolean;
}

/** The commands of one stream that nobody has looked at yet, in two lanes, first come first served in each. */
export class CommandQueue<Command, E extends DomainEventShape> {
  readonly #lanes: Record<Lane, Waiting<Command, E>[]> = { first: [], normal: [] };
  /** An append was full before it came to the normal lane's share: that lane begins the next batch. */
  #normalIsNext = false;
  #normalBegan = false;

  get length(): number {
    return this.#lanes.first.length + this.#lanes.normal.length;
  }

  lengthOf(lane: Lane): number {
    return this.#lanes[lane].length;
  }

  push(waiting: Waiting<Command, E>): void {
    this.#lanes[waiting.lane].push(waiting);
  }

  /** Puts back what did not fit into a batch, before everything else. */
  putBack(waiting: readonly Waiting<Command, E>[]): void {
    for (const lane of ["first", "normal"] as const) {
      this.#lanes[lane].unshift(...waiting.filter((entry) => entry.lane === lane));
    }
    if (!this.#normalBegan && waiting.some((entry) => entry.lane === "normal")) this.#normalIsNext = true;
  }

  /** Takes up to `max` commands for a batch. */
  take(max: number): Waiting<Command, E>[] {
    const { first, normal } = this.#lanes;
    const reserved = Math.min(normal.length, Math.floor(max * (1 - FIRST_LANE_SHARE)));
    const fromFirst = first.splice(0, max - reserved);
    const fromNormal = normal.splice(0, max - fromFirst.length);
    this.#normalBegan = this.#normalIsNext;
    this.#normalIsNext = false;
    return this.#normalBegan ? [...fromNormal, ...fromFirst] : [...fromFirst, ...fromNormal];
  }

  /** Takes out all that came before `sinceMs`. */
  takeOlderThan(sinceMs: number): Waiting<Command, E>[] {
    const old: Waiting<Command, E>[] = [];
    for (const lane of ["first", "normal"] as const) {
      const entries = this.#lanes[lane];
      const young = entries.findIndex((entry) => entry.sinceMs >= sinceMs);
      old.push(...entries.splice(0, young < 0 ? entries.length : young));
    }
    return old;
  }
}
