import { setTimeout as pause } from "node:timers/promises";
import { query } from "./postgres-server.ts";

const PROJECTED_WITHIN_MS = 180_000;

/**
 * Age of the oldest event that is in the log and not in the read models, in milliseconds; 0 when they are up to date.
 * Seen from outside, where events are in Postgres: positions there have no gaps.
 */
export async function readModelLagMs(databaseUrl: string): Promise<number> {
  const [row] = await query<{ lag_ms: number }>(
    databaseUrl,
    `select coalesce(extract(epoch from clock_timestamp() - (e.metadata->>'at')::timestamptz) * 1000, 0)::float8 as lag_ms
       from (select coalesce(min(checkpoint), 0)::bigint as checkpoint from readmodels.projections) p
       left join eventstore.events e on e.position = p.checkpoint + 1`,
  );
  return Math.max(0, row?.lag_ms ?? 0);
}

/**
 * Resolves when the read model has so many reservations of the ticket type.
 * @throws Error it has more, or not so many within three minutes
 */
export async function reservationsProjected(databaseUrl: string, ticketTypeId: string, wanted: number): Promise<void> {
  const deadline = performance.now() + PROJECTED_WITHIN_MS;
  for (;;) {
    const counted = "select count(*)::int as count from readmodels.reservations where ticket_type_id = $1";
    const [row] = await query<{ count: number }>(databaseUrl, counted, [ticketTypeId]);
    const count = row?.count ?? 0;
    if (count === wanted) return;
    if (count > wanted || performance.now() > deadline) throw new Error(`${count} of ${wanted} reservations projected`);
    await pause(200);
  }
}
