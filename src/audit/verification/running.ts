import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pool } from "pg";
import { type Lease, type LeaseTerms, requireLease, runUnderLease } from "../../leases/lease.ts";
import { machineTiming } from "../../leases/machine-timing.ts";
import type { Clock } from "../../ports.ts";
import { inTransaction } from "../../postgres/transaction.ts";
import { verifiedInThread } from "./in-thread.ts";
import { finish, noteAttempt, runningOne, type VerificationResult } from "./table.ts";

export const VERIFICATIONS_LEASE = "audit-verifications";

const LOOK_MS = 500;
/** One that processes were ended in the middle of so often is given up. */
const MOST_ATTEMPTS = 3;

export interface VerifyingOptions extends Omit<LeaseTerms, "name" | "pool"> {
  readonly pool: Pool;
  readonly clock: Clock;
  /** Where the log and its heads are, for the thread that reads them. */
  readonly databaseUrl: string;
  readonly eventStoreUrl: string | null;
}

/** Does the verifications that are asked for, one at a time; one that another process was at is begun anew. */
export function startVerifying(options: VerifyingOptions): { stop(): Promise<void> } {
  const stop = new AbortController();
  const terms = { ...options, name: VERIFICATIONS_LEASE };
  const stopped = runUnderLease(terms, stop.signal, (lease) => run(options, lease));
  return {
    stop() {
      stop.abort();
      return stopped;
    },
  };
}

async function run(options: VerifyingOptions, lease: Lease): Promise<void> {
  const { pool, clock, log, timing = machineTiming } = options;
  while (!lease.signal.aborted) {
    const asked = await runningOne(pool);
    if (asked === null) {
      await timing.pause(LOOK_MS, lease.signal);
      continue;
    }
    const note = (work: (client: Parameters<typeof noteAttempt>[0]) => Promise<unknown>) =>
      inTransaction(pool, async (client) => {
        await requireLease(client, lease);
        await work(client);
      });
    let result: VerificationResult | null = null;
    if (asked.attempts < MOST_ATTEMPTS) {
      await note((client) => noteAttempt(client, asked.id));
      result = await verified(options, lease.signal).catch((error: unknown) => {
        log.warn({ err: error, verificationId: asked.id }, "the log could not be verified");
        return null;
      });
      if (lease.signal.aborted) return; // whoever has the lease next begins it anew
      if (result === null) continue;
    }
    await note((client) => finish(client, asked.id, result, clock.nowMs()));
    if (result !== null && result.found > 0)
      log.error({ found: result.found }, "verifying found violations in the log");
  }
}

async function verified(
  { databaseUrl, eventStoreUrl }: VerifyingOptions,
  signal: AbortSignal,
): Promise<VerificationResult> {
  const workDir = await mkdtemp(join(tmpdir(), "boxoffice-verification-"));
  try {
    const wish = { databaseUrl, eventStoreUrl, workDir, threads: 0 };
    const { head, ...rest } = await verifiedInThread(wish, { signal });
    return { ...rest, head: { ...head, position: String(head.position) } };
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}
