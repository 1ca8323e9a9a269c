import type pg from "pg";
import { APPEND_FUNCTION, COMMIT_LOCK, JUDGE_FUNCTION } from "./append-function.ts";

/** Raised with every change of the tables or functions; older processes refuse to start on a newer schema. */
const SCHEMA_VERSION = 1;

/**
 * `json`, not `jsonb`: bytes come back exactly as they were written. No foreign key to `streams`: only the append
 * function writes here, and a check of each row would cost as much as the row. `name` compares by bytes, so that
 * prefixes can use its index.
 */
const TABLES = `
create schema if not exists eventstore;
create table eventstore.schema_version (version integer not null);
create table eventstore.streams (
  id bigint primary key,
  name text collate "C" not null unique
);
create table eventstore.events (
  position bigint primary key,
  stream_id bigint not null,
  revision bigint not null,
  event_id uuid not null,
  type text not null,
  data json not null,
  metadata json not null,
  anywhere boolean not null,
  unique (stream_id, revision)
);
comment on column eventstore.events.anywhere is
  'appended without naming a revision (any, stream-exists): sending it again is recognised by event_id';
create index events_anywhere on eventstore.events (event_id) where anywhere;
`;

/**
 * Large data and metadata are kept apart and uncompressed, so that a reader knows the size of an event without reading
 * it. Stores that were made before this was so get it for what is to come.
 */
const UNCOMPRESSED = `
do $$ begin
  if exists (select from pg_attribute where attrelid = 'eventstore.events'::regclass
              and attname in ('data', 'metadata') and attstorage <> 'e') then
    alter table eventstore.events alter column data set storage external, alter column metadata set storage external;
  end if;
end $$`;

/**
 * Creates the schema `eventstore` if it isn't there. Safe when several processes start at once: they take turns.
 * @throws Error when the database can't hold an event store, or holds one of a newer version
 */
export async function createSchema(client: pg.Client): Promise<void> {
  await client.query("begin");
  try {
    await client.query("select pg_advisory_xact_lock($1)", [String(COMMIT_LOCK + 1n)]);
    const version = await installedVersion(client);
    if (version === null) {
      await requireUtf8(client);
      await client.query(`${TABLES}; ${JUDGE_FUNCTION}; ${APPEND_FUNCTION};
        insert into eventstore.schema_version values (${SCHEMA_VERSION})`);
    } else if (version !== SCHEMA_VERSION) {
      throw new Error(`the event store in this database has schema version ${version}, this program ${SCHEMA_VERSION}`);
    } else if (!(await hasOurFunction(client))) {
      await client.query(APPEND_FUNCTION); // with the parameters that it has: older processes get on with it
    }
    await client.query(UNCOMPRESSED);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback").catch(() => {}); // the first error is the one to tell
    throw error;
  }
}

/** Whether the function is word for word this program's; what roles may do with it is not in its words. */
async function hasOurFunction(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ source: string }>(
    "select prosrc as source from pg_proc where oid = to_regproc('eventstore.append_v1')",
  );
  return rows[0] !== undefined && APPEND_FUNCTION.includes(`$append$${rows[0].source}$append$`);
}

async function installedVersion(client: pg.Client): Promise<number | null> {
  const present = await client.query("select to_regclass('eventstore.schema_version') is not null as present");
  if (present.rows[0]?.present !== true) return null;
  const { rows } = await client.query<{ version: number }>("select version from eventstore.schema_version");
  return rows[0]?.version ?? null;
}

async function requireUtf8(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ encoding: string }>("select current_setting('server_encoding') as encoding");
  if (rows[0]?.encoding !== "UTF8") {
    throw new Error(`an event store needs a database in UTF8, this one is in ${rows[0]?.encoding}`);
  }
}
