import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import { type Lease, type LeaseTerms, runUnderLease } from "../leases/lease.ts";
import { IS_MILESTONE } from "../projections/trail/table.ts";
import { LEDGER_VERSION, type LedgerDependencies, ledgerAt } from "./checkpoints.ts";

export const CHECKPOINTING_LEASE = "audit-checkpoints";

const EVERY_MS = 10_000;
/** Missing checkpoints that are made before it is looked anew. */
const AT_ONCE = 64;

export interface CheckpointingOptions extends LedgerDependencies, Omit<LeaseTerms, "name" | "pool"> {
  readonly pool: Pool;
  readonly everyMs?: number;
}

interface Milestone {
  readonly stream: string;
  readonly revision: number;
}

/** Keeps books of long inventories on the way, so that an auditor's question of any of their instants is quick. */
export function startCheckpointing(options: CheckpointingOptions): { stop(): Promise<void> } {
  const stop = new AbortController();
  const stopped = runUnderLease({ ...options, name: CHECKPOINTING_LEASE }, stop.signal, (lease) => run(options, lease));
  return {
    stop() {
      stop.abort();
      return stopped;
    },
  };
}

async function run(options: CheckpointingOptions, { signal }: Lease): Promise<void> {
  const { log, everyMs = EVERY_MS } = options;
  while (!signal.aborted) {
    let made = 0;
    try {
      made = await keepMissing(options, signal);
    } catch (error) {
      log.warn({ err: error }, "books of inventories could not be kept");
    }
    if (made < AT_ONCE) await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

/**
 * Makes the checkpoints that are missing, the oldest first, some at a time.
 * @returns how many
 * @throws StoreUnavailable
 */
export async function keepMissing(dependencies: LedgerDependencies, signal: AbortSignal): Promise<number> {
  const { rows } = await dependencies.pool.query<Milestone>({
    name: "audit_missing_checkpoints",
    text: `select t.stream, t.revision from readmodels.trail t
           where ${IS_MILESTONE} and not exists (
             select from audit.checkpoints c
             where c.stream = t.stream and c.ledger_version = $1 and c.revision = t.revision)
           order by t.position limit $2`,
    values: [LEDGER_VERSION, AT_ONCE],
  });
  for (const { stream, revision } of rows) {
    if (signal.aborted) break;
    await ledgerAt(dependencies, stream, revision);
  }
  return rows.length;
}
