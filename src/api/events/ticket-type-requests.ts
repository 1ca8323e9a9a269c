import { z } from "zod";
import type { NewTicketType } from "../../commands/events.ts";
import type { TicketTypeChanges } from "../../domain/listing-events.ts";
import { money, text, time } from "../conventions/fields.ts";

const MAX_CAPACITY = 10_000_000;
export const DEFAULT_MAX_PER_ORDER = 100;

export const capacity = z.int().min(1).max(MAX_CAPACITY);
const orderLimit = z.int().min(1).max(MAX_CAPACITY);
const name = text(1, 100);
const description = text(1, 2_000);

/** What `POST /events/{eventId}/ticket-types` takes, and each of a new event's `ticketTypes`. */
export const newTicketType = z
  .strictObject({
    name,
    description: description.optional(),
    capacity,
    price: money.optional().meta({ description: "Without it, or with amount 0, tickets are free" }),
    saleStartsAt: time.optional(),
    saleEndsAt: time.optional(),
    maxPerUser: orderLimit.optional(),
    maxPerOrder: orderLimit.optional(),
  })
  .meta({
    id: "NewTicketType",
    examples: [{ name: "Balcony", capacity: 300, price: { amount: 6500, currency: "EUR" } }],
  });

export type NewTicketTypeBody = z.output<typeof newTicketType>;

/** What `PATCH` of a ticket type takes: what is to change; null takes an optional field away. */
export const ticketTypeChanges = z
  .strictObject({
    name: name.optional(),
    description: description.nullish(),
    capacity: capacity.optional(),
    price: money.optional().meta({ description: "For who reserves from now on; with amount 0 tickets are free" }),
    saleStartsAt: time.nullish().meta({ description: "null: as the event's" }),
    saleEndsAt: time.nullish().meta({ description: "null: as the event's" }),
    maxPerUser: orderLimit.nullish(),
    maxPerOrder: orderLimit.optional(),
  })
  .meta({ id: "TicketTypeChanges", examples: [{ capacity: 6000 }, { price: { amount: 3900, currency: "EUR" } }] });

/** The request with its defaults, as the command takes it. */
export const toNewTicketType = (type: NewTicketTypeBody): NewTicketType => ({
  capacity: type.capacity,
  terms: {
    name: type.name,
    description: type.description ?? null,
    price: type.price ?? null,
    saleStartsAt: type.saleStartsAt ?? null,
    saleEndsAt: type.saleEndsAt ?? null,
    maxPerUser: type.maxPerUser ?? null,
    maxPerOrder: type.maxPerOrder ?? DEFAULT_MAX_PER_ORDER,
  },
});

/** The changes as the command takes them: only the fields that the request has. */
export const toTicketTypeChanges = (changes: z.output<typeof ticketTypeChanges>): TicketTypeChanges =>
  changes as TicketTypeChanges;
