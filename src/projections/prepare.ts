import type { ClientBase, Pool } from "pg";
import { CREATE_LEASES } from "../leases/lease.ts";
import { mayPrepare, NotPrepared, requireTables } from "../postgres/preparing.ts";
import { inTurn } from "../postgres/transaction.ts";
import { showAnalytics } from "./analytics/views.ts";
import { type Projection, SCHEMA, tableName } from "./projection.ts";
import { READ_MODELS } from "./read-models.ts";
import { CREATE_REGISTRY, readStandings } from "./registry.ts";
import { CREATE_PLACE_WORDS } from "./search/table.ts";

/** Any number, the same in every process: those that start together take turns. */
const PREPARE_LOCK = 727_001;

/**
 * Makes what the read side needs and does not have yet: leases, the registry, tables and views. A read model whose
 * tables are gone is begun anew and fills up from the start of the log. Safe to call from several processes at once.
 *
 * Where nothing is missing, which is nearly always, nothing is locked: another process may be projecting, and must not
 * have to wait for one that starts, or is frozen or killed in the middle of it.
 * @throws NotPrepared something is missing or of an older version, and this user may not make it
 */
export async function prepareReadModels(pool: Pool, projections: readonly Projection[] = READ_MODELS): Promise<void> {
  if (!(await mayPrepare(pool))) return requirePrepared(pool, projections);
  await inTurn(pool, PREPARE_LOCK, async (client) => {
    await client.query(CREATE_LEASES);
    await client.query(CREATE_REGISTRY);
    await client.query(CREATE_PLACE_WORDS);
    const missing = await missingOf(client, projections);
    if (missing.length > 0) {
      // All that are there, and in the order in which a batch locks them: in any other the two may wait for each other.
      await client.query(`select from ${SCHEMA}.projections order by name for update`);
      for (const { projection, generation } of missing) await make(client, projection, generation);
    }
    await showAnalytics(client);
  });
}

async function requirePrepared(pool: Pool, projections: readonly Projection[]): Promise<void> {
  await requireTables(pool, `${CREATE_LEASES} ${CREATE_REGISTRY}`);
  const versions = new Map((await readStandings(pool)).map(({ name, version }) => [name, version]));
  const missing = projections.filter(({ name, version }) => (versions.get(name) ?? 0) < version);
  if (missing.length > 0) throw new NotPrepared(missing.map(({ name }) => `read model ${name}`));
}

interface Missing {
  readonly projection: Projection;
  readonly generation: number;
}

async function missingOf(client: ClientBase, projections: readonly Projection[]): Promise<readonly Missing[]> {
  const standings = await readStandings(client);
  const missing: Missing[] = [];
  for (const projection of projections) {
    const known = standings.find(({ name }) => name === projection.name);
    const generation = known?.generation ?? 1;
    if (known !== undefined && (await allExist(client, projection.views, generation))) continue;
    missing.push({ projection, generation });
  }
  return missing;
}

async function make(client: ClientBase, projection: Projection, generation: number): Promise<void> {
  const { name, version, views } = projection;
  await dropViews(client, views);
  await dropTables(client, views, generation);
  await client.query(projection.createTables(generation));
  await showGeneration(client, views, generation);
  await client.query(
    `insert into ${SCHEMA}.projections (name, version, generation, checkpoint) values ($1, $2, $3, null)
     on conflict (name) do update set version = excluded.version, checkpoint = null`,
    [name, version, generation],
  );
}

/** Of an older version the views may have other names; those are not missed here, the rebuild makes them. */
async function allExist(client: ClientBase, views: readonly string[], generation: number): Promise<boolean> {
  const relations = views.flatMap((view) => [tableName(view, generation), `${SCHEMA}.${view}`]);
  const found = await client.query<{ all: boolean }>(
    `select bool_and(to_regclass(name) is not null) as all from unnest($1::text[]) as name`,
    [relations],
  );
  return found.rows[0]?.all === true;
}

/** Points the views at a generation's tables; what others have built on the views stays. */
export async function showGeneration(client: ClientBase, views: readonly string[], generation: number): Promise<void> {
  for (const view of views) {
    await client.query(`create or replace view ${SCHEMA}.${view} as select * from ${tableName(view, generation)}`);
  }
}

/** For a new version of the rows: a view can't change its columns in place. */
export async function dropViews(client: ClientBase, views: readonly string[]): Promise<void> {
  for (const view of views) await client.query(`drop view if exists ${SCHEMA}.${view} cascade`);
}

export async function dropTables(client: ClientBase, views: readonly string[], generation: number): Promise<void> {
  for (const view of views) await client.query(`drop table if exists ${tableName(view, generation)} cascade`);
}
