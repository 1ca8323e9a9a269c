import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import type { EventStore } from "../../../src/eventstore/port.ts";
import { prepareReadModels } from "../../../src/projections/prepare.ts";
import { READ_MODELS } from "../../../src/projections/read-models.ts";
import { readStandings } from "../../../src/projections/registry.ts";
import { startProjector } from "../../../src/projections/runner.ts";
import { VIEW as TIMERS } from "../../../src/projections/timers/table.ts";
import { databaseOn } from "../../support/postgres.ts";

/** A list of work, from which is taken what was seen to. */
const NOT_OF_THE_LOG_ALONE: ReadonlySet<string> = new Set([TIMERS]);
export const COMPARED_VIEWS: readonly string[] = READ_MODELS.flatMap(({ views }) => views).filter(
  (view) => !NOT_OF_THE_LOG_ALONE.has(view),
);
const LOOK_MS = 100;
const WITHIN_MS = 600_000;
const SHOWN = 5;
const ATTEMPTS = 5;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

export interface Rebuilt {
  readonly differences: readonly string[];
  readonly rows: number;
}

/**
 * Fills read models of its own from the whole log, by the same projections but in one go and without faults, in a
 * database beside the one that serves, and compares all rows. The projections themselves it does not doubt: what they say
 * is held against the log by what clients have read.
 * @param databaseUrl of the read models that served while things broke; whoever it names may make databases
 */
export async function compareRebuilt(store: EventStore, databaseUrl: string): Promise<Rebuilt> {
  const beside = await databaseOn(databaseUrl);
  const anew = new pg.Pool({ connectionString: beside.url, max: 4 });
  const served = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  for (const pool of [anew, served]) pool.on("error", () => undefined);
  try {
    await prepareReadModels(anew);
    const projector = startProjector({ store, pool: anew, clock: { nowMs: Date.now }, holder: "torture", log: silent });
    try {
      return await compareOnceLevel(anew, served);
    } finally {
      await projector.stop();
    }
  } finally {
    await anew.end();
    await served.end();
    await beside.drop();
  }
}

/** Something may come due meanwhile: what differs is looked at again once both have come further. */
async function compareOnceLevel(anew: pg.Pool, served: pg.Pool): Promise<Rebuilt> {
  for (let attempt = 1; ; attempt += 1) {
    const [here, there] = await level(anew, served);
    if (here !== there) return { differences: [`rebuilt as far as ${here}, served as far as ${there}`], rows: 0 };
    const found = await compareViews(anew, served, COMPARED_VIEWS);
    const [after] = await positions(served);
    if (found.differences.length === 0 || (after === there && attempt > 1) || attempt >= ATTEMPTS) return found;
    await pause(LOOK_MS * 10);
  }
}

async function level(anew: pg.Pool, served: pg.Pool): Promise<readonly [string, string]> {
  const untilMs = performance.now() + WITHIN_MS;
  for (;;) {
    const both = await Promise.all([positions(anew), positions(served)]);
    const [here, there] = both.map((all) => all.join());
    if (here === there || performance.now() > untilMs) return [here ?? "", there ?? ""];
    await pause(LOOK_MS);
  }
}

const positions = async (pool: pg.Pool): Promise<readonly string[]> => [
  ...new Set((await readStandings(pool)).map(({ checkpoint }) => String(checkpoint))),
];

/** Row by row, by the text that Postgres makes of a row; of what differs the first few. */
export async function compareViews(anew: pg.Pool, served: pg.Pool, views: readonly string[]): Promise<Rebuilt> {
  const differences: string[] = [];
  let rows = 0;
  for (const view of views) {
    const sums = await Promise.all([anew, served].map((pool) => sumOf(pool, view)));
    const [here, there] = sums as [Sum, Sum];
    rows += there.rows;
    if (here.rows === there.rows && here.sum === there.sum) continue;
    differences.push(`${view}: ${there.rows} rows, rebuilt ${here.rows}`, ...(await differing(anew, served, view)));
  }
  return { differences, rows };
}

interface Sum {
  readonly rows: number;
  readonly sum: string;
}

async function sumOf(pool: pg.Pool, view: string): Promise<Sum> {
  const { rows } = await pool.query<Sum>(
    `select count(*)::int as rows, coalesce(sum(hashtextextended(one::text, 0)::numeric), 0)::text as sum
     from readmodels.${view} one`,
  );
  return rows[0] as Sum;
}

async function differing(anew: pg.Pool, served: pg.Pool, view: string): Promise<readonly string[]> {
  const [here, there] = await Promise.all([textsOf(anew, view), textsOf(served, view)]);
  const missing = [...here.difference(there)].slice(0, SHOWN).map((row) => `${view}: only rebuilt ${row}`);
  const spare = [...there.difference(here)].slice(0, SHOWN).map((row) => `${view}: only served ${row}`);
  return [...missing, ...spare];
}

async function textsOf(pool: pg.Pool, view: string): Promise<Set<string>> {
  const { rows } = await pool.query<{ row: string }>(`select one::text as row from readmodels.${view} one`);
  return new Set(rows.map(({ row }) => row));
}
