import { setTimeout as sleep } from "node:timers/promises";
import type { ClientBase, Pool } from "pg";
import type { Position } from "../eventstore/port.ts";
import { type Lease, requireLease } from "../leases/lease.ts";
import type { Clock } from "../ports.ts";
import { inTransaction } from "../postgres/transaction.ts";
import type { NoticeFacts } from "./facts.ts";
import type { EventChange, PlannedNotice } from "./notice.ts";
import { countDue, putNotices } from "./outbox.ts";
import { messageIdOf, type PlannedAnnouncement } from "./planning.ts";

/**
 * How many people get their row in one transaction, and how many mails may be waiting when they do: a hundred thousand
 * are told in five hundred steps, and somebody's tickets don't wait behind all of them.
 */
const PORTION = 200;
const IDLE_MS = 500;
/** As long as other news: see planning.ts. */
const STALE_MS = 7 * 24 * 3_600_000;

/** Plans an announcement; one of the same event that nobody was told of yet takes the changes in. */
export async function putAnnouncements(
  client: ClientBase,
  announcements: readonly PlannedAnnouncement[],
): Promise<void> {
  for (const { announcementId, eventId, changed, position, dueAt } of announcements) {
    await client.query(
      `insert into processes.notice_announcements as a (announcement_id, event_id, changed, position, due_at)
       values ($1, $2, $3, $4::numeric, $5)
       on conflict (event_id) where walked_to is null and ended_at is null do update
         set changed = array(select distinct unnest(a.changed || excluded.changed)), position = excluded.position`,
      [announcementId, eventId, changed, position.toString(), dueAt],
    );
  }
}

export interface AnnouncingOptions {
  readonly pool: Pool;
  readonly facts: Pick<NoticeFacts, "checkpoint" | "ticketHolders">;
  readonly clock: Clock;
  readonly idleMs?: number;
  readonly portion?: number;
}

/** Puts into the outbox, portion by portion, what everybody with tickets is told. Returns when the lease's signal aborts. */
export async function announce(options: AnnouncingOptions, lease: Lease): Promise<void> {
  while (!lease.signal.aborted) {
    const due = await dueAnnouncement(options);
    const { pool, clock, portion = PORTION } = options;
    if (due !== null && (await countDue(pool, clock.nowMs(), portion)) < portion)
      await tellPortion(options, lease, due);
    else await sleep(options.idleMs ?? IDLE_MS, undefined, { signal: lease.signal }).catch(() => undefined);
  }
}

interface DueAnnouncement {
  readonly announcement_id: string;
  readonly event_id: string;
  readonly changed: readonly EventChange[];
  readonly position: string;
  readonly due_at: Date;
  readonly walked_to: string | null;
}

async function dueAnnouncement({ pool, facts, clock }: AnnouncingOptions): Promise<DueAnnouncement | null> {
  const checkpoint: Position | null = await facts.checkpoint();
  if (checkpoint === null) return null;
  const { rows } = await pool.query<DueAnnouncement>(
    `select announcement_id, event_id, changed, position::text, due_at, walked_to from processes.notice_announcements
     where ended_at is null and due_at <= $1 and position <= $2::numeric order by due_at, announcement_id limit 1`,
    [new Date(clock.nowMs()), checkpoint.toString()],
  );
  return rows[0] ?? null;
}

async function tellPortion(
  { pool, facts, clock, portion = PORTION }: AnnouncingOptions,
  lease: Lease,
  due: DueAnnouncement,
): Promise<void> {
  const { accountIds, next } = await facts.ticketHolders(due.event_id, { cursor: due.walked_to, limit: portion });
  const nowMs = clock.nowMs();
  const ended = next === null ? new Date(nowMs) : null;
  await inTransaction(pool, async (client) => {
    await requireLease(client, lease);
    // First, and only from where the portion was read: a change that was taken in meanwhile begins it again.
    const moved = await client.query(
      `update processes.notice_announcements set walked_to = coalesce($3, walked_to), ended_at = $4
       where announcement_id = $1 and walked_to is not distinct from $2 and position = $5::numeric and ended_at is null`,
      [due.announcement_id, due.walked_to, next, ended, due.position],
    );
    if (moved.rowCount === 0) return;
    await putNotices(
      client,
      accountIds.map((accountId) => noticeFor(accountId, due, nowMs)),
    );
  });
}

const noticeFor = (accountId: string, due: DueAnnouncement, nowMs: number): PlannedNotice => ({
  kind: "event-changed",
  about: { eventId: due.event_id, changed: due.changed },
  messageId: messageIdOf("event-changed", due.announcement_id, accountId),
  accountId,
  position: BigInt(due.position),
  dueAt: new Date(nowMs).toISOString(),
  until: new Date(due.due_at.getTime() + STALE_MS).toISOString(),
});
