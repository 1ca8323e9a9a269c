import type { InventoryOpened } from "../../domain/inventory-events.ts";
import type { ListingCreated, ListingDetails } from "../../domain/listing-events.ts";
import { LISTING_PREFIX } from "../../eventstore/streams.ts";
import { type FeedEvent, unknownEvent } from "../feed-event.ts";
import { type Projection, type Statement, tableName } from "../projection.ts";
import { storableJson } from "../storable.ts";
import { createTables, EVENTS, type RecordedEventStatus, TICKET_TYPES } from "./table.ts";

/** What a batch changes in an event that is there. */
interface Change {
  status: RecordedEventStatus | null;
  version: number;
  updatedAt: string;
  details: Partial<ListingDetails>;
}

interface Created extends Change {
  readonly data: ListingCreated["data"];
  readonly createdAt: string;
}

interface Batch {
  readonly created: Map<string, Created>;
  readonly changed: Map<string, Change>;
  readonly ticketTypes: InventoryOpened["data"][];
}

/** Events as their page shows them, and their ticket types. */
export const eventDetails: Projection = {
  name: "event-details",
  version: 3,
  views: [EVENTS, TICKET_TYPES],
  createTables,
  writes(events, generation) {
    const batch: Batch = { created: new Map(), changed: new Map(), ticketTypes: [] };
    for (const event of events) {
      applyInventory(event, batch);
      applyListing(event, batch);
    }
    const statements: Statement[] = [];
    if (batch.ticketTypes.length > 0) statements.push(insertTicketTypes(batch.ticketTypes, generation));
    if (batch.created.size > 0) statements.push(insertEvents(batch.created, generation));
    if (batch.changed.size > 0) statements.push(updateEvents(batch.changed, generation));
    return statements;
  },
};

function applyInventory(feedEvent: FeedEvent, batch: Batch): void {
  const event = feedEvent.inventory()?.event;
  if (event === undefined) return;
  switch (event.type) {
    case "InventoryOpened":
      batch.ticketTypes.push(event.data);
      return;
    case "InventoryPublished":
    case "EventTermsChanged":
    case "CapacityChanged":
    case "TicketsReserved":
    case "ReservationExtended":
    case "ReservationReleased":
    case "ReservationsExpired":
      return;
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

function applyListing(feedEvent: FeedEvent, batch: Batch): void {
  const recorded = feedEvent.listing();
  if (recorded === null) return;
  const { event, envelope, stored } = recorded;
  const version = stored.revision + 1; // every event of a listing is a change of its organizer's
  if (event.type === "ListingCreated") {
    const { eventId, draft, details } = event.data;
    const status = draft ? "DRAFT" : "ACTIVE";
    const at = envelope.at;
    batch.created.set(eventId, { data: event.data, status, version, createdAt: at, updatedAt: at, details });
    return;
  }
  const change = changeOf(stored.stream.slice(LISTING_PREFIX.length), batch);
  change.version = version;
  change.updatedAt = envelope.at;
  switch (event.type) {
    case "ListingPublished":
      change.status = "ACTIVE";
      return;
    case "ListingChanged":
      change.details = { ...change.details, ...event.data.changes };
      return;
    case "TicketTypeCapacityListed": // how many there are is counted by the inventory
      return;
    case "ListingCancelled":
      change.status = "CANCELLED";
      return;
    default:
      unknownEvent(event);
  }
}

function changeOf(eventId: string, { created, changed }: Batch): Change {
  const known = created.get(eventId) ?? changed.get(eventId);
  if (known !== undefined) return known;
  const change: Change = { status: null, version: 0, updatedAt: "", details: {} };
  changed.set(eventId, change);
  return change;
}

function insertEvents(created: ReadonlyMap<string, Created>, generation: number): Statement {
  const rows = [...created].map(([eventId, { data, status, version, createdAt, updatedAt, details }]) => ({
    event_id: eventId,
    organizer_id: data.organizerId,
    code: data.code,
    currency: data.currency,
    status,
    version,
    created_at: createdAt,
    updated_at: updatedAt,
    details,
  }));
  return {
    name: `events_insert_g${generation}`,
    text: `insert into ${tableName(EVENTS, generation)}
             (event_id, organizer_id, code, currency, status, version, created_at, updated_at, details)
           select * from json_to_recordset($1) as t (event_id uuid, organizer_id uuid, code text, currency text,
             status text, version int, created_at timestamptz, updated_at timestamptz, details jsonb)`,
    values: [storableJson(rows)],
  };
}

function updateEvents(changed: ReadonlyMap<string, Change>, generation: number): Statement {
  const rows = [...changed].map(([eventId, { status, version, updatedAt, details }]) => ({
    event_id: eventId,
    status,
    version,
    updated_at: updatedAt,
    details,
  }));
  return {
    name: `events_update_g${generation}`,
    text: `update ${tableName(EVENTS, generation)} e set
             status = coalesce(c.status, e.status),
             version = c.version,
             updated_at = c.updated_at,
             details = e.details || c.details
           from json_to_recordset($1) as c (event_id uuid, status text, version int, updated_at timestamptz,
             details jsonb)
           where e.event_id = c.event_id`,
    values: [storableJson(rows)],
  };
}

function insertTicketTypes(opened: readonly InventoryOpened["data"][], generation: number): Statement {
  const rows = opened.map(({ eventId, ticketTypeId, ordinal, terms }) => ({
    event_id: eventId,
    ticket_type_id: ticketTypeId,
    ordinal,
    name: terms.name,
    description: terms.description,
    price: terms.price.amount,
    currency: terms.price.currency,
    sale_starts_at: terms.saleStartsAt,
    sale_ends_at: terms.saleEndsAt,
    max_per_user: terms.maxPerUser,
    max_per_order: terms.maxPerOrder,
  }));
  return {
    name: `ticket_types_insert_g${generation}`,
    text: `insert into ${tableName(TICKET_TYPES, generation)}
             (event_id, ticket_type_id, ordinal, name, description, price, currency, sale_starts_at, sale_ends_at,
              max_per_user, max_per_order)
           select * from json_to_recordset($1) as t (event_id uuid, ticket_type_id uuid, ordinal int, name text,
             description text, price bigint, currency text, sale_starts_at text, sale_ends_at text,
             max_per_user int, max_per_order int)`,
    values: [storableJson(rows)],
  };
}
