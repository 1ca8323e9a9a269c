import { holdLease } from "./lease-statements.ts";
import type { Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

export const TIMERS = "readmodels.timers_g1";

interface TimerRow {
  readonly stream: string;
  readonly dueMs: number;
  readonly position: bigint;
}

const keyOf = (stream: string, dueMs: number): string => `${stream}|${dueMs}`;

const timersIn = (transaction: Transaction): readonly TimerRow[] =>
  transaction.rows(TIMERS).map(([, row]) => row as unknown as TimerRow);

const put = (transaction: Transaction, row: TimerRow): void =>
  transaction.put(TIMERS, keyOf(row.stream, row.dueMs), { ...row });

/** An array literal of values that need no quoting. */
const arrayOf = (literal: unknown): readonly string[] => (literal as string).slice(1, -1).split(",");

const kindOf = (stream: string): string => stream.split("-", 1)[0] as string;

const later = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** `src/projections/timers/work.ts` and `projector.ts` */
export const timerStatements: Statements = {
  "select due.* from unnest($2::text[], $3::int[]) as room (prefix, streams) cross join lateral ( select stream, max(due_at) as due_at, max(position)::text as position from ( select * from readmodels.timers t where due_at <= $1 and split_part(t.stream, '-', 1) = split_part(room.prefix, '-', 1) and not $4::jsonb ? t.stream order by due_at limit room.streams * 10 ) longest_due group by stream order by min(due_at), stream limit room.streams ) due":
    async (transaction, values) => {
      const [now, prefixes, streams, except] = values as [Date, string[], number[], string];
      const set = new Set(Object.keys(JSON.parse(except) as object));
      const due = timersIn(transaction)
        .filter(({ stream, dueMs }) => dueMs <= now.getTime() && !set.has(stream))
        .sort((a, b) => a.dueMs - b.dueMs);
      const rows = prefixes.flatMap((prefix, index) => {
        const room = streams[index] as number;
        const ofKind = due.filter(({ stream }) => kindOf(stream) === kindOf(prefix)).slice(0, room * 10);
        return [...Map.groupBy(ofKind, ({ stream }) => stream)].slice(0, room).map(([stream, timers]) => ({
          stream,
          due_at: new Date(Math.max(...timers.map(({ dueMs }) => dueMs))),
          position: timers
            .map(({ position }) => position)
            .reduce(later)
            .toString(),
        }));
      });
      return { rows, rowCount: rows.length };
    },
  "with held as (select 1 from processes.leases where name = $5 and epoch = $6 for key share), seen as ( select * from unnest($1::text[], $2::timestamptz[], $3::numeric[], $4::timestamptz[]) as s (stream, due_at, position, again_at) where exists (select from held)), gone as ( delete from readmodels.timers where (stream, due_at) in ( select t.stream, t.due_at from seen s join readmodels.timers t on t.stream = s.stream and t.due_at <= s.due_at and t.position <= s.position for update of t skip locked)) insert into readmodels.timers (stream, due_at, position) select stream, again_at, position from seen where again_at is not null on conflict (due_at, stream) do nothing":
    async (transaction, values) => {
      const [streams, dueAts, positions, againAts, name, epoch] = values as [
        string[],
        Date[],
        string[],
        (Date | null)[],
        string,
        number,
      ];
      if (!(await holdLease(transaction, name, epoch))) return { rows: [], rowCount: 0 };
      const before = timersIn(transaction);
      for (const [index, stream] of streams.entries()) {
        const dueMs = (dueAts[index] as Date).getTime();
        const position = BigInt(positions[index] as string);
        for (const row of before) {
          if (row.stream !== stream || row.dueMs > dueMs || row.position > position) continue;
          const key = keyOf(stream, row.dueMs);
          if (!transaction.tryLock(TIMERS, key, "update")) continue;
          const now = transaction.get(TIMERS, key) as unknown as TimerRow | undefined;
          if (now !== undefined && now.position <= position) transaction.put(TIMERS, key, null);
        }
      }
      for (const [index, stream] of streams.entries()) {
        const againMs = againAts[index]?.getTime();
        if (againMs === undefined || before.some((row) => row.stream === stream && row.dueMs === againMs)) continue;
        await transaction.lock(TIMERS, keyOf(stream, againMs), "update");
        const isThere = transaction.get(TIMERS, keyOf(stream, againMs)) !== undefined;
        if (!isThere) put(transaction, { stream, dueMs: againMs, position: BigInt(positions[index] as string) });
      }
      return { rows: [], rowCount: 0 };
    },
  "delete from readmodels.timers_g1 where stream = any($1::text[])": async (transaction, [literal]) => {
    const streams = new Set(arrayOf(literal));
    for (const { stream, dueMs } of timersIn(transaction)) {
      if (!streams.has(stream)) continue;
      await transaction.lock(TIMERS, keyOf(stream, dueMs), "update");
      transaction.put(TIMERS, keyOf(stream, dueMs), null);
    }
    return { rows: [], rowCount: 0 };
  },
  "insert into readmodels.timers_g1 (stream, due_at, position) select stream, to_timestamp(second), position from unnest($1::text[], $2::float8[], $3::numeric[]) as t (stream, second, position) on conflict (due_at, stream) do update set position = excluded.position":
    async (transaction, values) => {
      const [streams, seconds, positions] = values.map(arrayOf) as [string[], string[], string[]];
      for (const [index, stream] of streams.entries()) {
        const dueMs = Number(seconds[index]) * 1_000;
        await transaction.lock(TIMERS, keyOf(stream, dueMs), "no-key-update");
        put(transaction, { stream, dueMs, position: BigInt(positions[index] as string) });
      }
      return { rows: [], rowCount: 0 };
    },
};
