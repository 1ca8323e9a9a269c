import type { NewEventOnSale } from "../../src/commands/events.ts";

export const ORGANIZER = "7d9f5f0e-0000-4000-8000-000000000001";

/** Of a ticket type without a name. */
export const terms = {
  description: null,
  price: { amount: 500, currency: "EUR" },
  saleStartsAt: null,
  saleEndsAt: null,
  maxPerUser: null,
  maxPerOrder: 100,
};
/** Two ticket types, VIP and Regular, of an event that says nothing of what it need not. */
export const wish = (
  more: Partial<NewEventOnSale> = {},
  details: Partial<NewEventOnSale["details"]> = {},
): NewEventOnSale => ({
  organizerId: ORGANIZER,
  code: null,
  currency: "EUR",
  draft: false,
  details: {
    name: "Aurora",
    description: null,
    venue: null,
    performers: [],
    startsAt: null,
    endsAt: null,
    timeZone: null,
    saleStartsAt: null,
    saleEndsAt: null,
    capacity: null,
    additionalInfo: null,
    holdTtlSeconds: 600,
    guestsAllowed: true,
    refundPolicy: null,
    ...details,
  },
  ticketTypes: [
    { capacity: 10, terms: { ...terms, name: "VIP" } },
    { capacity: 20, terms: { ...terms, name: "Regular" } },
  ],
  ...more,
});
