import type { Pool } from "pg";
import type { Batch, EventStore, Position } from "../eventstore/port.ts";
import { BOXOFFICE_PREFIXES } from "../eventstore/streams.ts";
import { type Lease, requireLease } from "../leases/lease.ts";
import type { Clock } from "../ports.ts";
import { inTransaction } from "../postgres/transaction.ts";
import { ReadAhead } from "../projections/read-ahead.ts";
import { putAnnouncements } from "./announcements.ts";
import { dropNotices, hastenNotices, putNotices } from "./outbox.ts";
import { messageIdOf, type Plan, planOf } from "./planning.ts";

export interface FollowingOptions {
  readonly store: EventStore;
  readonly pool: Pool;
  readonly clock: Clock;
}

/** At most so many events in a transaction. */
const MAX_BATCH = 2_000;
/** A checkpoint that passes nothing to tell is worth a transaction only now and then: it costs reading again, no more. */
const IDLE_CHECKPOINT_MS = 1_000;

/**
 * Follows the log from the checkpoint and puts what people are to be told into the outbox, in one transaction with the
 * checkpoint. Returns when the lease's signal aborts.
 * @throws Error the subscription, the database or the lease was lost; what was read is read again from the checkpoint
 */
export async function followLog({ store, pool, clock }: FollowingOptions, lease: Lease): Promise<void> {
  const source = store.subscribe({
    after: await readCheckpoint(pool),
    streamPrefixes: BOXOFFICE_PREFIXES,
    maxBatch: MAX_BATCH,
    signal: lease.signal,
  });
  const ahead = new ReadAhead(source, 2 * MAX_BATCH, lease.signal);
  let recordedAt = Number.NEGATIVE_INFINITY;
  while (!lease.signal.aborted) {
    const batch = await ahead.next(MAX_BATCH);
    if (lease.signal.aborted) return;
    if (batch === null) throw new Error("the subscription ended by itself");
    const plan = planOf(batch.events);
    if (isEmpty(plan) && performance.now() - recordedAt < IDLE_CHECKPOINT_MS) continue;
    await record(pool, lease, plan, batch.checkpoint, clock.nowMs());
    recordedAt = performance.now();
  }
}

/** Puts the plan of a batch on record with the checkpoint past it: both are there afterwards, or neither. */
export async function record(
  pool: Pool,
  lease: Pick<Lease, "name" | "epoch">,
  plan: Plan,
  checkpoint: Batch["checkpoint"],
  nowMs: number,
): Promise<void> {
  await inTransaction(pool, async (client) => {
    await requireLease(client, lease);
    await putNotices(client, plan.notices);
    await putAnnouncements(client, plan.announcements);
    await dropNotices(client, plan.givenBack.flatMap(noticesOfOffer), nowMs);
    await hastenNotices(
      client,
      plan.withdrawn.map(({ reservationId, ...when }) => ({
        ...when,
        messageId: messageIdOf("offer-lapsed", reservationId),
      })),
    );
    await client.query("update processes.notices_checkpoint set checkpoint = $1::numeric", [checkpoint.toString()]);
  });
}

/** An offer is a reservation under the entry's id. */
const noticesOfOffer = (reservationId: string): string[] => [
  messageIdOf("offer-made", reservationId),
  messageIdOf("offer-expiring", reservationId),
  messageIdOf("offer-lapsed", reservationId),
];

const isEmpty = ({ notices, announcements, givenBack, withdrawn }: Plan): boolean =>
  notices.length + announcements.length + givenBack.length + withdrawn.length === 0;

async function readCheckpoint(pool: Pool): Promise<Position | null> {
  const { rows } = await pool.query<{ checkpoint: string | null }>(
    "select checkpoint::text from processes.notices_checkpoint",
  );
  if (rows[0] === undefined) throw new Error("notices are not prepared");
  return rows[0].checkpoint === null ? null : BigInt(rows[0].checkpoint);
}
