import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";

/** One time that a lease was taken, or that the projector moved its checkpoint, on Postgres's clock in epoch milliseconds. */
export interface Entry {
  readonly what: string;
  readonly epoch: number;
  readonly atMs: number;
}

/** What Postgres itself saw, written by triggers: no process's clock or delay is in it. */
export interface PostgresRecord {
  nowMs(): Promise<number>;
  /** Of each lease, when it was taken in which epoch. */
  takings(): Promise<readonly Entry[]>;
  /** When the projector first moved its checkpoint after this time; null: it has not. */
  firstProjectedAfter(atMs: number): Promise<number | null>;
  /** Times that a checkpoint went back. */
  setBacks(): Promise<number>;
}

/** Begins the record, in a database that has its tables. */
export async function keepRecord(pool: pg.Pool): Promise<PostgresRecord> {
  await pool.query(RECORD);
  const one = async (text: string, values: readonly unknown[] = []): Promise<number | null> => {
    const { rows } = await pool.query<{ value: number | null }>(text, [...values]);
    return rows[0]?.value ?? null;
  };
  return {
    nowMs: async () => (await one("select extract(epoch from clock_timestamp())::float8 * 1000 as value")) ?? 0,
    async takings() {
      const { rows } = await pool.query<Entry>(
        `select what, epoch, extract(epoch from at)::float8 * 1000 as "atMs" from record where epoch > 0 order by at`,
      );
      return rows;
    },
    firstProjectedAfter: (atMs) =>
      one(
        `select extract(epoch from min(at))::float8 * 1000 as value from record
          where what = 'projected' and at > to_timestamp($1 / 1000.0)`,
        [atMs],
      ),
    setBacks: async () => (await one("select count(*)::int as value from record where what = 'set back'")) ?? 0,
  };
}

const RECORD = `
  create table record (what text, epoch integer, at timestamptz default clock_timestamp());
  create function record_taking() returns trigger language plpgsql as $$ begin
    insert into public.record values (new.name, new.epoch); return null; end $$;
  create trigger record_taking after update on processes.leases for each row
    when (new.epoch <> old.epoch) execute function record_taking();
  create function record_projected() returns trigger language plpgsql as $$ begin
    insert into public.record values (case when new.checkpoint < old.checkpoint then 'set back' else 'projected' end, 0);
    return null; end $$;
  create trigger record_projected after update on readmodels.projections for each row
    when (new.name = 'reservations') execute function record_projected();`;

const EACH_MS = 50;
/** What a question and a timer take on a machine that does little else. */
const USUAL_MS = 10;

/**
 * How long the machine kept everybody waiting in all, since it was begun: a question to Postgres each 50 ms tells by how
 * much later than usual it is answered. What is promised within so many seconds is promised of a machine that runs.
 */
export function watchStalls(pool: pg.Pool): { stop(): Promise<number> } {
  const stopped = new AbortController();
  const watching = (async () => {
    let lateMs = 0;
    for (let last = performance.now(); !stopped.signal.aborted; ) {
      await pool.query("select 1");
      const now = performance.now();
      lateMs += Math.max(0, now - last - EACH_MS - USUAL_MS);
      last = now;
      await pause(EACH_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
    return lateMs;
  })();
  return {
    stop() {
      stopped.abort();
      return watching;
    },
  };
}
