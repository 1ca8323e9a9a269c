import type { Pool } from "pg";
import type { Position } from "../eventstore/port.ts";
import { type Lease, LeaseLost } from "../leases/lease.ts";

/**
 * How far the bookings of cancelled events have been seen to. `page` is the cursor of the page that is next in the walk
 * over them, null the first; those that could not be cancelled at once wait in a table of their own.
 */
export const CREATE_CANCELLATIONS = `
  create schema if not exists processes;
  create table if not exists processes.cancellations (
    event_id uuid primary key,
    closed_position numeric(39, 0),
    page text,
    walked boolean not null default false,
    done_at timestamptz
  );
  create index if not exists cancellations_open on processes.cancellations (event_id) where done_at is null;
  create table if not exists processes.cancellation_waits (
    event_id uuid not null,
    booking_id uuid not null,
    tried_at timestamptz not null,
    primary key (event_id, booking_id)
  );
  create index if not exists cancellation_waits_by_try on processes.cancellation_waits (event_id, tried_at);`;

/** A cancelled event whose bookings are not all seen to. */
export interface OpenCancellation {
  readonly eventId: string;
  /** Behind the last close of its inventories; null: they are not known to be closed. */
  readonly closedPosition: Position | null;
  /** Of the walk over its bookings, see {@link CREATE_CANCELLATIONS}. */
  readonly page: string | null;
  /** All bookings were looked at; some may wait to be looked at again. */
  readonly walked: boolean;
}

/** Notes that an event's bookings have to be seen to; again: it changes nothing. */
export async function noteCancellation(pool: Pool, eventId: string): Promise<void> {
  await pool.query("insert into processes.cancellations (event_id) values ($1) on conflict (event_id) do nothing", [
    eventId,
  ]);
}

/** Whether all bookings of a cancelled event are seen to. */
export async function isCancellationDone(pool: Pool, eventId: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    "select 1 from processes.cancellations where event_id = $1 and done_at is not null",
    [eventId],
  );
  return rowCount === 1;
}

/** In the order of ids, after `after`. */
export async function openCancellations(
  pool: Pool,
  after: string | null,
  limit: number,
): Promise<readonly OpenCancellation[]> {
  const { rows } = await pool.query<{
    event_id: string;
    closed_position: string | null;
    page: string | null;
    walked: boolean;
  }>(
    `select event_id, closed_position::text, page, walked from processes.cancellations
     where done_at is null and ($1::uuid is null or event_id > $1) order by event_id limit $2`,
    [after, limit],
  );
  return rows.map(({ event_id, closed_position, page, walked }) => ({
    eventId: event_id,
    closedPosition: closed_position === null ? null : BigInt(closed_position),
    page,
    walked,
  }));
}

/** Bookings that wait and were not tried for so long, the longest untried first. */
export async function waitingBookings(
  pool: Pool,
  eventId: string,
  untriedForMs: number,
  limit: number,
): Promise<readonly string[]> {
  const { rows } = await pool.query<{ booking_id: string }>(
    `select booking_id from processes.cancellation_waits
     where event_id = $1 and tried_at <= clock_timestamp() - $2 * interval '1 ms' order by tried_at limit $3`,
    [eventId, untriedForMs, limit],
  );
  return rows.map(({ booking_id }) => booking_id);
}

type Held = Pick<Lease, "name" | "epoch">;

/** Each of these is one statement, whose last is whether the lease is still held. */
const underLease = (changes: string): string => `
  with held as (select 1 from processes.leases where name = $1 and epoch = $2 for key share), ${changes}
  select from held`;

async function write(pool: Pool, lease: Held, changes: string, values: readonly unknown[]): Promise<void> {
  const { rowCount } = await pool.query(underLease(changes), [lease.name, lease.epoch, ...values]);
  if (rowCount === 0) throw new LeaseLost(`lease ${lease.name} is no longer held in epoch ${lease.epoch}`);
}

/** @throws LeaseLost */
export const noteClosed = (pool: Pool, lease: Held, eventId: string, position: Position): Promise<void> =>
  write(
    pool,
    lease,
    `closed as (update processes.cancellations set closed_position = $4::numeric
                where event_id = $3 and exists (select from held))`,
    [eventId, position.toString()],
  );

/**
 * The walk has come past a page; some of its bookings wait.
 * @param next null: it was the last
 * @throws LeaseLost
 */
export const noteWalked = (
  pool: Pool,
  lease: Held,
  eventId: string,
  next: string | null,
  waiting: readonly string[],
): Promise<void> =>
  write(
    pool,
    lease,
    `moved as (update processes.cancellations set page = coalesce($4::text, page), walked = $4 is null
               where event_id = $3 and exists (select from held)),
     waits as (insert into processes.cancellation_waits (event_id, booking_id, tried_at)
               select $3, id, clock_timestamp() from unnest($5::uuid[]) as w (id) where exists (select from held)
               on conflict (event_id, booking_id) do update set tried_at = excluded.tried_at)`,
    [eventId, next, waiting],
  );

/** Of those that waited, `done` wait no more and `tried` go to the end of the line. @throws LeaseLost */
export const noteTried = (
  pool: Pool,
  lease: Held,
  eventId: string,
  done: readonly string[],
  tried: readonly string[],
): Promise<void> =>
  write(
    pool,
    lease,
    `gone as (delete from processes.cancellation_waits
              where event_id = $3 and booking_id = any($4::uuid[]) and exists (select from held)),
     put_off as (update processes.cancellation_waits set tried_at = clock_timestamp()
                 where event_id = $3 and booking_id = any($5::uuid[]) and exists (select from held))`,
    [eventId, done, tried],
  );

/** Unless some wait. @throws LeaseLost */
export const noteDone = (pool: Pool, lease: Held, eventId: string): Promise<void> =>
  write(
    pool,
    lease,
    `done as (update processes.cancellations set done_at = clock_timestamp()
              where event_id = $3 and walked and exists (select from held)
                and not exists (select from processes.cancellation_waits where event_id = $3))`,
    [eventId],
  );
