import {
  type AppendResult,
  type EventStore,
  type ExpectedRevision,
  InvalidAppend,
  type NewEvent,
  OutcomeUnknown,
  WrongExpectedRevision,
} from "../eventstore/port.ts";
import type { Log, Surroundings } from "../ports.ts";

const RESEND_PAUSE_MS = 100;

/**
 * Appends, and while the outcome is unknown sends the same bytes again, with the same ids, until it is known. Once an
 * outcome is unknown, no later failure makes it known: only an answer of the store does.
 *
 * @throws WrongExpectedRevision, InvalidAppend nothing of it is or will be recorded
 * @throws StoreUnavailable the first attempt did not reach the store
 */
export async function appendUntilKnown(
  stream: string,
  events: readonly NewEvent[],
  expected: ExpectedRevision,
  { store, surroundings, log }: { readonly store: EventStore; readonly surroundings: Surroundings; readonly log: Log },
): Promise<AppendResult> {
  for (let unknown = 0; ; unknown += 1) {
    try {
      return await store.append(stream, events, expected);
    } catch (error) {
      const answered = error instanceof WrongExpectedRevision || error instanceof InvalidAppend;
      if (answered || (unknown === 0 && !(error instanceof OutcomeUnknown))) throw error;
      if (unknown === 0) log.warn({ stream, err: error }, "outcome of an append unknown: sending again");
      await surroundings.pause(RESEND_PAUSE_MS);
    }
  }
}
