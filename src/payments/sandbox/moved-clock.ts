import type { DatabaseSync } from "node:sqlite";
import type { GroupCommit } from "./group-commit.ts";

const TABLE = `
  create table if not exists clock (
    only integer primary key check (only = 1),
    offset_ms integer not null
  ) strict;
  insert into clock values (1, 0) on conflict do nothing;
`;

/** This machine's clock, moved as the nodes say: they have one clock for everything, and it can be advanced. */
export interface MovedClock {
  nowMs(): number;
  /** From now on it is so far from this machine's, also after a restart. */
  moveTo(offsetMs: number): Promise<void>;
}

export function movedClock(database: DatabaseSync, commits: GroupCommit, wallMs: () => number): MovedClock {
  database.exec(TABLE);
  const write = database.prepare("update clock set offset_ms = ?");
  let { offset_ms: offsetMs } = database.prepare("select offset_ms from clock").get() as { offset_ms: number };

  return {
    nowMs: () => wallMs() + offsetMs,
    async moveTo(toMs) {
      await commits.run(() => write.run(toMs));
      offsetMs = toMs;
    },
  };
}
