import type pg from "pg";
import { readFailure } from "../eventstore/postgres/failures.ts";
import type { Snapshot, SnapshotStore } from "./snapshots.ts";

export const CREATE_SNAPSHOTS = `
  create table if not exists commands.snapshots (
    stream text primary key,
    state_version int not null,
    revision bigint not null,
    body text not null,
    taken_at timestamptz not null default now()
  );
  alter table commands.snapshots alter column body set storage external;`;

export interface PostgresSnapshots extends SnapshotStore {
  /** Streams with the newest snapshots, newest first, whose snapshots together have at most `maxBytes`. */
  recent(maxStreams: number, maxBytes: number): Promise<readonly string[]>;
}

/** Snapshots in a table: one a stream, one of a higher revision takes the place of a lower one. */
export function postgresSnapshots(pool: pg.Pool): PostgresSnapshots {
  return {
    async recent(maxStreams, maxBytes) {
      const { rows } = await pool.query<{ stream: string }>(
        `select stream from (
           select stream, taken_at, sum(octet_length(body)) over (order by taken_at desc, stream) as together
           from commands.snapshots order by taken_at desc, stream limit $1) newest
         where together <= $2 order by taken_at desc, stream`,
        [maxStreams, maxBytes],
      );
      return rows.map(({ stream }) => stream);
    },

    async load(stream, stateVersion) {
      const { rows } = await pool
        .query<{ body: string }>({
          name: "load-snapshot",
          text: "select body from commands.snapshots where stream = $1 and state_version = $2",
          values: [stream, stateVersion],
        })
        .catch((error: unknown) => {
          throw readFailure(error);
        });
      return rows[0] === undefined ? null : (JSON.parse(rows[0].body) as Snapshot);
    },

    async save(snapshot) {
      await pool.query({
        name: "save-snapshot",
        text: `insert into commands.snapshots (stream, state_version, revision, body)
               values ($1, $2, $3, $4)
               on conflict (stream) do update
               set state_version = excluded.state_version, revision = excluded.revision, body = excluded.body,
                   taken_at = now()
               where snapshots.revision < excluded.revision or snapshots.state_version <> excluded.state_version`,
        values: [snapshot.stream, snapshot.stateVersion, snapshot.revision, JSON.stringify(snapshot)],
      });
    },

    async discard(stream) {
      await pool.query("delete from commands.snapshots where stream = $1", [stream]);
    },
  };
}
