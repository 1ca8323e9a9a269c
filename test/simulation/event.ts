import type { NewEventOnSale } from "../../src/commands/events.ts";
import { terms, wish } from "../commands/event-wish.ts";
import type { Sale } from "./climate.ts";

export const ORGANIZER = "olga";

/** What is on sale: one event that neither begins nor ends. */
export const eventOf = ({ capacities, holdTtlSeconds, priceMinor, maxPerUser }: Sale): NewEventOnSale =>
  wish(
    {
      organizerId: ORGANIZER,
      ticketTypes: capacities.map((capacity, ordinal) => ({
        capacity,
        terms: { name: `Class ${ordinal}`, ...terms, price: { amount: priceMinor, currency: "EUR" }, maxPerUser },
      })),
    },
    { name: "Concert", holdTtlSeconds },
  );

/** Whose clients these are. */
export const accountOf = (client: number, { clientsAnAccount }: Sale): string =>
  `account${Math.floor(client / clientsAnAccount)}`;

export const accountsOf = (sale: Sale): readonly string[] => [
  ...new Set(Array.from({ length: sale.clients }, (_, client) => accountOf(client, sale))),
];
