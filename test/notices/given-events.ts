import { randomUUID } from "node:crypto";
import type { BookingEvent } from "../../src/domain/booking-events.ts";
import type { CartEvent } from "../../src/domain/cart-events.ts";
import type { InventoryEvent } from "../../src/domain/inventory-events.ts";
import type { ListingEvent } from "../../src/domain/listing-events.ts";
import { encode } from "../../src/eventstore/envelope.ts";
import type { EventStore, NewEvent, Position, StoredEvent } from "../../src/eventstore/port.ts";
import { bookingStream, cartStream, inventoryStream, listingStream } from "../../src/eventstore/streams.ts";
import { ANN, EVENT, REGULAR, RESERVATION, VIP } from "./given-facts.ts";

export const NOON = "2026-02-01T12:00:00.000Z";
export const EUR = (amount: number) => ({ amount, currency: "EUR" });

export interface Given {
  readonly stream: string;
  readonly event: BookingEvent | CartEvent | InventoryEvent | ListingEvent;
  readonly at: string;
}

export const ofBooking = (bookingId: string, event: BookingEvent, at = NOON): Given => ({
  stream: bookingStream(bookingId),
  event,
  at,
});
export const ofInventory = (event: InventoryEvent, at = NOON): Given => ({
  stream: inventoryStream(EVENT, VIP),
  event,
  at,
});
export const ofListing = (event: ListingEvent, at = NOON): Given => ({ stream: listingStream(EVENT), event, at });
export const ofCart = (event: CartEvent, at = NOON, accountId = ANN): Given => ({
  stream: cartStream(accountId),
  event,
  at,
});

export const bookingOpened = (bookingId: string, totalMinor: number, at = NOON): Given =>
  ofBooking(
    bookingId,
    {
      type: "BookingOpened",
      data: {
        bookingId,
        accountId: ANN,
        cartId: null,
        lines: [
          {
            reservationId: RESERVATION,
            eventId: EVENT,
            ticketTypeId: REGULAR,
            quantity: 2,
            unitPrice: EUR(totalMinor / 2),
          },
        ],
        events: [],
        total: EUR(totalMinor),
        createdAt: at,
        expiresAt: "2026-02-01T12:15:00.000Z",
      },
    },
    at,
  );

const CHARGE = { attemptId: "018f0000-0000-7000-8000-000000000801", chargeId: "ch-1" };
export const captured = (bookingId: string, at = NOON): Given =>
  ofBooking(bookingId, { type: "PaymentCaptured", data: CHARGE }, at);
export const revived = (bookingId: string): Given => ofBooking(bookingId, { type: "BookingRevived", data: CHARGE });
export const declined = (bookingId: string): Given =>
  ofBooking(bookingId, { type: "PaymentDeclined", data: { ...CHARGE, reason: "no funds" } });
export const timedOut = (bookingId: string, at = NOON): Given =>
  ofBooking(bookingId, { type: "BookingTimedOut", data: {} }, at);

export const offered = (entryId: string, expiresAt: string, accountId = ANN, at = NOON): Given =>
  ofInventory(
    {
      type: "TicketsOffered",
      data: { unitPrice: EUR(4500), offers: [{ entryId, accountId, quantity: 1, expiresAt }] },
    },
    at,
  );

export const moved = (startsAt: string, at = NOON): Given =>
  ofListing({ type: "ListingChanged", data: { changes: { startsAt } } }, at);

/** The event's bytes, under a fresh id unless told one. */
export function written({ event, at }: Given, id: string = randomUUID()): NewEvent {
  return encode(id, event, {
    schemaVersion: 1,
    at,
    actor: { process: "spec" },
    commandId: "018f0000-0000-7000-8000-0000000000d1",
    correlationId: "018f0000-0000-7000-8000-0000000000d2",
    causationId: null,
    requestId: null,
    keyHash: null,
    bodyHash: null,
    previousHash: null,
  });
}

/** As they come from a log. */
export const stored = (...given: readonly Given[]): readonly StoredEvent[] =>
  given.map((one, index) => ({
    ...written(one),
    stream: one.stream,
    revision: index,
    position: BigInt(index + 1),
  }));

/** Appends them one by one. @returns the position of the last */
export async function recordAll(store: EventStore, ...given: readonly Given[]): Promise<Position> {
  let position: Position = 0n;
  for (const one of given) position = (await store.append(one.stream, [written(one)], "any")).position;
  return position;
}
