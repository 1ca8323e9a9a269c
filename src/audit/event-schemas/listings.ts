import { z } from "zod";
import type { ListingEvent } from "../../domain/listing-events.ts";
import { seatMap, termsChanged, ticketTypeTerms } from "./inventories.ts";
import { count, id, list, nothing, of, refundPolicy, type SchemasOf, time } from "./parts.ts";

const text = z.string().nullable();
const details = {
  name: z.string(),
  description: text,
  venue: of({ name: z.string(), address: text, city: text, country: text }).nullable(),
  performers: list(of({ name: z.string(), bio: text })),
  startsAt: time.nullable(),
  endsAt: time.nullable(),
  timeZone: text,
  saleStartsAt: time,
  saleEndsAt: time.nullable(),
  capacity: count.nullable(),
  additionalInfo: text,
  holdTtlSeconds: count,
  guestsAllowed: z.boolean(),
  refundPolicy,
};
const detailsChanged = Object.fromEntries(
  Object.entries(details).map(([name, schema]) => [name, schema.exactOptional()]),
) as { [Name in keyof typeof details]: z.ZodExactOptional<(typeof details)[Name]> };
const ofType = of({ ticketTypeId: id });

export const LISTING_EVENTS: SchemasOf<ListingEvent> = {
  ListingCreated: of({
    eventId: id,
    organizerId: id,
    code: text,
    currency: z.string(),
    draft: z.boolean(),
    details: of(details),
    ticketTypes: list(of({ ticketTypeId: id, name: z.string(), capacity: count })),
  }),
  ListingPublished: nothing,
  ListingChanged: of({ changes: of(detailsChanged), code: text.exactOptional(), currency: z.string().exactOptional() }),
  ListingPaused: nothing,
  ListingResumed: nothing,
  TicketTypeAdded: of({
    ticketTypeId: id,
    ordinal: count,
    capacity: count,
    terms: ticketTypeTerms,
    seatMap: seatMap.exactOptional(),
  }),
  TicketTypeChanged: of({ ticketTypeId: id, changes: of({ ...termsChanged, capacity: count.exactOptional() }) }),
  TicketTypePaused: ofType,
  TicketTypeResumed: ofType,
  TicketTypeCapacityListed: of({ ticketTypeId: id, capacity: count }),
  TicketTypeRemoved: ofType,
  TicketTypeRestored: ofType,
  ListingCancelled: nothing,
};
