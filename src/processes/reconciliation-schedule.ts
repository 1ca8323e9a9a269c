import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import { type Lease, runUnderLease } from "../leases/lease.ts";
import { type ReconciliationOptions, reconcile } from "./reconciliation.ts";

export const RECONCILIATION_LEASE = "reconciliation";

/** How far back a run looks: longer than a purchase, its refunds and an outage of the provider take. */
const LOOK_BACK_MS = 48 * 3_600_000;
const EVERY_MS = 10 * 60_000;

export interface ScheduleOptions extends ReconciliationOptions {
  /** Unique to this start of this process. */
  readonly holder: string;
  readonly everyMs?: number;
}

/** Reconciles now and then, in one process at a time; right after a start too, unless it was done a moment ago. */
export function startReconciliation(options: ScheduleOptions): { stop(): Promise<void> } {
  const stop = new AbortController();
  const terms = { ...options, name: RECONCILIATION_LEASE };
  const stopped = runUnderLease(terms, stop.signal, (lease) => run(options, lease));
  return {
    stop() {
      stop.abort();
      return stopped;
    },
  };
}

async function run(options: ScheduleOptions, { signal }: Lease): Promise<void> {
  const { pool, clock, log, everyMs = EVERY_MS } = options;
  while (!signal.aborted) {
    const nextMs = (await lastBegunMs(pool)) + everyMs;
    const waitMs = Math.min(nextMs - clock.nowMs(), everyMs);
    if (waitMs > 0) {
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      continue;
    }
    const { charges, bookings, differences } = await reconcile(options, clock.nowMs() - LOOK_BACK_MS);
    log.info({ charges, bookings, differences: differences.length }, "charges and bookings were compared");
  }
}

async function lastBegunMs(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ ms: number | null }>(
    "select (extract(epoch from max(began_at)) * 1000)::float8 as ms from processes.reconciliations",
  );
  return rows[0]?.ms ?? 0;
}
