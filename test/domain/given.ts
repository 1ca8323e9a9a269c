import { expect } from "vitest";
import type { Decider, Decision } from "../../src/domain/decision.ts";

/** A state's staged tables, kept. What `given` records is durable by the time a command comes. */
export function commit<State, Command, Event extends { readonly type: string }>(
  decider: Decider<State, Command, Event>,
  state: State,
): void {
  for (const staged of decider.stagedIn(state)) staged.commit();
}

/** The state that these events leave, all of them durable. */
export function stateOf<State, Command, Event extends { readonly type: string }>(
  decider: Decider<State, Command, Event>,
  events: readonly Event[],
): State {
  const state = events.reduce((before, event) => decider.evolve(before, event), decider.initialState());
  commit(decider, state);
  return state;
}

/** What may be said about the decision of a command. */
export interface Outcome<State, Event> {
  /** Exactly these events, in this order; none when the wish is fulfilled already. */
  then(...events: readonly Event[]): Afterwards<State>;
  /** Refused with this code and exactly these details. */
  thenRefused(code: string, details?: Readonly<Record<string, unknown>>): void;
}

export interface Afterwards<State> {
  /** The state that the events leave has these fields, among others. */
  leaving(fields: Partial<State>): void;
}

/** `given(events).when(command).then(events)` for one kind of aggregate. */
export function specsOf<State, Command, Event extends { readonly type: string }>(
  decider: Decider<State, Command, Event>,
) {
  return (...events: readonly Event[]) => ({
    when: (command: Command): Outcome<State, Event> => outcome(decider, stateOf(decider, events), command),
  });
}

function outcome<State, Command, Event extends { readonly type: string }>(
  decider: Decider<State, Command, Event>,
  state: State,
  command: Command,
): Outcome<State, Event> {
  const decision = decider.decide(command, state);
  expect(decider.decide(command, state), "deciding changed the state").toEqual(decision);
  return {
    // biome-ignore lint/suspicious/noThenProperty: the word of the grammar; nobody awaits an outcome
    then: (...events) => {
      expect(decision).toEqual({ accepted: true, events });
      return {
        leaving: (fields) => expect(events.reduce(decider.evolve, state)).toMatchObject(fields as object),
      };
    },
    thenRefused: (code, details = {}) => {
      expect(decision satisfies Decision<Event>).toEqual({ accepted: false, code, details });
    },
  };
}
