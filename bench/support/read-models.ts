import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { PATIENT_MODELS } from "../../src/projections/read-models.ts";
import { query } from "./postgres-server.ts";

const PROJECTED_WITHIN_MS = 180_000;

export interface LagMeter {
  /**
   * Age of the oldest event that is in the log and not in the read models, in milliseconds; 0 when they are up to date.
   */
  lagMs(): Promise<number>;
  close(): Promise<void>;
}

/** Sees from outside how far read models are behind that clients are answered from, where events are in Postgres: positions there have no gaps. */
export async function openLagMeter(databaseUrl: string): Promise<LagMeter> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on("error", () => {}); // the next question fails with it
  await client.connect();
  return {
    async lagMs() {
      const { rows } = await client.query<{ lag_ms: number }>(LAG, [PATIENT]);
      return Math.max(0, rows[0]?.lag_ms ?? 0);
    },
    close: () => client.end(),
  };
}

/** Those that wait in a rush, for auditors and analysts. */
const PATIENT = PATIENT_MODELS.map(({ name }) => name);

const LAG = `
  select coalesce(extract(epoch from clock_timestamp() - (e.metadata->>'at')::timestamptz) * 1000, 0)::float8 as lag_ms
    from (select coalesce(min(checkpoint), 0)::bigint as checkpoint from readmodels.projections
          where name <> all ($1)) p
    left join eventstore.events e on e.position = p.checkpoint + 1`;

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
