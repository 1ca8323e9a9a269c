import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseError, type Pool, type PoolClient } from "pg";
import type { Batch, EventStore, Position } from "../eventstore/port.ts";
import { BOXOFFICE_PREFIXES } from "../eventstore/streams.ts";
import type { Log } from "../ports.ts";
import { showAnalytics } from "./analytics/views.ts";
import { FeedEvent } from "./feed-event.ts";
import { HOT_MODELS, tellRebuilt } from "./hot-reads/changes.ts";
import { dropTables, dropViews, showGeneration } from "./prepare.ts";
import { type Projection, SCHEMA } from "./projection.ts";
import { ReadAhead } from "./read-ahead.ts";
import { advance, lockStandings, readStandings, type Standing } from "./registry.ts";
import { BEGIN_PROJECTING, run } from "./transaction.ts";

export interface RebuildOptions {
  readonly pool: Pool;
  readonly store: EventStore;
  /** The log is read once for all of them. */
  readonly projections: readonly Projection[];
  /** Ends it early; the tables that served go on serving. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RebuildProgress) => void;
}

export interface RebuildProgress {
  readonly events: number;
  readonly position: Position;
  /** The log's last position, as it was when it was asked for last. */
  readonly head: Position;
}

/** Another rebuild of one of these read models is under way. */
export class RebuildUnderWay extends Error {
  override readonly name = "RebuildUnderWay";
}

const MAX_BATCH = 5_000;
/** The switch waits this long for queries that are under way, below Postgres's second for a deadlock; then tries again. */
const LOCK_TIMEOUT_MS = 500;
const SWITCH_ATTEMPTS = 60;
/** How long the live projector may be kept waiting for the log's tail. */
const TAIL_TIMEOUT_MS = 10_000;

/**
 * Builds the next generation of read models from the start of the log while the current one serves and is kept up to date;
 * then holds the live projectors still, takes over the tail, and switches views and checkpoints in one transaction.
 * Takes two connections of the pool.
 * @returns the new generations, by name
 * @throws RebuildUnderWay
 */
export async function rebuildProjections(options: RebuildOptions): Promise<Generations> {
  const end = new AbortController();
  const signal = options.signal === undefined ? end.signal : AbortSignal.any([end.signal, options.signal]);
  const builder = await connect(options.pool);
  try {
    for (const { name } of options.projections) await lockRebuild(builder, name);
    const switcher = await connect(options.pool);
    try {
      return await rebuild(builder, switcher, { ...options, signal });
    } finally {
      switcher.release(true);
    }
  } finally {
    end.abort();
    // With the session its locks go too, but not before the server has noticed its end: whoever begins anew would be refused.
    await builder.query("rollback; select pg_advisory_unlock_all()").catch(() => undefined);
    builder.release(true);
  }
}

type Generations = ReadonlyMap<string, number>;

/** Read models that older code made are built anew beside; the others wait for it, queries go on. */
export async function rebuildOutdated(options: {
  readonly pool: Pool;
  readonly store: EventStore;
  readonly projections: readonly Projection[];
  readonly log: Log;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { pool, store, projections, log, signal } = options;
  const standings = await readStandings(pool);
  const outdated = projections.filter((projection) => {
    const standing = standings.find(({ name }) => name === projection.name);
    return standing !== undefined && standing.version < projection.version;
  });
  if (outdated.length === 0 || signal.aborted) return;
  log.info({ projections: outdated.map(({ name, version }) => `${name} ${version}`) }, "rebuilding");
  await rebuildProjections({ pool, store, projections: outdated, signal });
}

async function connect(pool: Pool): Promise<PoolClient> {
  const client = await pool.connect();
  client.on("error", () => undefined); // a connection that breaks makes the next query fail, which is enough
  return client;
}

async function lockRebuild(client: PoolClient, name: string): Promise<void> {
  const { rows } = await client.query<{ locked: boolean }>(
    "select pg_try_advisory_lock(hashtextextended('boxoffice rebuild ' || $1, 0)) as locked",
    [name],
  );
  if (rows[0]?.locked !== true) throw new RebuildUnderWay(`${name} is being rebuilt already`);
}

async function rebuild(
  builder: PoolClient,
  switcher: PoolClient,
  options: RebuildOptions & { readonly signal: AbortSignal },
): Promise<Generations> {
  const { projections, store, signal } = options;
  const standings = await standingsOf(builder, projections);
  const generations = new Map(standings.map(({ name, generation }) => [name, generation + 1]));
  for (const projection of projections) {
    const generation = generationOf(generations, projection);
    await dropTables(builder, projection.views, generation); // what a rebuild that was cut short left behind
    await builder.query(projection.createTables(generation));
  }
  const source = store.subscribe({ after: null, streamPrefixes: BOXOFFICE_PREFIXES, maxBatch: MAX_BATCH, signal });
  const next = new NextGenerations(builder, generations, options, new ReadAhead(source, 2 * MAX_BATCH, signal));
  await next.reach(furthest(standings));
  for (let attempt = 1; ; attempt += 1) {
    // First without holding anybody up, so that little is left for when the projectors wait.
    await next.reach(furthest(await standingsOf(builder, projections)));
    try {
      await switchTo(switcher, next, projections);
      return generations;
    } catch (error) {
      await switcher.query("rollback").catch(() => undefined);
      if (!isLockTimeout(error) || attempt >= SWITCH_ATTEMPTS) throw error;
      await sleep(50 + Math.random() * 100, undefined, { signal });
    }
  }
}

/** The tables that are being filled. Their rows are committed on a connection of their own, whatever the switch does. */
class NextGenerations {
  readonly generations: Generations;
  position: Position | null = null;
  readonly #client: PoolClient;
  readonly #options: RebuildOptions;
  readonly #log: ReadAhead;
  #head: Position = 0n;
  #events = 0;

  constructor(client: PoolClient, generations: Generations, options: RebuildOptions, log: ReadAhead) {
    this.#client = client;
    this.generations = generations;
    this.#options = options;
    this.#log = log;
  }

  /**
   * Takes batches from the log until it stands where the checkpoint is, or past it. Where the log ends before that, because
   * it was put back from an earlier backup, it stands at its end.
   */
  async reach(checkpoint: Position | null): Promise<void> {
    if (checkpoint === null) return;
    this.#head = (await this.#options.store.head(BOXOFFICE_PREFIXES)) ?? 0n;
    const end = checkpoint < this.#head ? checkpoint : this.#head;
    while ((this.position ?? 0n) < end) {
      const batch = await this.#log.next(MAX_BATCH);
      this.#options.signal?.throwIfAborted();
      if (batch === null) throw new Error("the subscription ended by itself");
      await this.#apply(batch);
    }
  }

  async #apply(batch: Batch): Promise<void> {
    const feed = batch.events.map((stored) => new FeedEvent(stored));
    await this.#client.query(BEGIN_PROJECTING);
    for (const projection of this.#options.projections) {
      await run(this.#client, projection.writes(feed, generationOf(this.generations, projection)));
    }
    await this.#client.query("commit");
    this.position = batch.checkpoint;
    this.#events += batch.events.length;
    this.#options.onProgress?.({ events: this.#events, position: batch.checkpoint, head: this.#head });
  }
}

/** While the rows are locked the live projectors wait, so what is behind their checkpoints is all there is to take over. */
async function switchTo(client: PoolClient, next: NextGenerations, projections: readonly Projection[]): Promise<void> {
  await client.query(`begin;
    set local lock_timeout = ${LOCK_TIMEOUT_MS};
    set local idle_in_transaction_session_timeout = ${TAIL_TIMEOUT_MS}`);
  const names = projections.map(({ name }) => name);
  const current = await lockStandings(client, names);
  await next.reach(furthest(current));
  let isOfNewVersion = false;
  for (const projection of projections) {
    const { generation, version } = standingOf(current, projection);
    const isNew = version !== projection.version;
    if (isNew) await dropViews(client, projection.views);
    await showGeneration(client, projection.views, generationOf(next.generations, projection));
    await dropTables(client, projection.views, generation);
    await client.query(`update ${SCHEMA}.projections set generation = $2, version = $3 where name = $1`, [
      projection.name,
      generationOf(next.generations, projection),
      projection.version,
    ]);
    isOfNewVersion ||= isNew;
  }
  if (isOfNewVersion) await showAnalytics(client); // what was built on the views went with them
  if (next.position !== null) await advance(client, names, next.position);
  if (names.some((name) => HOT_MODELS.includes(name))) await tellRebuilt(client);
  await client.query("commit");
}

async function standingsOf(client: PoolClient, projections: readonly Projection[]): Promise<readonly Standing[]> {
  const standings = await readStandings(client);
  return projections.map((projection) => standingOf(standings, projection));
}

function standingOf(standings: readonly Standing[], projection: Projection): Standing {
  const found = standings.find(({ name }) => name === projection.name);
  if (found === undefined) throw new Error("read models are not prepared");
  return found;
}

const generationOf = (generations: Generations, { name }: Projection): number => generations.get(name) as number;

/** Of their checkpoints; null: none of them has seen anything. */
function furthest(standings: readonly Standing[]): Position | null {
  let most: Position | null = null;
  for (const { checkpoint } of standings) if (checkpoint !== null && checkpoint > (most ?? -1n)) most = checkpoint;
  return most;
}

const isLockTimeout = (error: unknown): boolean => error instanceof DatabaseError && error.code === "55P03";
