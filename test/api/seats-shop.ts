import { expect } from "vitest";
import type { Method, NodeUnderTest, Reply } from "./events-node.ts";
import type { Signed } from "./harness.ts";
import type { OnSale } from "./reservations-shop.ts";

export const money = (amount: number) => ({ amount, currency: "EUR" });

/** Two rows at 90, of which the first is better and has a place for a wheelchair; one at 45 with a blocked seat. */
export const HALL = {
  sections: [
    {
      name: "STALLS",
      price: money(9_000),
      rows: [
        { name: "A", seats: "1-6", quality: 2, accessible: ["1"], companions: ["2"] },
        { name: "B", seats: ["1", "2", "3"], quality: 1 },
      ],
    },
    { name: "BALCONY", rows: [{ name: "A", seats: "1-4", blocked: ["4"] }] },
  ],
};

/** A ticket type with that map. */
export const hall = (more: object = {}) => ({ name: "Seats", price: money(4_500), seatMap: HALL, ...more });

/** What the specs of numbered seats do at a node. */
export function seatsShop(node: NodeUnderTest) {
  const call = (method: Method, url: string, by: Signed, body?: object): Promise<Reply> =>
    node.call(method, url, { token: by.token, ...(body === undefined ? {} : { body }) });
  return {
    call,
    /** A GET that has seen what the reply before recorded. */
    seenAfter: (reply: Reply, url: string, by: Signed): Promise<Reply> =>
      node.call("GET", url, {
        token: by.token,
        headers: { "boxoffice-min-position": String(reply.headers["boxoffice-position"]) },
      }),
    async onSale(organizer: Signed, more: object = {}): Promise<OnSale & { readonly reply: Reply }> {
      const reply = await call("POST", "/events", organizer, { name: "Aurora", ticketTypes: [hall()], ...more });
      expect(reply.statusCode, reply.body).toBe(201);
      const { eventId, ticketTypes } = reply.json();
      return { eventId, ticketTypeIds: ticketTypes.map((one: { ticketTypeId: string }) => one.ticketTypeId), reply };
    },
    reserve: ({ eventId, ticketTypeIds }: OnSale, by: Signed, wish: object): Promise<Reply> =>
      call("POST", `/events/${eventId}/reservations`, by, { ticketTypeId: ticketTypeIds[0], ...wish }),
  };
}

export const seatsUrl = ({ eventId, ticketTypeIds }: OnSale): string =>
  `/events/${eventId}/ticket-types/${ticketTypeIds[0]}/seats`;
