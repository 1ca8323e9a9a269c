import { z } from "zod";
import type { EventTerms, InventoryEvent, TicketTypeTerms } from "../../domain/inventory-events.ts";
import type { Row, SeatMap } from "../../domain/seating/seat-map.ts";
import { count, id, list, money, nothing, of, refundTerms, type SchemasOf, seated, time } from "./parts.ts";

const eventTerms: z.ZodType<EventTerms> = of({
  saleStartsAt: time,
  saleEndsAt: time.nullable(),
  endsAt: time.nullable(),
  holdTtlSeconds: count,
  guestsAllowed: z.boolean(),
  refunds: refundTerms.exactOptional(),
});

const terms = {
  name: z.string(),
  description: z.string().nullable(),
  price: money,
  saleStartsAt: time.nullable(),
  saleEndsAt: time.nullable(),
  maxPerUser: count.nullable(),
  maxPerOrder: count,
};
export const ticketTypeTerms: z.ZodType<TicketTypeTerms> = of(terms);
/** Some of them, each with its new value. */
export const termsChanged = Object.fromEntries(
  Object.entries(terms).map(([name, schema]) => [name, schema.exactOptional()]),
) as { [Name in keyof typeof terms]: z.ZodExactOptional<(typeof terms)[Name]> };

const row: z.ZodType<Row> = of({
  name: z.string(),
  seats: z.string().meta({ description: "Names and ranges by commas, e.g. 1-20" }),
  quality: z.number().exactOptional(),
  accessible: z.string().exactOptional(),
  companions: z.string().exactOptional(),
  blocked: z.string().exactOptional(),
});
export const seatMap: z.ZodType<SeatMap> = of({
  sections: list(of({ name: z.string(), price: money.exactOptional(), rows: list(row) })),
});

const scope = z.enum(["event", "ticket-type"]);
const reservationId = id;
const some = list(of({ reservationId, quantity: count }));
const entries = list(of({ entryId: id, accountId: id }));

export const INVENTORY_EVENTS: SchemasOf<InventoryEvent> = {
  InventoryOpened: of({
    eventId: id,
    ticketTypeId: id,
    organizerId: id,
    ordinal: count,
    capacity: count,
    draft: z.boolean(),
    terms: ticketTypeTerms,
    eventTerms,
    seatMap: seatMap.exactOptional(),
  }),
  InventoryPublished: nothing,
  EventTermsChanged: eventTerms,
  TicketTypeTermsChanged: of({ changes: of(termsChanged), saleStartsAt: time, saleEndsAt: time.nullable() }),
  SalePaused: of({ scope }),
  SaleResumed: of({ scope }),
  CapacityChanged: of({ capacity: count, previousCapacity: count }),
  SeatsBlocked: of({ seats: list(z.string()) }),
  SeatsUnblocked: of({ seats: list(z.string()) }),
  TicketsReserved: of({
    ...seated,
    reservationId,
    accountId: id,
    quantity: count,
    unitPrice: money,
    expiresAt: time,
    cartId: id.exactOptional(),
    admission: of({ id: z.string(), expiresAt: time }).exactOptional(),
  }),
  ReservationQuantityChanged: of({
    ...seated,
    reservationId,
    previousQuantity: count,
    quantity: count,
    previousSeats: list(z.string()).exactOptional(),
    unitPrice: money.exactOptional(),
  }),
  ReservationExtended: of({ reservationId, previousExpiresAt: time, expiresAt: time }),
  ReservationReleased: of({ reservationId, quantity: count }),
  ReservationsExpired: of({ reservations: some }),
  ReservationClaimed: of({
    ...seated,
    reservationId,
    bookingId: id,
    accountId: id,
    quantity: count,
    unitPrice: money,
    deadline: time,
    claimedUntil: time,
  }),
  ClaimReleased: of({ reservationId, bookingId: id, declined: z.boolean(), expiresAt: time }),
  ReservationConfirmed: of({ reservationId, bookingId: id, accountId: id, quantity: count }),
  TicketsReturned: of({ reservationId, bookingId: id, ordinals: list(count) }),
  InventoryClosed: of({ reason: z.literal("event-cancelled") }),
  InventoryRemoved: of({ capacity: count }),
  ReservationsWithdrawn: of({ reason: z.literal("event-cancelled"), reservations: some }),
  WaitlistJoined: of({ entryId: id, accountId: id, quantity: count, offerTtlSeconds: count, place: count }),
  TicketsOffered: of({
    unitPrice: money,
    offers: list(
      of({
        ...seated,
        entryId: id,
        accountId: id,
        quantity: count,
        expiresAt: time,
        unitPrice: money.exactOptional(),
      }),
    ),
  }),
  WaitlistLeft: of({ entryId: id, accountId: id }),
  WaitlistEnded: of({ reason: z.enum(["event-cancelled", "event-ended", "sale-closed"]), entries }),
};
