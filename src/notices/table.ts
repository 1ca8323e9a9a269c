import type { Pool } from "pg";
import type { EventStore } from "../eventstore/port.ts";
import { BOXOFFICE_PREFIXES } from "../eventstore/streams.ts";
import { mayPrepare, requireTables } from "../postgres/preparing.ts";
import { inTurn } from "../postgres/transaction.ts";

/**
 * The outbox, with ids and amounts only: no addresses, no codes, no names. A row waits while `outcome` is null;
 * `attempts` are all tries, `refusals` those that the server answered about this very mail.
 *
 * `notice_announcements` is what everybody with tickets of an event is told, walked through in portions: `walked_to` is
 * the last account that has its row in the outbox.
 */
const TABLES = `
  create schema if not exists processes;

  create table if not exists processes.notices (
    message_id uuid primary key,
    kind       text not null,
    about      jsonb not null,
    account_id uuid,
    position   numeric(39, 0) not null,
    due_at     timestamptz not null,
    until      timestamptz not null,
    attempts   integer not null default 0,
    refusals   integer not null default 0,
    problem    text,
    key_hash   text,
    outcome    text check (outcome in ('sent', 'skipped', 'given-up')),
    ended_at   timestamptz,
    check ((outcome is null) = (ended_at is null))
  );
  create index if not exists notices_due on processes.notices (due_at, position, message_id) where outcome is null;
  create index if not exists notices_ended on processes.notices (ended_at) where outcome is not null;
  create index if not exists notices_account on processes.notices (account_id) where account_id is not null;
  create unique index if not exists notices_key on processes.notices (key_hash) where key_hash is not null;

  create table if not exists processes.notice_announcements (
    announcement_id uuid primary key,
    event_id   uuid not null,
    changed    text[] not null,
    position   numeric(39, 0) not null,
    due_at     timestamptz not null,
    walked_to  text,
    ended_at   timestamptz
  );
  create unique index if not exists notice_announcements_gathering
    on processes.notice_announcements (event_id) where walked_to is null and ended_at is null;
  create index if not exists notice_announcements_open
    on processes.notice_announcements (due_at) where ended_at is null;

  create table if not exists processes.notices_checkpoint (
    only_row   boolean primary key default true check (only_row),
    checkpoint numeric(39, 0)
  );
`;

/** Any number, the same in every process: those that start together take turns. */
const PREPARE_LOCK = 727_004;

/**
 * Makes the tables that are missing. Where they are new, notices begin with what happens from now on: an installation
 * with a history that is upgraded must not write to everybody about it.
 */
export async function prepareNotices(pool: Pool, store: Pick<EventStore, "head">): Promise<void> {
  if (!(await mayPrepare(pool))) return requireTables(pool, TABLES);
  await inTurn(pool, PREPARE_LOCK, async (client) => {
    await client.query(TABLES);
    const found = await client.query("select 1 from processes.notices_checkpoint");
    if (found.rowCount !== 0) return;
    const head = await store.head(BOXOFFICE_PREFIXES);
    await client.query("insert into processes.notices_checkpoint (checkpoint) values ($1)", [head?.toString() ?? null]);
  });
}
