import type { Pool } from "pg";
import { ADMISSION_MS } from "../domain/waiting-room/calls.ts";
import { KEPT_MS } from "../domain/waiting-room/kept.ts";

/** Calls are kept a little longer than anybody can come by them. */
const CALLS_KEPT_MS = ADMISSION_MS + 5 * 60_000;
/** What accounts used stands for as long as a room may be open. */
const USES_KEPT_MS = 30 * 24 * 3_600_000;

/** Lets go of calls that nobody can come by, but for the last of each room, and of admissions that were used long ago. */
export async function tidyWaitingRooms(pool: Pick<Pool, "query">, nowMs: number): Promise<void> {
  await pool.query(
    `delete from processes.waiting_room_calls c
     where at_ms < $1 and exists (
       select from processes.waiting_room_calls l
       where l.event_id = c.event_id and l.round = c.round and l.class = c.class and l.at_ms > c.at_ms and l.at_ms < $1
     )`,
    [nowMs - CALLS_KEPT_MS],
  );
  await pool.query("delete from processes.waiting_room_comers where called_at_ms < $1", [nowMs - KEPT_MS]);
  await pool.query("delete from processes.waiting_room_admissions where claimed_at_ms < $1", [nowMs - USES_KEPT_MS]);
}
