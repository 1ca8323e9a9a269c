import type { Pool } from "pg";
import type { Position } from "../eventstore/port.ts";
import type { Clock } from "../ports.ts";
import { messageIdOf } from "./planning.ts";

const MINUTE_MS = 60_000;
/** Asked for by somebody who waits for it: after a day it is of no use. */
const STALE_MS = 24 * 60 * MINUTE_MS;

export interface Resend {
  readonly bookingId: string;
  /** Hash of the `Idempotency-Key` with caller, route and path: the same one again has no effect. */
  readonly keyHash: string | null;
  /** What the mail has to know of, at least. */
  readonly position: Position | null;
}

/**
 * Has a booking's valid tickets mailed once more, to the address of its account as it is now. At most once a minute a
 * booking, whoever asks and how often: those in between are taken to be about the same mail. It is durable when it
 * resolves. Whether there are tickets, and whether the caller may, is for the caller to see.
 */
export async function resendTickets(
  { pool, clock }: { readonly pool: Pool; readonly clock: Clock },
  { bookingId, keyHash, position }: Resend,
): Promise<void> {
  const nowMs = clock.nowMs();
  await pool.query(
    `insert into processes.notices (message_id, kind, about, position, due_at, until, key_hash)
     values ($1, 'tickets-resent', $2, $3::numeric, $4, $5, $6) on conflict do nothing`,
    [
      messageIdOf("tickets-resent", bookingId, String(Math.floor(nowMs / MINUTE_MS))),
      JSON.stringify({ bookingId }),
      position?.toString() ?? "0",
      new Date(nowMs),
      new Date(nowMs + STALE_MS),
      keyHash,
    ],
  );
}
