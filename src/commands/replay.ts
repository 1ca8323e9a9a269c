import type { Decider } from "../domain/decision.ts";
import { type DomainEventShape, decode } from "../eventstore/envelope.ts";
import { pagesOf } from "../eventstore/pages.ts";
import type { EventStore } from "../eventstore/port.ts";

/**
 * The state of a short stream's aggregate as the log has it now, without keeping it.
 * @throws StoreUnavailable
 */
export async function replay<State, Command, Event extends DomainEventShape>(
  store: EventStore,
  stream: string,
  decider: Decider<State, Command, Event>,
): Promise<State> {
  let state = decider.initialState();
  for await (const page of pagesOf(store, stream, 0)) {
    for (const stored of page) state = decider.evolve(state, decode<Event>(stored).event);
  }
  return state;
}
