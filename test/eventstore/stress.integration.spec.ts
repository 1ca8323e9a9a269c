import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import type { EventStore, Position, StoredEvent, SubscribeOptions } from "../../src/eventstore/port.ts";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { freshDatabase } from "../support/postgres.ts";
import type { Acknowledged, StressTask } from "./stress-writer.ts";

const PROCESSES = 4;
const WRITERS_PER_PROCESS = 6;
const APPENDS_PER_WRITER = 60;
const STREAMS = ["stress-a", "stress-b", "stress-c", "stress-d", "stress-e", "stress-f"];

it("24 writers in 4 processes, a subscriber that restarts: no event missed, none twice, order kept", async () => {
  const database = await freshDatabase();
  const store = await openPostgresEventStore({ connectionString: database.url });
  const done = new AbortController();
  const children: ChildProcess[] = [];
  try {
    const following = followWithRestarts(store, done.signal);
    children.push(...Array.from({ length: PROCESSES }, startProcess));
    const acknowledged = (await Promise.all(children.map((child) => write(child, database.url)))).flat();
    const head = await store.head(["stress-"]);
    done.abort(head);
    const { events, restarts } = await following;

    expect(acknowledged).toHaveLength(PROCESSES * WRITERS_PER_PROCESS * APPENDS_PER_WRITER);
    expect(restarts).toBeGreaterThan(5);
    expect(events.map((event) => event.position)).toEqual(events.map((_, index) => BigInt(index + 1)));
    expect(events.map((event) => event.id).sort()).toEqual(acknowledged.flatMap((append) => append.ids).sort());
    for (const stream of STREAMS) {
      const own = events.filter((event) => event.stream === stream);
      expect(own.map((event) => event.revision)).toEqual(own.map((_, index) => index));
    }
    for (const { stream, ids, revision, position } of acknowledged) {
      const last = events[Number(position) - 1];
      expect(last).toMatchObject({ stream, revision, id: ids.at(-1) });
    }
  } finally {
    done.abort();
    for (const child of children) child.kill();
    await store.close();
    await database.drop();
  }
});

const startProcess = (): ChildProcess => fork(new URL("./stress-writer.ts", import.meta.url), { execArgv: [] });

async function write(child: ChildProcess, connectionString: string): Promise<readonly Acknowledged[]> {
  const failed = new AbortController();
  child.once("exit", (code) => failed.abort(new Error(`a writer ended with ${code}`)));
  const answered = once(child, "message", { signal: failed.signal });
  const task: StressTask = {
    connectionString,
    streams: STREAMS,
    writers: WRITERS_PER_PROCESS,
    appendsPerWriter: APPENDS_PER_WRITER,
  };
  child.send(task);
  const [acknowledged] = (await answered) as [readonly Acknowledged[]];
  return acknowledged;
}

/**
 * Follows as a projector does, until it has reached the head that `done` is aborted with: each batch is kept together
 * with its checkpoint. Every few batches it "crashes": half of the time with a batch in hand that was never kept.
 */
async function followWithRestarts(
  store: EventStore,
  done: AbortSignal,
): Promise<{ events: readonly StoredEvent[]; restarts: number }> {
  const events: StoredEvent[] = [];
  let checkpoint: Position | null = null;
  let restarts = 0;
  const finished = (): boolean =>
    done.aborted && (typeof done.reason !== "bigint" || (checkpoint ?? 0n) >= done.reason); // else: the spec has failed
  while (!finished()) {
    const crash = new AbortController();
    const lifetime = 1 + Math.floor(Math.random() * 4);
    let batches = 0;
    const maxBatch = 1 + Math.floor(Math.random() * 50);
    const endWait = (): void => crash.abort(); // there may be nothing more to wait for
    done.addEventListener("abort", endWait);
    const options: SubscribeOptions = {
      after: checkpoint,
      streamPrefixes: ["stress-"],
      maxBatch,
      signal: crash.signal,
    };
    for await (const batch of store.subscribe(options)) {
      batches += 1;
      if (batches === lifetime && Math.random() < 0.5) break;
      events.push(...batch.events);
      checkpoint = batch.checkpoint;
      if (batches === lifetime || finished()) crash.abort();
    }
    done.removeEventListener("abort", endWait);
    restarts += 1;
  }
  return { events, restarts };
}
