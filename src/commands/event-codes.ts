import type pg from "pg";

/** An organizer's own codes for events, each used once. */
export interface EventCodes {
  /**
   * Claims a code for an event; the same claim again succeeds.
   * @param isTaken whether the event that has claimed it before really came to be; one that didn't within a minute
   *   (its maker crashed) loses its claim
   */
  claim(
    organizerId: string,
    code: string,
    eventId: string,
    isTaken: (eventId: string) => Promise<boolean>,
  ): Promise<boolean>;
}

/** How long a claim stands for an event that is still being made. */
const CLAIM_SECONDS = 60;

export async function prepareEventCodes(pool: pg.Pool): Promise<void> {
  await pool.query(`
    select pg_advisory_xact_lock(hashtext('boxoffice event codes'));
    create schema if not exists commands;
    create table if not exists commands.event_codes (
      organizer_id uuid not null,
      code text not null,
      event_id uuid not null,
      claimed_at timestamptz not null default now(),
      primary key (organizer_id, code)
    );
  `);
}

export const postgresEventCodes = (pool: pg.Pool): EventCodes => ({
  async claim(organizerId, code, eventId, isTaken) {
    const claimed = await pool.query<{ event_id: string; stale: boolean }>(
      `with new as (
         insert into commands.event_codes (organizer_id, code, event_id) values ($1, $2, $3)
         on conflict (organizer_id, code) do nothing returning event_id, false as stale)
       select event_id, stale from new
       union all
       select event_id, claimed_at < now() - make_interval(secs => $4) from commands.event_codes
       where organizer_id = $1 and code = $2
       limit 1`,
      [organizerId, code, eventId, CLAIM_SECONDS],
    );
    const holder = claimed.rows[0];
    // Nothing came back when another claim was committed while this one waited for it: it has the code.
    if (holder === undefined) return false;
    if (holder.event_id === eventId) return true;
    if (!holder.stale || (await isTaken(holder.event_id))) return false;
    const taken = await pool.query(
      `update commands.event_codes set event_id = $3, claimed_at = now()
       where organizer_id = $1 and code = $2 and event_id = $4`,
      [organizerId, code, eventId, holder.event_id],
    );
    return taken.rowCount === 1;
  },
});
