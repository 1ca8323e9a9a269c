import type { Pool } from "pg";
import type { InventoryEvent } from "../domain/inventory-events.ts";
import { decode } from "../eventstore/envelope.ts";
import type { EventStore, Revision } from "../eventstore/port.ts";
import { MILESTONE_EVERY } from "../projections/trail/table.ts";
import { EMPTY_LEDGER, entered, type InventoryLedger } from "./inventory-ledger.ts";

export const CREATE_CHECKPOINTS = `
  create schema if not exists audit;
  create table if not exists audit.checkpoints (
    stream text not null,
    revision integer not null,
    ledger_version integer not null,
    event_id uuid not null,
    ledger jsonb not null,
    primary key (stream, ledger_version, revision)
  );`;

/** Raised when {@link InventoryLedger} changes: older checkpoints are then left aside. */
export const LEDGER_VERSION = 1;

export interface LedgerDependencies {
  readonly pool: Pick<Pool, "query">;
  readonly store: Pick<EventStore, "read">;
}

/**
 * The books of an inventory after its event of this revision. They are a fold over the stream: checkpoints on the way are
 * a cache, so that a stream of millions need not be read from its beginning, and those that are missing are kept.
 * @throws StoreUnavailable
 */
export async function ledgerAt(
  { pool, store }: LedgerDependencies,
  stream: string,
  revision: Revision,
): Promise<InventoryLedger> {
  let ledger = await nearest({ pool, store }, stream, revision);
  while (ledger.revision < revision) {
    const from = ledger.revision + 1;
    const maxCount = Math.min(revision - ledger.revision, MILESTONE_EVERY - (from % MILESTONE_EVERY));
    const events = await store.read(stream, { from, direction: "forwards", maxCount });
    if (events.length === 0) return ledger;
    for (const stored of events) ledger = entered(ledger, decode<InventoryEvent>(stored).event, stored.revision);
    const last = events.at(-1);
    if (last !== undefined && isKept(last.revision)) await keep(pool, stream, ledger, last.id);
  }
  return ledger;
}

const isKept = (revision: Revision): boolean => (revision + 1) % MILESTONE_EVERY === 0;

/** A checkpoint of a log that was there before a restore names another event, and counts for nothing. */
async function nearest(
  { pool, store }: LedgerDependencies,
  stream: string,
  revision: Revision,
): Promise<InventoryLedger> {
  const { rows } = await pool.query<{ revision: number; event_id: string; ledger: InventoryLedger }>({
    name: "audit_nearest_checkpoint",
    text: `select revision, event_id, ledger from audit.checkpoints
           where stream = $1 and ledger_version = $2 and revision <= $3 order by revision desc limit 1`,
    values: [stream, LEDGER_VERSION, revision],
  });
  const [found] = rows;
  if (found === undefined) return EMPTY_LEDGER;
  const [event] = await store.read(stream, { from: found.revision, direction: "forwards", maxCount: 1 });
  if (event?.id === found.event_id) return found.ledger;
  await pool.query("delete from audit.checkpoints where stream = $1 and revision >= $2", [stream, found.revision]);
  return nearest({ pool, store }, stream, revision);
}

async function keep(
  pool: Pick<Pool, "query">,
  stream: string,
  ledger: InventoryLedger,
  eventId: string,
): Promise<void> {
  await pool.query({
    name: "audit_keep_checkpoint",
    text: `insert into audit.checkpoints (stream, revision, ledger_version, event_id, ledger)
           values ($1, $2, $3, $4, $5) on conflict do nothing`,
    values: [stream, ledger.revision, LEDGER_VERSION, eventId, JSON.stringify(ledger)],
  });
}
