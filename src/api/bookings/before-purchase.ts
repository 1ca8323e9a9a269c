import type { Reservation } from "../../projections/reservations/queries.ts";
import { pricedView } from "../conventions/seats.ts";
import type { BookingView } from "./schemas.ts";

const STATUS_OF = {
  HELD: "PENDING_PAYMENT",
  CONFIRMED: "PAID",
  RELEASED: "CANCELLED",
  EXPIRED: "TIMED_OUT",
} as const satisfies Record<Reservation["status"], BookingView["status"]>;

/**
 * A reservation as the booking that it may become: clients of earlier systems know what they hold as a booking from the
 * beginning, whose payment has not started.
 */
export function bookingBeforePurchase(reservation: Reservation): BookingView {
  const { reservationId, accountId, eventId, ticketTypeId, quantity, total } = reservation;
  return {
    bookingId: reservationId,
    accountId,
    eventIds: [eventId],
    status: STATUS_OF[reservation.status],
    lines: [{ reservationId, eventId, ticketTypeId, quantity, ...pricedView(reservation) }],
    total,
    createdAt: reservation.createdAt,
    expiresAt: reservation.expiresAt,
    cancelledAt: null,
    payment: { status: "NOT_STARTED" },
    refunds: [],
    tickets: [],
  };
}
