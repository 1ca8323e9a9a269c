import type { OwnBooking, OwnCart, OwnReservation } from "../belongings.ts";
import type { Buyer } from "../buyer.ts";
import type { Command, Look, Told, Wish } from "../wish.ts";

interface BookingBody {
  readonly bookingId: string;
  readonly status: string;
  readonly eventIds: readonly string[];
  readonly tickets: readonly { readonly ticketId: string; readonly status: string }[];
}

/** What the sandbox provider does with a payment. */
const METHODS = [
  [60, "sandbox-ok"],
  [8, "sandbox-charge"],
  [12, "sandbox-decline"],
  [7, "sandbox-slow"],
  [7, "sandbox-never"],
  [6, "sandbox-late"],
] as const;

const OF_BUYING = [
  "reservation-expired",
  "reservation-not-held",
  "payment-in-progress",
  "too-many-attempts",
  "event-cancelled",
];
const OF_CANCELLING = ["payment-in-progress", "booking-not-paid", "ticket-already-cancelled", "ticket-not-found"];

export const purchasing: readonly Command[] = [
  {
    name: "buy",
    weight: 26,
    wish: (buyer) => {
      const own = buyer.own.reservations.all.filter(({ as }) => as !== null && as === buyer.me);
      if (own.length === 0) return null;
      const chosen = buyer.chance.is(0.2) ? own.slice(-2) : [buyer.chance.of(own)];
      const reservationIds = chosen.map(({ reservationId }) => reservationId);
      return buy(buyer, { reservationIds }, total(chosen), () =>
        buyer.own.reservations.drop(({ reservationId }) => reservationIds.includes(reservationId)),
      );
    },
  },
  {
    name: "buy the cart",
    weight: 8,
    wish: (buyer) => {
      const { cart } = buyer.own;
      if (cart === null || cart.as !== buyer.me) return null;
      const wish = buy(buyer, { cartId: cart.cartId }, cart.totalMinor, () => forget(buyer, cart));
      const refusals = [...wish.refusals, "cart-empty", "cart-expired"];
      return { ...wish, refusals, refused: () => forget(buyer, cart) };
    },
  },
  {
    name: "quote",
    weight: 3,
    wish: (buyer) =>
      ofBooking(buyer, (booking) => ({
        ...{ method: "POST", route: "/bookings/:bookingId/refund-quote", of: [booking.bookingId], as: booking.as },
        ...{ isKeyed: false, refusals: OF_CANCELLING, body: {} },
        took: ({ body }) => {
          booking.quotedMinor = (body as { total: { amount: number } }).total.amount;
        },
      })),
  },
  {
    name: "cancel a booking",
    weight: 7,
    wish: (buyer) =>
      ofBooking(buyer, (booking) => {
        const { quotedMinor } = booking;
        const isQuoted = quotedMinor !== null && buyer.chance.is(0.7);
        const expectedTotal = { amount: quotedMinor ?? 0, currency: "EUR" };
        return cancel(buyer, booking, isQuoted ? { expectedTotal } : {});
      }),
  },
  {
    name: "cancel a ticket",
    weight: 6,
    wish: (buyer) =>
      ofBooking(buyer, (booking) =>
        booking.ticketIds.length === 0
          ? null
          : cancel(buyer, booking, { ticketIds: [buyer.chance.of(booking.ticketIds)] }),
      ),
  },
  {
    name: "resend tickets",
    weight: 1,
    wish: (buyer) =>
      ofBooking(buyer, ({ bookingId, as }) => ({
        ...{ method: "POST", route: "/bookings/:bookingId/resend", of: [bookingId], as, isKeyed: true },
        refusals: ["booking-not-paid", "payment-in-progress"],
      })),
  },
  {
    name: "refund out of goodwill",
    weight: 4,
    wish: (buyer) => {
      const { account, chance, stage } = buyer;
      const bookings = stage.events
        .filter(({ organizer }) => organizer === buyer.number)
        .flatMap((one) => one.bookings);
      if (account === null || buyer.isAdmin || bookings.length === 0) return null;
      const bookingId = chance.of(bookings);
      return {
        ...{ method: "POST", route: "/bookings/:bookingId/refunds", of: [bookingId], as: account, isKeyed: true },
        body: { amount: { amount: 1 + chance.below(300), currency: "EUR" } },
        otherBody: { amount: { amount: 400, currency: "EUR" } },
        refusals: ["booking-not-paid", "refund-exceeds-payment", "payment-in-progress"],
      };
    },
  },
  {
    name: "look at booking",
    weight: 4,
    wish: (buyer) =>
      ofBooking(buyer, ({ bookingId, as }) => ({
        ...{ method: "GET", route: "/bookings/:id", of: [bookingId], as, isKeyed: false, refusals: [] },
        took: (told) => keep(buyer, told),
      })),
  },
];

const total = (chosen: readonly OwnReservation[]): number =>
  chosen.reduce((sum, { totalMinor }) => sum + totalMinor, 0);

const forget = (buyer: Buyer, cart: OwnCart): void => {
  if (buyer.own.cart?.cartId === cart.cartId) buyer.own.cart = null;
};

export const bookingAt = (bookingId: string): Look => ({
  name: "look at booking",
  route: "/bookings/:id",
  of: [bookingId],
});

function buy(buyer: Buyer, what: object, totalMinor: number, bought: () => void): Wish {
  const { chance } = buyer;
  const method = chance.weighted(METHODS);
  const payment = totalMinor > 0 || chance.is(0.2) ? { payment: { method } } : {};
  return {
    ...{ method: "POST", route: "/purchases", as: buyer.me, isKeyed: chance.is(0.97) },
    body: { ...what, ...payment },
    otherBody: { ...what, payment: { method: method === "sandbox-ok" ? "sandbox-charge" : "sandbox-ok" } },
    refusals: OF_BUYING,
    readBack: ({ body }) => bookingAt((body as BookingBody).bookingId),
    took: (told) => {
      if (told.status === 402) return; // the tickets are still held, and another try may follow
      bought();
      keep(buyer, told);
    },
  };
}

/** Keeps a booking as it was answered last. */
function keep(buyer: Buyer, { body }: Told): void {
  const { bookingId, status, tickets, eventIds } = body as BookingBody;
  const known = buyer.own.bookings.all.find((one) => one.bookingId === bookingId);
  const ticketIds = tickets.flatMap((one) => (one.status === "VALID" ? [one.ticketId] : []));
  if (status === "PAID") for (const eventId of eventIds) buyer.stage.booked(eventId, bookingId);
  if (known !== undefined) known.ticketIds = ticketIds;
  else if (buyer.me !== null) {
    buyer.own.bookings.add({ bookingId, as: buyer.me, eventIds, ticketIds, quotedMinor: null });
  }
}

function cancel(buyer: Buyer, { bookingId, as }: OwnBooking, body: object): Wish {
  return {
    ...{ method: "POST", route: "/bookings/:bookingId/cancel", of: [bookingId], as, isKeyed: true, body },
    otherBody: { expectedTotal: { amount: 999_999, currency: "EUR" } },
    refusals: [...OF_CANCELLING, "refund-changed"],
    readBack: () => bookingAt(bookingId),
    took: (told) => {
      const { status } = told.body as BookingBody;
      if (status === "CANCELLED") buyer.own.bookings.drop((one) => one.bookingId === bookingId);
      else keep(buyer, told);
    },
  };
}

function ofBooking(buyer: Buyer, wish: (booking: OwnBooking) => Wish | null): Wish | null {
  const own = buyer.own.bookings.all;
  return own.length === 0 ? null : wish(buyer.chance.of(own));
}
