import type { Pool } from "pg";
import type { Position } from "../../eventstore/port.ts";
import type { Lease } from "../../leases/lease.ts";
import { kindOf } from "./table.ts";

/** Something is due in this stream, for up to this event of it. */
export interface DueStream {
  readonly stream: string;
  /** The last time that is due. */
  readonly dueAt: Date;
  /** Of the last event that asked for one of them. */
  readonly position: Position;
}

/** What was due in a stream has been seen to. */
export interface SeenTo extends DueStream {
  /** When the stream has to be looked at again, in epoch milliseconds; null when nothing is left to do. */
  readonly againAtMs: number | null;
}

/** How many streams whose names begin like this are wanted. */
export interface Room {
  readonly prefix: string;
  /** 0 or more. */
  readonly streams: number;
}

/** How many timers are looked at for each stream that is wanted: a busy stream with many must not hide all others. */
const TIMERS_PER_STREAM = 10;

/**
 * Streams with something due, of each kind as many as there is room for, longest due first, none of `except`. Only the
 * timers longest due are looked at, so that a million of them that wait since an outage cost no more than a few; of a
 * kind that has something due there is always one.
 */
export async function dueStreams(
  pool: Pool,
  nowMs: number,
  rooms: readonly Room[],
  except: readonly string[],
): Promise<readonly DueStream[]> {
  const { rows } = await pool.query<{ stream: string; due_at: Date; position: string }>({
    name: "timers_due_streams",
    text: `select due.* from unnest($2::text[], $3::int[]) as room (prefix, streams)
           cross join lateral (
             select stream, max(due_at) as due_at, max(position)::text as position
             from (
               select * from readmodels.timers t
               where due_at <= $1 and ${kindOf("t.stream")} = ${kindOf("room.prefix")}
                 and not $4::jsonb ? t.stream
               order by due_at limit room.streams * ${TIMERS_PER_STREAM}
             ) longest_due
             group by stream order by min(due_at), stream limit room.streams
           ) due`,
    values: [new Date(nowMs), rooms.map(({ prefix }) => prefix), rooms.map(({ streams }) => streams), setOf(except)],
  });
  return rows.map(({ stream, due_at, position }) => ({ stream, dueAt: due_at, position: BigInt(position) }));
}

/** Keys of a JSON object are found by bisection; an array would be gone through for every timer. */
const setOf = (streams: readonly string[]): string =>
  JSON.stringify(Object.fromEntries(streams.map((one) => [one, 0])));

/**
 * Takes away the timers of streams that were seen to, up to `dueAt`, unless a later event has asked for them again; and
 * puts one there for each that has to be looked at again. Does nothing when the lease is no longer held. A row that the
 * projector is at is left for the next round: to wait for it here could be a deadlock.
 */
export async function settleTimers(
  pool: Pool,
  lease: Pick<Lease, "name" | "epoch">,
  seen: readonly SeenTo[],
): Promise<void> {
  await pool.query({
    name: "timers_settle",
    text: `with held as (select 1 from processes.leases where name = $5 and epoch = $6 for key share),
             seen as (
               select * from unnest($1::text[], $2::timestamptz[], $3::numeric[], $4::timestamptz[])
                 as s (stream, due_at, position, again_at) where exists (select from held)),
             gone as (
               delete from readmodels.timers where (stream, due_at) in (
                 select t.stream, t.due_at from seen s join readmodels.timers t
                   on t.stream = s.stream and t.due_at <= s.due_at and t.position <= s.position
                 for update of t skip locked))
           insert into readmodels.timers (stream, due_at, position)
             select stream, again_at, position from seen where again_at is not null
           on conflict (due_at, stream) do nothing`,
    values: [
      seen.map(({ stream }) => stream),
      seen.map(({ dueAt }) => dueAt),
      seen.map(({ position }) => position.toString()),
      seen.map(againAt),
      lease.name,
      lease.epoch,
    ],
  });
}

/**
 * Behind all that goes: a row that is put where one is being taken away would be gone, too. And never at a full second:
 * there are the projector's rows, for which it would have to wait.
 */
function againAt({ dueAt, againAtMs }: SeenTo): Date | null {
  if (againAtMs === null) return null;
  const ms = Math.max(againAtMs, dueAt.getTime() + 1);
  return new Date(ms % 1_000 === 0 ? ms + 1 : ms);
}
