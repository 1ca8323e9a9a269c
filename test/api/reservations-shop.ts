import { expect } from "vitest";
import type { Method, NodeUnderTest, Reply } from "./events-node.ts";
import type { CallOptions, Signed } from "./harness.ts";

/** An event on sale, as its 201 answered it. */
export interface OnSale {
  readonly eventId: string;
  readonly ticketTypeIds: readonly string[];
}

/** What buyers and organizers do in the specs of reservations. */
export interface Shop {
  /** Puts an event on sale; one ticket type of 10 unless told otherwise. */
  onSale(more?: object, organizer?: Signed): Promise<OnSale>;
  /** Asks for tickets of the first type unless told otherwise. */
  reserve(at: OnSale, buyer: Signed, options?: Wish): Promise<Reply>;
  /** A reservation that succeeds. @returns its id and reply */
  reserved(at: OnSale, buyer: Signed, options?: Wish): Promise<{ readonly id: string; readonly reply: Reply }>;
  on(method: Method, path: string, buyer: Signed, options?: CallOptions): Promise<Reply>;
}

export interface Wish {
  readonly quantity?: number;
  readonly ticketTypeId?: string | undefined;
  readonly key?: string;
}

export const idempotent = (key: string | undefined): Record<string, string> =>
  key === undefined ? {} : { "idempotency-key": key };

export function openShop(node: NodeUnderTest, organizer: Signed): Shop {
  const shop: Shop = {
    async onSale(more = {}, by = organizer) {
      const body = { name: "Aurora", ticketTypes: [{ name: "Regular", capacity: 10 }], ...more };
      const made = await node.call("POST", "/events", { token: by.token, body });
      expect(made.statusCode, made.body).toBe(201);
      const { eventId, ticketTypes } = made.json();
      return { eventId, ticketTypeIds: ticketTypes.map((type: { ticketTypeId: string }) => type.ticketTypeId) };
    },
    reserve: ({ eventId, ticketTypeIds }, { token }, { quantity = 1, ticketTypeId = ticketTypeIds[0], key } = {}) =>
      node.call("POST", `/events/${eventId}/reservations`, {
        token,
        body: { ticketTypeId, quantity },
        headers: idempotent(key),
      }),
    async reserved(at, buyer, options) {
      const reply = await shop.reserve(at, buyer, options);
      expect(reply.statusCode, reply.body).toBe(201);
      return { id: reply.json().reservationId, reply };
    },
    on: (method, path, { token }, options = {}) => node.call(method, `/reservations${path}`, { token, ...options }),
  };
  return shop;
}
