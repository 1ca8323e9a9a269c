import pg from "pg";
import { pageLength } from "../pages.ts";
import { PAGE_BYTES, type Position, type ReadOptions, type StoredEvent } from "../port.ts";
import { type ConnectionSettings, clientConfig } from "./connection.ts";
import { readFailure } from "./failures.ts";
import { gatheredReads } from "./gathered-reads.ts";

/** The largest page of a read, in events. */
const MAX_PAGE = 4096;

/** Hands out column values as the texts that Postgres sent: JSON must not be parsed, and revisions are no strings. */
export const AS_TEXT: pg.CustomTypesConfig = { getTypeParser: () => (text: string) => text };

/** The columns of an event, in the order of {@link storedEvent}'s row. */
export const EVENT_COLUMNS = "e.position, e.revision, e.event_id, e.type, e.data, e.metadata";

export type EventRow = [position: string, revision: string, id: string, type: string, data: string, metadata: string];

export const storedEvent = (stream: string, row: EventRow): StoredEvent => ({
  stream,
  revision: Number(row[1]),
  position: BigInt(row[0]),
  id: row[2],
  type: row[3],
  data: row[4],
  metadata: row[5],
});

/**
 * The columns of an event and its size in bytes, without looking at its data, which may lie elsewhere and is kept
 * uncompressed. 8 is what Postgres adds to two values at most: a page is never taken for full before its texts have
 * {@link PAGE_BYTES}.
 */
export const SIZED_EVENT_COLUMNS = `${EVENT_COLUMNS}, pg_column_size(e.data) + pg_column_size(e.metadata) - 8 as bytes`;

/**
 * Cuts a run of events, in `order`, behind the one that brings it to {@link PAGE_BYTES}. Costs about 0.9 microseconds an
 * event; sizes are taken before the window copies rows, which saves a third of that.
 * @param events a query for columns of {@link SIZED_EVENT_COLUMNS}, of `e`
 */
export const cutPage = (events: string, columns: string, order: string): string => `
  select ${columns}
    from (select e.*, sum(bytes) over (order by ${order} rows between unbounded preceding and current row) as bytes_so_far
            from (${events}) e) e
   where e.bytes_so_far - e.bytes < ${PAGE_BYTES}
   order by ${order}`;

const readSql = (comparison: "<=" | ">=", order: "asc" | "desc"): string =>
  cutPage(
    `select ${SIZED_EVENT_COLUMNS}
       from eventstore.events e
      where e.stream_id = (select id from eventstore.streams where name = $1) and e.revision ${comparison} $2
      order by e.revision ${order} limit $3`,
    EVENT_COLUMNS,
    `e.revision ${order}`,
  );

/** Events that a shared query reads of each stream; of a stream that has more, a query of its own reads the page. */
const SHORT_READ = 16;
const READS_PER_QUERY = 64;
/** Queries for short reads at once: the fewer, the more reads share one. */
const SHORT_QUERIES_AT_ONCE = 2;

/** The first few events of many streams: `ord` tells which of the questions a row answers, counted from 1. */
const READ_MANY_SQL = `
  select asked.ord, ${EVENT_COLUMNS}
    from unnest($1::text[], $2::bigint[]) with ordinality as asked (name, first, ord)
    join eventstore.streams s on s.name = asked.name
   cross join lateral (
     select * from eventstore.events
      where stream_id = s.id and revision >= asked.first
      order by revision limit ${SHORT_READ}) e
   order by asked.ord, e.revision`;

/**
 * The last event of the prefixes is nearly always among the last of the log. Where it isn't, each stream of the prefixes
 * is asked for its last event: names are found through their index, and no event is read that isn't a stream's last.
 */
const HEAD_SQL = `
  select coalesce(
    (select e.position
       from (select position, stream_id from eventstore.events order by position desc limit 256) e
       join eventstore.streams s on s.id = e.stream_id
      where s.name ^@ any ($1::text[])
      order by e.position desc limit 1),
    (select max(e.position)
       from unnest($1::text[]) as p(prefix)
       join eventstore.streams s on s.name ^@ p.prefix
      cross join lateral (
              select position from eventstore.events where stream_id = s.id order by revision desc limit 1) e))`;

export interface Reader {
  read(stream: string, options: ReadOptions): Promise<readonly StoredEvent[]>;
  head(streamPrefixes: readonly string[]): Promise<Position | null>;
  close(): Promise<void>;
}

/** Reads over a few connections of its own, so that a long read doesn't hold up commits. */
export function createReader(
  settings: ConnectionSettings,
  limits: { readonly maxConnections: number; readonly readTimeoutMs: number },
): Reader {
  const pool = new pg.Pool({
    ...clientConfig(settings),
    max: limits.maxConnections,
    query_timeout: limits.readTimeoutMs,
  });
  pool.on("error", () => {}); // an idle connection was lost: the pool has dropped it, the next read makes another

  async function rows<Row extends unknown[]>(name: string, text: string, values: unknown[]): Promise<Row[]> {
    try {
      return (await pool.query<Row>({ name, text, values, rowMode: "array", types: AS_TEXT })).rows;
    } catch (error) {
      throw readFailure(error);
    }
  }

  const short = gatheredReads<EventRow>(
    async (streams, firsts) => {
      const found = await rows<[ord: string, ...EventRow]>("eventstore_read_many_v1", READ_MANY_SQL, [streams, firsts]);
      const answers: EventRow[][] = streams.map(() => []);
      for (const [ord, ...row] of found) answers[Number(ord) - 1]?.push(row);
      return answers;
    },
    { atOnce: SHORT_QUERIES_AT_ONCE, mostPerQuery: READS_PER_QUERY },
  );

  /** What of a page there is, when a short read tells all of it; else null. */
  async function shortPage(stream: string, first: number, maxCount: number): Promise<readonly StoredEvent[] | null> {
    const found = await short.read(stream, first);
    if (found.length === SHORT_READ && maxCount > SHORT_READ) return null;
    const events = found.map((row) => storedEvent(stream, row));
    return events.slice(0, pageLength(events, maxCount));
  }

  return {
    async read(stream, { from, direction, maxCount }) {
      if (!Number.isInteger(maxCount) || maxCount < 1 || maxCount > MAX_PAGE) {
        throw new RangeError(`maxCount is 1 to ${MAX_PAGE}, not ${maxCount}`);
      }
      // Postgres has no text with a NUL, and would refuse the others of a shared query too.
      if (stream.includes("\0")) return [];
      const first = from === "start" ? 0 : from === "end" ? Number.MAX_SAFE_INTEGER : from;
      if (direction === "forwards") {
        const page = await shortPage(stream, first, maxCount);
        if (page !== null) return page;
      }
      const [name, sql] = direction === "forwards" ? ["forwards", FORWARDS_SQL] : ["backwards", BACKWARDS_SQL];
      const found = await rows<EventRow>(`eventstore_read_${name}_v3`, sql, [stream, first, maxCount]);
      return found.map((row) => storedEvent(stream, row));
    },

    async head(streamPrefixes) {
      const [row] = await rows<[string | null]>("eventstore_head_v1", HEAD_SQL, [streamPrefixes]);
      return row?.[0] == null ? null : BigInt(row[0]);
    },

    close: () => pool.end(),
  };
}

const FORWARDS_SQL = readSql(">=", "asc");
const BACKWARDS_SQL = readSql("<=", "desc");
