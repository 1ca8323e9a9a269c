/**
 * One process of the stress specs: several writers race for the same few streams by expected revision, and send again
 * whatever has no outcome. The first message it is sent is the {@link StressTask}; it answers with everything that was
 * acknowledged.
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { openEventStoreDB } from "../../src/eventstore/eventstoredb/index.ts";
import { type EventStore, OutcomeUnknown, StoreUnavailable, WrongExpectedRevision } from "../../src/eventstore/port.ts";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";

export interface StressTask {
  /** `esdb:` is EventStoreDB's, anything else Postgres's. */
  readonly connectionString: string;
  readonly streams: readonly string[];
  readonly writers: number;
  readonly appendsPerWriter: number;
}

/** An append that was acknowledged: its event ids, and where the last of them stands (a bigint can't be sent). */
export interface Acknowledged {
  readonly stream: string;
  readonly ids: readonly string[];
  readonly revision: number;
  readonly position: string;
}

async function write(store: EventStore, stream: string): Promise<Acknowledged> {
  const events = Array.from({ length: 1 + Math.floor(Math.random() * 3) }, () => ({
    id: randomUUID(),
    type: "TicketsReserved",
    data: `{"quantity":${Math.ceil(Math.random() * 9)}}`,
    metadata: "{}",
  }));
  let last: number | null = null;
  for (;;) {
    try {
      const { revision, position } = await store.append(stream, events, last ?? "no-stream");
      return { stream, ids: events.map((event) => event.id), revision, position: String(position) };
    } catch (error) {
      if (error instanceof WrongExpectedRevision) last = error.actual;
      else if (error instanceof OutcomeUnknown || error instanceof StoreUnavailable) await pause(20);
      else throw error;
    }
  }
}

/** The connection may be cut at any moment, also now. */
async function opened(connectionString: string): Promise<EventStore> {
  const open = connectionString.startsWith("esdb:") ? openEventStoreDB : openPostgresEventStore;
  for (;;) {
    try {
      return await open({ connectionString });
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      await pause(20);
    }
  }
}

const [task] = (await once(process, "message")) as [StressTask];
const store = await opened(task.connectionString);
const acknowledged: Acknowledged[] = [];
await Promise.all(
  Array.from({ length: task.writers }, async (_, writer) => {
    for (let append = 0; append < task.appendsPerWriter; append++) {
      const stream = task.streams[(writer + append) % task.streams.length];
      if (stream !== undefined) acknowledged.push(await write(store, stream));
    }
  }),
);
await store.close();
process.send?.(acknowledged, () => process.disconnect?.());
