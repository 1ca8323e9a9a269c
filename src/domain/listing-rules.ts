import { refuse } from "./decision.ts";
import type { TicketTypeTerms } from "./inventory-events.ts";
import type { ListingDecision } from "./listing-commands.ts";
import type { ListedTicketType, ListingDetails } from "./listing-events.ts";
import type { KnownListing } from "./listing-state.ts";

/** Somebody else has changed it since. */
export function versionRefusal(
  { expectedVersion }: { readonly expectedVersion: number | null },
  { version }: KnownListing,
): ListingDecision | null {
  if (expectedVersion === null || expectedVersion === version) return null;
  return refuse("version-mismatch", { version });
}

/** Ticket types together never offer more than the event can take. */
export function capacityRefusal(
  { capacity }: Pick<ListingDetails, "capacity">,
  ticketTypes: readonly Pick<ListedTicketType, "capacity">[],
): ListingDecision | null {
  const offered = ticketTypes.reduce((sum, ticketType) => sum + ticketType.capacity, 0);
  return capacity === null || offered <= capacity ? null : refuse("capacity-exceeded", { capacity, offered });
}

/** What ends must not end before it begins. */
export function datesRefusal({ startsAt, endsAt, saleStartsAt, saleEndsAt }: ListingDetails): ListingDecision | null {
  if (startsAt !== null && isBefore(endsAt, startsAt)) {
    return refuse("invalid-dates", { path: "/endsAt", message: "must not be before startsAt" });
  }
  if (isBefore(saleEndsAt, saleStartsAt)) {
    return refuse("invalid-dates", { path: "/saleEndsAt", message: "must not be before saleStartsAt" });
  }
  return null;
}

/**
 * What a ticket type is and costs goes together with the rest of the event.
 * @param said the fields that are new, which alone are judged
 */
export function termsRefusal(
  terms: TicketTypeTerms,
  said: Partial<TicketTypeTerms>,
  { currency, details }: KnownListing,
  others: readonly Pick<ListedTicketType, "name">[],
): ListingDecision | null {
  const isNew = (...fields: readonly (keyof TicketTypeTerms)[]) => fields.some((field) => field in said);
  const { name, price, maxPerOrder } = terms;
  if (isNew("name") && others.some((other) => other.name === name)) {
    return wrong("/name", "is the name of another ticket type too");
  }
  if (isNew("price") && price.currency !== currency) return wrong("/price/currency", `takes the event's, ${currency}`);
  if (isNew("price", "maxPerOrder") && price.amount * maxPerOrder > Number.MAX_SAFE_INTEGER) {
    return wrong("/price/amount", "is too much to count exactly in an order of `maxPerOrder`");
  }
  return isNew("saleStartsAt", "saleEndsAt") ? saleWindowRefusal(terms, details) : null;
}

/** Its own dates, and the event's where it has none; the event's alone are not its to judge. */
function saleWindowRefusal({ saleStartsAt, saleEndsAt }: TicketTypeTerms, event: ListingDetails) {
  if (saleStartsAt === null && saleEndsAt === null) return null;
  if (!isBefore(saleEndsAt ?? event.saleEndsAt, saleStartsAt ?? event.saleStartsAt)) return null;
  return saleEndsAt === null
    ? refuse("invalid-dates", { path: "/saleStartsAt", message: "must not be after the event's saleEndsAt" })
    : refuse("invalid-dates", { path: "/saleEndsAt", message: "must not be before saleStartsAt" });
}

const wrong = (path: string, message: string) => refuse("invalid", { path, message });

const isBefore = (end: string | null, start: string): boolean => end !== null && Date.parse(end) < Date.parse(start);

/** The fields whose new value differs from what stands there. */
export function onlyNew<Fields extends object>(changes: Partial<Fields>, now: Fields): Partial<Fields> {
  const entries = Object.entries(changes) as [keyof Fields, unknown][];
  return Object.fromEntries(
    entries.filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(now[key])),
  ) as Partial<Fields>;
}
