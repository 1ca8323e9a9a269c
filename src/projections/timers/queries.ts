import type { Pool } from "pg";
import type { Position } from "../../eventstore/port.ts";
import type { Lease } from "../../leases/lease.ts";

/** Something is due in this stream, for up to this event of it. */
export interface DueTimers {
  readonly stream: string;
  /** The last second that is due. */
  readonly dueAt: Date;
  /** Of the last event that asked for one of them. */
  readonly position: Position;
}

/** How many timers are looked at for each stream that is asked for: those of a busy stream must not hide all others. */
const TIMERS_PER_STREAM = 10;

/**
 * Streams with something due, longest due first, without those that the caller leaves aside for now. Only the timers
 * longest due are looked at, so that a million of them that wait since an outage cost no more than a few.
 * @param query `limit` of streams; there may be fewer though more are due, but none only when nothing is
 */
export async function dueTimers(
  pool: Pool,
  nowMs: number,
  { except, limit }: { readonly except: readonly string[]; readonly limit: number },
): Promise<readonly DueTimers[]> {
  const { rows } = await pool.query<{ stream: string; due_at: Date; position: string }>({
    name: "timers_due",
    text: `select stream, max(due_at) as due_at, max(position)::text as position
           from (select * from readmodels.timers where due_at <= $1 and stream <> all($2)
                 order by due_at limit $3 * ${TIMERS_PER_STREAM}) longest_due
           group by stream order by min(due_at), stream limit $3`,
    values: [new Date(nowMs), except, limit],
  });
  return rows.map(({ stream, due_at, position }) => ({ stream, dueAt: due_at, position: BigInt(position) }));
}

/** `$1` to `$5` in both statements: what was seen to, and the lease that it was done under. */
const seenTo = ({ stream, dueAt, position }: DueTimers, { name, epoch }: Pick<Lease, "name" | "epoch">) => [
  stream,
  dueAt,
  position.toString(),
  name,
  epoch,
];

const HELD = "held as (select 1 from processes.leases where name = $4 and epoch = $5 for key share)";

/** A row that the projector is at is left for the next round: to wait for it here could be a deadlock. */
const REMOVE = `delete from readmodels.timers where exists (select from held) and (stream, due_at) in (
    select stream, due_at from readmodels.timers
    where stream = $1 and due_at <= $2 and position <= $3::numeric for update skip locked)`;

/**
 * Deletes timers that were seen to: those up to `dueAt` that no later event has asked for again. Does nothing when the
 * lease is no longer held.
 */
export async function removeTimers(pool: Pool, lease: Pick<Lease, "name" | "epoch">, timers: DueTimers): Promise<void> {
  await pool.query({ name: "timers_remove", text: `with ${HELD} ${REMOVE}`, values: seenTo(timers, lease) });
}

/**
 * The same, and asks for the stream to be looked at again from `untilMs` on (epoch milliseconds; a second after the last
 * that was due at the earliest). Does nothing when the lease is no longer held.
 */
export async function postponeTimers(
  pool: Pool,
  lease: Pick<Lease, "name" | "epoch">,
  timers: DueTimers,
  untilMs: number,
): Promise<void> {
  const second = Math.max(Math.ceil(untilMs / 1_000), Math.floor(timers.dueAt.getTime() / 1_000) + 1);
  await pool.query({
    name: "timers_postpone",
    text: `with ${HELD}, removed as (${REMOVE})
           insert into readmodels.timers (stream, due_at, position)
           select $1, to_timestamp($6::float8), $3::numeric from held
           on conflict (due_at, stream) do nothing`,
    values: [...seenTo(timers, lease), second],
  });
}
