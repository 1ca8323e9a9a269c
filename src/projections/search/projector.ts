import { type SectionPrices, sectionPricesOf } from "../../domain/seating/section-prices.ts";
import { eventOfListing, inventoryOf } from "../../eventstore/streams.ts";
import { type FeedEvent, unknownEvent } from "../feed-event.ts";
import type { Projection, Statement } from "../projection.ts";
import { type SearchParts, saidIn } from "./parts.ts";
import { ANY_WORD, createTables, placeWords, SEARCH, SEARCH_SAMPLE, SEARCH_WORDS } from "./table.ts";
import { countWords, updateRows, upsertRows } from "./writes.ts";

/** What a batch has to say of one event. */
export interface SearchChange {
  /** Whose it is, when the batch lists it. */
  organizerId: string | null;
  published: boolean;
  cancelled: boolean;
  parts: SearchParts;
  /** By ticket type, minor units: those that the batch opens, and those whose price it changes; null: it is deleted. */
  readonly prices: Map<string, number | null>;
  /** By ticket type, where some of its seats cost what their section does; null: it is deleted. */
  readonly sectionPrices: Map<string, SectionPrices | null>;
  /** Ticket types that the batch opens. */
  readonly opened: Set<string>;
}

/** What events are found by: a row an event, one event in sixteen in a sample too, and the words that there are. */
export const search: Projection = {
  name: "search",
  version: 5,
  views: [SEARCH, SEARCH_SAMPLE, SEARCH_WORDS],
  createTables,
  writes(events, generation) {
    const changes = new Map<string, SearchChange>();
    const words = new Map<string, number>();
    for (const event of events) {
      applyInventory(event, changes);
      applyListing(event, changes, words);
    }
    const rows: readonly Statement[] = [...upsertRows(changes, generation), ...updateRows(changes, generation)];
    if (rows.length === 0) return [];
    const counts = words.size > 0 ? [countWords(words, generation)] : [];
    const placed = { name: `search_place_words_g${generation}`, text: placeWords(generation), values: [] };
    return [...counts, ...rows, placed];
  },
};

function applyInventory(feedEvent: FeedEvent, changes: Map<string, SearchChange>): void {
  const event = feedEvent.inventory()?.event;
  if (event === undefined) return;
  switch (event.type) {
    case "InventoryOpened": {
      const { ticketTypeId, terms, seatMap } = event.data;
      const change = priced(feedEvent, terms.price.amount, changes);
      change.opened.add(ticketTypeId);
      const own = seatMap === undefined ? null : sectionPricesOf(seatMap);
      if (own !== null) change.sectionPrices.set(ticketTypeId, own);
      return;
    }
    case "TicketTypeTermsChanged": {
      const { price } = event.data.changes;
      if (price !== undefined) priced(feedEvent, price.amount, changes);
      return;
    }
    case "InventoryRemoved":
      removed(feedEvent, changes);
      return;
    case "SalePaused":
    case "SaleResumed":
    case "InventoryPublished":
    case "SeatsBlocked":
    case "SeatsUnblocked":
    case "EventTermsChanged":
    case "CapacityChanged":
    case "TicketsReserved":
    case "ReservationExtended":
    case "ReservationReleased":
    case "ReservationsExpired":
    case "ReservationQuantityChanged":
    case "ReservationClaimed":
    case "ClaimReleased":
    case "ReservationConfirmed":
    case "TicketsReturned":
    case "InventoryClosed":
    case "ReservationsWithdrawn":
    case "WaitlistJoined":
    case "TicketsOffered":
    case "WaitlistLeft":
    case "WaitlistEnded":
      return;
    default:
      unknownEvent(event);
  }
}

function priced({ stored }: FeedEvent, amount: number, changes: Map<string, SearchChange>): SearchChange {
  const { eventId, ticketTypeId } = inventoryOf(stored.stream);
  const change = changeOf(eventId, changes);
  change.prices.set(ticketTypeId, amount);
  return change;
}

/** A ticket type that the same batch opened leaves nothing behind. */
function removed({ stored }: FeedEvent, changes: Map<string, SearchChange>): void {
  const { eventId, ticketTypeId } = inventoryOf(stored.stream);
  const { opened, prices, sectionPrices } = changeOf(eventId, changes);
  for (const kept of [prices, sectionPrices]) {
    if (opened.has(ticketTypeId)) kept.delete(ticketTypeId);
    else kept.set(ticketTypeId, null);
  }
}

function applyListing(feedEvent: FeedEvent, changes: Map<string, SearchChange>, words: Map<string, number>): void {
  const recorded = feedEvent.listing();
  if (recorded === null) return;
  const { event, stored } = recorded;
  const change = changeOf(eventOfListing(stored.stream), changes);
  const say = (details: Parameters<typeof saidIn>[0]) => {
    const said = saidIn(details);
    change.parts = { ...change.parts, ...said.parts };
    for (const word of said.words) words.set(word, (words.get(word) ?? 0) + 1);
  };
  switch (event.type) {
    case "ListingCreated":
      change.organizerId = event.data.organizerId;
      change.published = !event.data.draft;
      say(event.data.details);
      words.set(ANY_WORD, (words.get(ANY_WORD) ?? 0) + 1);
      return;
    case "ListingPublished":
      change.published = true;
      return;
    case "ListingChanged":
      say(event.data.changes);
      return;
    case "ListingPaused":
    case "ListingResumed":
    case "TicketTypeAdded": // what ticket types cost their inventories say; what else there is of them is not searched for
    case "TicketTypeChanged":
    case "TicketTypePaused":
    case "TicketTypeResumed":
    case "TicketTypeCapacityListed":
    case "TicketTypeRemoved":
    case "TicketTypeRestored":
      return;
    case "ListingCancelled":
      change.cancelled = true;
      return;
    default:
      unknownEvent(event);
  }
}

function changeOf(eventId: string, changes: Map<string, SearchChange>): SearchChange {
  const known = changes.get(eventId);
  if (known !== undefined) return known;
  const change: SearchChange = {
    organizerId: null,
    published: false,
    cancelled: false,
    parts: {},
    prices: new Map(),
    sectionPrices: new Map(),
    opened: new Set(),
  };
  changes.set(eventId, change);
  return change;
}
