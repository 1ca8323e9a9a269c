import { expect } from "vitest";
import type { TicketType } from "./carts-shop.ts";
import type { NodeUnderTest, Reply } from "./events-node.ts";
import type { CallOptions, Signed } from "./harness.ts";
import { idempotent, openShop } from "./reservations-shop.ts";

/** An event that is sold out by one reservation, to be given back. */
export interface SoldOut extends TicketType {
  /** Whose tickets they are. */
  readonly holder: Signed;
  readonly reservationId: string;
}

interface Wish {
  readonly quantity?: number;
  readonly key?: string;
}

/** What those who wait do in the specs. */
export interface WaitlistHands {
  /** @param more of the event; one ticket type of 2 unless told otherwise, of which all are held */
  soldOut(more?: object): Promise<SoldOut>;
  join(at: TicketType, by: Signed, wish?: Wish): Promise<Reply>;
  /** Joins, which must be accepted. @returns the entry's id, place and reply */
  joined(at: TicketType, by: Signed, wish?: Wish): Promise<{ id: string; place: number; reply: Reply }>;
  get(entryId: string, by: Signed, options?: CallOptions): Promise<Reply>;
  leave(entryId: string, by: Signed): Promise<Reply>;
  /** The holder gives the tickets back. */
  giveBack(at: SoldOut): Promise<Reply>;
}

export function waitlistHands(node: NodeUnderTest, organizer: Signed): WaitlistHands {
  const shop = openShop(node, organizer);
  const hands: WaitlistHands = {
    async soldOut(more = {}) {
      const capacity = 2;
      const at = await shop.onSale({ ticketTypes: [{ name: "Regular", capacity }], ...more });
      const holder = await node.guest();
      const { id: reservationId } = await shop.reserved(at, holder, { quantity: capacity });
      return { eventId: at.eventId, ticketTypeId: at.ticketTypeIds[0] as string, holder, reservationId };
    },
    join: ({ eventId, ticketTypeId }, { token }, { quantity = 1, key } = {}) =>
      node.call("POST", `/events/${eventId}/waitlist`, {
        token,
        body: { ticketTypeId, quantity },
        headers: idempotent(key),
      }),
    async joined(at, by, wish) {
      const reply = await hands.join(at, by, wish);
      expect(reply.statusCode, reply.body).toBe(201);
      const { entryId: id, place } = reply.json();
      return { id, place, reply };
    },
    get: (entryId, { token }, options = {}) => node.call("GET", `/waitlist/${entryId}`, { token, ...options }),
    leave: (entryId, { token }) => node.call("DELETE", `/waitlist/${entryId}`, { token }),
    giveBack: ({ reservationId, holder }) => shop.on("DELETE", `/${reservationId}`, holder),
  };
  return hands;
}
