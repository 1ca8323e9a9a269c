import { tableName } from "../projection.ts";

export const VIEW = "timers";

/**
 * A row of `readmodels.timers`: in this stream something falls due. Deleted by the process that saw to it, so this one
 * table is a list of work: rebuilt, it names again what was seen to long ago, which does no harm.
 */
export interface TimerRow {
  readonly stream: string;
  /** A full second: everything due in the second before it. */
  readonly due_at: Date;
  /** Of the last event that asked for it. */
  readonly position: string;
}

/** In SQL, the part of a stream's name before its first `-`, by which timers are fetched. */
export const kindOf = (stream: string): string => `split_part(${stream}, '-', 1)`;

export const createTables = (generation: number): string => `
  create table ${tableName(VIEW, generation)} (
    due_at timestamptz not null,
    stream text not null,
    position numeric(39, 0) not null,
    primary key (stream, due_at)
  ) with (fillfactor = 50);
  create index ${VIEW}_g${generation}_by_due on ${tableName(VIEW, generation)} (${kindOf("stream")}, due_at);`;
