import type { Pool, PoolClient } from "pg";
import type { Batch, EventStore, Position } from "../../eventstore/port.ts";
import { BOXOFFICE_PREFIXES } from "../../eventstore/streams.ts";
import { FeedEvent } from "../../projections/feed-event.ts";
import { dropTables } from "../../projections/prepare.ts";
import { type Projection, SCHEMA, tableName } from "../../projections/projection.ts";
import { ReadAhead } from "../../projections/read-ahead.ts";
import { PATIENT_MODELS, PROMPT_MODELS } from "../../projections/read-models.ts";
import { lockStandings, readStandings } from "../../projections/registry.ts";
import { BEGIN_PROJECTING, run } from "../../projections/transaction.ts";

/** A row that a read model has and the log does not give, or the other way round. */
export interface RowDifference {
  readonly view: string;
  readonly side: "only in the read model" | "only by the log";
  /** As Postgres writes it, cut where it is long. */
  readonly row: string;
}

export interface ReadModelVerification {
  readonly views: number;
  readonly rows: number;
  /** In all; of each view some are told. */
  readonly found: number;
  readonly differences: readonly RowDifference[];
}

export interface VerifyReadModelsOptions {
  /** Its user makes and drops tables; takes three connections. */
  readonly pool: Pool;
  readonly store: Pick<EventStore, "subscribe" | "head">;
  readonly signal?: AbortSignal;
  /** Told after each batch, with the part of the log that is behind it. */
  readonly onProgress?: (events: number, part: number) => void;
}

/** One list of work, from which what was done is deleted: what stands in it is not for the log alone to say. */
const LISTS_OF_WORK = ["timers"];

/** Models that are projected together, and so have come equally far, but for moments. */
const GROUPS = [PROMPT_MODELS, PATIENT_MODELS].map((group) =>
  group.filter(({ name }) => !LISTS_OF_WORK.includes(name)),
);

/** No rebuild comes to it: tables of this generation are those that are compared with. */
const GENERATION = 999_999;
const MAX_BATCH = 5_000;
/** So few events may be left for when the projector has to wait. */
const FEW = 2_000n;
const MOST_ROUNDS = 10;
const TOLD_OF_VIEW = 10;
const ROW_CHARACTERS = 300;

/**
 * Builds every read model anew from the log, beside those that serve, and compares them row by row. The projector waits for
 * as long as it takes to come to the very position that it has come to: some milliseconds.
 * @throws Error another process is at it
 */
export async function verifyReadModels(options: VerifyReadModelsOptions): Promise<ReadModelVerification> {
  const builder = await connect(options.pool);
  try {
    const { rows } = await builder.query<{ locked: boolean }>(
      "select pg_try_advisory_lock(hashtextextended('boxoffice verify read models', 0)) as locked",
    );
    if (rows[0]?.locked !== true) throw new Error("the read models are being verified already");
    const found: ReadModelVerification[] = [];
    for (const group of GROUPS) found.push(await verifyGroup(builder, group, options));
    const sum = (of: (one: ReadModelVerification) => number) => found.reduce((all, one) => all + of(one), 0);
    return {
      views: sum(({ views }) => views),
      rows: sum(({ rows }) => rows),
      found: sum(({ found }) => found),
      differences: found.flatMap(({ differences }) => differences),
    };
  } finally {
    builder.release(true); // with the session its lock goes
  }
}

async function verifyGroup(
  builder: PoolClient,
  projections: readonly Projection[],
  options: VerifyReadModelsOptions,
): Promise<ReadModelVerification> {
  const done = new AbortController();
  const signal = AbortSignal.any([done.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const comparer = await connect(options.pool);
  try {
    await drop(builder, projections);
    for (const projection of projections) await builder.query(projection.createTables(GENERATION));
    const source = options.store.subscribe({
      ...{ after: null, streamPrefixes: BOXOFFICE_PREFIXES, maxBatch: MAX_BATCH, signal },
    });
    const next = new NextTables(builder, projections, new ReadAhead(source, 2 * MAX_BATCH, signal), options);
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const least = leastOf(await checkpoints(builder, projections));
      if (least - next.position <= FEW && round > 0) break;
      await next.reach(new Map(projections.map(({ name }) => [name, least])));
    }
    await atSamePlace(options.pool, comparer, projections, next);
    return await compare(comparer, projections);
  } finally {
    done.abort();
    comparer.release(true);
    await drop(builder, projections);
  }
}

/** While their rows are locked the projector waits; once the comparison has its snapshot it goes on. */
async function atSamePlace(
  pool: Pool,
  comparer: PoolClient,
  projections: readonly Projection[],
  next: NextTables,
): Promise<void> {
  const holder = await connect(pool);
  try {
    await holder.query("begin; set local lock_timeout = 10000; set local idle_in_transaction_session_timeout = 30000");
    const standings = await lockStandings(
      holder,
      projections.map(({ name }) => name),
    );
    await next.reach(new Map(standings.map(({ name, checkpoint }) => [name, checkpoint ?? 0n])));
    await comparer.query("begin isolation level repeatable read read only");
    await comparer.query("select 1 from pg_class limit 1"); // takes the snapshot
  } finally {
    holder.release(true); // ends the transaction
  }
}

async function checkpoints(client: PoolClient, projections: readonly Projection[]): Promise<readonly Position[]> {
  const standings = await readStandings(client);
  return projections.map(({ name, version }) => {
    const standing = standings.find((one) => one.name === name);
    if (standing === undefined) throw new Error("read models are not prepared");
    if (standing.version !== version)
      throw new Error(`${name} is kept in version ${standing.version}: rebuild it first`);
    return standing.checkpoint ?? 0n;
  });
}

const leastOf = (positions: readonly Position[]): Position =>
  positions.reduce((least, one) => (one < least ? one : least));

/** The tables that are compared with, each filled up to a position of its own. */
class NextTables {
  /** Up to there all of them have everything. */
  position: Position = 0n;
  readonly #client: PoolClient;
  readonly #projections: readonly Projection[];
  readonly #log: ReadAhead;
  readonly #options: VerifyReadModelsOptions;
  readonly #reached = new Map<string, Position>();
  /** What some of them are not to have yet. */
  #waiting: readonly FeedEvent[] = [];
  #read: Position = 0n;
  #events = 0;

  constructor(
    client: PoolClient,
    projections: readonly Projection[],
    log: ReadAhead,
    options: VerifyReadModelsOptions,
  ) {
    this.#client = client;
    this.#projections = projections;
    this.#log = log;
    this.#options = options;
  }

  /** @param upTo how far each is to come; where the log ends before that, it ends there: what was cut off never comes */
  async reach(upTo: ReadonlyMap<string, Position>): Promise<void> {
    const end = (await this.#options.store.head(BOXOFFICE_PREFIXES)) ?? 0n;
    const wanted = [...upTo.values()].reduce((all, one) => (one > all ? one : all), 0n);
    const most = wanted < end ? wanted : end;
    await this.#write(upTo);
    while (this.#read < most) {
      const batch: Batch | null = await this.#log.next(MAX_BATCH);
      this.#options.signal?.throwIfAborted();
      if (batch === null) throw new Error("the subscription ended by itself");
      this.#waiting = [...this.#waiting, ...batch.events.map((stored) => new FeedEvent(stored))];
      this.#read = batch.checkpoint;
      this.#events += batch.events.length;
      await this.#write(upTo);
      this.#options.onProgress?.(this.#events, Number(batch.checkpoint) / Number(most));
    }
    this.position = leastOf([...upTo.values()]);
  }

  async #write(upTo: ReadonlyMap<string, Position>): Promise<void> {
    await this.#client.query(BEGIN_PROJECTING);
    for (const projection of this.#projections) {
      const after = this.#reached.get(projection.name) ?? 0n;
      const until = upTo.get(projection.name) ?? 0n;
      const events = this.#waiting.filter(({ stored: { position } }) => position > after && position <= until);
      const last = events.at(-1);
      if (last === undefined) continue;
      await run(this.#client, projection.writes(events, GENERATION));
      this.#reached.set(projection.name, last.stored.position);
    }
    await this.#client.query("commit");
    const least = leastOf([...upTo.values()]);
    this.#waiting = this.#waiting.filter(({ stored }) => stored.position > least);
  }
}

/** Rows as texts, since some columns are of types that have no equality. Postgres spills to disk what it sorts. */
async function compare(client: PoolClient, projections: readonly Projection[]): Promise<ReadModelVerification> {
  const views = projections.flatMap(({ views }) => views);
  const differences: RowDifference[] = [];
  let [rows, found] = [0, 0];
  for (const view of views) {
    const [served, built] = [`${SCHEMA}.${view}`, tableName(view, GENERATION)];
    const { rows: counts } = await client.query<{ count: string }>(`select count(*) from ${built}`);
    rows += Number(counts[0]?.count);
    for (const [side, from, other] of [
      ["only in the read model", served, built],
      ["only by the log", built, served],
    ] as const) {
      const { rows: different } = await client.query<{ row: string; count: string }>(
        `select left(row, ${ROW_CHARACTERS}) as row, count(*) over () as count
           from (select t::text as row from ${from} t except all select t::text from ${other} t) d limit ${TOLD_OF_VIEW}`,
      );
      found += Number(different[0]?.count ?? 0);
      for (const { row } of different) differences.push({ view, side, row });
    }
  }
  return { views: views.length, rows, found, differences };
}

async function drop(client: PoolClient, projections: readonly Projection[]): Promise<void> {
  for (const { views } of projections) await dropTables(client, views, GENERATION);
}

async function connect(pool: Pool): Promise<PoolClient> {
  const client = await pool.connect();
  client.on("error", () => undefined); // a connection that breaks makes the next query fail, which is enough
  return client;
}
