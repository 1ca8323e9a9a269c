import type { Pool } from "pg";
import { eventHash } from "../../eventstore/envelope.ts";
import type { EventStore } from "../../eventstore/port.ts";
import { BOXOFFICE_PREFIXES } from "../../eventstore/streams.ts";
import { type Lease, type LeaseTerms, requireLease, runUnderLease } from "../../leases/lease.ts";
import { machineTiming } from "../../leases/machine-timing.ts";
import type { Clock } from "../../ports.ts";
import { inTransaction } from "../../postgres/transaction.ts";
import { headAfter, NO_EVENTS, type RunningHead } from "../../verifier/running-head.ts";
import { signatureOf } from "../../verifier/signed-head.ts";
import type { SigningKey } from "./signing-key.ts";
import { headQueries, keepHead, keepKey, thinHeads } from "./table.ts";

export const HEADS_LEASE = "audit-heads";

/** Heads are signed so far apart, while the log moves. */
const EVERY_MS = 1_000;
/** Events that are hashed at a time: some milliseconds of the event loop. */
const MAX_BATCH = 1_000;
const THIN_EVERY_MS = 3_600_000;

export interface HeadSigningOptions extends Omit<LeaseTerms, "name" | "pool"> {
  readonly pool: Pool;
  readonly store: Pick<EventStore, "subscribe" | "head">;
  readonly clock: Clock;
  readonly key: SigningKey;
  readonly everyMs?: number;
}

/** The log ends before the last head that was signed: events are gone, or the store is another one. */
export class LogCut extends Error {
  override readonly name = "LogCut";
}

/**
 * Folds the whole log into one running head and signs it, once a second while it moves. One process does it at a time;
 * the next goes on from the last head that was signed, and comes to the same heads.
 */
export function startSigningHeads(options: HeadSigningOptions): { stop(): Promise<void> } {
  const stop = new AbortController();
  const stopped = runUnderLease({ ...options, name: HEADS_LEASE }, stop.signal, (lease) => run(options, lease));
  return {
    stop() {
      stop.abort();
      return stopped;
    },
  };
}

async function run(options: HeadSigningOptions, lease: Lease): Promise<void> {
  const { pool, store, clock, key, everyMs = EVERY_MS, timing = machineTiming } = options;
  const { signal } = lease;
  await keepKey(pool, key.jwk, clock.nowMs());
  let signed: RunningHead = (await headQueries(pool).latest()) ?? NO_EVENTS;
  await requireWhole(store, signed);
  let head = signed;
  let begun = Number.NEGATIVE_INFINITY;
  let thinned = Number.NEGATIVE_INFINITY;
  const untilDueMs = () => Math.max(0, begun + everyMs - timing.monotonicMs());
  const after = head.count === 0 ? null : head.position;
  const source = store.subscribe({ after, streamPrefixes: BOXOFFICE_PREFIXES, maxBatch: MAX_BATCH, signal });
  for await (const { events } of source) {
    for (const event of events) head = headAfter(head, event.position, eventHash(event));
    const isMore = events.length === MAX_BATCH;
    if (isMore && untilDueMs() > 0) continue;
    await timing.pause(untilDueMs(), signal);
    if (signal.aborted) return;
    begun = timing.monotonicMs();
    if (head !== signed) await sign(options, lease, head);
    signed = head;
    if (begun - thinned >= THIN_EVERY_MS) {
      thinned = begun;
      await thinHeads(pool, clock.nowMs());
    }
    // What comes meanwhile is then fetched at once: that costs a tenth of looking for it each time.
    if (!isMore) await timing.pause(untilDueMs(), signal);
  }
  if (!signal.aborted) throw new Error("the subscription ended by itself");
}

async function sign({ pool, clock, key }: HeadSigningOptions, lease: Lease, head: RunningHead): Promise<void> {
  const unsigned = { ...head, signedAt: new Date(clock.nowMs()).toISOString() };
  const signature = signatureOf(unsigned, key.privateKey);
  await inTransaction(pool, async (client) => {
    await requireLease(client, lease);
    await keepHead(client, { ...unsigned, keyId: key.jwk.kid, signature });
  });
}

/** A log that lost its end must not get other heads in its place: somebody has to look. */
async function requireWhole(store: Pick<EventStore, "head">, { count, position }: RunningHead): Promise<void> {
  const last = await store.head(BOXOFFICE_PREFIXES);
  if (count === 0 || (last !== null && last >= position)) return;
  throw new LogCut(`a head was signed at position ${position}, and the log ends at ${last ?? "its beginning"}`);
}
