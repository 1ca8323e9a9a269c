import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { openEventStoreDB } from "../../src/eventstore/eventstoredb/index.ts";
import { type EventStore, type Position, type StoredEvent, StoreUnavailable } from "../../src/eventstore/port.ts";
import { category, readAll } from "./contract-support.ts";
import { eventStoreDBServers, type OpenServer } from "./eventstoredb-server.ts";
import type { Acknowledged, StressTask } from "./stress-writer.ts";

const PROCESSES = 4;
const WRITERS_PER_PROCESS = 6;
const APPENDS_PER_WRITER = 15;
const EVENTS_PER_CUT = 60;

const servers = await eventStoreDBServers();
const cuts = servers.canBreak ? ", connections that are cut" : "";
afterAll(() => servers.close());

it(`24 writers in 4 processes${cuts}, a subscriber that restarts: no event missed, none twice, order kept (${servers.name})`, async () => {
  const server = await servers.open();
  const store = await openEventStoreDB({ connectionString: server.connectionString });
  const own = category();
  const streams = Array.from({ length: 6 }, (_, index) => `${own}-${index}`);
  const done = new AbortController();
  const calm = new AbortController();
  let disturbing = Promise.resolve();
  try {
    const task: StressTask = {
      connectionString: server.connectionString,
      streams,
      writers: WRITERS_PER_PROCESS,
      appendsPerWriter: APPENDS_PER_WRITER,
    };
    const events: StoredEvent[] = [];
    const following = followWithRestarts(store, `${own}-`, events, done.signal);
    const writers = Promise.all(Array.from({ length: PROCESSES }, () => startWriter(task)));
    disturbing = disturb(server, () => events.length, calm.signal);
    const acknowledged = (await writers).flat();
    calm.abort();
    await disturbing;
    done.abort(await headOf(store, `${own}-`));
    const restarts = await following;

    expect(acknowledged).toHaveLength(PROCESSES * WRITERS_PER_PROCESS * APPENDS_PER_WRITER);
    expect(restarts).toBeGreaterThan(10);
    for (const [index, event] of events.entries()) {
      if (index > 0) expect(event.position > (events[index - 1]?.position ?? event.position)).toBe(true);
    }
    expect(events.map((event) => event.id).sort()).toEqual(acknowledged.flatMap((append) => append.ids).sort());
    for (const stream of streams) {
      expect(events.filter((event) => event.stream === stream)).toEqual(await readAll(store, stream));
    }
    const positions = new Map(events.map((event) => [String(event.position), event]));
    for (const { stream, ids, revision, position } of acknowledged) {
      expect(positions.get(position)).toMatchObject({ stream, revision, id: ids.at(-1) });
    }
  } finally {
    done.abort(0n);
    calm.abort();
    await disturbing;
    await store.close();
    await server.close();
  }
}, 180_000);

/** Cuts all connections each time that so many events have come through, where the server is ours. */
async function disturb({ faults }: OpenServer, arrived: () => number, calm: AbortSignal): Promise<void> {
  for (let next = EVENTS_PER_CUT; faults !== undefined && !calm.aborted; await pause(5)) {
    if (arrived() < next) continue;
    await faults.stop();
    await faults.start();
    next = arrived() + EVENTS_PER_CUT;
  }
}

async function startWriter(task: StressTask): Promise<readonly Acknowledged[]> {
  const child: ChildProcess = fork(new URL("./stress-writer.ts", import.meta.url), { execArgv: [] });
  const failed = new AbortController();
  child.once("exit", (code) => failed.abort(new Error(`a writer ended with ${code}`)));
  try {
    const answered = once(child, "message", { signal: failed.signal });
    child.send(task);
    const [acknowledged] = (await answered) as [readonly Acknowledged[]];
    return acknowledged;
  } finally {
    child.kill();
  }
}

/** The connection may have been cut a moment ago. */
async function headOf(store: EventStore, prefix: string): Promise<Position | null> {
  for (;;) {
    try {
      return await store.head([prefix]);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      await pause(20);
    }
  }
}

/**
 * Follows as a projector does, until it has reached the head that `done` is aborted with: each batch is kept in
 * `events` together with its checkpoint. Every few batches it "crashes": half of the time with a batch in hand that was
 * never kept. Gives how often it began.
 */
async function followWithRestarts(
  store: EventStore,
  prefix: string,
  events: StoredEvent[],
  done: AbortSignal,
): Promise<number> {
  let checkpoint: Position | null = null;
  let restarts = 0;
  const finished = (): boolean => done.aborted && (checkpoint ?? -1n) >= (done.reason as Position);
  for (; !finished(); restarts++) {
    const lifetime = 1 + Math.floor(Math.random() * 3);
    const crash = new AbortController();
    const signal = AbortSignal.any([crash.signal, AbortSignal.timeout(500)]); // there may be nothing more to wait for
    const maxBatch = 1 + Math.floor(Math.random() * 20);
    let batches = 0;
    try {
      for await (const batch of store.subscribe({ after: checkpoint, streamPrefixes: [prefix], maxBatch, signal })) {
        batches += 1;
        if (batches === lifetime && Math.random() < 0.5) break;
        events.push(...batch.events);
        checkpoint = batch.checkpoint;
        if (batches === lifetime || finished()) crash.abort();
      }
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      await pause(20);
    }
  }
  return restarts;
}
