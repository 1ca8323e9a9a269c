import { type DomainEventShape, decode, type RecordedEvent } from "../eventstore/envelope.ts";
import type { EventStore, Position } from "../eventstore/port.ts";
import type { Surroundings } from "../ports.ts";
import type { Aggregate } from "./aggregate.ts";
import { KEY_WINDOW_MS } from "./key-window.ts";
import { KeyReused, type Recorded } from "./outcome.ts";
import type { Waiting } from "./queue.ts";

/** Asks beyond the key window: the revision that answered the key at or below `upTo`, or null. */
export type FindOlderKey = (stream: string, keyHash: string, upTo: number) => Promise<number | null>;

export interface EarlierAnswers {
  readonly store: EventStore;
  readonly surroundings: Surroundings;
  readonly findOlderKey: FindOlderKey;
}

/**
 * Answers the commands whose key was answered before, from the event that did; gives back the others.
 * @throws ClockLost before anything was asked
 */
export async function answerRepeats<State, Command, E extends DomainEventShape>(
  batch: readonly Waiting<Command, E>[],
  aggregate: Aggregate<State, Command, E>,
  answers: EarlierAnswers,
): Promise<readonly Waiting<Command, E>[]> {
  const nowMs = answers.surroundings.clock.nowMs();
  const lookups = batch.map((waiting) => earlierAnswer(waiting, aggregate, answers, nowMs));
  if (lookups.every((lookup) => lookup === null)) return batch;
  const repeats = await Promise.allSettled(lookups);
  return batch.filter((waiting, index) => {
    const lookup = repeats[index];
    if (lookup?.status === "rejected") waiting.reject(lookup.reason);
    else if (lookup?.value == null) return true;
    else answerWith(lookup.value, waiting, lookup.value.stored.position);
    return false;
  });
}

/** The first answer again, if it was to the same body. */
export function answerWith<Command, E extends DomainEventShape>(
  earlier: RecordedEvent<E>,
  { context, resolve, reject }: Waiting<Command, E>,
  position: Position,
): void {
  if (earlier.envelope.bodyHash === context.idempotency?.bodyHash) resolve(recorded([earlier], position, true));
  else reject(new KeyReused("the key was used before with another body"));
}

export const recorded = <E extends DomainEventShape>(
  events: readonly RecordedEvent<E>[],
  position: Position,
  replayed: boolean,
): Recorded<E> => ({ accepted: true, events, position, replayed });

/** null at once where nothing has to be asked: the hot path makes no promises. */
function earlierAnswer<State, Command, E extends DomainEventShape>(
  waiting: Waiting<Command, E>,
  aggregate: Aggregate<State, Command, E>,
  answers: EarlierAnswers,
  nowMs: number,
): Promise<RecordedEvent<E> | null> | null {
  const keyHash = waiting.context.idempotency?.keyHash;
  if (keyHash === undefined) return null;
  const { stream, keys } = aggregate;
  const revision = keys.find(keyHash);
  if (revision !== undefined) {
    return revision === waiting.otherRevision ? null : answerAt(stream, revision, waiting, answers.store, nowMs);
  }
  const forgotten = waiting.olderKeysAsked ? null : keys.forgotten(nowMs);
  return forgotten === null ? null : olderAnswer(stream, keyHash, forgotten, waiting, answers, nowMs);
}

async function olderAnswer<Command, E extends DomainEventShape>(
  stream: string,
  keyHash: string,
  upTo: number,
  waiting: Waiting<Command, E>,
  { store, findOlderKey }: EarlierAnswers,
  nowMs: number,
): Promise<RecordedEvent<E> | null> {
  const revision = await findOlderKey(stream, keyHash, upTo);
  waiting.olderKeysAsked = true;
  return revision === null ? null : answerAt(stream, revision, waiting, store, nowMs);
}

/** The event at the revision, if it did answer this key within the window. */
async function answerAt<Command, E extends DomainEventShape>(
  stream: string,
  revision: number,
  waiting: Waiting<Command, E>,
  store: EventStore,
  nowMs: number,
): Promise<RecordedEvent<E> | null> {
  const [stored] = await store.read(stream, { from: revision, direction: "forwards", maxCount: 1 });
  const earlier = stored === undefined ? null : decode<E>(stored);
  if (
    earlier !== null &&
    earlier.envelope.keyHash === waiting.context.idempotency?.keyHash &&
    nowMs - Date.parse(earlier.envelope.at) < KEY_WINDOW_MS
  ) {
    return earlier;
  }
  waiting.otherRevision = revision;
  return null;
}
