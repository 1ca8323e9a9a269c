import type { Row } from "./server.ts";
import type { Statement, Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

export const LEASES = "processes.leases";

export interface LeaseRow {
  readonly holder: string;
  readonly epoch: number;
  readonly untilMs: number;
}

const leaseOf = (transaction: Transaction, name: string) =>
  transaction.get(LEASES, name) as (LeaseRow & Row) | undefined;

/** Waits for the row as it will be, and tells whether the lease is held in this epoch. */
export async function holdLease(transaction: Transaction, name: string, epoch: unknown): Promise<boolean> {
  if (leaseOf(transaction, name)?.epoch !== epoch) return false;
  await transaction.lock(LEASES, name, "key-share");
  return leaseOf(transaction, name)?.epoch === epoch;
}

const changed = async (transaction: Transaction, name: string, epoch: unknown, untilMs: number) => {
  if (leaseOf(transaction, name)?.epoch !== epoch) return { rows: [], rowCount: 0 };
  await transaction.lock(LEASES, name, "no-key-update");
  const lease = leaseOf(transaction, name);
  if (lease?.epoch !== epoch) return { rows: [], rowCount: 0 };
  transaction.put(LEASES, name, { ...lease, untilMs });
  return { rows: [], rowCount: 1 };
};

/** Takes a lease, if it may be had. */
const taking =
  (mayHave: (lease: LeaseRow, holder: string, nowMs: number) => boolean): Statement =>
  async (transaction, values) => {
    const [name, holder, validMs] = values as [string, string, number];
    const untilMs = transaction.nowMs + validMs; // said before it waits
    await transaction.lock(LEASES, name, "update");
    const lease = leaseOf(transaction, name);
    if (lease !== undefined && !mayHave(lease, holder, transaction.nowMs)) return { rows: [], rowCount: 0 };
    const epoch = (lease?.epoch ?? 0) + 1;
    transaction.put(LEASES, name, { holder, epoch, untilMs });
    return { rows: [{ epoch }], rowCount: 1 };
  };

/** As bugs have them that are planted there. */
const mistakenStatements: Statements = {
  "insert into processes.leases as l (name, holder, epoch, until) values ($1, $2, 1, clock_timestamp() + $3 * interval '1 ms') on conflict (name) do update set holder = excluded.holder, epoch = l.epoch + 1, until = excluded.until where true returning epoch":
    taking(() => true),
  "select set_config('idle_in_transaction_session_timeout', '2000', true) from processes.leases where name = $1 for key share":
    async (transaction, [name]) => {
      await transaction.lock(LEASES, name as string, "key-share");
      return { rows: [], rowCount: 1 };
    },
};

/** `src/leases/lease.ts` */
export const leaseStatements: Statements = {
  ...mistakenStatements,
  "insert into processes.leases as l (name, holder, epoch, until) values ($1, $2, 1, clock_timestamp() + $3 * interval '1 ms') on conflict (name) do update set holder = excluded.holder, epoch = l.epoch + 1, until = excluded.until where l.until <= clock_timestamp() or l.holder = excluded.holder returning epoch":
    taking((lease, holder, nowMs) => lease.untilMs <= nowMs || lease.holder === holder),
  "select holder, (1000 * extract(epoch from until - clock_timestamp()))::float8 as remaining_ms from processes.leases where name = $1":
    async (transaction, [name]) => {
      const lease = leaseOf(transaction, name as string);
      const rows =
        lease === undefined ? [] : [{ holder: lease.holder, remaining_ms: lease.untilMs - transaction.nowMs }];
      return { rows, rowCount: rows.length };
    },
  "select set_config('idle_in_transaction_session_timeout', '2000', true) from processes.leases where name = $1 and epoch = $2 for key share":
    async (transaction, values) => {
      const [name, epoch] = values;
      return { rows: [], rowCount: (await holdLease(transaction, name as string, epoch)) ? 1 : 0 };
    },
  // Nothing is half sent here: what is frozen in a transaction idles.
  "select pg_terminate_backend(holding) from pg_stat_activity a, unnest(pg_blocking_pids(a.pid)) as holding where a.datname = current_database() and a.wait_event_type = 'Lock' and a.query like 'insert into processes.leases as l%'":
    async () => ({ rows: [], rowCount: 0 }),
  "update processes.leases set until = clock_timestamp() + $3 * interval '1 ms' where name = $1 and epoch = $2": (
    transaction,
    values,
  ) => {
    const [name, epoch, validMs] = values as [string, number, number];
    return changed(transaction, name, epoch, transaction.nowMs + validMs);
  },
  "update processes.leases set until = clock_timestamp() where name = $1 and epoch = $2": (transaction, values) => {
    const [name, epoch] = values as [string, number];
    return changed(transaction, name, epoch, transaction.nowMs);
  },
};
