import { holdLease } from "./lease-statements.ts";
import type { Result } from "./session.ts";
import type { Statement, Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

export const CANCELLATIONS = "processes.cancellations";
export const WAITS = "processes.cancellation_waits";

interface CancellationRow {
  readonly event_id: string;
  readonly closed_position: string | null;
  readonly page: string | null;
  readonly walked: boolean;
  readonly isDone: boolean;
}

interface WaitRow {
  readonly event_id: string;
  readonly booking_id: string;
  readonly triedMs: number;
}

const cancellationsIn = (transaction: Transaction) =>
  transaction.rows(CANCELLATIONS).map(([, row]) => row as unknown as CancellationRow);

const waitsOf = (transaction: Transaction, eventId: string) =>
  transaction
    .rows(WAITS)
    .map(([, row]) => row as unknown as WaitRow)
    .filter(({ event_id }) => event_id === eventId);

const result = (rows: Result["rows"]): Result => ({ rows, rowCount: rows.length });

async function change(transaction: Transaction, eventId: string, to: Partial<CancellationRow>): Promise<void> {
  await transaction.lock(CANCELLATIONS, eventId, "no-key-update");
  const before = transaction.get(CANCELLATIONS, eventId);
  if (before !== undefined) transaction.put(CANCELLATIONS, eventId, { ...before, ...to });
}

async function wait(transaction: Transaction, eventId: string, bookingId: string, isOver = false): Promise<void> {
  const key = `${eventId}/${bookingId}`;
  await transaction.lock(WAITS, key, "update");
  const row = { event_id: eventId, booking_id: bookingId, triedMs: transaction.nowMs };
  transaction.put(WAITS, key, isOver ? null : row);
}

/** `underLease` there */
const UNDER_LEASE = (changes: string) =>
  `with held as (select 1 from processes.leases where name = $1 and epoch = $2 for key share), ${changes} select from held`;

const underLease =
  (changes: (transaction: Transaction, eventId: string, values: readonly unknown[]) => Promise<void>): Statement =>
  async (transaction, [name, epoch, eventId, ...values]) => {
    if (!(await holdLease(transaction, name as string, epoch))) return result([]);
    await changes(transaction, eventId as string, values);
    return result([{}]);
  };

/** `src/processes/cancellation-rows.ts` */
export const cancellationStatements: Statements = {
  "insert into processes.cancellations (event_id) values ($1) on conflict (event_id) do nothing": async (
    transaction,
    values,
  ) => {
    const [eventId] = values as [string];
    await transaction.lock(CANCELLATIONS, eventId, "update");
    const row = { event_id: eventId, closed_position: null, page: null, walked: false, isDone: false };
    if (transaction.get(CANCELLATIONS, eventId) === undefined) transaction.put(CANCELLATIONS, eventId, row);
    return result([]);
  },
  "select event_id, closed_position::text, page, walked from processes.cancellations where done_at is null and ($1::uuid is null or event_id > $1) order by event_id limit $2":
    async (transaction, values) => {
      const [after, limit] = values as [string | null, number];
      const open = cancellationsIn(transaction).filter(
        ({ isDone, event_id }) => !isDone && (after === null || event_id > after),
      );
      return result(open.slice(0, limit).map((row) => ({ ...row })));
    },
  "select booking_id from processes.cancellation_waits where event_id = $1 and tried_at <= clock_timestamp() - $2 * interval '1 ms' order by tried_at limit $3":
    async (transaction, values) => {
      const [eventId, untriedForMs, limit] = values as [string, number, number];
      const untried = waitsOf(transaction, eventId)
        .filter(({ triedMs }) => triedMs <= transaction.nowMs - untriedForMs)
        .sort((a, b) => a.triedMs - b.triedMs);
      return result(untried.slice(0, limit).map((row) => ({ ...row })));
    },
  [UNDER_LEASE(
    "closed as (update processes.cancellations set closed_position = $4::numeric where event_id = $3 and exists (select from held))",
  )]: underLease((transaction, eventId, [position]) =>
    change(transaction, eventId, { closed_position: position as string }),
  ),
  [UNDER_LEASE(
    "moved as (update processes.cancellations set page = coalesce($4::text, page), walked = $4 is null where event_id = $3 and exists (select from held)), waits as (insert into processes.cancellation_waits (event_id, booking_id, tried_at) select $3, id, clock_timestamp() from unnest($5::uuid[]) as w (id) where exists (select from held) on conflict (event_id, booking_id) do update set tried_at = excluded.tried_at)",
  )]: underLease(async (transaction, eventId, values) => {
    const [next, waiting] = values as [string | null, string[]];
    await change(transaction, eventId, next === null ? { walked: true } : { page: next, walked: false });
    for (const bookingId of waiting) await wait(transaction, eventId, bookingId);
  }),
  [UNDER_LEASE(
    "gone as (delete from processes.cancellation_waits where event_id = $3 and booking_id = any($4::uuid[]) and exists (select from held)), put_off as (update processes.cancellation_waits set tried_at = clock_timestamp() where event_id = $3 and booking_id = any($5::uuid[]) and exists (select from held))",
  )]: underLease(async (transaction, eventId, values) => {
    const [done, tried] = values as [string[], string[]];
    const waiting = new Set(waitsOf(transaction, eventId).map(({ booking_id }) => booking_id));
    for (const bookingId of done) if (waiting.has(bookingId)) await wait(transaction, eventId, bookingId, true);
    for (const bookingId of tried) if (waiting.has(bookingId)) await wait(transaction, eventId, bookingId);
  }),
  [UNDER_LEASE(
    "done as (update processes.cancellations set done_at = clock_timestamp() where event_id = $3 and walked and exists (select from held) and not exists (select from processes.cancellation_waits where event_id = $3))",
  )]: underLease(async (transaction, eventId) => {
    await transaction.lock(CANCELLATIONS, eventId, "no-key-update");
    const row = transaction.get(CANCELLATIONS, eventId) as unknown as CancellationRow | undefined;
    if (row?.walked !== true || waitsOf(transaction, eventId).length > 0) return;
    transaction.put(CANCELLATIONS, eventId, { ...row, isDone: true });
  }),
};
