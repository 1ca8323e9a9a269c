import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import { type Lease, runUnderLease } from "../leases/lease.ts";
import type { Clock } from "../ports.ts";
import { type AnnouncingOptions, announce } from "./announcements.ts";
import { type FollowingOptions, followLog } from "./following.ts";
import { removeEnded } from "./outbox.ts";
import { type SendingCounts, type SendingOptions, sendNotices } from "./sending.ts";

export const NOTICES_LEASE = "notices";

export type NoticesOptions = FollowingOptions &
  SendingOptions &
  AnnouncingOptions & {
    /** With room for {@link NOTICES_CONNECTIONS} connections; better not the one that serves requests. */
    readonly pool: Pool;
    /** Unique to this start of this process. */
    readonly holder: string;
    /** Of the lease; see {@link LeaseTerms}. */
    readonly validMs?: number;
    readonly renewMs?: number;
  };

/** Following, announcing, sending, removing, and the lease. */
export const NOTICES_CONNECTIONS = 5;

/** Telling people by mail what happened to what they bought, reserved or wait for; in one process at a time. */
export interface Notices {
  /** Since the start, by this process. */
  counts(): Readonly<SendingCounts>;
  /** Settles the mails under way and gives the lease back. The mailer stays the caller's to close. */
  stop(): Promise<void>;
}

/** What has ended is kept so long, to answer questions about mails. */
const KEPT_MS = 30 * 24 * 3_600_000;
const REMOVE_EVERY_MS = 60_000;
const REMOVED_AT_ONCE = 5_000;

/**
 * Starts telling people, or standing by for whoever does. Three things go on side by side: the log is followed into the
 * outbox, announcements to many are put there portion by portion, and what is due is sent. No command waits for any.
 */
export function startNotices(options: NoticesOptions): Notices {
  const stop = new AbortController();
  const counts: SendingCounts = { sent: 0, skipped: 0, givenUp: 0 };
  const terms = { ...options, name: NOTICES_LEASE };
  const stopped = runUnderLease(terms, stop.signal, (lease) =>
    together(lease, [
      (held) => followLog(options, held),
      (held) => announce(options, held),
      (held) => sendNotices(options, counts, held),
      (held) => removeOld(options, held),
    ]),
  );
  return {
    counts: () => counts,
    stop() {
      stop.abort();
      return stopped;
    },
  };
}

/** Runs all of it until the lease's signal aborts; what fails ends the others too, and the first failure is thrown. */
async function together(lease: Lease, works: readonly ((lease: Lease) => Promise<void>)[]): Promise<void> {
  const failed = new AbortController();
  const held: Lease = { ...lease, signal: AbortSignal.any([lease.signal, failed.signal]) };
  const ends = works.map((work) =>
    work(held).catch((error: unknown) => {
      if (failed.signal.aborted) return;
      failed.abort(error);
      throw error;
    }),
  );
  const [failure] = (await Promise.allSettled(ends)).filter((end) => end.status === "rejected");
  if (failure !== undefined) throw failure.reason;
}

async function removeOld({ pool, clock }: { readonly pool: Pool; readonly clock: Clock }, lease: Lease): Promise<void> {
  while (!lease.signal.aborted) {
    const removed = await removeEnded(pool, clock.nowMs() - KEPT_MS, REMOVED_AT_ONCE);
    if (removed >= REMOVED_AT_ONCE) continue;
    await sleep(REMOVE_EVERY_MS, undefined, { signal: lease.signal }).catch(() => undefined);
  }
}
