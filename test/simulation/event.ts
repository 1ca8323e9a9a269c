import type { NewEventOnSale } from "../../src/commands/events.ts";
import type { Sale } from "./climate.ts";

export const ORGANIZER = "olga";

/** What is on sale: one event that neither begins nor ends. */
export const eventOf = ({ capacities, holdTtlSeconds, priceMinor, maxPerUser }: Sale): NewEventOnSale => ({
  organizerId: ORGANIZER,
  code: null,
  currency: "EUR",
  draft: false,
  details: {
    name: "Concert",
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
    holdTtlSeconds,
    guestsAllowed: true,
    refundPolicy: null,
  },
  ticketTypes: capacities.map((capacity, ordinal) => ({
    capacity,
    terms: {
      name: `Class ${ordinal}`,
      description: null,
      price: { amount: priceMinor, currency: "EUR" },
      saleStartsAt: null,
      saleEndsAt: null,
      maxPerUser,
      maxPerOrder: 100,
    },
  })),
});

/** Whose clients these are. */
export const accountOf = (client: number, { clientsAnAccount }: Sale): string =>
  `account${Math.floor(client / clientsAnAccount)}`;

export const accountsOf = (sale: Sale): readonly string[] => [
  ...new Set(Array.from({ length: sale.clients }, (_, client) => accountOf(client, sale))),
];
