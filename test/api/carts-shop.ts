import { expect } from "vitest";
import { expectProblem, recordsNothing } from "./events-asking.ts";
import type { NodeUnderTest, Reply } from "./events-node.ts";
import type { CallOptions, Signed } from "./harness.ts";
import type { OnSale } from "./reservations-shop.ts";

/** A ticket type of an event. */
export interface TicketType {
  readonly eventId: string;
  readonly ticketTypeId: string;
}

/** What buyers do with carts in the specs. */
export interface CartHands {
  /** Sets a line; may be refused. */
  set(line: TicketType, buyer: Signed, quantity: number): Promise<Reply>;
  /** Sets a line that must be accepted. @returns the cart */
  put(line: TicketType, buyer: Signed, quantity: number): Promise<CartBody>;
  get(buyer: Signed, options?: CallOptions): Promise<Reply>;
  remove(ticketTypeId: string, buyer: Signed): Promise<Reply>;
  clear(buyer: Signed): Promise<Reply>;
  /** Sets a line that must be refused with this code, and leave no trace. @returns the problem */
  refused(line: TicketType, buyer: Signed, quantity: number, status: number, code: string): Promise<object>;
}

export interface CartBody {
  readonly cartId: string | null;
  readonly status: string;
  readonly expiresAt: string | null;
  readonly items: readonly {
    readonly reservationId: string;
    readonly ticketTypeId: string;
    readonly quantity: number;
  }[];
  readonly total: { readonly amount: number; readonly currency: string };
}

export const lineOf = ({ eventId, ticketTypeIds }: OnSale, index = 0): TicketType => ({
  eventId,
  ticketTypeId: ticketTypeIds[index] as string,
});

export function handsOn(node: NodeUnderTest): CartHands {
  const hands: CartHands = {
    set: ({ eventId, ticketTypeId }, { token }, quantity) =>
      node.call("PUT", `/cart/items/${ticketTypeId}`, { token, body: { eventId, quantity } }),
    async put(line, buyer, quantity) {
      const reply = await hands.set(line, buyer, quantity);
      expect(reply.statusCode, reply.body).toBe(200);
      expect(reply.headers["boxoffice-position"]).toMatch(/^\d+$/);
      return reply.json();
    },
    get: ({ token }, options = {}) => node.call("GET", "/cart", { token, ...options }),
    remove: (ticketTypeId, { token }) => node.call("DELETE", `/cart/items/${ticketTypeId}`, { token }),
    clear: ({ token }) => node.call("DELETE", "/cart", { token }),
    refused: async (line, buyer, quantity, status, code) =>
      expectProblem(await recordsNothing(node, () => hands.set(line, buyer, quantity)), status, code),
  };
  return hands;
}
