import type { Buyer } from "../buyer.ts";
import type { Sale } from "../stage.ts";
import type { Command, Look, Told, Wish } from "../wish.ts";

/** What a sale may refuse at any moment. */
export const OF_SALE: readonly string[] = [
  "event-cancelled",
  "event-not-published",
  "sale-paused",
  "guests-not-allowed",
  "limit-exceeded",
  "sold-out",
  "ticket-type-not-found",
];

interface ReservationBody {
  readonly reservationId: string;
  readonly eventId: string;
  readonly ticketTypeId: string;
  readonly total: { readonly amount: number };
}

export const reserving: readonly Command[] = [
  { name: "reserve", weight: 30, wish: (buyer) => onSale(buyer, (sale, quantity) => reserve(buyer, sale, quantity)) },
  {
    name: "extend",
    weight: 4,
    wish: (buyer) =>
      ofReservation(buyer, ({ reservationId, as }) => ({
        ...{ method: "POST", route: "/reservations/:reservationId/extend", of: [reservationId], as, isKeyed: true },
        refusals: [...ENDED, "extension-used", "not-extendable", "payment-in-progress", "event-cancelled"],
        readBack: () => reservationAt(reservationId),
      })),
  },
  {
    name: "release",
    weight: 5,
    wish: (buyer) =>
      ofReservation(buyer, ({ reservationId, as }) => ({
        ...{ method: "DELETE", route: "/reservations/:reservationId", of: [reservationId], as, isKeyed: false },
        refusals: ["payment-in-progress"],
        readBack: () => reservationAt(reservationId),
        took: () => buyer.own.reservations.drop((one) => one.reservationId === reservationId),
      })),
  },
  {
    name: "look at reservation",
    weight: 3,
    wish: (buyer) =>
      ofReservation(buyer, ({ reservationId, as }) => ({
        ...{ method: "GET", route: "/reservations/:reservationId", of: [reservationId], as, isKeyed: false },
        refusals: [],
      })),
  },
  {
    name: "look at availability",
    weight: 5,
    wish: (buyer) => {
      const event = buyer.stage.anEvent(buyer.chance);
      if (event === null) return null;
      const route = "/events/:eventId/availability";
      return { method: "GET", route, of: [event.eventId], as: buyer.me, isKeyed: false, refusals: [] };
    },
  },
];

const ENDED = ["reservation-expired", "reservation-not-held"];

export const reservationAt = (reservationId: string): Look => ({
  name: "look at reservation",
  route: "/reservations/:reservationId",
  of: [reservationId],
});

/** Something about a few tickets of what is on sale. */
export function onSale(buyer: Buyer, wish: (sale: Sale, quantity: number) => Wish | null): Wish | null {
  const { chance } = buyer;
  const sale = buyer.stage.aSale(chance);
  return sale === null ? null : wish(sale, 1 + chance.below(chance.is(0.8) ? 2 : 4));
}

function ofReservation(buyer: Buyer, wish: (own: Buyer["own"]["reservations"]["all"][number]) => Wish): Wish | null {
  const own = buyer.own.reservations.all.filter(({ as }) => as !== null);
  return own.length === 0 ? null : wish(buyer.chance.of(own));
}

function reserve(buyer: Buyer, { eventId, ticketTypeId }: Sale, quantity: number): Wish {
  return {
    ...{ method: "POST", route: "/events/:eventId/reservations", of: [eventId], as: buyer.me },
    isKeyed: buyer.chance.is(0.95),
    body: { ticketTypeId, quantity },
    otherBody: { ticketTypeId, quantity: quantity + 1 },
    refusals: OF_SALE,
    readBack: ({ body }: Told) => reservationAt((body as ReservationBody).reservationId),
    took: ({ body }: Told) => {
      const { reservationId, total } = body as ReservationBody;
      const kept = { reservationId, eventId, ticketTypeId, totalMinor: total.amount, as: buyer.me };
      buyer.own.reservations.add({ ...kept, paymentToken: null });
    },
  };
}
