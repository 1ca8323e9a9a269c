import { z } from "zod";
import type { TicketsReserved } from "../../domain/inventory-events.ts";
import type { Reservation } from "../../projections/reservations/queries.ts";
import { time } from "../conventions/fields.ts";
import { listQuery } from "../conventions/lists.ts";
import { ofAnyObject, oneWay, pricedFields, pricedView, wishedTickets } from "../conventions/seats.ts";

const STATUSES = ["HELD", "CONFIRMED", "RELEASED", "EXPIRED"] as const;

/**
 * What `POST /events/{eventId}/reservations` takes. Ids are opaque: one of another form is of no ticket type (404). A
 * quantity beyond the ticket type's `maxPerOrder` is for the inventory to refuse, in its turn (409).
 */
export const newReservation = z
  .strictObject({ ticketTypeId: z.string().toLowerCase(), ...wishedTickets(1) })
  .superRefine(oneWay, ofAnyObject)
  .meta({
    id: "NewReservation",
    examples: [
      { ticketTypeId: "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f11", quantity: 2 },
      { ticketTypeId: "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f11", seats: ["STALLS-A-12", "STALLS-A-13"] },
      { ticketTypeId: "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f11", bestAvailable: 4 },
    ],
  });

/** A reservation, wherever one is answered. */
export const reservation = z
  .strictObject({
    reservationId: z.string(),
    eventId: z.string(),
    ticketTypeId: z.string(),
    quantity: z.int(),
    ...pricedFields,
    status: z.enum(STATUSES),
    expiresAt: time,
  })
  .meta({ id: "Reservation" });

export type ReservationView = z.input<typeof reservation>;

export const reservationsQuery = z.strictObject({ ...listQuery, status: z.enum(STATUSES).optional() });

/** The answer to a reservation that was just made. */
export function heldReservation(eventId: string, ticketTypeId: string, data: TicketsReserved["data"]): ReservationView {
  const { reservationId, quantity, expiresAt } = data;
  return { reservationId, eventId, ticketTypeId, quantity, ...pricedView(data), status: "HELD", expiresAt };
}

/** A reservation as its owner is shown it. */
export function reservationView(found: Reservation): ReservationView {
  const { reservationId, eventId, ticketTypeId, quantity, status, expiresAt } = found;
  return { reservationId, eventId, ticketTypeId, quantity, ...pricedView(found), status, expiresAt };
}
