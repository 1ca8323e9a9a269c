import { type KnownTicketType, type ListingChanges, type ListingCommand, listing } from "../../src/domain/listing.ts";
import type {
  ListedTicketType,
  ListingCancelled,
  ListingChanged,
  ListingCreated,
  ListingDetails,
  ListingPublished,
  TicketTypeCapacityListed,
} from "../../src/domain/listing-events.ts";
import { specsOf } from "./given.ts";
import { morning, ms, noon } from "./times.ts";

/** The words in which the specs of a listing are written; what they leave unsaid stands here. */
export const given = specsOf(listing);

export const details = (said: Partial<ListingDetails> = {}): ListingDetails => ({
  name: "Summer Concert",
  description: null,
  venue: null,
  performers: [],
  startsAt: null,
  endsAt: null,
  timeZone: null,
  saleStartsAt: morning,
  saleEndsAt: null,
  capacity: null,
  additionalInfo: null,
  holdTtlSeconds: 600,
  guestsAllowed: true,
  refundPolicy: null,
  ...said,
});

export const ticketType = (ticketTypeId: string, capacity = 10): ListedTicketType => ({
  ticketTypeId,
  name: ticketTypeId,
  capacity,
});

/** As the listing knows one that it was made with. */
export const known = (
  listed: ListedTicketType,
  ordinal: number,
  more: Partial<KnownTicketType> = {},
): KnownTicketType => ({ ...listed, ordinal, paused: false, opening: null, changes: {}, ...more });

interface Creating extends Partial<ListingDetails> {
  readonly draft?: boolean;
  readonly ticketTypes?: readonly ListedTicketType[];
}

export function created(
  { draft = false, ticketTypes = [ticketType("regular")], ...said }: Creating = {},
  currency = "EUR",
): ListingCreated {
  return {
    type: "ListingCreated",
    data: {
      eventId: "concert",
      organizerId: "olga",
      code: null,
      currency,
      draft,
      details: details(said),
      ticketTypes,
    },
  };
}

export const published = (): ListingPublished => ({ type: "ListingPublished", data: {} });

export const cancelled = (): ListingCancelled => ({ type: "ListingCancelled", data: {} });

export const changed = (changes: Partial<ListingDetails>): ListingChanged => ({
  type: "ListingChanged",
  data: { changes },
});

export const capacityListed = (ticketTypeId: string, capacity: number): TicketTypeCapacityListed => ({
  type: "TicketTypeCapacityListed",
  data: { ticketTypeId, capacity },
});

export const create = (creating: Creating = {}): ListingCommand => ({
  type: "CreateListing",
  data: created(creating).data,
  atMs: ms(noon),
});

export const publish = (): ListingCommand => ({ type: "PublishListing", atMs: ms(noon) });

export const cancel = (): ListingCommand => ({ type: "CancelListing", atMs: ms(noon) });

/** @param version that the change was made on; null: whatever it is */
export const change = (changes: ListingChanges, version: number | null = null): ListingCommand => ({
  type: "ChangeListing",
  changes,
  expectedVersion: version,
  atMs: ms(noon),
});

/** @param ticketTypeId null: all */
export const setPaused = (
  ticketTypeId: string | null,
  paused: boolean,
  version: number | null = null,
): ListingCommand => ({ type: "SetListingPaused", ticketTypeId, paused, expectedVersion: version, atMs: ms(noon) });

export const listCapacity = (
  ticketTypeId: string,
  capacity: number,
  version: number | null = null,
): ListingCommand => ({
  type: "ListTicketTypeCapacity",
  ticketTypeId,
  capacity,
  expectedVersion: version,
  atMs: ms(noon),
});
