import type { ClientBase, Pool } from "pg";
import type { Position } from "../eventstore/port.ts";
import type { Notice, PlannedNotice } from "./notice.ts";

/** A notice whose time has come. */
export type DueNotice = Notice & {
  readonly messageId: string;
  readonly accountId: string | null;
  readonly until: Date;
  /** Tries so far. */
  readonly attempts: number;
  /** Of them, those that the server answered about this very mail. */
  readonly refusals: number;
};

/** What became of a try. */
export interface Settlement {
  readonly messageId: string;
  /** null: it waits for another try. */
  readonly outcome: "sent" | "skipped" | "given-up" | null;
  /** When it is tried again; null where it is not. */
  readonly dueAtMs: number | null;
  readonly attempts: number;
  readonly refusals: number;
  /** Why it was skipped, put off or given up; without addresses. */
  readonly problem: string | null;
}

/** Before every position: where read models stand that have seen nothing yet. */
export const NOTHING_SEEN: Position = -1n;

/** Puts notices into the outbox; those that are there, or were, stay as they are. */
export async function putNotices(client: ClientBase, notices: readonly PlannedNotice[]): Promise<void> {
  if (notices.length === 0) return;
  const rows = notices.map((notice) => ({
    message_id: notice.messageId,
    kind: notice.kind,
    about: notice.about,
    account_id: notice.accountId,
    position: (notice.position ?? NOTHING_SEEN).toString(),
    due_at: notice.dueAt,
    until: notice.until,
  }));
  await client.query(
    `insert into processes.notices (message_id, kind, about, account_id, position, due_at, until)
     select * from json_to_recordset($1) as row
       (message_id uuid, kind text, about jsonb, account_id uuid, position numeric, due_at timestamptz, until timestamptz)
     on conflict do nothing`,
    [JSON.stringify(rows)],
  );
}

/** Removes all that is to be told to an account, and that it was told. What is said of a booking names no account. */
export async function forgetNotices(client: ClientBase, accountId: string): Promise<void> {
  await client.query("delete from processes.notices where account_id = $1", [accountId]);
}

/** Ends notices that wait, without a word. */
export async function dropNotices(client: ClientBase, messageIds: readonly string[], nowMs: number): Promise<void> {
  if (messageIds.length === 0) return;
  await client.query(
    `update processes.notices set outcome = 'skipped', ended_at = $2, problem = 'no longer of use'
     where message_id = any($1) and outcome is null`,
    [messageIds, new Date(nowMs)],
  );
}

/** Has notices that wait for a later time sent now, once the read models have passed the position. */
export async function hastenNotices(
  client: ClientBase,
  notices: readonly { readonly messageId: string; readonly at: string; readonly position: Position }[],
): Promise<void> {
  if (notices.length === 0) return;
  const rows = notices.map(({ messageId, at, position }) => ({
    message_id: messageId,
    due_at: at,
    position: position.toString(),
  }));
  await client.query(
    `update processes.notices n set due_at = row.due_at, position = row.position
     from json_to_recordset($1) as row (message_id uuid, due_at timestamptz, position numeric)
     where n.message_id = row.message_id and n.outcome is null and n.due_at > row.due_at`,
    [JSON.stringify(rows)],
  );
}

interface DueRow {
  readonly message_id: string;
  readonly kind: string;
  readonly about: unknown;
  readonly account_id: string | null;
  readonly until: Date;
  readonly attempts: number;
  readonly refusals: number;
}

/** Notices that are due and that read models at the checkpoint know all about, in the order of what happened. */
export async function dueNotices(
  pool: Pool,
  { nowMs, checkpoint, limit }: { readonly nowMs: number; readonly checkpoint: Position; readonly limit: number },
): Promise<readonly DueNotice[]> {
  const { rows } = await pool.query<DueRow>(
    `select message_id, kind, about, account_id, until, attempts, refusals from processes.notices
     where outcome is null and due_at <= $1 and position <= $2::numeric
     order by due_at, position, message_id limit $3`,
    [new Date(nowMs), checkpoint.toString(), limit],
  );
  return rows.map(
    ({ message_id, account_id, ...row }) => ({ ...row, messageId: message_id, accountId: account_id }) as DueNotice,
  );
}

/** How many notices are due, counted up to the limit. */
export async function countDue(pool: Pool, nowMs: number, limit: number): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::integer as count from
       (select from processes.notices where outcome is null and due_at <= $1 limit $2) as waiting`,
    [new Date(nowMs), limit],
  );
  return rows[0]?.count ?? 0;
}

/** Writes down what became of tries. Needs no lease: it is so, whoever holds the lease by now. */
export async function settleNotices(pool: Pool, settlements: readonly Settlement[], nowMs: number): Promise<void> {
  const rows = settlements.map(({ messageId, outcome, dueAtMs, attempts, refusals, problem }) => ({
    message_id: messageId,
    outcome,
    due_at: dueAtMs === null ? null : new Date(dueAtMs),
    attempts,
    refusals,
    problem,
  }));
  await pool.query(
    `update processes.notices n
     set outcome = row.outcome, ended_at = case when row.outcome is not null then $2::timestamptz end,
         due_at = coalesce(row.due_at, n.due_at), attempts = row.attempts, refusals = row.refusals, problem = row.problem
     from json_to_recordset($1) as row
       (message_id uuid, outcome text, due_at timestamptz, attempts integer, refusals integer, problem text)
     where n.message_id = row.message_id and n.outcome is null`,
    [JSON.stringify(rows), new Date(nowMs)],
  );
}

/** Removes what ended before then, at most `atMost` rows of each table. @returns how many went */
export async function removeEnded(pool: Pool, beforeMs: number, atMost: number): Promise<number> {
  const before = new Date(beforeMs);
  const notices = await pool.query(
    `delete from processes.notices where message_id in
       (select message_id from processes.notices where outcome is not null and ended_at < $1 order by ended_at limit $2)`,
    [before, atMost],
  );
  const announcements = await pool.query(
    `delete from processes.notice_announcements where announcement_id in
       (select announcement_id from processes.notice_announcements where ended_at < $1 limit $2)`,
    [before, atMost],
  );
  return (notices.rowCount ?? 0) + (announcements.rowCount ?? 0);
}
