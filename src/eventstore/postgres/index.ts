import type { EventStore } from "../port.ts";
import { createCommitLane } from "./commit-lane.ts";
import { type ConnectionSettings, connect } from "./connection.ts";
import { createGroupCommit } from "./group-commit.ts";
import { prepareAppend } from "./prepared-append.ts";
import { createReader } from "./reader.ts";
import { scan } from "./scan.ts";
import { createSchema } from "./schema.ts";
import { subscription } from "./subscription.ts";

export interface PostgresEventStoreOptions {
  readonly connectionString: string;
  readonly log?: { warn(details: object, message: string): void };
  /** Appends that share a commit, at most. */
  readonly maxAppendsPerCommit?: number;
  /** Commits under way at once: while one is made durable the next is on its way. */
  readonly commitsInFlight?: number;
  /** Appends waiting in the process, at most; beyond them `StoreUnavailable`. */
  readonly maxWaitingAppends?: number;
  /** Without an answer after this long, an append's outcome is unknown. */
  readonly commitTimeoutMs?: number;
  readonly readTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  /** How often a subscription looks for events without being woken. */
  readonly pollMs?: number;
}

const MAX_BYTES_PER_COMMIT = 4 * 1024 * 1024;
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
const READ_CONNECTIONS = 4;

/**
 * Opens the event store in the Postgres schema `eventstore` of a database and creates it there if need be.
 * Positions count the events of the log from 1, in commit order and without gaps.
 * @throws StoreUnavailable the server can't be reached
 * @throws Error the database can't hold this event store: its encoding, or a schema of another version
 */
export async function openPostgresEventStore(options: PostgresEventStoreOptions): Promise<EventStore> {
  const {
    connectionString,
    log,
    maxAppendsPerCommit = 512,
    commitsInFlight = 2,
    maxWaitingAppends = 16_384,
    commitTimeoutMs = 10_000,
    readTimeoutMs = 30_000,
    connectTimeoutMs = 5_000,
    pollMs = 250,
  } = options;
  const connection: ConnectionSettings = {
    connectionString,
    connectTimeoutMs,
    applicationName: "boxoffice-eventstore",
  };
  await prepareDatabase(connection, log);

  const lanes = Array.from({ length: commitsInFlight }, () => createCommitLane(connection, commitTimeoutMs));
  const commits = createGroupCommit(lanes, {
    maxAppendsPerCommit,
    maxBytesPerCommit: MAX_BYTES_PER_COMMIT,
    maxWaiting: maxWaitingAppends,
    maxWaitingBytes: MAX_WAITING_BYTES,
  });
  const reader = createReader(connection, { maxConnections: READ_CONNECTIONS, readTimeoutMs });
  const closing = new AbortController();

  return {
    name: "postgres",
    append: async (stream, events, expected) => commits.append(prepareAppend(stream, events, expected)),
    read: reader.read,
    head: reader.head,
    subscribe: (subscribed) => subscription({ connection, pollMs, readTimeoutMs }, subscribed, closing.signal),
    scan: (wanted) => scan({ connection, readTimeoutMs }, wanted, closing.signal),
    async close() {
      if (closing.signal.aborted) return;
      closing.abort();
      await Promise.all([commits.close(), reader.close()]);
    },
  };
}

async function prepareDatabase(connection: ConnectionSettings, log: PostgresEventStoreOptions["log"]): Promise<void> {
  const client = await connect(connection, () => {});
  try {
    await createSchema(client);
    const { rows } = await client.query<{ fsync: string }>("select current_setting('fsync') as fsync");
    if (rows[0]?.fsync !== "on")
      log?.warn({ fsync: rows[0]?.fsync }, "Postgres runs without fsync: a crash can lose acknowledged events");
  } finally {
    await client.end().catch(() => {}); // everything it was for has been said
  }
}
