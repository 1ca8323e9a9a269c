import { randomUUID } from "node:crypto";
import type { OwnReservation } from "../belongings.ts";
import type { Buyer } from "../buyer.ts";
import type { Sale } from "../stage.ts";
import type { Command, Wish } from "../wish.ts";
import { bookingAt } from "./purchasing.ts";
import { OF_SALE, onSale, reservationAt } from "./reserving.ts";

const OF_BUYING = [
  "reservation-not-held",
  "reservation-expired",
  "reservation-not-found",
  "payment-in-progress",
  "too-many-attempts",
  "event-cancelled",
  "payment-required",
];

/** What earlier systems' clients ask for, by their own words. */
export const earlier: readonly Command[] = [
  {
    name: "earlier: ticket/reserve",
    weight: 4,
    wish: (buyer) =>
      onSale(buyer, (sale, ticketCount) => ({
        ...{ method: "POST", route: "/ticket/reserve", as: buyer.me, isKeyed: true, refusals: OF_SALE },
        body: { userID: buyer.me?.accountId, eventID: sale.eventId, ticketType: sale.ticketTypeId, ticketCount },
        readBack: ({ body }) => reservationAt((body as { reservationId: string }).reservationId),
        took: ({ body }) => keep(buyer, sale, (body as { reservationId: string }).reservationId),
      })),
  },
  {
    name: "earlier: ticket/confirmReservation",
    weight: 3,
    wish: (buyer) =>
      ofReservation(buyer, (own) => {
        const { reservationId, as } = own;
        if (as === null || own.paymentToken !== null) return null;
        return {
          ...{ method: "POST", route: "/ticket/confirmReservation", as, isKeyed: true, refusals: OF_BUYING },
          ...{ headers: { userID: as.accountId }, body: { reservationId } },
          took: () => drop(buyer, own),
          refused: () => drop(buyer, own),
        };
      }),
  },
  {
    name: "earlier: events",
    weight: 0.5,
    wish: (buyer) =>
      !buyer.isOrganizer || buyer.account === null
        ? null
        : {
            ...{ method: "POST", route: "/events", as: buyer.account, isKeyed: true, refusals: [] },
            body: { name: `Earlier ${randomUUID()}`, total_seats: 1 + buyer.chance.below(12) },
            otherBody: { name: "Another", total_seats: 2 },
            took: ({ body }) => {
              const { eventId, ticketTypes } = body as { eventId: string; ticketTypes: { ticketTypeId: string }[] };
              const sales = ticketTypes.map(({ ticketTypeId }): Sale => {
                return { eventId, ticketTypeId, name: "General", priceMinor: 0 };
              });
              buyer.stage.put({ eventId, organizer: buyer.number, sales, bookings: [] });
            },
          },
  },
  {
    name: "earlier: holds",
    weight: 4,
    wish: (buyer) => {
      const single = buyer.stage.events.filter(({ sales }) => sales.length === 1);
      const event = single.length === 0 ? null : buyer.chance.of(single);
      const [sale] = event?.sales ?? [];
      if (sale === undefined) return null;
      const as = buyer.chance.is(0.5) ? null : buyer.me;
      return {
        ...{ method: "POST", route: "/holds", as, isKeyed: true },
        refusals: [...OF_SALE, "event-not-found", "invalid"], // it may have got a second ticket type by now
        body: { event_id: sale.eventId, qty: 1 + buyer.chance.below(2) },
        otherBody: { event_id: sale.eventId, qty: 4 },
        took: ({ body }) => {
          const { hold_id, payment_token } = body as { hold_id: string; payment_token: string };
          keep(buyer, sale, hold_id, as === null ? null : buyer.me, payment_token);
        },
      };
    },
  },
  {
    name: "earlier: book",
    weight: 6,
    wish: (buyer) =>
      ofReservation(buyer, (own) =>
        own.paymentToken === null
          ? null
          : {
              ...{ method: "POST", route: "/book", as: own.as, isKeyed: true, refusals: OF_BUYING },
              body: { hold_id: own.reservationId, payment_token: own.paymentToken },
              took: () => drop(buyer, own),
              refused: () => drop(buyer, own),
            },
      ),
  },
  {
    name: "earlier: events/reserve",
    weight: 4,
    wish: (buyer) =>
      onSale(buyer, (sale, quantity) => ({
        ...{ method: "POST", route: "/events/reserve", as: buyer.me, isKeyed: true, refusals: OF_SALE },
        body: { eventId: sale.eventId, seatType: sale.name, quantity },
        readBack: ({ body }) => reservationAt((body as { bookingId: string }).bookingId),
        took: ({ body }) => keep(buyer, sale, (body as { bookingId: string }).bookingId),
      })),
  },
  {
    name: "earlier: purchases",
    weight: 4,
    wish: (buyer) =>
      ofReservation(buyer, (own) => {
        const { reservationId, as } = own;
        if (as === null || own.paymentToken !== null) return null;
        const method = buyer.chance.of([
          "sandbox-ok",
          "sandbox-ok",
          "sandbox-decline",
          "sandbox-slow",
          "sandbox-never",
        ]);
        return {
          ...{ method: "POST", route: "/purchases", as, isKeyed: buyer.chance.is(0.6) },
          refusals: ["too-many-attempts", "payment-in-progress"],
          body: { bookingId: reservationId, paymentDetails: { method } },
          readBack: ({ body }) => bookingAt((body as { bookingId: string }).bookingId),
          took: () => drop(buyer, own),
          refused: () => drop(buyer, own),
        };
      }),
  },
];

function ofReservation(buyer: Buyer, wish: (own: OwnReservation) => Wish | null): Wish | null {
  const own = buyer.own.reservations.all;
  return own.length === 0 ? null : wish(buyer.chance.of(own));
}

function keep(
  buyer: Buyer,
  { eventId, ticketTypeId, priceMinor }: Sale,
  reservationId: string,
  as = buyer.me,
  paymentToken: string | null = null,
): void {
  const totalMinor = priceMinor; // whether it is free is all that matters
  buyer.own.reservations.add({ reservationId, eventId, ticketTypeId, totalMinor, as, paymentToken });
}

const drop = (buyer: Buyer, own: OwnReservation): void => buyer.own.reservations.drop((one) => one === own);
