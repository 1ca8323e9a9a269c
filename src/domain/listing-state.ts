import type { TicketTypeTerms } from "./inventory-events.ts";
import type { ListedTicketType, ListingDetails } from "./listing-events.ts";
import type { SeatMap } from "./seating/seat-map.ts";

/** An event that people attend, as its organizer describes it. */
export type Listing = MissingListing | KnownListing;

export interface MissingListing {
  readonly status: "missing";
}

export interface KnownListing {
  readonly status: "draft" | "active" | "cancelled";
  /** Whether it has been public; a draft that was cancelled stays its organizer's to see. */
  readonly published: boolean;
  readonly eventId: string;
  readonly organizerId: string;
  readonly code: string | null;
  readonly currency: string;
  /** Raised by each of the organizer's changes, from 1; `If-Match` is compared with it. */
  readonly version: number;
  readonly details: ListingDetails;
  /** Whether the sale of all ticket types is paused. */
  readonly paused: boolean;
  /** In the order in which they came. */
  readonly ticketTypes: readonly KnownTicketType[];
  /** Those that were deleted, which may still have to be closed. */
  readonly removed: readonly KnownTicketType[];
}

export interface KnownTicketType extends ListedTicketType {
  /** Place among all that the event ever had, from 0. */
  readonly ordinal: number;
  /** Whether it is paused by itself. */
  readonly paused: boolean;
  /** What its inventory is opened with, of one that came after the event was made; null: it was opened then. */
  readonly opening: TicketTypeTerms | null;
  /** Of one that came after the event was made, if its tickets are numbered seats. */
  readonly seatMap?: SeatMap | undefined;
  /** What has changed in its terms since. */
  readonly changes: Partial<TicketTypeTerms>;
}
