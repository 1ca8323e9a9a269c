/** What a decider answers: events to record, or a refusal with a stable code. Refusals are values, not exceptions. */
export type Decision<Event, Code extends string = string> = Accepted<Event> | Refused<Code>;

export interface Accepted<Event> {
  readonly accepted: true;
  /** What to record, in order; empty when the wish is fulfilled already. */
  readonly events: readonly Event[];
}

export interface Refused<Code extends string = string> {
  readonly accepted: false;
  readonly code: Code;
  /** Facts that belong to the refusal, e.g. `{ available: 3 }`; shown to clients beside the code. */
  readonly details: Readonly<Record<string, unknown>>;
}

export const accept = <Event>(...events: readonly Event[]): Accepted<Event> => ({ accepted: true, events });

export const refuse = <Code extends string>(code: Code, details: Refused["details"] = {}): Refused<Code> => ({
  accepted: false,
  code,
  details,
});

/**
 * The rules of one kind of aggregate. Pure: no clock, no random, no I/O; time and ids come in with the command.
 *
 * A state may hold {@link StagedMap}s, which `evolve` changes in place and which the runner commits or rolls back as a
 * whole (`stagedIn`); everything else in it is immutable.
 */
export interface Decider<State, Command, Event extends { readonly type: string }> {
  initialState(): State;
  decide(command: Command, state: State): Decision<Event>;
  evolve(state: State, event: Event): State;
  /** The staged tables of a state; none for a state that is immutable throughout. */
  stagedIn(state: State): readonly Staged[];
}

/** Something whose changes can be kept or dropped as a whole. */
export interface Staged {
  commit(): void;
  rollback(): void;
}
