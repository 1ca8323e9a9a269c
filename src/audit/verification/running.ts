import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Pool } from "pg";
import { type Lease, type LeaseTerms, requireLease, runUnderLease } from "../../leases/lease.ts";
import { machineTiming } from "../../leases/machine-timing.ts";
import type { Clock } from "../../ports.ts";
import { inTransaction } from "../../postgres/transaction.ts";
import { finish, noteAttempt, runningOne, type VerificationResult } from "./table.ts";

export const VERIFICATIONS_LEASE = "audit-verifications";

const LOOK_MS = 500;
/** One that processes were ended in the middle of so often is given up. */
const MOST_ATTEMPTS = 3;
const HEAP_MIB = 512;

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

/** In a thread of its own, which ends with the signal. */
async function verified(
  { databaseUrl, eventStoreUrl }: VerifyingOptions,
  signal: AbortSignal,
): Promise<VerificationResult> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData: { databaseUrl, eventStoreUrl },
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
  });
  try {
    const ended = once(worker, "exit", { signal }).then(() => {
      throw new Error("the thread ended without a result");
    });
    ended.catch(() => undefined);
    const [result] = (await Promise.race([once(worker, "message", { signal }), ended])) as [VerificationResult];
    return result;
  } finally {
    await worker.terminate();
  }
}
