import type pg from "pg";

/** An organizer's own codes for events, each used once. */
export interface EventCodes {
  /**
   * Claims a code for an event for a minute; the same claim again succeeds and renews it.
   * @param isTaken whether the event that claimed it before really came to be with it; one that didn't within its
   *   minute (its maker crashed) loses its claim
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
const MAX_ATTEMPTS = 5;

export const CREATE_EVENT_CODES = `
  create table if not exists commands.event_codes (
    organizer_id uuid not null,
    code text not null,
    event_id uuid not null,
    claimed_at timestamptz not null default now(),
    primary key (organizer_id, code)
  );`;

export const postgresEventCodes = (pool: pg.Pool): EventCodes => ({
  async claim(organizerId, code, eventId, isTaken) {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      if (await claimed(pool, organizerId, code, eventId)) return true;
      const holder = await holderOf(pool, organizerId, code);
      if (holder === null) continue; // it was given up meanwhile
      if (!holder.stale || (await isTaken(holder.eventId))) return false;
      await giveUp(pool, organizerId, code, holder.eventId);
    }
    return false;
  },
});

/** Claims what is free, and what this event has claimed before once more. */
async function claimed(pool: pg.Pool, organizerId: string, code: string, eventId: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    `insert into commands.event_codes as c (organizer_id, code, event_id) values ($1, $2, $3)
     on conflict (organizer_id, code) do update set claimed_at = now() where c.event_id = excluded.event_id`,
    [organizerId, code, eventId],
  );
  return rowCount === 1;
}

async function holderOf(
  pool: pg.Pool,
  organizerId: string,
  code: string,
): Promise<{ readonly eventId: string; readonly stale: boolean } | null> {
  const { rows } = await pool.query<{ eventId: string; stale: boolean }>(
    `select event_id as "eventId", claimed_at < now() - make_interval(secs => $3) as stale
     from commands.event_codes where organizer_id = $1 and code = $2`,
    [organizerId, code, CLAIM_SECONDS],
  );
  return rows[0] ?? null;
}

/** Frees the code, unless its holder has claimed it once more. */
async function giveUp(pool: pg.Pool, organizerId: string, code: string, eventId: string): Promise<void> {
  await pool.query(
    `delete from commands.event_codes
     where organizer_id = $1 and code = $2 and event_id = $3 and claimed_at < now() - make_interval(secs => $4)`,
    [organizerId, code, eventId, CLAIM_SECONDS],
  );
}
