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

/** Streams with something due, longest due first, without those that the caller leaves aside for now. */
export async function dueTimers(
  pool: Pool,
  nowMs: number,
  { except, limit }: { readonly except: readonly string[]; readonly limit: number },
): Promise<readonly DueTimers[]> {
  const { rows } = await pool.query<{ stream: string; due_at: Date; position: string }>({
    name: "timers_due",
    text: `select stream, max(due_at) as due_at, max(position)::text as position
           from readmodels.timers where due_at <= $1 and stream <> all($2)
           group by stream order by min(due_at), stream limit $3`,
    values: [new Date(nowMs), except, limit],
  });
  return rows.map(({ stream, due_at, position }) => ({ stream, dueAt: due_at, position: BigInt(position) }));
}

/**
 * Deletes timers that were seen to: those up to `dueAt` that no later event has asked for again. Does nothing when the
 * lease is no longer held.
 */
export async function removeTimers(
  pool: Pool,
  lease: Pick<Lease, "name" | "epoch">,
  { stream, dueAt, position }: DueTimers,
): Promise<void> {
  await pool.query({
    name: "timers_remove",
    text: `with held as (select 1 from processes.leases where name = $4 and epoch = $5 for key share)
           delete from readmodels.timers
           where stream = $1 and due_at <= $2 and position <= $3::numeric and exists (select from held)`,
    values: [stream, dueAt, position.toString(), lease.name, lease.epoch],
  });
}
