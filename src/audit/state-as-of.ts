import microdiff from "microdiff";
import type { Decider } from "../domain/decision.ts";
import { type DomainEventShape, decode } from "../eventstore/envelope.ts";
import { pagesOf } from "../eventstore/pages.ts";
import type { EventStore } from "../eventstore/port.ts";
import { type Instant, lastEventAt } from "./instant.ts";
import { type AuditedEvent, audited } from "./recorded-events.ts";

/** What commands would have decided on at an instant, and the event that it came about by. */
export interface StateAsOf<State> {
  readonly state: State;
  readonly last: AuditedEvent;
}

/** One field that differs between two states. */
export interface Difference {
  /** JSON Pointer (RFC 6901) into the state, e.g. `/payment/status`. */
  readonly path: string;
  /** Absent: it was not there. */
  readonly before?: unknown;
  /** Absent: it is not there any more. */
  readonly after?: unknown;
}

/**
 * The state of a short stream's aggregate as of an instant, replayed from the log; null where the stream was not there yet.
 * @throws StoreUnavailable
 */
export async function stateAsOf<State, Command, Event extends DomainEventShape>(
  store: Pick<EventStore, "read">,
  stream: string,
  { initialState, evolve }: Pick<Decider<State, Command, Event>, "initialState" | "evolve">,
  instant: Instant,
): Promise<StateAsOf<State> | null> {
  const last = await lastEventAt(store, stream, instant);
  if (last === null) return null;
  let state = initialState();
  for await (const page of pagesOf(store, stream, 0)) {
    for (const stored of page) {
      if (stored.revision <= last.revision) state = evolve(state, decode<Event>(stored).event);
    }
    if ((page.at(-1)?.revision ?? 0) >= last.revision) break;
  }
  return { state, last: audited(last) };
}

/**
 * What differs between two states, in no order that means anything; null stands for a state before there was any.
 */
export const differences = (before: object | null, after: object | null): readonly Difference[] =>
  microdiff(plain(before), plain(after), { cyclesFix: false }).map((found) => ({
    path: found.path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""),
    ...(found.type === "CREATE" ? {} : { before: found.oldValue }),
    ...(found.type === "REMOVE" ? {} : { after: found.value }),
  }));

/** As JSON has it: what is undefined is not there. */
const plain = (state: object | null): Record<string, unknown> =>
  state === null ? {} : (JSON.parse(JSON.stringify(state)) as Record<string, unknown>);
