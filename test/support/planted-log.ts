import type pg from "pg";
import type { StoredEvent } from "../../src/eventstore/port.ts";

/** Puts events into the Postgres event store past its append function, as somebody would who tampers with it. */
export async function plant(pool: pg.Pool, events: readonly StoredEvent[]): Promise<void> {
  const ids = new Map<string, bigint>();
  for (const { stream, position } of events) if (!ids.has(stream)) ids.set(stream, position);
  await pool.query("truncate eventstore.events, eventstore.streams");
  await pool.query("insert into eventstore.streams (id, name) select * from unnest($1::bigint[], $2::text[])", [
    [...ids.values()],
    [...ids.keys()],
  ]);
  const column = <Value>(of: (event: StoredEvent) => Value) => events.map(of);
  await pool.query(
    `insert into eventstore.events (position, stream_id, revision, event_id, type, data, metadata, anywhere)
     select *, false from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::uuid[], $5::text[], $6::json[], $7::json[])`,
    [
      column(({ position }) => position),
      column(({ stream }) => ids.get(stream)),
      column(({ revision }) => revision),
      column(({ id }) => id),
      column(({ type }) => type),
      column(({ data }) => data),
      column(({ metadata }) => metadata),
    ],
  );
}
