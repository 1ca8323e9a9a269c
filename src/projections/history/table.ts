import type { Actor } from "../../eventstore/envelope.ts";
import { tableName } from "../projection.ts";

export const VIEW = "history";

/**
 * A row of `readmodels.history`: something that happened to a booking, a cart or an entry of a waitlist. What happened
 * to reservations is not here: an on-sale has thousands a second, and `readmodels.reservations` tells it.
 */
export interface HistoryRow {
  readonly position: string;
  readonly at: Date;
  readonly type: string;
  /** null where nobody's: of a purchase that was given up before it was recorded. */
  readonly account_id: string | null;
  readonly booking_id: string | null;
  readonly cart_id: string | null;
  readonly entry_id: string | null;
  readonly event_id: string | null;
  readonly actor: Actor;
  /** What of the event's data its owner is told. */
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * One event may concern several entries of a waitlist, so a position is no key. Events of a booking don't name the
 * account: it is looked up in what is here of the same booking.
 */
export const createTables = (generation: number): string => {
  const table = tableName(VIEW, generation);
  return `
  create table ${table} (
    position numeric(39, 0) not null,
    at timestamptz not null,
    type text not null,
    account_id uuid,
    booking_id uuid,
    cart_id uuid,
    entry_id uuid,
    event_id uuid,
    actor jsonb not null,
    data jsonb not null
  );
  create index ${VIEW}_g${generation}_by_account on ${table} (account_id, at, position) where account_id is not null;
  create index ${VIEW}_g${generation}_by_booking on ${table} (booking_id, position) where booking_id is not null;`;
};
