import type { TicketTypeTerms } from "./inventory-events.ts";
import type { SeatMap } from "./seating/seat-map.ts";

export interface Venue {
  readonly name: string;
  readonly address: string | null;
  readonly city: string | null;
  readonly country: string | null;
}

export interface Performer {
  readonly name: string;
  readonly bio: string | null;
}

/** Until `until` (RFC 3339 UTC) a cancellation gives back `percent` of the price. */
export interface RefundStep {
  readonly until: string;
  readonly percent: number;
}

/** All that an organizer says about an event and may change later. */
export interface ListingDetails {
  readonly name: string;
  readonly description: string | null;
  readonly venue: Venue | null;
  readonly performers: readonly Performer[];
  readonly startsAt: string | null;
  readonly endsAt: string | null;
  /** IANA name, e.g. `Europe/Berlin`, for showing times; times themselves are UTC. */
  readonly timeZone: string | null;
  readonly saleStartsAt: string;
  /** null: until the event ends. */
  readonly saleEndsAt: string | null;
  /** Upper bound for the capacities of all ticket types together; null: none. */
  readonly capacity: number | null;
  readonly additionalInfo: string | null;
  readonly holdTtlSeconds: number;
  readonly guestsAllowed: boolean;
  /** null: in full until `startsAt`. */
  readonly refundPolicy: readonly RefundStep[] | null;
}

export interface ListedTicketType {
  readonly ticketTypeId: string;
  readonly name: string;
  /** Of a seat map: all of its seats, blocked ones too, which may be for sale later on. */
  readonly capacity: number;
}

export interface ListingCreated {
  readonly type: "ListingCreated";
  readonly data: {
    readonly eventId: string;
    readonly organizerId: string;
    /** The organizer's own short name for it, unique among theirs. */
    readonly code: string | null;
    readonly currency: string;
    readonly draft: boolean;
    readonly details: ListingDetails;
    readonly ticketTypes: readonly ListedTicketType[];
  };
}

export interface ListingPublished {
  readonly type: "ListingPublished";
  readonly data: Record<string, never>;
}

/** Only what changed, with its new value. */
export interface ListingChanged {
  readonly type: "ListingChanged";
  readonly data: {
    readonly changes: Partial<ListingDetails>;
    /** Absent where they stay as they are. */
    readonly code?: string | null;
    readonly currency?: string;
  };
}

/** The sale of all its ticket types is paused, beside those that are paused by themselves. */
export interface ListingPaused {
  readonly type: "ListingPaused";
  readonly data: Record<string, never>;
}

export interface ListingResumed {
  readonly type: "ListingResumed";
  readonly data: Record<string, never>;
}

export interface TicketTypePaused {
  readonly type: "TicketTypePaused";
  readonly data: { readonly ticketTypeId: string };
}

export interface TicketTypeResumed {
  readonly type: "TicketTypeResumed";
  readonly data: { readonly ticketTypeId: string };
}

/** One more ticket type. Its inventory is opened after this, from what is said here. */
export interface TicketTypeAdded {
  readonly type: "TicketTypeAdded";
  readonly data: {
    readonly ticketTypeId: string;
    /** Place among all that the event ever had, from 0. */
    readonly ordinal: number;
    /** Of a seat map: all of its seats, blocked ones too. */
    readonly capacity: number;
    readonly terms: TicketTypeTerms;
    /** Where its tickets are numbered seats. */
    readonly seatMap?: SeatMap;
  };
}

export type TicketTypeChanges = Partial<TicketTypeTerms & { readonly capacity: number }>;

/** Only what changed, with its new value. */
export interface TicketTypeChanged {
  readonly type: "TicketTypeChanged";
  readonly data: { readonly ticketTypeId: string; readonly changes: TicketTypeChanges };
}

/** Its inventory closes after this, for good. */
export interface TicketTypeRemoved {
  readonly type: "TicketTypeRemoved";
  readonly data: { readonly ticketTypeId: string };
}

/** It is not removed after all: in the same moment somebody got tickets of it. */
export interface TicketTypeRestored {
  readonly type: "TicketTypeRestored";
  readonly data: { readonly ticketTypeId: string };
}

/** What an inventory has, where it could not go by the listing; before ticket types had other changes, any new capacity. */
export interface TicketTypeCapacityListed {
  readonly type: "TicketTypeCapacityListed";
  readonly data: { readonly ticketTypeId: string; readonly capacity: number };
}

/** For good: it is not held. Inventories close, bookings are refunded in full. */
export interface ListingCancelled {
  readonly type: "ListingCancelled";
  readonly data: Record<string, never>;
}

export type ListingEvent =
  | ListingCreated
  | ListingPublished
  | ListingChanged
  | ListingPaused
  | ListingResumed
  | TicketTypeAdded
  | TicketTypeChanged
  | TicketTypePaused
  | TicketTypeResumed
  | TicketTypeCapacityListed
  | TicketTypeRemoved
  | TicketTypeRestored
  | ListingCancelled;
