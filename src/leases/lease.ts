import type { ClientBase, Pool } from "pg";
import type { Log, Timing } from "../ports.ts";
import { machineTiming } from "./machine-timing.ts";

/**
 * The right to do one piece of work that only one process may do at a time. It is a row in Postgres and runs on
 * Postgres's clock, so that the clocks of the holders don't matter.
 *
 * The unique key on (name, epoch) is there for its locks: a transaction that is fenced holds FOR KEY SHARE, which a
 * takeover (it changes the key) has to wait for and a renewal (it does not) has not.
 */
export const CREATE_LEASES = `
  create schema if not exists processes;
  create table if not exists processes.leases (
    name text primary key,
    holder text not null,
    epoch integer not null,
    until timestamptz not null,
    unique (name, epoch)
  );`;

/** A lease that is held, or was: whoever writes under it proves with {@link requireLease} that it still is. */
export interface Lease {
  readonly name: string;
  /** Grows with each takeover. */
  readonly epoch: number;
  /** Aborts when the lease is lost, or when its holder is asked to stop. */
  readonly signal: AbortSignal;
}

export interface LeaseTerms {
  readonly pool: Pool;
  readonly name: string;
  /** Unique to this start of this process. */
  readonly holder: string;
  readonly log: Log;
  /** How long the lease stands without a renewal: the longest that work rests after a kill. */
  readonly validMs?: number;
  readonly renewMs?: number;
  /** Told each time that the lease is seen in somebody else's hands. */
  readonly onStandby?: () => void;
  readonly timing?: Timing | undefined;
}

/** So long may a transaction that keeps others from taking the lease over pause between two statements. */
const IDLE_MS = 2_000;

const REQUIRE_LEASE = `
  select set_config('idle_in_transaction_session_timeout', '${IDLE_MS}', true)
    from processes.leases where name = $1 and epoch = $2 for key share`;

/** Somebody else holds the lease now. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

const VALID_MS = 4_000;
const RENEW_MS = 1_000;
/** How long a standby waits at most before it looks again; a lease that was given back is picked up this soon. */
const LOOK_MS = 500;
const MAX_BACKOFF_MS = 5_000;
/** Work that ran this long before it failed is tried again at once. */
const HEALTHY_MS = 30_000;

/**
 * Waits for the lease, does `work` while it is held, gives it back, and begins again until `stop` aborts. Work that
 * fails gives the lease back too, so that another process may have more luck, and is tried again after a growing pause.
 * Resolves when it has stopped and the lease is given back.
 */
export async function runUnderLease(
  terms: LeaseTerms,
  stop: AbortSignal,
  work: (lease: Lease) => Promise<void>,
): Promise<void> {
  const { pause, monotonicMs } = terms.timing ?? machineTiming;
  let failures = 0;
  while (!stop.aborted) {
    const attempt = await acquire(terms).catch((error: unknown) => {
      terms.log.warn({ err: error, lease: terms.name }, "the lease cannot be asked for");
      return { epoch: null, remainingMs: 0 };
    });
    if (attempt.epoch === null) {
      if (attempt.remainingMs > 0) terms.onStandby?.();
      await pause(attempt.remainingMs > 0 ? Math.min(attempt.remainingMs + 10, LOOK_MS) : LOOK_MS, stop);
      continue;
    }
    const begun = monotonicMs();
    terms.log.info({ lease: terms.name, epoch: attempt.epoch }, "lease taken");
    try {
      if (!stop.aborted) await holdDuring(terms, attempt.epoch, stop, work);
      failures = 0;
    } catch (error) {
      failures = monotonicMs() - begun > HEALTHY_MS ? 1 : failures + 1;
      const details = { err: error, lease: terms.name, failures };
      // Once may be a connection that broke, or could not be made in time; it is begun anew.
      if (failures === 1) terms.log.warn(details, "work under the lease failed");
      else terms.log.error(details, "work under the lease failed again");
    }
    await release(terms, attempt.epoch);
    if (failures > 0) await pause(Math.min(MAX_BACKOFF_MS, 50 * 2 ** Math.min(failures, 10)), stop);
  }
}

/**
 * To be called inside a transaction: from here to its end nobody can take the lease over. Postgres ends the transaction
 * when it pauses for 2 s: its process is frozen.
 * @throws LeaseLost
 */
export async function requireLease(client: ClientBase, lease: Pick<Lease, "name" | "epoch">): Promise<void> {
  const found = await client.query({
    name: "require_lease",
    text: REQUIRE_LEASE,
    values: [lease.name, lease.epoch],
  });
  if (found.rowCount === 0) throw new LeaseLost(`lease ${lease.name} is no longer held in epoch ${lease.epoch}`);
}

/**
 * Takes the lease if it is free, has run out, or is this holder's own from before; else says how long it stands. It looks
 * first: an attempt would wait for the transaction that the holder is in, and the holder's next one for the attempt.
 */
async function acquire(terms: LeaseTerms) {
  const { pool, name, holder, validMs = VALID_MS } = terms;
  const remainingMs = await remaining(terms);
  if (remainingMs > 0) return { epoch: null, remainingMs };
  const answered = new AbortController();
  void endSessionsInTheWay(terms, answered.signal);
  try {
    const taken = await pool.query<{ epoch: number }>(
      `insert into processes.leases as l (name, holder, epoch, until)
     values ($1, $2, 1, clock_timestamp() + $3 * interval '1 ms')
     on conflict (name) do update set holder = excluded.holder, epoch = l.epoch + 1, until = excluded.until
       where l.until <= clock_timestamp() or l.holder = excluded.holder
     returning epoch`,
      [name, holder, validMs],
    );
    if (taken.rows[0] !== undefined) return { epoch: taken.rows[0].epoch, remainingMs: 0 };
  } finally {
    answered.abort();
  }
  return { epoch: null, remainingMs: await remaining(terms) };
}

/** How long the lease stands in somebody else's hands. */
async function remaining({ pool, name, holder }: LeaseTerms): Promise<number> {
  const { rows } = await pool.query<{ holder: string; remaining_ms: number }>(
    `select holder, (1000 * extract(epoch from until - clock_timestamp()))::float8 as remaining_ms
     from processes.leases where name = $1`,
    [name],
  );
  const [row] = rows;
  return row === undefined || row.holder === holder ? 0 : row.remaining_ms;
}

/**
 * When taking a lease that has run out waits for too long, its holder is frozen inside a transaction that Postgres does not
 * end by itself: in the middle of a COPY it waits for the rest without an end.
 */
async function endSessionsInTheWay({ pool, name, log, timing = machineTiming }: LeaseTerms, answered: AbortSignal) {
  await timing.pause(IN_THE_WAY_MS, answered);
  if (answered.aborted) return;
  log.warn({ lease: name }, "the lease has run out, and a session is in the way of taking it: ending that");
  await pool.query(END_SESSIONS_IN_THE_WAY).catch((error: unknown) => {
    log.warn({ err: error, lease: name }, "the session in the way could not be ended");
  });
}

/** Longer than Postgres lets such a transaction idle. */
const IN_THE_WAY_MS = 3_000;
const END_SESSIONS_IN_THE_WAY = `
  select pg_terminate_backend(holding) from pg_stat_activity a, unnest(pg_blocking_pids(a.pid)) as holding
   where a.datname = current_database() and a.wait_event_type = 'Lock' and a.query like 'insert into processes.leases as l%'`;

async function holdDuring(
  terms: LeaseTerms,
  epoch: number,
  stop: AbortSignal,
  work: (lease: Lease) => Promise<void>,
): Promise<void> {
  const lost = new AbortController();
  const done = new AbortController();
  const renewals = renew(terms, epoch, lost, done.signal);
  try {
    await work({ name: terms.name, epoch, signal: AbortSignal.any([stop, lost.signal]) });
  } finally {
    done.abort();
    await renewals;
  }
}

/** Renews until `done`; aborts `lost` when the row is somebody else's or no renewal succeeded for as long as it stands. */
async function renew(terms: LeaseTerms, epoch: number, lost: AbortController, done: AbortSignal): Promise<void> {
  const validMs = terms.validMs ?? VALID_MS;
  const { pause, monotonicMs } = terms.timing ?? machineTiming;
  const giveUp = () => {
    if (done.aborted || lost.signal.aborted) return;
    terms.log.warn({ lease: terms.name, epoch }, "lease lost");
    lost.abort(new LeaseLost(`lease ${terms.name} ran out in epoch ${epoch}`));
  };
  let patience = new AbortController();
  const giveUpAfter = (ms: number) => {
    patience.abort();
    patience = new AbortController();
    const { signal } = patience;
    void pause(ms, signal).then(() => signal.aborted || giveUp());
  };
  giveUpAfter(validMs);
  while (!done.aborted && !lost.signal.aborted) {
    await pause(terms.renewMs ?? RENEW_MS, AbortSignal.any([done, lost.signal]));
    if (done.aborted || lost.signal.aborted) break;
    const asked = monotonicMs();
    try {
      const renewed = await terms.pool.query(
        `update processes.leases set until = clock_timestamp() + $3 * interval '1 ms' where name = $1 and epoch = $2`,
        [terms.name, epoch, validMs],
      );
      if (renewed.rowCount === 0) giveUp();
      giveUpAfter(validMs - (monotonicMs() - asked));
    } catch (error) {
      terms.log.warn({ err: error, lease: terms.name }, "the lease could not be renewed");
    }
  }
  patience.abort();
}

async function release({ pool, name, log }: LeaseTerms, epoch: number): Promise<void> {
  try {
    await pool.query("update processes.leases set until = clock_timestamp() where name = $1 and epoch = $2", [
      name,
      epoch,
    ]);
  } catch (error) {
    log.warn({ err: error, lease: name }, "the lease could not be given back; it runs out by itself");
  }
}
