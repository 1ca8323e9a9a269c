import { tableName } from "../projection.ts";

export const VIEW = "waitlist";

/** What the waitlist's own events say; what becomes of an offer is told by the reservation under the entry's id. */
export type RecordedEntryStatus = "WAITING" | "OFFERED" | "LEFT" | "ENDED";

/** A row of `readmodels.waitlist`: somebody who waits for tickets of one type, or did. */
export interface WaitlistRow {
  readonly entry_id: string;
  readonly event_id: string;
  readonly ticket_type_id: string;
  readonly account_id: string;
  readonly joined_at: Date;
  readonly quantity: number;
  /** Of the event in its inventory's stream: who has a lower one came before. */
  readonly revision: number;
  readonly status: RecordedEntryStatus;
}

export const createTables = (generation: number): string => {
  const table = tableName(VIEW, generation);
  return `
  create table ${table} (
    entry_id uuid primary key,
    event_id uuid not null,
    ticket_type_id uuid not null,
    account_id uuid not null,
    joined_at timestamptz not null,
    quantity integer not null,
    revision integer not null,
    status text not null
  ) with (fillfactor = 70);
  create index ${VIEW}_g${generation}_by_account on ${table} (account_id, joined_at, entry_id);
  create index ${VIEW}_g${generation}_by_event on ${table} (event_id, joined_at, entry_id);
  create index ${VIEW}_g${generation}_waiting on ${table} (event_id, ticket_type_id, revision)
    where status = 'WAITING';`;
};
