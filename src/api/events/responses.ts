import { z } from "zod";
import type { CreatedEvent } from "../../commands/events.ts";
import type { InventoryOpened } from "../../domain/inventory-events.ts";
import { sectionPricesOf } from "../../domain/seating/section-prices.ts";
import type { EventDetails, TicketTypeDetails } from "../../projections/event-details/queries.ts";
import { seatPrices } from "../../projections/event-details/seat-prices.ts";
import { eventStatusAt, saleStatusAt } from "../../projections/event-details/status.ts";
import type { HotEvent } from "../../projections/hot-reads/hot-events.ts";
import { money } from "../conventions/fields.ts";

const instant = z.string().meta({ format: "date-time" });

const counts = {
  total: z.int().meta({ description: "available + held + booked" }),
  available: z.int(),
  held: z.int(),
  booked: z.int(),
};

const ticketType = z
  .strictObject({
    ticketTypeId: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    price: money.meta({ description: "Of seats, what those cost whose section has no price of its own" }),
    minPrice: money.optional().meta({ description: "Where sections have prices of their own: of the cheapest seat" }),
    maxPrice: money.optional().meta({ description: "Where sections have prices of their own: of the dearest seat" }),
    reservedSeating: z.boolean(),
    saleStartsAt: instant,
    saleEndsAt: instant.nullable(),
    saleStatus: z.enum(["UPCOMING", "OPEN", "PAUSED", "CLOSED", "SOLD_OUT"]),
    paused: z
      .boolean()
      .meta({ description: "Paused by itself; `saleStatus` tells whether by itself or with the event" }),
    maxPerUser: z.int().nullable(),
    maxPerOrder: z.int(),
    ...counts,
  })
  .meta({ id: "TicketType" });

/** An event, wherever one is answered. */
export const event = z
  .strictObject({
    eventId: z.string(),
    version: z.int().meta({ description: "Raised by the organizer's changes, not by sales; `If-Match` takes it" }),
    status: z.enum(["DRAFT", "ACTIVE", "CANCELLED", "ENDED"]),
    paused: z.boolean().meta({ description: "Whether the sale of all ticket types together is paused" }),
    organizerId: z.string(),
    createdAt: instant,
    updatedAt: instant,
    name: z.string(),
    code: z.string().nullable(),
    description: z.string().nullable(),
    venue: z
      .strictObject({
        name: z.string(),
        address: z.string().nullable(),
        city: z.string().nullable(),
        country: z.string().nullable(),
      })
      .nullable(),
    performers: z.array(z.strictObject({ name: z.string(), bio: z.string().nullable() })),
    startsAt: instant.nullable(),
    endsAt: instant.nullable(),
    timeZone: z.string().nullable(),
    currency: z.string(),
    saleStartsAt: instant,
    saleEndsAt: instant.nullable(),
    capacity: z.int().nullable(),
    additionalInfo: z.string().nullable(),
    holdTtlSeconds: z.int(),
    guestsAllowed: z.boolean(),
    refundPolicy: z
      .array(z.strictObject({ until: instant, percent: z.int() }))
      .nullable()
      .meta({ description: "null: in full until `startsAt`" }),
    ...counts,
    ticketTypes: z.array(ticketType),
  })
  .meta({ id: "Event" });

export type EventView = z.input<typeof event>;

export const availability = z
  .strictObject({
    eventId: z.string(),
    revision: z.int().meta({ description: "Grows with every change of the counts" }),
    ticketTypes: z.array(z.strictObject({ ticketTypeId: z.string(), ...counts })),
  })
  .meta({ id: "Availability" });

export type AvailabilityView = z.input<typeof availability>;

/** What is left of an event's tickets, as a reader is shown it. */
export const availabilityView = ({ event, revision }: Pick<HotEvent, "event" | "revision">): AvailabilityView => ({
  eventId: event.eventId,
  revision,
  ticketTypes: event.ticketTypes.map(({ ticketTypeId, total, available, held, booked }) => {
    return { ticketTypeId, total, available, held, booked };
  }),
});

/** An event as a reader is shown it. */
export const eventView = (details: EventDetails): EventView => ({
  ...details,
  performers: [...details.performers],
  refundPolicy: details.refundPolicy === null ? null : [...details.refundPolicy],
  ticketTypes: [...details.ticketTypes],
});

/**
 * An event as it was made: what a GET answers as soon as the read models know of it. It goes by the instant at which it
 * was made, so that a repetition of the request gets the same answer whatever has begun or ended since.
 */
export function newEventView({ listing, inventories, createdAt }: CreatedEvent): EventView {
  const { details, eventId, organizerId, code, currency, draft } = listing;
  const nowMs = Date.parse(createdAt);
  const status = eventStatusAt({ status: draft ? "DRAFT" : "ACTIVE", details }, nowMs);
  const ticketTypes = inventories.map(({ ticketTypeId, capacity, terms, seatMap }): TicketTypeDetails => {
    const { name, description, price, maxPerUser, maxPerOrder, saleStartsAt, saleEndsAt } = terms;
    return {
      ticketTypeId,
      name,
      description,
      price,
      ...seatPrices(price, seatMap === undefined ? null : sectionPricesOf(seatMap)),
      reservedSeating: seatMap !== undefined,
      saleStartsAt: saleStartsAt ?? details.saleStartsAt,
      saleEndsAt: saleEndsAt ?? details.saleEndsAt,
      saleStatus: saleStatusAt(
        status,
        details,
        { saleStartsAt, saleEndsAt, isPaused: false, available: capacity },
        nowMs,
      ),
      paused: false,
      maxPerUser,
      maxPerOrder,
      ...unsold(capacity),
    };
  });
  return eventView({
    ...details,
    ...unsold(sumOfCapacities(inventories)),
    eventId,
    organizerId,
    code,
    currency,
    status,
    paused: false,
    version: 1,
    createdAt,
    updatedAt: createdAt,
    ticketTypes,
  });
}

const unsold = (total: number) => ({ total, available: total, held: 0, booked: 0 });

const sumOfCapacities = (inventories: readonly InventoryOpened["data"][]): number =>
  inventories.reduce((sum, { capacity }) => sum + capacity, 0);
