import type { Seated } from "../../domain/inventory-events.ts";
import { tableName } from "../projection.ts";

export const VIEW = "reservations";

export type RecordedStatus = "HELD" | "CONFIRMED" | "RELEASED" | "EXPIRED";

/** A row of `readmodels.reservations`. */
export interface ReservationRow {
  readonly reservation_id: string;
  readonly event_id: string;
  readonly ticket_type_id: string;
  readonly account_id: string;
  readonly quantity: number;
  /** Minor units. */
  readonly unit_price: string;
  readonly currency: string;
  /** As recorded: HELD stays until the log says otherwise, though `expires_at` may have passed. */
  readonly status: RecordedStatus;
  readonly expires_at: Date;
  readonly extended: boolean;
  readonly created_at: Date;
  /** When it was recorded that it was confirmed, released or expired; null while it is HELD. */
  readonly ended_at: Date | null;
  /** The cart that it is a line of; null for one of its own. */
  readonly cart_id: string | null;
  /** The booking that it is claimed for, or was when it ended; null when it is nobody's but its owner's. */
  readonly booking_id: string | null;
  /** Until when that booking may be paid: while it is HELD this stands for `expires_at`, which is its own. */
  readonly deadline: Date | null;
  /** Numbered seats and what each costs; null where tickets are not numbered. */
  readonly seated: Seated | null;
  /** The `Idempotency-Key` it was made with, as {@link keyFingerprint}; null without one. */
  readonly key_fingerprint: string | null;
  /** Of the event that made it, in the inventory's stream. */
  readonly revision: number;
}

/**
 * Columns stand in the order in which the projector copies them.
 *
 * Few indexes, because this table takes a row for each reservation of an on-sale: the key, an account's list, and the
 * look-up by idempotency key; a plain reservation is in none of those by cart and by booking. Pages are filled by half, because each reservation ends once and its end is then written
 * beside its beginning, without touching the indexes: docs/decisions/read-models.md has the measurement.
 */
export const createTables = (generation: number): string => {
  const table = tableName(VIEW, generation);
  const name = `${VIEW}_g${generation}`;
  return `
  create table ${table} (
    reservation_id uuid primary key,
    event_id uuid not null,
    ticket_type_id uuid not null,
    account_id uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz,
    unit_price bigint not null,
    key_fingerprint bigint,
    quantity integer not null,
    revision integer not null,
    extended boolean not null,
    status text not null,
    currency text not null,
    cart_id uuid,
    booking_id uuid,
    deadline timestamptz,
    seated jsonb
  ) with (fillfactor = 50);
  create index ${name}_by_account on ${table} (account_id, created_at, reservation_id);
  create index ${name}_by_key on ${table} (key_fingerprint) where key_fingerprint is not null;
  create index ${name}_by_cart on ${table} (cart_id) where cart_id is not null;
  create index ${name}_by_booking on ${table} (booking_id) where booking_id is not null;`;
};

/**
 * The first 64 bits of a key hash: an index of these is a fifth of one of the hashes themselves. Two keys in a billion
 * may share one, so what is found by it is a candidate until the event itself has been looked at.
 * @param keyHash SHA-256 in base64url
 */
export const keyFingerprint = (keyHash: string): bigint => fingerprintBytes(keyHash).readBigInt64BE();

/** The same as the eight bytes of a bigint. */
export const fingerprintBytes = (keyHash: string): Buffer => Buffer.from(keyHash.slice(0, 11), "base64url");
