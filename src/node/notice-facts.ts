import type { Pool } from "pg";
import type { PasswordResets } from "../accounts/password-resets.ts";
import type { TicketCodes } from "../commands/tickets.ts";
import { ticketId } from "../commands/tickets.ts";
import type { NoticeFacts } from "../notices/facts.ts";
import type { Clock } from "../ports.ts";
import type { BookingQueries } from "../projections/bookings/queries.ts";
import type { CartQueries } from "../projections/carts/queries.ts";
import { checkpointOf, positionOf } from "../projections/consistent-read.ts";
import type { EventDetailsQueries } from "../projections/event-details/queries.ts";
import type { WaitlistQueries } from "../projections/waitlist/queries.ts";

export interface NoticeFactsOptions {
  /** The one that the queries are answered from. */
  readonly pool: Pool;
  readonly bookings: BookingQueries;
  readonly events: EventDetailsQueries;
  readonly carts: CartQueries;
  readonly waitlist: WaitlistQueries;
  readonly codeOf: TicketCodes;
  readonly clock: Clock;
  readonly passwordResets: Pick<PasswordResets, "toMail">;
  /** The address in links, without a slash at its end; null: mails have none. */
  readonly publicUrl: string | null;
}

const MODELS = ["bookings", "event-details", "availability", "carts", "waitlist", "reservations"];
const CHECKPOINT = { name: "notices_checkpoint", text: `select ${checkpointOf(MODELS)} as checkpoint` };

/** What mails say of bookings, events, carts and waitlists, from their read models, and of accounts. */
export function noticeFacts(options: NoticeFactsOptions): NoticeFacts {
  const { pool, bookings, events, carts, waitlist, codeOf, clock, passwordResets, publicUrl } = options;
  const now = () => ({ minPosition: null, nowMs: clock.nowMs() });
  return {
    async checkpoint() {
      const { rows } = await pool.query<{ checkpoint: string | null }>(CHECKPOINT);
      return positionOf(rows[0]?.checkpoint ?? null);
    },

    async booking(bookingId) {
      const found = await bookings.get(bookingId, now());
      if (found === null) return null;
      const { accountId, status, lines, total, expiresAt, refunds, hasTickets, cancelledTickets } = found;
      const tickets = hasTickets
        ? lines.flatMap(({ reservationId, ticketTypeId, quantity, seats }) => {
            const gone = cancelledTickets.find((one) => one.reservationId === reservationId)?.ordinals ?? [];
            return Array.from({ length: quantity }, (_, ordinal) => {
              const seat = seats?.[ordinal];
              return {
                ticketTypeId,
                code: codeOf(ticketId(reservationId, ordinal)),
                status: gone.includes(ordinal) ? ("CANCELLED" as const) : ("VALID" as const),
                ...(seat !== undefined && { seat }),
              };
            });
          })
        : [];
      return { bookingId, accountId, status, lines, total, expiresAt, refunds, tickets };
    },

    event: (eventId) => events.get(eventId, now()),
    entry: (entryId) => waitlist.get(entryId, now()),

    async cart(accountId, cartId) {
      const current = await carts.currentCart(accountId, now());
      return current.cartId === cartId ? { status: current.status, items: current.items } : null;
    },

    async passwordReset(resetId) {
      const reset = await passwordResets.toMail(resetId);
      if (reset === null) return null;
      return { ...reset, link: publicUrl === null ? null : `${publicUrl}/password-resets/${reset.token}` };
    },

    async ticketHolders(eventId, { cursor, limit }) {
      const page = { status: "PAID" as const, of: null, cursor, limit };
      const { items, next } = await bookings.listByEvent(eventId, page, now());
      const holders = items.filter(({ lines, cancelledTickets }) =>
        lines.some(({ reservationId, quantity }) => {
          const gone = cancelledTickets.find((one) => one.reservationId === reservationId)?.ordinals.length ?? 0;
          return gone < quantity;
        }),
      );
      return { accountIds: [...new Set(holders.map(({ accountId }) => accountId))], next };
    },
  };
}
