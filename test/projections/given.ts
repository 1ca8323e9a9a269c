import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect } from "vitest";
import type { Batch, EventStore, Position, StoredEvent } from "../../src/eventstore/port.ts";
import type { Log } from "../../src/ports.ts";
import { prepareReadModels } from "../../src/projections/prepare.ts";
import type { Projection } from "../../src/projections/projection.ts";
import { READ_MODELS } from "../../src/projections/read-models.ts";
import { projectBatch } from "../../src/projections/transaction.ts";
import { freshDatabase } from "../support/postgres.ts";
import { type Fact, recordedBy } from "./recorded.ts";

export const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

export const batchOf = (events: readonly StoredEvent[]): Batch => ({
  events,
  checkpoint: events.at(-1)?.position ?? 0n,
});

/** A database of its own with empty read models. */
export async function readModelDatabase(projections: readonly Projection[] = READ_MODELS) {
  const database = await freshDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 10 });
  pool.on("error", () => undefined);
  await prepareReadModels(pool, projections);
  return {
    url: database.url,
    pool,
    async [Symbol.asyncDispose]() {
      await pool.end();
      await database.drop();
    },
  };
}

/** Appends facts one by one. @returns the position of the last */
export async function record(store: EventStore, ...facts: readonly Fact[]): Promise<Position> {
  let position = 0n;
  for (const { stream, ...event } of recordedBy()(...facts)) {
    position = (await store.append(stream, [event], "any")).position;
  }
  return position;
}

/** A lease on the projector's work that stands until somebody takes it. */
export async function takeLease(pool: pg.Pool, name = "projector"): Promise<{ name: string; epoch: number }> {
  const { rows } = await pool.query<{ epoch: number }>(
    `insert into processes.leases as l values ($1, $2, 1, clock_timestamp() + interval '1 hour')
     on conflict (name) do update set epoch = l.epoch + 1, holder = excluded.holder, until = excluded.until
     returning epoch`,
    [name, randomUUID()],
  );
  return { name, epoch: rows[0]?.epoch ?? 0 };
}

/** Projects events as the runner does, one batch for each list. */
export async function project(pool: pg.Pool, ...batches: readonly (readonly StoredEvent[])[]): Promise<void> {
  const lease = await takeLease(pool);
  const client = await pool.connect();
  try {
    for (const events of batches) await projectBatch(client, lease, READ_MODELS, batchOf(events));
  } finally {
    client.release();
  }
}

export const rowsOf = async (pool: pg.Pool, view: string): Promise<readonly Record<string, unknown>[]> =>
  (await pool.query(`select v.* from readmodels.${view} v order by 1, 2, v::text`)).rows;

/**
 * Specs of projections on a database that they share one after the other.
 *
 * `given(facts).then({ view: rows })`: the facts leave these rows, of which only the columns named are compared.
 * They do so in one batch and one by one alike, or it is a fault.
 */
export function projectionSpecs() {
  let database: Awaited<ReturnType<typeof readModelDatabase>>;
  beforeAll(async () => {
    database = await readModelDatabase();
  });
  afterAll(() => database[Symbol.asyncDispose]());

  const leave = async (batches: readonly (readonly StoredEvent[])[], expected: Expected) => {
    await database.pool.query("drop schema readmodels cascade");
    await prepareReadModels(database.pool);
    await project(database.pool, ...batches);
    for (const [view, rows] of Object.entries(expected)) {
      expect(await rowsOf(database.pool, view), view).toEqual(rows.map((row) => expect.objectContaining(row)));
    }
  };
  return {
    given(...facts: readonly Fact[]) {
      const events = recordedBy()(...facts);
      return {
        // biome-ignore lint/suspicious/noThenProperty: the word of the grammar; nobody awaits what was given
        async then(expected: Expected): Promise<void> {
          await leave([events], expected);
          const oneByOne = events.map((event) => [event]);
          await leave(oneByOne, expected);
        },
      };
    },
  };
}

type Expected = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
