import type { ClientBase } from "pg";
import type { Position } from "../eventstore/port.ts";
import { SCHEMA } from "./projection.ts";

/**
 * One row a projection: which generation of its tables is current and how far it has come. Positions are numeric,
 * because a store's position may be wider than a bigint.
 */
export const CREATE_REGISTRY = `
  create schema if not exists ${SCHEMA};
  create table if not exists ${SCHEMA}.projections (
    name text primary key,
    version integer not null,
    generation integer not null,
    checkpoint numeric(39, 0)
  ) with (fillfactor = 50);`;

/** Told after each checkpoint, with a JSON object of projections' names and checkpoints. */
export const PROJECTED_CHANNEL = "boxoffice_projected";

/** Where a projection stands. */
export interface Standing {
  readonly name: string;
  readonly version: number;
  readonly generation: number;
  /** Everything up to and including this position is in its tables; null: nothing yet. */
  readonly checkpoint: Position | null;
}

interface RegistryRow {
  readonly name: string;
  readonly version: number;
  readonly generation: number;
  readonly checkpoint: string | null;
}

const standing = (row: RegistryRow): Standing => ({
  ...row,
  checkpoint: row.checkpoint === null ? null : BigInt(row.checkpoint),
});

/** Reads where all projections stand. */
export async function readStandings(client: Pick<ClientBase, "query">): Promise<readonly Standing[]> {
  const { rows } = await client.query<RegistryRow>(
    `select name, version, generation, checkpoint::text from ${SCHEMA}.projections order by name`,
  );
  return rows.map(standing);
}

/** Reads where these projections stand and keeps others from moving them until the transaction ends. */
export async function lockStandings(client: ClientBase, names: readonly string[]): Promise<readonly Standing[]> {
  const { rows } = await client.query<RegistryRow>({
    name: "lock_standings",
    text: `select name, version, generation, checkpoint::text from ${SCHEMA}.projections
           where name = any($1) order by name for no key update`,
    values: [names],
  });
  return rows.map(standing);
}

/** Moves the checkpoint of these projections, and tells whoever listens once the transaction is committed. */
export async function advance(client: ClientBase, names: readonly string[], checkpoint: Position): Promise<void> {
  await client.query({
    name: "advance",
    text: `with moved as (
             update ${SCHEMA}.projections set checkpoint = $2::numeric where name = any($1) returning name
           )
           select pg_notify('${PROJECTED_CHANNEL}', json_object_agg(name, $2::text)::text) from moved`,
    values: [names, checkpoint.toString()],
  });
}
