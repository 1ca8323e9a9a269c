import { z } from "zod";
import type { BookingEvent } from "../../domain/booking-events.ts";
import { count, id, list, money, nothing, of, refundPolicy, type SchemasOf, seated, time } from "./parts.ts";

const charge = of({ attemptId: id, chargeId: z.string() });
const tickets = list(of({ reservationId: id, ordinals: list(count) }));
const line = of({ ...seated, reservationId: id, eventId: id, ticketTypeId: id, quantity: count, unitPrice: money });
const event = of({ eventId: id, organizerId: id, startsAt: time.nullable(), refundPolicy });

export const BOOKING_EVENTS: SchemasOf<BookingEvent> = {
  BookingOpened: of({
    bookingId: id,
    accountId: id,
    cartId: id.nullable(),
    lines: list(line),
    events: list(event),
    total: money,
    createdAt: time,
    expiresAt: time,
  }),
  BookingAbandoned: of({ bookingId: id }),
  PaymentRequested: of({ attemptId: id, provider: z.string(), method: z.string(), amount: money }),
  PaymentActionRequired: charge,
  PaymentAuthorized: charge,
  BookingConfirmed: nothing,
  PaymentCaptured: charge,
  PaymentDeclined: of({ attemptId: id, chargeId: z.string().nullable(), reason: z.string() }),
  PaymentVoided: of({ attemptId: id, chargeId: z.string().nullable(), late: z.literal(true).exactOptional() }),
  BookingTimedOut: nothing,
  BookingRevived: charge,
  BookingWithdrawn: of({ cause: z.enum(["customer", "event-cancelled", "tickets-gone"]) }),
  ReservationsLetGo: nothing,
  TicketsCancelled: of({
    cancellationId: id,
    tickets,
    cause: z.enum(["customer", "event-cancelled"]),
    refund: of({ refundId: id, amount: money }).nullable(),
  }),
  CancelledTicketsReturned: of({ cancellationId: id }),
  RefundRequested: of({ refundId: id, amount: money, cause: z.enum(["goodwill", "unconfirmed"]) }),
  RefundSucceeded: of({ refundId: id, providerRefundId: z.string() }),
};
