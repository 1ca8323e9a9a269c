import { z } from "zod";
import type { NewTicketType } from "../../commands/events.ts";
import type { TicketTypeChanges } from "../../domain/listing-events.ts";
import { money, text, time } from "../conventions/fields.ts";
import { lookInto, seatingOf, seatMap } from "./seat-maps.ts";

const MAX_CAPACITY = 10_000_000;
export const DEFAULT_MAX_PER_ORDER = 100;

export const capacity = z.int().min(1).max(MAX_CAPACITY);
const orderLimit = z.int().min(1).max(MAX_CAPACITY);
const name = text(1, 100);
const description = text(1, 2_000);

const fields = {
  name,
  description: description.optional(),
  capacity: capacity.optional(),
  seatMap: seatMap.optional().meta({ description: "Numbered seats, instead of `capacity`" }),
  price: money.optional().meta({ description: "Without it, or with amount 0, tickets are free" }),
  saleStartsAt: time.optional(),
  saleEndsAt: time.optional(),
  maxPerUser: orderLimit.optional(),
  maxPerOrder: orderLimit.optional(),
};

const CAPACITY_OR_MAP = "takes this, or `seatMap`";
const example = { name: "Balcony", capacity: 300, price: { amount: 6500, currency: "EUR" } };

/** Each of a new event's `ticketTypes`; its seat map is looked into with those of the others. */
export const newTicketType = z
  .strictObject(fields)
  .refine(hasTickets, { path: ["capacity"], error: CAPACITY_OR_MAP })
  .meta({ id: "NewTicketType", examples: [example] });

/** What `POST /events/{eventId}/ticket-types` takes. */
export const addedTicketType = z
  .strictObject(fields)
  .refine(hasTickets, { path: ["capacity"], error: CAPACITY_OR_MAP })
  .superRefine(({ seatMap: map }, context) => {
    if (map === undefined) return;
    lookInto(map, (path, message) => context.addIssue({ code: "custom", path: ["seatMap", ...path], message }));
  })
  .meta({ id: "AddedTicketType", examples: [example] });

function hasTickets(type: { readonly capacity?: number | undefined; readonly seatMap?: unknown }): boolean {
  return (type.capacity === undefined) !== (type.seatMap === undefined);
}

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
  ...ticketsOf(type),
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

function ticketsOf({
  capacity: tickets,
  seatMap: map,
}: NewTicketTypeBody): Pick<NewTicketType, "capacity" | "seating"> {
  if (map === undefined) return { capacity: tickets as number };
  const seating = seatingOf(map);
  return { capacity: seating.seats, seating };
}

/** The changes as the command takes them: only the fields that the request has. */
export const toTicketTypeChanges = (changes: z.output<typeof ticketTypeChanges>): TicketTypeChanges =>
  changes as TicketTypeChanges;
