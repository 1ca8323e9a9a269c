import type { ClientBase, Pool } from "pg";
import { ADMISSION_MS } from "../domain/waiting-room/calls.ts";
import type { CalledLately } from "../domain/waiting-room/kept.ts";
import type { KnownRoom } from "../domain/waiting-room.ts";
import type { RoomTerms } from "../domain/waiting-room-events.ts";
import type { Arrival, Tickets } from "./live-room.ts";

/** A room as it stands in the tables. */
export interface RoomRow {
  readonly eventId: string;
  readonly revision: number;
  readonly known: KnownRoom;
  /** null: nothing has been called or counted as settled in this round. */
  readonly progress: {
    readonly settled: number;
    readonly tickets: Tickets;
    readonly credit: number;
    readonly advancedAtMs: number;
  } | null;
}

export interface CallRow {
  readonly eventId: string;
  readonly classIndex: number;
  readonly atMs: number;
  readonly serving: number;
  readonly called: number;
}

export interface ArrivalRow extends Arrival {
  readonly eventId: string;
}

const ROOM = `
  select r.event_id, r.revision, r.status, r.round, r.commitment, r.later_commitment, r.terms,
         p.settled, p.tickets, p.credit, p.advanced_at_ms
  from readmodels.waiting_rooms r
  left join processes.waiting_room_progress p on p.event_id = r.event_id and p.round = r.round`;

interface Row {
  readonly event_id: string;
  readonly revision: number;
  readonly status: "set-up" | "closed";
  readonly round: number;
  readonly commitment: string;
  readonly later_commitment: string;
  readonly terms: RoomTerms;
  readonly settled: number | null;
  readonly tickets: Tickets;
  readonly credit: number;
  readonly advanced_at_ms: number;
}

/** Every room that is set up. */
export async function openRooms(pool: Pool): Promise<readonly RoomRow[]> {
  const { rows } = await pool.query<Row>({ name: "waiting_rooms_open", text: `${ROOM} where r.status = 'set-up'` });
  return rows.map(roomOf);
}

/** The room of an event, closed ones too; null when there never was one. */
export async function findRoom(pool: Pool, eventId: string): Promise<RoomRow | null> {
  const { rows } = await pool.query<Row>({
    name: "waiting_room",
    text: `${ROOM} where r.event_id = $1`,
    values: [eventId],
  });
  return rows[0] === undefined ? null : roomOf(rows[0]);
}

function roomOf(row: Row): RoomRow {
  const { event_id: eventId, revision, status, round, commitment, later_commitment: laterCommitment, terms } = row;
  const { settled, tickets, credit, advanced_at_ms: advancedAtMs } = row;
  return {
    eventId,
    revision,
    known: { status, round, commitment, laterCommitment, terms, revealed: [] },
    progress: settled === null ? null : { settled, tickets, credit, advancedAtMs },
  };
}

/** How many of those who were called at a time have asked for their admission. */
export interface Comers {
  readonly calledAtMs: number;
  readonly people: number;
}

/** What is asked of one room: its arrivals from a second on. */
export interface Since {
  readonly eventId: string;
  readonly round: number;
  readonly fromSecond: number;
  readonly afterMs: number;
}

/**
 * Arrivals from each room's second on. `offset 0`, here as below, has each room looked up by itself: a planner that does not
 * know how little is new expects a third of all there is, and would read all of it four times a second.
 */
export async function arrivalsSince(pool: Pool, rooms: readonly Since[]): Promise<readonly ArrivalRow[]> {
  const { rows } = await pool.query<ArrivalRow>({
    name: "waiting_room_arrivals",
    text: `select a.event_id as "eventId", a.class as "classIndex", a.second, a.people
           from unnest($1::uuid[], $2::integer[], $3::integer[]) as r (event_id, round, second)
           cross join lateral (
             select * from processes.waiting_room_arrivals a
             where a.event_id = r.event_id and a.round = r.round and a.second >= r.second offset 0) a`,
    values: [rooms.map((room) => room.eventId), rooms.map((room) => room.round), rooms.map((room) => room.fromSecond)],
  });
  return rows;
}

/** Calls after each room's last known one, in the order of time. */
export async function callsSince(pool: Pool, rooms: readonly Since[]): Promise<readonly CallRow[]> {
  const { rows } = await pool.query<CallRow>({
    name: "waiting_room_calls",
    text: `select c.event_id as "eventId", c.class as "classIndex", c.at_ms as "atMs", c.serving, c.called
           from unnest($1::uuid[], $2::integer[], $3::float8[]) as r (event_id, round, at_ms)
           cross join lateral (
             select * from processes.waiting_room_calls c
             where c.event_id = r.event_id and c.round = r.round and c.at_ms > r.at_ms offset 0) c
           order by c.at_ms`,
    values: [
      rooms.map((room) => room.eventId),
      rooms.map((room) => room.round),
      rooms.map((room) => (Number.isFinite(room.afterMs) ? room.afterMs : -1)),
    ],
  });
  return rows;
}

/**
 * Has it on record that no second of a room stands yet; again: nothing. Needed once before {@link addArrivals}: whoever
 * adds and whoever settles take turns at that row, or the first second could be settled between the two.
 */
export async function beginCounting(
  pool: Pool,
  { eventId, round }: { readonly eventId: string; readonly round: number },
): Promise<void> {
  await pool.query({
    name: "waiting_room_begin",
    text: `insert into processes.waiting_room_progress (event_id, round, settled, tickets, credit, advanced_at_ms)
           values ($1, $2, -1, 'AVAILABLE', 0, 0) on conflict do nothing`,
    values: [eventId, round],
  });
}

/**
 * Adds arrivals to a room's counts, which {@link beginCounting} has begun. What is told too late, when its second stands already, counts in the next: what a
 * second had when it was settled it has for good, so no place that anybody was told gets worse.
 */
export async function addArrivals(
  pool: Pick<ClientBase, "query">,
  { eventId, round }: { readonly eventId: string; readonly round: number },
  arrivals: readonly Arrival[],
): Promise<void> {
  await pool.query({
    name: "waiting_room_add",
    text: `with stands as (
             select settled from processes.waiting_room_progress where event_id = $1 and round = $2 for share
           ), came as (
             select class, greatest(second, coalesce((select settled from stands), -1) + 1) as second, sum(people) as people
             from unnest($3::smallint[], $4::integer[], $5::float8[]) as t (class, second, people)
             group by 1, 2
           )
           insert into processes.waiting_room_arrivals as a (event_id, round, class, second, people)
           select $1, $2, class, second, people from came
           on conflict (event_id, round, class, second) do update set people = a.people + excluded.people`,
    values: [
      eventId,
      round,
      arrivals.map(({ classIndex }) => classIndex),
      arrivals.map(({ second }) => second),
      arrivals.map(({ people }) => people),
    ],
  });
}

/** Adds people who were called and have come. */
export async function addComers(
  pool: Pool,
  { eventId, round }: { readonly eventId: string; readonly round: number },
  comers: readonly Comers[],
): Promise<void> {
  await pool.query({
    name: "waiting_room_add_comers",
    text: `insert into processes.waiting_room_comers as c (event_id, round, called_at_ms, people)
           select $1, $2, called_at_ms, people from unnest($3::float8[], $4::float8[]) as t (called_at_ms, people)
           on conflict (event_id, round, called_at_ms) do update set people = c.people + excluded.people`,
    values: [eventId, round, comers.map(({ calledAtMs }) => calledAtMs), comers.map(({ people }) => people)],
  });
}

/**
 * Of those who were called in two spans of time: who has used the admission since `betweenMs`, and who has come, and used
 * it, from `sinceMs` until then.
 */
export async function comersSince(
  pool: Pool,
  { eventId, round }: { readonly eventId: string; readonly round: number },
  sinceMs: number,
  betweenMs: number,
): Promise<Omit<CalledLately, "called">> {
  const { rows } = await pool.query<Omit<CalledLately, "called">>({
    name: "waiting_room_comers_since",
    text: `select
             (select coalesce(sum(people), 0) from processes.waiting_room_comers
              where event_id = $1 and round = $2 and called_at_ms > $3 and called_at_ms <= $4) as came,
             count(*) filter (where expires_at_ms <= $4 + $5)::integer as "cameAndUsed",
             count(*) filter (where expires_at_ms > $4 + $5)::integer as "calledAndUsed"
           from processes.waiting_room_admissions where event_id = $1 and used and expires_at_ms > $3 + $5`,
    values: [eventId, round, sinceMs, betweenMs, ADMISSION_MS],
  });
  return rows[0] ?? { came: 0, cameAndUsed: 0, calledAndUsed: 0 };
}
