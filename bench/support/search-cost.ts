import { query } from "./postgres-server.ts";
import { processorMicros } from "./process-figures.ts";

/** Processor time so far, in microseconds; null where the machine does not tell. */
export interface ProcessorTime {
  readonly node: number | null;
  /** Of the connections that are open; those are kept while there is work. */
  readonly postgres: number | null;
}

/** Of a node and of what Postgres does for it. */
export async function processorTime(databaseUrl: string, pid: number): Promise<ProcessorTime> {
  const backends = await query<{ pid: number }>(
    databaseUrl,
    "select pid from pg_stat_activity where datname = current_database() and application_name like 'boxoffice%'",
  );
  const times = await Promise.all(backends.map((backend) => processorMicros(backend.pid)));
  const known = times.filter((time) => time !== null);
  return {
    node: await processorMicros(pid),
    postgres: known.length === times.length ? known.reduce((sum, time) => sum + time, 0) : null,
  };
}
