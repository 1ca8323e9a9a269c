import type { Decider } from "../domain/decision.ts";
import type { DomainEventShape } from "../eventstore/envelope.ts";
import { eventHash } from "../eventstore/envelope.ts";
import { pagesOf } from "../eventstore/pages.ts";
import { type EventStore, type Position, StoreUnavailable } from "../eventstore/port.ts";
import type { Log } from "../ports.ts";
import { Aggregate } from "./aggregate.ts";
import { KeyWindow } from "./key-window.ts";
import type { Snapshot, SnapshotFormat, SnapshotStore } from "./snapshots.ts";

export interface Loading<State, Command, Event extends DomainEventShape> {
  readonly store: EventStore;
  readonly decider: Decider<State, Command, Event>;
  /** Aggregates of short streams do without. */
  readonly snapshots: { readonly store: SnapshotStore; readonly format: SnapshotFormat<State> } | null;
  readonly log: Log;
}

/**
 * Loads an aggregate: the snapshot, if it is one of this very stream, and what came after.
 * @throws StoreUnavailable also when it can't be said whether there is a snapshot: a whole stream is not replayed for that
 */
export async function load<State, Command, Event extends DomainEventShape>(
  stream: string,
  loading: Loading<State, Command, Event>,
): Promise<Aggregate<State, Command, Event>> {
  const restored = await fromSnapshot(stream, loading);
  const aggregate = restored ?? new Aggregate(stream, loading.decider);
  await catchUp(aggregate, loading.store);
  return aggregate;
}

/** Reads what was appended after the aggregate's last event; answers how many events that were. */
export async function catchUp<State, Command, Event extends DomainEventShape>(
  aggregate: Aggregate<State, Command, Event>,
  store: EventStore,
): Promise<number> {
  let count = 0;
  for await (const page of pagesOf(store, aggregate.stream, aggregate.durable.revision + 1)) {
    for (const stored of page) aggregate.apply(stored);
    count += page.length;
  }
  return count;
}

async function fromSnapshot<State, Command, Event extends DomainEventShape>(
  stream: string,
  { store, decider, snapshots, log }: Loading<State, Command, Event>,
): Promise<Aggregate<State, Command, Event> | null> {
  if (snapshots === null) return null;
  const without = async (error: unknown): Promise<null> => {
    log.warn({ stream, err: error }, "snapshot can't be used: replaying from the start");
    await snapshots.store.discard(stream).catch((failure: unknown) => {
      log.warn({ stream, err: failure }, "snapshot of no use could not be dropped");
    });
    return null;
  };
  try {
    const snapshot = await snapshots.store.load(stream, snapshots.format.version);
    if (snapshot === null) return null;
    const position = await positionIfGenuine(snapshot, store);
    if (position === null) return await without(new Error(`not of this stream's history: ${snapshot.revision}`));
    const { revision, eventId: lastEventId, hash: lastHash, atMs: lastAtMs } = snapshot;
    const head = { state: snapshots.format.read(snapshot.state), revision, lastEventId, lastHash, lastAtMs };
    const aggregate = new Aggregate(stream, decider, { head, keys: KeyWindow.restore(snapshot.keys) });
    aggregate.position = position;
    return aggregate;
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error;
    return without(error);
  }
}

/** The position of the event that the snapshot was taken at, if the stream still has it there, byte for byte. */
async function positionIfGenuine(snapshot: Snapshot, store: EventStore): Promise<Position | null> {
  const read = { from: snapshot.revision, direction: "forwards", maxCount: 1 } as const;
  const [event] = await store.read(snapshot.stream, read);
  const genuine = event?.id === snapshot.eventId && eventHash(event) === snapshot.hash;
  return genuine ? event.position : null;
}
