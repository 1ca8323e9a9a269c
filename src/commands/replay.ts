import type { Decider } from "../domain/decision.ts";
import { decode } from "../eventstore/envelope.ts";
import type { EventStore } from "../eventstore/port.ts";

const PAGE = 4096;

/**
 * The state of a short stream's aggregate as the log has it now, without keeping it.
 * @throws StoreUnavailable
 */
export async function replay<State, Command, Event extends { readonly type: string; readonly data: unknown }>(
  store: EventStore,
  stream: string,
  decider: Decider<State, Command, Event>,
): Promise<State> {
  let state = decider.initialState();
  for (let from = 0; ; ) {
    const page = await store.read(stream, { from, direction: "forwards", maxCount: PAGE });
    for (const stored of page) state = decider.evolve(state, decode<Event>(stored).event);
    from += page.length;
    if (page.length < PAGE) return state;
  }
}
