import { expect } from "vitest";
import { until } from "./events-asking.ts";
import type { NodeUnderTest } from "./events-node.ts";
import type { Signed } from "./harness.ts";
import { type OnSale, openShop } from "./reservations-shop.ts";
import { waitlistHands } from "./waitlist-shop.ts";

/** What routes are about, fresh for each call, of one owner. */
export interface Things {
  /** On sale, by the owner; a guest, who has none, gets somebody else's. */
  event(): Promise<Params>;
  /** With the one seat STALLS-A-1. */
  seatedEvent(): Promise<Params>;
  draft(): Promise<Params>;
  cancelledEvent(): Promise<Params>;
  cancelledSeatedEvent(): Promise<Params>;
  reservation(): Promise<Params>;
  /** Paid for. */
  booking(): Promise<Params>;
  /** Somebody else's booking of the owner's event. */
  sale(): Promise<Params>;
  entry(): Promise<Params>;
  /** Without a token, as anybody may. */
  hold(): Promise<Params>;
  key(): Promise<Params>;
  account(): Promise<Params>;
}

/** Values for the parameters of a path, by their names. */
export type Params = Readonly<Record<string, string>>;

const ONE_SEAT = { sections: [{ name: "STALLS", rows: [{ name: "A", seats: "1" }] }] };
const SEATED = { ticketTypes: [{ name: "Seats", seatMap: ONE_SEAT }] };

/** @param host whose events are there for those who have none */
export function thingsOf(node: NodeUnderTest, owner: Signed, isGuest: boolean, host: Signed): Things {
  const organizer = isGuest ? host : owner;
  const shop = openShop(node, organizer);
  const event = async (more: object = {}) => paramsOf(await shop.onSale(more, organizer));

  async function cancelled(params: Params): Promise<Params> {
    const reply = await node.call("POST", `/events/${params.eventId}/cancel`, { token: organizer.token });
    expect(reply.statusCode, reply.body).toBe(202);
    return params;
  }

  async function bought(at: OnSale, buyer: Signed): Promise<Params> {
    const { id } = await shop.reserved(at, buyer);
    const paid = await node.call("POST", "/purchases", { token: buyer.token, body: { reservationIds: [id] } });
    expect([paid.statusCode, paid.json().status], paid.body).toEqual([201, "PAID"]);
    const { bookingId } = paid.json();
    const { token } = buyer;
    await until(
      () => node.call("GET", `/bookings/${bookingId}`, { token }),
      ({ statusCode }) => statusCode === 200,
    );
    return { bookingId };
  }

  return {
    event,
    seatedEvent: () => event(SEATED),
    draft: () => event({ draft: true }),
    cancelledEvent: async () => cancelled(await event()),
    cancelledSeatedEvent: async () => cancelled(await event(SEATED)),
    async reservation() {
      return { reservationId: (await shop.reserved(await shop.onSale({}, organizer), owner)).id };
    },
    booking: async () => bought(await shop.onSale({}, organizer), owner),
    sale: async () => bought(await shop.onSale({}, organizer), await node.guest()),
    async entry() {
      const hands = waitlistHands(node, organizer);
      return { entryId: (await hands.joined(await hands.soldOut(), owner)).id };
    },
    async hold() {
      const { eventId } = await event();
      const made = await node.call("POST", "/holds", { body: { event_id: eventId, qty: 1 } });
      expect(made.statusCode, made.body).toBe(201);
      return made.json();
    },
    async key() {
      if (isGuest) return { keyId: "7d9f5f0e-0000-4000-8000-000000000001" };
      const body = { name: "Till", scopes: ["read"] };
      const made = await node.call("POST", "/api-keys", { token: owner.token, body });
      expect(made.statusCode, made.body).toBe(201);
      return { keyId: made.json().keyId };
    },
    account: async () => ({ accountId: (await node.guest()).accountId }),
  };
}

const paramsOf = ({ eventId, ticketTypeIds }: OnSale): Params => ({
  eventId,
  ticketTypeId: ticketTypeIds[0] as string,
});
