import type { Pool } from "pg";

export const CREATE_RECONCILIATIONS = `
  create schema if not exists processes;
  create table if not exists processes.reconciliations (
    began_at timestamptz primary key,
    ended_at timestamptz not null,
    since timestamptz not null,
    charges integer not null,
    bookings integer not null,
    differences jsonb not null
  );`;

/** Something on which provider and bookings don't agree, and what was done about it. */
export interface Difference {
  readonly kind:
    | "charge-without-booking"
    | "charge-of-ended-booking"
    | "booking-not-at-rest"
    | "booking-without-charge"
    | "amounts-differ"
    | "refunds-differ"
    | "refund-outstanding";
  readonly bookingId: string;
  readonly attemptId: string;
  /** Of one that was asked for long ago and is not made yet. */
  readonly refundId?: string;
  /** `reported`: it takes a person. */
  readonly done: "voided" | "refunded" | "driven" | "reported";
}

export interface ReconciliationReport {
  readonly charges: number;
  /** Paid bookings. */
  readonly bookings: number;
  /** The first thousand. */
  readonly differences: readonly Difference[];
  /** All of them, counted. */
  readonly found: number;
}

/** When a run began, when it ended, and since when it looked back; epoch milliseconds. */
export interface RunTimes {
  readonly beganMs: number;
  readonly endedMs: number;
  readonly sinceMs: number;
}

const KEPT_MS = 30 * 24 * 3_600_000;

/** Keeps a run's report for 30 days. */
export async function keepReport(pool: Pool, report: ReconciliationReport, times: RunTimes): Promise<void> {
  const { charges, bookings, differences } = report;
  const { beganMs, endedMs, sinceMs } = times;
  await pool.query(
    `insert into processes.reconciliations (began_at, ended_at, since, charges, bookings, differences)
     values ($1, $2, $3, $4, $5, $6) on conflict (began_at) do nothing`,
    [new Date(beganMs), new Date(endedMs), new Date(sinceMs), charges, bookings, JSON.stringify(differences)],
  );
  await pool.query("delete from processes.reconciliations where began_at < $1", [new Date(beganMs - KEPT_MS)]);
}

/** When the last run that was finished began, and the last that looked back so far; epoch milliseconds, 0: never. */
export async function lastRuns(pool: Pool, farMs: number): Promise<{ readonly anyMs: number; readonly farMs: number }> {
  const { rows } = await pool.query<{ any_ms: number | null; far_ms: number | null }>(
    `select (extract(epoch from max(began_at)) * 1000)::float8 as any_ms,
       (extract(epoch from max(began_at) filter (where began_at - since >= $1 * interval '1 ms')) * 1000)::float8 as far_ms
     from processes.reconciliations`,
    [farMs],
  );
  return { anyMs: rows[0]?.any_ms ?? 0, farMs: rows[0]?.far_ms ?? 0 };
}
