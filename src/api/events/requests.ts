import { z } from "zod";
import type { NewEventOnSale } from "../../commands/events.ts";
import type { ListingChanges } from "../../domain/listing.ts";
import type { ListingDetails } from "../../domain/listing-events.ts";
import { MAX_TICKET_TYPES } from "../../domain/listing-ticket-types.ts";
import { readSeatMap } from "../../domain/seating/reading-maps.ts";
import { MAX_SEATS, type SeatMap } from "../../domain/seating/seat-map.ts";
import { sharedSeat } from "../../domain/seating/shared-seats.ts";
import { money, text, time } from "../conventions/fields.ts";
import { isTimeZone } from "../conventions/time-zones.ts";
import {
  capacity,
  DEFAULT_MAX_PER_ORDER,
  type NewTicketTypeBody,
  newTicketType,
  toNewTicketType,
} from "./ticket-type-requests.ts";

const DEFAULT_CURRENCY = "EUR";
/** With {@link MAX_PERFORMERS} of them an event still fits into one append, whatever the script: 3 bytes a character. */
const MAX_BIO_LENGTH = 2_000;
const MAX_PERFORMERS = 100;

const holdTtlSeconds = z.int().min(1).max(86_400);

const timeZone = z
  .string()
  .max(64)
  .refine((name) => isTimeZone(name), "takes an IANA time zone, e.g. Europe/Berlin")
  .meta({ examples: ["Europe/Berlin"] });

const venue = z.strictObject({
  name: text(1, 200),
  address: text(1, 500).optional(),
  city: text(1, 200).optional(),
  country: text(1, 100).optional(),
});

const performers = z
  .array(z.strictObject({ name: text(1, 200), bio: text(1, MAX_BIO_LENGTH).optional() }))
  .max(MAX_PERFORMERS);

const refundPolicy = z.array(z.strictObject({ until: time, percent: z.int().min(0).max(100) })).max(20);

/** What `POST /events` takes. */
export const newEvent = z
  .strictObject({
    name: text(1, 200),
    code: text(1, 64).optional(),
    description: text(1, 20_000).optional(),
    venue: venue.optional(),
    performers: performers.optional(),
    startsAt: time.optional(),
    endsAt: time.optional(),
    timeZone: timeZone.optional(),
    currency: money.shape.currency.optional(),
    saleStartsAt: time.optional(),
    saleEndsAt: time.optional(),
    capacity: capacity.optional(),
    additionalInfo: text(1, 20_000).optional(),
    holdTtlSeconds: holdTtlSeconds.optional(),
    guestsAllowed: z.boolean().optional(),
    refundPolicy: refundPolicy.optional(),
    draft: z.boolean().optional(),
    ticketTypes: z.array(newTicketType).min(1).max(MAX_TICKET_TYPES).optional(),
    totalSeats: capacity.optional().meta({ description: "Short for one free ticket type `General`" }),
    total_seats: capacity.optional().meta({ description: "The same, as earlier systems have it" }),
  })
  .superRefine((event, context) => {
    const ways = [event.ticketTypes, event.totalSeats, event.total_seats].filter((way) => way !== undefined);
    if (ways.length !== 1) {
      const message = "takes `ticketTypes`, or `totalSeats` for one free ticket type";
      context.addIssue({ code: "custom", path: ["ticketTypes"], message });
    }
    const currency = event.currency ?? DEFAULT_CURRENCY;
    const names = new Set<string>();
    const maps: { readonly index: number; readonly map: SeatMap }[] = [];
    let seats = 0;
    for (const [index, { name, price, maxPerOrder, seatMap }] of (event.ticketTypes ?? []).entries()) {
      const at = (field: string, message: string) =>
        context.addIssue({ code: "custom", path: ["ticketTypes", index, ...field.split("/")], message });
      if (names.has(name)) at("name", "is the name of another ticket type too");
      names.add(name);
      if (price !== undefined && price.currency !== currency) at("price/currency", `takes the event's, ${currency}`);
      if ((price?.amount ?? 0) * (maxPerOrder ?? DEFAULT_MAX_PER_ORDER) > Number.MAX_SAFE_INTEGER) {
        at("price/amount", "is too much to count exactly in an order of `maxPerOrder`");
      }
      if (seatMap === undefined || seats > MAX_SEATS) continue;
      for (const [place, section] of seatMap.sections.entries()) {
        const isForeign = section.price !== undefined && section.price.currency !== currency;
        if (isForeign) at(`seatMap/sections/${place}/price/currency`, `takes the event's, ${currency}`);
      }
      const read = readSeatMap(seatMap);
      if ("issues" in read) {
        for (const { path, message } of read.issues) at(`seatMap/${path.join("/")}`, message);
        continue;
      }
      maps.push({ index, map: read.map });
      seats += read.seats;
      if (seats > MAX_SEATS) at("seatMap/sections", `takes ${MAX_SEATS} seats at most, of all ticket types together`);
    }
    const shared = seats > MAX_SEATS ? null : sharedSeat(maps.map(({ map }) => map));
    if (shared !== null) {
      const path = ["ticketTypes", maps[shared.map]?.index ?? 0, "seatMap", "sections"];
      context.addIssue({ code: "custom", path, message: `${shared.seat} is a seat of another ticket type too` });
    }
  })
  .meta({
    id: "NewEvent",
    examples: [
      {
        name: "Aurora Live",
        startsAt: "2027-06-01T18:00:00Z",
        venue: { name: "Riverside Arena", city: "Berlin" },
        ticketTypes: [
          { name: "VIP", capacity: 100, price: { amount: 14900, currency: "EUR" }, maxPerUser: 4 },
          { name: "Regular", capacity: 5000, price: { amount: 4500, currency: "EUR" } },
        ],
      },
      { name: "Open Evening", totalSeats: 200 },
      { name: "Open Evening", total_seats: 200 },
    ],
  });

export type NewEvent = z.output<typeof newEvent>;

/** What `PATCH /events/{eventId}` takes: what is to change; null takes an optional field away. */
export const eventChanges = z
  .strictObject({
    name: text(1, 200).optional(),
    code: text(1, 64).nullish(),
    description: text(1, 20_000).nullish(),
    venue: venue.nullish(),
    performers: performers.optional(),
    startsAt: time.nullish(),
    endsAt: time.nullish(),
    timeZone: timeZone.nullish(),
    currency: money.shape.currency.optional().meta({ description: "Of a draft; prices keep their amounts" }),
    saleStartsAt: time.optional(),
    saleEndsAt: time.nullish(),
    capacity: capacity.nullish(),
    additionalInfo: text(1, 20_000).nullish(),
    holdTtlSeconds: holdTtlSeconds.optional(),
    guestsAllowed: z.boolean().optional(),
    refundPolicy: refundPolicy.nullish(),
  })
  .meta({ id: "EventChanges", examples: [{ description: "Doors open at 18:00" }] });

/** The request with its defaults, as the command takes it. */
export function toNewEvent(event: NewEvent, organizerId: string, defaultHoldTtlSeconds: number): NewEventOnSale {
  const currency = event.currency ?? DEFAULT_CURRENCY;
  const ticketTypes: readonly NewTicketTypeBody[] = event.ticketTypes ?? [
    { name: "General", capacity: (event.totalSeats ?? event.total_seats) as number },
  ];
  return {
    organizerId,
    code: event.code ?? null,
    currency,
    draft: event.draft ?? false,
    details: {
      name: event.name,
      description: event.description ?? null,
      venue: toVenue(event.venue ?? null),
      performers: toPerformers(event.performers ?? []),
      startsAt: event.startsAt ?? null,
      endsAt: event.endsAt ?? null,
      timeZone: event.timeZone ?? null,
      saleStartsAt: event.saleStartsAt ?? null,
      saleEndsAt: event.saleEndsAt ?? null,
      capacity: event.capacity ?? null,
      additionalInfo: event.additionalInfo ?? null,
      holdTtlSeconds: event.holdTtlSeconds ?? defaultHoldTtlSeconds,
      guestsAllowed: event.guestsAllowed ?? true,
      refundPolicy: event.refundPolicy ?? null,
    },
    ticketTypes: ticketTypes.map((type) => {
      const { capacity: tickets, seating, terms } = toNewTicketType(type);
      return { capacity: tickets, seating, terms: { ...terms, price: terms.price ?? { amount: 0, currency } } };
    }),
  };
}

/** The changes as the command takes them: only the fields that the request has. */
export function toChanges(changes: z.output<typeof eventChanges>): ListingChanges {
  const { venue: newVenue, performers: newPerformers, ...rest } = changes;
  return {
    ...(rest as ListingChanges),
    ...(newVenue === undefined ? {} : { venue: toVenue(newVenue) }),
    ...(newPerformers === undefined ? {} : { performers: toPerformers(newPerformers) }),
  };
}

const toVenue = (from: z.output<typeof venue> | null): ListingDetails["venue"] =>
  from === null
    ? null
    : {
        name: from.name,
        address: from.address ?? null,
        city: from.city ?? null,
        country: from.country ?? null,
      };

const toPerformers = (from: z.output<typeof performers>): ListingDetails["performers"] =>
  from.map(({ name, bio }) => ({ name, bio: bio ?? null }));
