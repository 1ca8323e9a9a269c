import { createHmac } from "node:crypto";
import type { Pool } from "pg";
import type { TicketRef } from "../domain/booking-events.ts";
import { derivedId } from "./derived-id.ts";
import { openSecret } from "./secrets.ts";

/** 100 bits: a billion tickets and a million guesses a second for a year hit none. */
const CODE_CHARACTERS = 20;
/** Crockford's alphabet: nothing in it is taken for something else when read aloud. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The id of a reservation's n-th ticket, counted from 0. */
export const ticketId = (reservationId: string, ordinal: number): string =>
  derivedId(`ticket/${reservationId}/${ordinal}`);

/** Which ticket of which reservation an id is of; for ids that nobody has given out it is left out. */
export function ticketRefs(
  lines: readonly { readonly reservationId: string; readonly quantity: number }[],
  ticketIds: readonly string[],
): { readonly tickets: readonly TicketRef[]; readonly unknown: readonly string[] } {
  const wanted = new Set(ticketIds);
  const tickets: TicketRef[] = [];
  for (const { reservationId, quantity } of lines) {
    const ordinals = Array.from({ length: quantity }, (_, n) => n).filter((n) =>
      wanted.delete(ticketId(reservationId, n)),
    );
    if (ordinals.length > 0) tickets.push({ reservationId, ordinals });
  }
  return { tickets, unknown: [...wanted] };
}

/** What stands on a ticket and proves it. */
export type TicketCodes = (ticketId: string) => string;

/** Codes are an HMAC of the ticket's id, so they need no storage and never enter the log. */
export const ticketCodesBy =
  (secret: Buffer): TicketCodes =>
  (id) => {
    const digest = createHmac("sha256", secret).update(id).digest();
    let code = "";
    for (let n = 0; n < CODE_CHARACTERS; n += 1) code += ALPHABET[(digest[n] as number) % 32];
    return code;
  };

/** The codes of this installation. */
export const openTicketCodes = async (pool: Pool): Promise<TicketCodes> =>
  ticketCodesBy(await openSecret(pool, "ticket-codes"));
