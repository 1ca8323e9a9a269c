import type { TicketTypeTerms } from "../../domain/inventory-events.ts";
import type { ListingDetails } from "../../domain/listing-events.ts";
import type { SectionPrices } from "../../domain/seating/section-prices.ts";
import { tableName } from "../projection.ts";

export const EVENTS = "events";
export const TICKET_TYPES = "ticket_types";

/** As recorded; that an ACTIVE event is over by time is found when it is read. */
export type RecordedEventStatus = "DRAFT" | "ACTIVE" | "CANCELLED";

/** A row of `readmodels.events`. */
export interface EventRow {
  readonly event_id: string;
  readonly organizer_id: string;
  readonly code: string | null;
  readonly currency: string;
  readonly status: RecordedEventStatus;
  /** Organizer's changes, from 1. */
  readonly version: number;
  /** Whether the sale of all ticket types together is paused. */
  readonly paused: boolean;
  readonly created_at: Date;
  readonly updated_at: Date;
  /** What the organizer says about it, kept together so that a change is a merge. */
  readonly details: ListingDetails;
}

/** A row of `readmodels.ticket_types`; how many there are is in `readmodels.availability`. */
export interface TicketTypeRow {
  readonly event_id: string;
  readonly ticket_type_id: string;
  /** Place among the event's ticket types. */
  readonly ordinal: number;
  /** As recorded, and kept together so that a change is a merge. */
  readonly terms: TicketTypeTerms;
  /** Whether its tickets are numbered seats. */
  readonly reserved_seating: boolean;
  /** null: none of its sections has a price of its own. */
  readonly section_prices: SectionPrices | null;
  /** As the inventory decides: with all of the event, and by itself. */
  readonly event_paused: boolean;
  readonly paused: boolean;
  /** It was deleted; what it had of events still counts for the revision of the availability. */
  readonly is_removed: boolean;
}

/**
 * What an organizer says is kept as it was said, dates too: RFC 3339 knows times that Postgres does not (it has no year
 * 0), and one of them would stop the feed.
 */
export const createTables = (generation: number): string => `
  create table ${tableName(EVENTS, generation)} (
    event_id uuid primary key,
    organizer_id uuid not null,
    code text,
    currency text not null,
    status text not null,
    version integer not null,
    paused boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    details jsonb not null
  );
  create index ${EVENTS}_g${generation}_by_organizer
    on ${tableName(EVENTS, generation)} (organizer_id, created_at, event_id);
  create table ${tableName(TICKET_TYPES, generation)} (
    event_id uuid not null,
    ticket_type_id uuid not null,
    ordinal integer not null,
    terms jsonb not null,
    reserved_seating boolean not null,
    section_prices jsonb,
    event_paused boolean not null default false,
    paused boolean not null default false,
    is_removed boolean not null default false,
    primary key (event_id, ticket_type_id)
  );`;
