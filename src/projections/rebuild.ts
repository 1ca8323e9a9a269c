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
  readonly projection: Projection;
  /** Ends it early; the tables that served go on serving. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RebuildProgress) => void;
}

export interface RebuildProgress {
  readonly events: number;
  readonly position: Position;
  /** The log's last position when the rebuild began. */
  readonly head: Position;
}

/** Another rebuild of the same read model is under way. */
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
 * Builds a read model's next generation from the start of the log while the current one serves and is kept up to date;
 * then holds the live projector still, takes over the tail, and switches views and checkpoint in one transaction.
 * Takes two connections of the pool.
 * @returns the new generation
 * @throws RebuildUnderWay
 */
export async function rebuildProjection(options: RebuildOptions): Promise<number> {
  const end = new AbortController();
  const signal = options.signal === undefined ? end.signal : AbortSignal.any([end.signal, options.signal]);
  const builder = await connect(options.pool);
  try {
    await lockRebuild(builder, options.projection.name);
    const switcher = await connect(options.pool);
    try {
      return await rebuild(builder, switcher, { ...options, signal });
    } finally {
      switcher.release(true);
    }
  } finally {
    end.abort();
    // With the session its lock goes too, but not before the server has noticed its end: whoever begins anew would be refused.
    await builder.query("rollback; select pg_advisory_unlock_all()").catch(() => undefined);
    builder.release(true);
  }
}

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
  for (const projection of projections) {
    const standing = standings.find(({ name }) => name === projection.name);
    if (standing === undefined || standing.version >= projection.version || signal.aborted) continue;
    log.info({ projection: projection.name, from: standing.version, to: projection.version }, "rebuilding");
    await rebuildProjection({ pool, store, projection, signal });
  }
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
): Promise<number> {
  const { projection, store, signal } = options;
  const generation = (await standingOf(builder, projection)).generation + 1;
  await dropTables(builder, projection.views, generation); // what a rebuild that was cut short left behind
  await builder.query(projection.createTables(generation));
  const head = (await store.head(BOXOFFICE_PREFIXES)) ?? 0n;
  const source = store.subscribe({ after: null, streamPrefixes: BOXOFFICE_PREFIXES, maxBatch: MAX_BATCH, signal });
  const next = new NextGeneration(builder, generation, options, new ReadAhead(source, 2 * MAX_BATCH, signal), head);
  await next.reach((await standingOf(builder, projection)).checkpoint);
  for (let attempt = 1; ; attempt += 1) {
    // First without holding anybody up, so that little is left for when the projector waits.
    await next.reach((await standingOf(builder, projection)).checkpoint);
    try {
      await switchTo(switcher, next, projection);
      return generation;
    } catch (error) {
      await switcher.query("rollback").catch(() => undefined);
      if (!isLockTimeout(error) || attempt >= SWITCH_ATTEMPTS) throw error;
      await sleep(50 + Math.random() * 100, undefined, { signal });
    }
  }
}

/** The tables that are being filled. Their rows are committed on a connection of their own, whatever the switch does. */
class NextGeneration {
  readonly generation: number;
  position: Position | null = null;
  readonly #client: PoolClient;
  readonly #options: RebuildOptions;
  readonly #log: ReadAhead;
  readonly #head: Position;
  #events = 0;

  constructor(client: PoolClient, generation: number, options: RebuildOptions, log: ReadAhead, head: Position) {
    this.#client = client;
    this.generation = generation;
    this.#options = options;
    this.#log = log;
    this.#head = head;
  }

  /** Takes batches from the log until it stands where the checkpoint is, or past it. */
  async reach(checkpoint: Position | null): Promise<void> {
    while (checkpoint !== null && (this.position === null || this.position < checkpoint)) {
      const batch = await this.#log.next(MAX_BATCH);
      this.#options.signal?.throwIfAborted();
      if (batch === null) throw new Error("the subscription ended by itself");
      await this.#apply(batch);
    }
  }

  async #apply(batch: Batch): Promise<void> {
    const feed = batch.events.map((stored) => new FeedEvent(stored));
    await this.#client.query(BEGIN_PROJECTING);
    await run(this.#client, this.#options.projection.writes(feed, this.generation));
    await this.#client.query("commit");
    this.position = batch.checkpoint;
    this.#events += batch.events.length;
    this.#options.onProgress?.({ events: this.#events, position: batch.checkpoint, head: this.#head });
  }
}

/** While the row is locked the live projector waits, so what is behind its checkpoint is all there is to take over. */
async function switchTo(client: PoolClient, next: NextGeneration, projection: Projection): Promise<void> {
  await client.query(`begin;
    set local lock_timeout = ${LOCK_TIMEOUT_MS};
    set local idle_in_transaction_session_timeout = ${TAIL_TIMEOUT_MS}`);
  const [current] = await lockStandings(client, [projection.name]);
  if (current === undefined) throw new Error("read models are not prepared");
  await next.reach(current.checkpoint);
  if (current.version !== projection.version) await dropViews(client, projection.views);
  await showGeneration(client, projection.views, next.generation);
  await dropTables(client, projection.views, current.generation);
  if (current.version !== projection.version) await showAnalytics(client); // what was built on the views went with them
  await client.query(`update ${SCHEMA}.projections set generation = $2, version = $3 where name = $1`, [
    projection.name,
    next.generation,
    projection.version,
  ]);
  if (next.position !== null) await advance(client, [projection.name], next.position);
  if (HOT_MODELS.includes(projection.name)) await tellRebuilt(client);
  await client.query("commit");
}

async function standingOf(client: PoolClient, projection: Projection): Promise<Standing> {
  const found = (await readStandings(client)).find(({ name }) => name === projection.name);
  if (found === undefined) throw new Error("read models are not prepared");
  return found;
}

const isLockTimeout = (error: unknown): boolean => error instanceof DatabaseError && error.code === "55P03";
