import { derivedId } from "../commands/derived-id.ts";
import type { InventoryEvent, InventoryOpened } from "../domain/inventory-events.ts";
import { eventTermsOf } from "../domain/listing.ts";
import type { ListingCreated, ListingDetails, ListingEvent } from "../domain/listing-events.ts";
import { Chance } from "./chance.ts";
import { anyKind, type Kind } from "./kinds.ts";
import { surname } from "./names.ts";
import { HALLS, TOWNS, type Town } from "./places.ts";

/** Where events come from: the same seed on the same day gives the same ones. */
export interface Seed {
  readonly seed: string;
  /** The day on which all of them were put on sale: epoch milliseconds at midnight UTC. */
  readonly dayMs: number;
}

/** One event as the log has it: the inventories first, then the listing. */
export interface SeededEvent {
  readonly eventId: string;
  readonly organizerId: string;
  readonly inventories: readonly { readonly ticketTypeId: string; readonly events: readonly InventoryEvent[] }[];
  readonly listing: readonly ListingEvent[];
  /** For the ids of what is recorded. */
  readonly chance: Chance;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ORGANIZERS = 2_000;
const DRAFTS = 0.02;
const CANCELLED = 0.02;
/** Some are over already; most of the others take place within a year. */
const DAYS_AHEAD = [-14, 720] as const;
const TICKET_TYPES = ["Regular", "VIP", "Balcony", "Students"];
const PRICE_FACTORS = [1, 2.5, 0.8, 0.6];

/** The event of this number; it does not depend on how many there are. */
export function seededEvent({ seed, dayMs }: Seed, number: number): SeededEvent {
  const chance = new Chance(`${seed} ${dayMs} ${number}`);
  const eventId = chance.uuidAt(dayMs + number);
  const organizerId = derivedId(`organizer ${seed} ${chance.between(1, ORGANIZERS)}`);
  const town = chance.oneOfRanked(TOWNS);
  const kind = anyKind(chance);
  const details = detailsOf(chance, kind, town, dayMs);
  const draft = chance.isSo(DRAFTS);
  const cancelled = !draft && chance.isSo(CANCELLED);
  const opened = inventoriesOf(chance, { eventId, organizerId, draft, kind, town, details });
  const created: ListingCreated["data"] = {
    eventId,
    organizerId,
    code: null,
    currency: town.currency,
    draft,
    details,
    ticketTypes: opened.map(({ ticketTypeId, terms: { name }, capacity }) => ({ ticketTypeId, name, capacity })),
  };
  return {
    eventId,
    organizerId,
    inventories: opened.map((data) => ({
      ticketTypeId: data.ticketTypeId,
      events: [
        { type: "InventoryOpened", data },
        ...(cancelled ? [{ type: "InventoryClosed", data: { reason: "event-cancelled" } } as const] : []),
      ],
    })),
    listing: [
      { type: "ListingCreated", data: created },
      ...(cancelled ? [{ type: "ListingCancelled", data: {} } as const] : []),
    ],
    chance,
  };
}

function detailsOf(chance: Chance, kind: Kind, town: Town, dayMs: number): ListingDetails {
  const word = kind.words[town.language];
  const performers = kind.performers(chance);
  const [soonest, latest] = DAYS_AHEAD;
  const days = chance.isSo(0.6) ? chance.between(soonest, latest / 2) : chance.between(soonest, latest);
  const startsAtMs =
    dayMs + days * DAY_MS + chance.between(8, 21) * HOUR_MS + chance.one([0, 0, 0, 0.5, 0.25]) * HOUR_MS;
  const endsAtMs = startsAtMs + chance.between(...kind.hours) * HOUR_MS;
  const hall = `${surname(chance)} ${chance.one(HALLS[town.language])}`;
  return {
    name: kind.name(chance, town, word).slice(0, 200),
    description: chance.isSo(0.9) ? description(chance, word, town, performers) : null,
    venue: {
      name: hall,
      address: `${chance.between(1, 199)} ${surname(chance)} Street`,
      city: town.name,
      country: town.country,
    },
    performers: performers.map((name) => ({ name, bio: null })),
    startsAt: new Date(startsAtMs).toISOString(),
    endsAt: new Date(endsAtMs).toISOString(),
    timeZone: town.timeZone,
    saleStartsAt: new Date(dayMs).toISOString(),
    saleEndsAt: null,
    capacity: null,
    additionalInfo: null,
    holdTtlSeconds: 600,
    guestsAllowed: true,
    refundPolicy: null,
  };
}

const OPENINGS = ["An evening of", "Come and see", "Do not miss", "Back by popular demand:", "For the first time:"];
const CLOSINGS = [
  "Doors open one hour before.",
  "Bring your friends and family.",
  "Food and drinks are served all night.",
  "Limited tickets available.",
  "Wheelchair accessible, with seats for companions.",
  "Children under six are free.",
  "An unforgettable night is waiting.",
];

const description = (chance: Chance, word: string, { name, country }: Town, performers: readonly string[]): string =>
  [
    `${chance.one(OPENINGS)} ${word.toLowerCase()} in ${name}, ${country}`,
    performers.length === 0 ? "." : `, with ${performers.join(" and ")}.`,
    ` Presented by ${surname(chance)} Productions. ${chance.one(CLOSINGS)} ${chance.one(CLOSINGS)}`,
  ].join("");

interface Occasion {
  readonly eventId: string;
  readonly organizerId: string;
  readonly draft: boolean;
  readonly kind: Kind;
  readonly town: Town;
  readonly details: ListingDetails;
}

function inventoriesOf(chance: Chance, occasion: Occasion): readonly InventoryOpened["data"][] {
  const { eventId, organizerId, draft, kind, town, details } = occasion;
  const price = chance.isSo(kind.freeShare) ? 0 : Math.round(chance.between(...kind.price) / 50) * 50;
  const count = price === 0 ? 1 : chance.oneOfRanked([1, 2, 3, 4]);
  return Array.from({ length: count }, (_, ordinal) => ({
    eventId,
    ticketTypeId: derivedId(`ticket-type/${eventId}/${ordinal}`),
    organizerId,
    ordinal,
    capacity: Math.max(1, Math.round(chance.between(...kind.capacity) / count)),
    draft,
    terms: {
      name: TICKET_TYPES[ordinal] as string,
      description: null,
      price: { amount: Math.round(price * (PRICE_FACTORS[ordinal] as number)), currency: town.currency },
      saleStartsAt: null,
      saleEndsAt: null,
      maxPerUser: null,
      maxPerOrder: 10,
    },
    eventTerms: eventTermsOf(details),
  }));
}
