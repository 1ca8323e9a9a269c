import { setTimeout as sleep } from "node:timers/promises";
import { type Lease, runUnderLease } from "../leases/lease.ts";
import { type ReconciliationOptions, reconcile } from "./reconciliation.ts";
import { lastRuns } from "./reconciliation-reports.ts";

export const RECONCILIATION_LEASE = "reconciliation";

const HOUR_MS = 3_600_000;
/** How far back a run looks four times a day: longer than a purchase, its refunds and an outage of the provider take. */
export const FAR_BACK_MS = 48 * HOUR_MS;
const FAR_EVERY_MS = 6 * HOUR_MS;
/** How far back the others look, which would otherwise look at the same charges 300 times. */
const NEAR_BACK_MS = 2 * HOUR_MS;
const EVERY_MS = 10 * 60_000;
/** After a run that failed: the provider or the store is away. */
const RETRY_MS = 60_000;

export interface ScheduleOptions extends ReconciliationOptions {
  /** Unique to this start of this process. */
  readonly holder: string;
  readonly everyMs?: number;
  readonly retryMs?: number;
  /** Of the lease; see {@link LeaseTerms}. */
  readonly validMs?: number;
  readonly renewMs?: number;
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

/** A run that ends before its report is kept, by a crash or an error, counts for nothing: it is begun anew. */
async function run(options: ScheduleOptions, { signal }: Lease): Promise<void> {
  const { pool, clock, log, everyMs = EVERY_MS, retryMs = RETRY_MS } = options;
  const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined);
  while (!signal.aborted) {
    const last = await lastRuns(pool, FAR_BACK_MS);
    const nowMs = clock.nowMs();
    const waitMs = Math.min(last.anyMs + everyMs - nowMs, everyMs);
    if (waitMs > 0) {
      await pause(waitMs);
      continue;
    }
    const backMs = nowMs - last.farMs < FAR_EVERY_MS ? NEAR_BACK_MS : FAR_BACK_MS;
    try {
      const { differences: _, ...counts } = await reconcile(options, nowMs - backMs, signal);
      log.info(counts, "charges and bookings were compared");
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ err: error }, "charges and bookings could not be compared");
      await pause(retryMs);
    }
  }
}
