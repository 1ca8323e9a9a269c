/**
 * How fast the event store appends and reads, with about 700 bytes of data and metadata an event:
 *
 *     DATABASE_URL=postgres://... npx node bench/eventstore-append.ts [commits in flight]
 *
 * Writes into the database it is given, or the EventStoreDB (`esdb:`); a main bench calls {@link benchAppend}. Run with `--writer` this file is one of
 * the four processes.
 */
import { spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { pathToFileURL } from "node:url";
import { openEventStoreDB } from "../src/eventstore/eventstoredb/index.ts";
import type { EventStore, NewEvent } from "../src/eventstore/port.ts";
import { openPostgresEventStore } from "../src/eventstore/postgres/index.ts";

const STREAMS = 64;
const PROCESSES = 4;
const HOT_BATCH = 32;
const PAGE = 4096;

export interface BenchOptions {
  readonly seconds?: number;
  /** As {@link openPostgresEventStore} takes it; its own choice when left out. */
  readonly commitsInFlight?: number;
}

export interface AppendFigures {
  /** 64 streams, one event an append, all streams at once, from one process. */
  readonly parallelAppendsPerSecond: number;
  /** The same from four processes, with 64 streams each, together. */
  readonly fourProcessAppendsPerSecond: number;
  /** One stream, one append after the other, 32 events each. */
  readonly hotStreamEventsPerSecond: number;
  /** One stream, one append after the other, one event each. */
  readonly oneByOneAppendsPerSecond: number;
  /** One stream read in pages of 4,096. */
  readonly readEventsPerSecond: number;
  /** The whole log followed from its beginning. */
  readonly subscribeEventsPerSecond: number;
}

/** Measures each figure for about `seconds`, on a database that may hold events already. */
export async function benchAppend(
  connectionString: string,
  { seconds = 3, ...options }: BenchOptions = {},
): Promise<AppendFigures> {
  const store = await openStore(connectionString, options);
  try {
    await parallel(store, 0.5); // warms up caches, the plan and the compiler
    const parallelAppendsPerSecond = await parallel(store, seconds);
    const { perSecond: hotStreamEventsPerSecond, stream, events } = await sequential(store, seconds, HOT_BATCH);
    const { perSecond: oneByOneAppendsPerSecond } = await sequential(store, seconds, 1);
    const readEventsPerSecond = await readThrough(store, stream, events);
    const fourProcessAppendsPerSecond = await fourProcesses(connectionString, seconds, options);
    const subscribeEventsPerSecond = await followThrough(store);
    return {
      parallelAppendsPerSecond,
      fourProcessAppendsPerSecond,
      hotStreamEventsPerSecond,
      oneByOneAppendsPerSecond,
      readEventsPerSecond,
      subscribeEventsPerSecond,
    };
  } finally {
    await store.close();
  }
}

const openStore = (connectionString: string, options: Omit<BenchOptions, "seconds">): Promise<EventStore> =>
  connectionString.startsWith("esdb")
    ? openEventStoreDB({ connectionString })
    : openPostgresEventStore({ connectionString, ...options });

/** Appends a second over 64 streams, each with one append of one event under way. */
async function parallel(store: EventStore, seconds: number): Promise<number> {
  const from = performance.now();
  const until = from + seconds * 1000;
  const counts = await Promise.all(
    Array.from({ length: STREAMS }, async () => {
      const stream = freshStream();
      let revision = -1;
      while (performance.now() < until) {
        ({ revision } = await store.append(stream, [newEvent()], revision < 0 ? "no-stream" : revision));
      }
      return revision + 1;
    }),
  );
  return perSecond(
    counts.reduce((sum, count) => sum + count, 0),
    from,
  );
}

async function sequential(store: EventStore, seconds: number, batch: number) {
  const stream = freshStream();
  const from = performance.now();
  let revision = -1;
  while (performance.now() < from + seconds * 1000) {
    const events = Array.from({ length: batch }, newEvent);
    ({ revision } = await store.append(stream, events, revision < 0 ? "no-stream" : revision));
  }
  return { perSecond: perSecond(revision + 1, from), stream, events: revision + 1 };
}

async function readThrough(store: EventStore, stream: string, expected: number): Promise<number> {
  const from = performance.now();
  let read = 0;
  for (;;) {
    const page = await store.read(stream, { from: read, direction: "forwards", maxCount: PAGE });
    read += page.length;
    if (page.length < PAGE) break;
  }
  if (read !== expected) throw new Error(`${read} of ${expected} events read`);
  return perSecond(read, from);
}

async function followThrough(store: EventStore): Promise<number> {
  const done = new AbortController();
  const head = (await store.head(["bench-"])) ?? 0n;
  const from = performance.now();
  let seen = 0;
  const all = { after: null, streamPrefixes: ["bench-"], maxBatch: 1000, signal: done.signal };
  for await (const batch of store.subscribe(all)) {
    seen += batch.events.length;
    if (batch.checkpoint >= head) done.abort();
  }
  return perSecond(seen, from);
}

/** Starts the processes, lets all of them connect, and adds up what each of them reached in the same seconds. */
async function fourProcesses(connectionString: string, seconds: number, options: BenchOptions): Promise<number> {
  const writers = Array.from({ length: PROCESSES }, () =>
    spawn(process.execPath, [import.meta.filename, "--writer", JSON.stringify({ ...options, seconds })], {
      env: { ...process.env, DATABASE_URL: connectionString },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    }),
  );
  try {
    await Promise.all(writers.map((writer) => message(writer)));
    for (const writer of writers) writer.send("go");
    const rates = await Promise.all(writers.map((writer) => message(writer)));
    return rates.reduce((sum, rate) => sum + rate, 0);
  } finally {
    for (const writer of writers) writer.kill();
  }
}

async function message(writer: ReturnType<typeof spawn>): Promise<number> {
  const exited = new AbortController();
  writer.once("exit", () => exited.abort(new Error("a writer ended early")));
  const [received] = await once(writer, "message", { signal: exited.signal });
  return Number(received);
}

/** One of the four: says that it is ready, waits for the start, and tells the rate. */
async function runWriter(connectionString: string, { seconds = 3, ...options }: BenchOptions): Promise<void> {
  const store = await openStore(connectionString, options);
  await parallel(store, 0.2);
  const send = process.send?.bind(process);
  if (send === undefined) throw new Error("a writer is started by the bench");
  send(0);
  await once(process, "message");
  send(await parallel(store, seconds));
  await store.close();
  process.disconnect?.();
}

const freshStream = (): string => `bench-${randomUUID()}`;

/** About 700 bytes of data and metadata, in the form of a reservation with its envelope. */
function newEvent(): NewEvent {
  const id = randomUUID();
  return {
    id,
    type: "TicketsReserved",
    data: JSON.stringify({
      reservationId: id,
      accountId: randomUUID(),
      quantity: 2,
      unitPriceMinor: 4500,
      currency: "EUR",
      expiresAt: "2030-01-01T12:00:00.000Z",
      note: FILLER,
    }),
    metadata: JSON.stringify({
      schemaVersion: 1,
      at: "2030-01-01T11:45:00.000Z",
      actor: { account: id, role: "customer" },
      commandId: id,
      correlationId: id,
      causationId: null,
      requestId: id,
      keyHash: FILLER.slice(0, 43),
      bodyHash: FILLER.slice(0, 43),
      previousHash: FILLER.slice(0, 43),
    }),
  };
}

const FILLER = randomBytes(48).toString("base64url");

const perSecond = (count: number, from: number): number => Math.round((count * 1000) / (performance.now() - from));

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const connectionString = process.env.DATABASE_URL;
  if (connectionString === undefined) throw new Error("DATABASE_URL names the database to measure in");
  const [, , first, second = "{}"] = process.argv;
  if (first === "--writer") await runWriter(connectionString, JSON.parse(second) as BenchOptions);
  else
    console.table(await benchAppend(connectionString, first === undefined ? {} : { commitsInFlight: Number(first) }));
}
