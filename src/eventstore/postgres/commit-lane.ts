import type pg from "pg";
import { type AppendResult, InvalidAppend, OutcomeUnknown, StoreUnavailable, WrongExpectedRevision } from "../port.ts";
import { EXPECTED, OUTCOME } from "./append-function.ts";
import { bigintArray, integerArray, textArray, uuidArray } from "./array-parameters.ts";
import { type ConnectionSettings, connect } from "./connection.ts";
import { commitFailure, isReadOnly, isRefusedData, unavailable } from "./failures.ts";
import type { PreparedAppend } from "./prepared-append.ts";

/** What became of one append of a commit. */
export type AppendOutcome = AppendResult | Error;

/** Commits appends, one commit at a time, over a connection of its own that is made when it is first needed. */
export interface CommitLane {
  /** Commits these appends, of different streams, together; gives the outcome of each, in order. Never rejects. */
  commit(appends: readonly PreparedAppend[]): Promise<readonly AppendOutcome[]>;
  /** Ends the connection; to be called between commits. */
  close(): Promise<void>;
}

/** Name of the prepared statement; it is part of every commit's message. */
export const APPEND_STATEMENT = "eventstore_append_v1";
const APPEND_SQL = "select * from eventstore.append_v1($1, $2, $3, $4, $5, $6, $7, $8)";

/**
 * What a commit relies on, whatever the database's defaults are: snapshots taken after the lock is held, and a reply
 * only when the commit is on disk. The server gives up a commit later than the client does, so that one that got stuck
 * half sent can't keep the lock.
 */
const sessionSql = (commitTimeoutMs: number): string => `
  set default_transaction_isolation = 'read committed';
  select set_config('synchronous_commit', 'on', false)
   where current_setting('synchronous_commit') in ('off', 'local');
  select set_config('transaction_timeout', '${commitTimeoutMs * 2}', false)
   where current_setting('server_version_num')::integer >= 170000;`;

export function createCommitLane(settings: ConnectionSettings, commitTimeoutMs: number): CommitLane {
  let client: pg.Client | null = null;

  async function connected(): Promise<pg.Client> {
    if (client !== null) return client;
    const fresh = await connect(settings, drop);
    try {
      await withDeadline(fresh, fresh.query(sessionSql(commitTimeoutMs)), commitTimeoutMs);
    } catch (error) {
      drop(fresh);
      throw unavailable("Postgres can't be reached", error);
    }
    client = fresh;
    return fresh;
  }

  function drop(lost: pg.Client): void {
    if (client === lost) client = null;
    lost.end().catch(() => {}); // there is nothing more to learn from it
  }

  /** Cuts the connection, and so fails the query on it, when there is no reply in time. */
  async function withDeadline<T>(on: pg.Client, query: Promise<T>, timeoutMs: number): Promise<T> {
    const timer = setTimeout(drop, timeoutMs, on); // the query fails and tells
    try {
      return await query;
    } finally {
      clearTimeout(timer);
    }
  }

  async function commit(appends: readonly PreparedAppend[]): Promise<readonly AppendOutcome[]> {
    let on: pg.Client;
    try {
      on = await connected();
    } catch (error) {
      const failure = error instanceof StoreUnavailable ? error : unavailable("Postgres can't be reached", error);
      return appends.map(() => failure);
    }
    try {
      const query = on.query<Row>({
        name: APPEND_STATEMENT,
        text: APPEND_SQL,
        values: parameters(appends),
        rowMode: "array",
        types: { getTypeParser: () => (text: string) => text },
      });
      const { rows } = await withDeadline(on, query, commitTimeoutMs);
      return appends.map((append, index) => outcome(append, rows[index]));
    } catch (error) {
      if (isRefusedData(error) && appends.length > 1) return oneByOne(appends);
      const failure = commitFailure(error);
      if (failure instanceof OutcomeUnknown || isReadOnly(error)) drop(on); // the next commit finds a better one
      return appends.map(() => failure);
    }
  }

  /** One append that Postgres refuses must not fail those that happened to share its commit. */
  async function oneByOne(appends: readonly PreparedAppend[]): Promise<readonly AppendOutcome[]> {
    const outcomes: AppendOutcome[] = [];
    for (const append of appends) outcomes.push(...(await commit([append])));
    return outcomes;
  }

  return {
    commit,
    async close() {
      const last = client;
      client = null;
      await last?.end().catch(() => {}); // already lost
    },
  };
}

type Row = [outcome: string, revision: string, position: string];

function parameters(appends: readonly PreparedAppend[]): Buffer[] {
  const events = appends.flatMap((append) => append.events);
  const sum = (bytes: (append: PreparedAppend) => number): number =>
    appends.reduce((total, append) => total + bytes(append), 0);
  const streams = appends.map((append) => append.stream);
  return [
    textArray(
      "text",
      streams,
      streams.reduce((total, stream) => total + Buffer.byteLength(stream), 0),
    ),
    bigintArray(appends.map(({ expected }) => (typeof expected === "number" ? expected : EXPECTED[expected]))),
    integerArray(appends.map((append) => append.events.length)),
    integerArray(appends.flatMap((append, index) => append.events.map(() => index + 1))),
    uuidArray(events.map((event) => event.id)),
    textArray(
      "text",
      events.map((event) => event.type),
      sum((append) => append.typeBytes),
    ),
    textArray(
      "json",
      events.map((event) => event.data),
      sum((append) => append.dataBytes),
    ),
    textArray(
      "json",
      events.map((event) => event.metadata),
      sum((append) => append.metadataBytes),
    ),
  ];
}

function outcome(append: PreparedAppend, row: Row | undefined): AppendOutcome {
  if (row === undefined) return new OutcomeUnknown("Postgres left out an append's outcome");
  const [code, revision, position] = [Number(row[0]), Number(row[1]), row[2]];
  switch (code) {
    case OUTCOME.recorded:
    case OUTCOME.resent:
      return { revision, position: BigInt(position) };
    case OUTCOME.wrongRevision:
      return new WrongExpectedRevision(append.stream, append.expected, revision < 0 ? null : revision);
    case OUTCOME.idsReused:
      return new InvalidAppend("ids-reused", `${append.stream} has these event ids with other bytes`);
    default:
      return new OutcomeUnknown(`Postgres gave an outcome that is not known here: ${code}`);
  }
}
