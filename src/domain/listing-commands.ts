import type { Decision } from "./decision.ts";
import type { TicketTypeTerms } from "./inventory-events.ts";
import type { ListingCreated, ListingDetails, ListingEvent, TicketTypeChanges } from "./listing-events.ts";
import type { Money } from "./money.ts";
import type { SeatMap } from "./seating/seat-map.ts";

export interface CreateListing {
  readonly type: "CreateListing";
  readonly data: ListingCreated["data"];
}

export interface PublishListing {
  readonly type: "PublishListing";
}

/** Calls the event off, for good. */
export interface CancelListing {
  readonly type: "CancelListing";
}

/** The version that a change was made on; null: whatever it is. */
interface Versioned {
  readonly expectedVersion: number | null;
}

export interface ChangeListing extends Versioned {
  readonly type: "ChangeListing";
  readonly changes: ListingChanges;
}

/** The fields to be changed. Whoever changes `code` has claimed it; `currency` is a draft's to change. */
export type ListingChanges = Partial<ListingDetails & { readonly code: string | null; readonly currency: string }>;

/** Pauses or resumes the sale; what is so already stays so. */
export interface SetListingPaused extends Versioned {
  readonly type: "SetListingPaused";
  /** null: that of all ticket types together. */
  readonly ticketTypeId: string | null;
  readonly paused: boolean;
}

export interface AddTicketType extends Versioned {
  readonly type: "AddTicketType";
  readonly ticketTypeId: string;
  readonly capacity: number;
  readonly terms: NewTicketTypeTerms;
  readonly seatMap?: SeatMap | undefined;
  /** The maps of the ticket types that the event was made with. */
  readonly firstMaps?: readonly SeatMap[] | undefined;
}

/** Without a price it is free, in the event's currency. */
export type NewTicketTypeTerms = Omit<TicketTypeTerms, "price"> & { readonly price: Money | null };

export interface ChangeTicketType extends Versioned {
  readonly type: "ChangeTicketType";
  readonly ticketTypeId: string;
  readonly changes: TicketTypeChanges;
  /** What its inventory was opened with. */
  readonly openedWith: TicketTypeTerms;
}

/** Notes what an inventory has, so that the sum over all ticket types stays right. */
export interface ListTicketTypeCapacity extends Versioned {
  readonly type: "ListTicketTypeCapacity";
  readonly ticketTypeId: string;
  readonly capacity: number;
}

export interface RemoveTicketType extends Versioned {
  readonly type: "RemoveTicketType";
  readonly ticketTypeId: string;
  /** Its inventory is closed for good already: it is gone, whatever else there is. */
  readonly isClosed: boolean;
}

/** Takes a removal back, because the inventory could not be closed. */
export interface RestoreTicketType {
  readonly type: "RestoreTicketType";
  readonly ticketTypeId: string;
}

export type ListingCommand = { readonly atMs: number } & (
  | CreateListing
  | PublishListing
  | CancelListing
  | ChangeListing
  | SetListingPaused
  | AddTicketType
  | ChangeTicketType
  | ListTicketTypeCapacity
  | RemoveTicketType
  | RestoreTicketType
);

export type ListingRefusal =
  | "already-exists"
  | "event-not-found"
  | "event-cancelled"
  | "version-mismatch"
  | "capacity-exceeded"
  | "invalid"
  | "invalid-dates"
  | "currency-fixed"
  | "ticket-type-not-found"
  | "too-many-ticket-types"
  | "last-ticket-type";

export type ListingDecision = Decision<ListingEvent, ListingRefusal>;
