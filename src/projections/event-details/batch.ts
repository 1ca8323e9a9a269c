import type { InventoryOpened, PauseScope, TicketTypeTerms } from "../../domain/inventory-events.ts";
import type { ListingCreated, ListingDetails } from "../../domain/listing-events.ts";
import type { RecordedEventStatus } from "./table.ts";

/** What a batch of the feed has to say about events and their ticket types. */
export interface Batch {
  /** Events that it makes, by id; how they stand at its end is in `changed`. */
  readonly created: Map<string, ListingCreated["data"] & { readonly createdAt: string }>;
  /** By id, those that it makes included. */
  readonly changed: Map<string, EventChange>;
  readonly ticketTypes: InventoryOpened["data"][];
  /** By id of the ticket type. */
  readonly changedTypes: Map<string, TypeChange>;
}

/** What is null, or not among the details, stays as it is. */
export interface EventChange {
  status: RecordedEventStatus | null;
  version: number;
  updatedAt: string;
  paused: boolean | null;
  /** undefined: stays as it is. */
  code: string | null | undefined;
  currency: string | null;
  details: Partial<ListingDetails>;
}

export interface TypeChange {
  readonly eventId: string;
  terms: Partial<TicketTypeTerms>;
  readonly paused: Partial<Record<PauseScope, boolean>>;
  isRemoved: boolean;
}

export const newBatch = (): Batch => ({
  created: new Map(),
  changed: new Map(),
  ticketTypes: [],
  changedTypes: new Map(),
});

export function changeOf(eventId: string, { changed }: Batch): EventChange {
  const known = changed.get(eventId);
  if (known !== undefined) return known;
  const change: EventChange = {
    status: null,
    version: 0,
    updatedAt: "",
    paused: null,
    code: undefined,
    currency: null,
    details: {},
  };
  changed.set(eventId, change);
  return change;
}

export function typeChangeOf(
  { eventId, ticketTypeId }: { readonly eventId: string; readonly ticketTypeId: string },
  { changedTypes }: Batch,
): TypeChange {
  const known = changedTypes.get(ticketTypeId);
  if (known !== undefined) return known;
  const change: TypeChange = { eventId, terms: {}, paused: {}, isRemoved: false };
  changedTypes.set(ticketTypeId, change);
  return change;
}
