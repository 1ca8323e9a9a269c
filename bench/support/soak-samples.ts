import { readdir } from "node:fs/promises";
import type pg from "pg";
import { residentMemory } from "./process-figures.ts";
import type { LagMeter } from "./read-models.ts";

/** What a node and its database have at one moment. */
export interface Sample {
  readonly atSeconds: number;
  readonly residentMiB: number;
  readonly fileHandles: number;
  readonly connections: number;
  readonly lagMs: number;
  readonly events: number;
  /** Tables and indexes; the log's own is data, all else should follow it. */
  readonly logBytes: number;
  readonly otherBytes: number;
  readonly deadRows: number;
  readonly liveRows: number;
}

const SIZES = `
  select (select coalesce(max(position), 0)::float8 from eventstore.events) as events,
         coalesce(sum(pg_total_relation_size(relid)) filter (where schemaname = 'eventstore'), 0)::float8 as log_bytes,
         coalesce(sum(pg_total_relation_size(relid)) filter (where schemaname <> 'eventstore'), 0)::float8 as other_bytes,
         coalesce(sum(n_dead_tup), 0)::float8 as dead, coalesce(sum(n_live_tup), 0)::float8 as live,
         (select count(*)::int from pg_stat_activity where datname = current_database()) as connections
    from pg_stat_user_tables`;

export async function takeSample(pool: pg.Pool, lag: LagMeter, pid: number, atSeconds: number): Promise<Sample> {
  const [memory, handles, lagMs, sizes] = await Promise.all([
    residentMemory(pid),
    readdir(`/proc/${pid}/fd`).catch(() => []),
    lag.lagMs(),
    pool.query<Record<"events" | "log_bytes" | "other_bytes" | "dead" | "live" | "connections", number>>(SIZES),
  ]);
  const [row] = sizes.rows;
  if (row === undefined) throw new Error("no sizes");
  return {
    atSeconds,
    residentMiB: memory?.nowMiB ?? 0,
    fileHandles: handles.length,
    connections: row.connections,
    lagMs,
    events: row.events,
    logBytes: row.log_bytes,
    otherBytes: row.other_bytes,
    deadRows: row.dead,
    liveRows: row.live,
  };
}

/** By how much a figure rises over these samples, by the line that fits them best. */
export function risesBy(samples: readonly Sample[], figure: (sample: Sample) => number): number {
  const count = samples.length;
  if (count < 2) return 0;
  const meanAt = samples.reduce((sum, { atSeconds }) => sum + atSeconds, 0) / count;
  const mean = samples.reduce((sum, sample) => sum + figure(sample), 0) / count;
  let covariance = 0;
  let variance = 0;
  for (const sample of samples) {
    covariance += (sample.atSeconds - meanAt) * (figure(sample) - mean);
    variance += (sample.atSeconds - meanAt) ** 2;
  }
  const seconds = (samples.at(-1)?.atSeconds ?? 0) - (samples[0]?.atSeconds ?? 0);
  return variance === 0 ? 0 : (covariance / variance) * seconds;
}
