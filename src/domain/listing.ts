import { accept, type Decider, type Decision, refuse } from "./decision.ts";
import type { EventTerms } from "./inventory-events.ts";
import type { ListedTicketType, ListingCreated, ListingDetails, ListingEvent } from "./listing-events.ts";

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
  /** Raised by each of the organizer's changes, from 1; `If-Match` is compared with it. */
  readonly version: number;
  readonly details: ListingDetails;
  readonly ticketTypes: readonly ListedTicketType[];
}

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

export interface ChangeListing {
  readonly type: "ChangeListing";
  readonly changes: Partial<ListingDetails>;
  /** The version that the change was made on; null: whatever it is. */
  readonly expectedVersion: number | null;
}

/** Notes an inventory's new capacity, so that the sum over all ticket types stays within the event's. */
export interface ListTicketTypeCapacity {
  readonly type: "ListTicketTypeCapacity";
  readonly ticketTypeId: string;
  readonly capacity: number;
  readonly expectedVersion: number | null;
}

export type ListingCommand = { readonly atMs: number } & (
  | CreateListing
  | PublishListing
  | CancelListing
  | ChangeListing
  | ListTicketTypeCapacity
);

export type ListingRefusal =
  | "already-exists"
  | "event-not-found"
  | "event-cancelled"
  | "version-mismatch"
  | "capacity-exceeded"
  | "invalid-dates"
  | "ticket-type-not-found";

type ListingDecision = Decision<ListingEvent, ListingRefusal>;

export const listing: Decider<Listing, ListingCommand, ListingEvent> = {
  initialState: () => ({ status: "missing" }),
  decide,
  evolve,
  stagedIn: () => [],
};

function decide(command: ListingCommand, state: Listing): ListingDecision {
  if (command.type === "CreateListing") return create(command, state);
  if (state.status === "missing") return refuse("event-not-found");
  if (command.type === "CancelListing") return cancel(state);
  if (state.status === "cancelled") return refuse("event-cancelled");
  switch (command.type) {
    case "PublishListing":
      return state.status === "draft" ? accept({ type: "ListingPublished", data: {} }) : accept();
    case "ChangeListing":
      return change(command, state);
    case "ListTicketTypeCapacity":
      return listTicketTypeCapacity(command, state);
  }
}

function create(command: CreateListing, state: Listing): ListingDecision {
  if (state.status !== "missing") return refuse("already-exists");
  const { details, ticketTypes } = command.data;
  return (
    capacityRefusal(details, ticketTypes) ??
    datesRefusal(details) ??
    accept({ type: "ListingCreated", data: command.data })
  );
}

/** Whatever its state, a draft and one that is over by time too: refunds are owed whenever it did not take place. */
const cancel = (state: KnownListing): ListingDecision =>
  state.status === "cancelled" ? accept() : accept({ type: "ListingCancelled", data: {} });

function change(command: ChangeListing, state: KnownListing): ListingDecision {
  if (isOutdated(command.expectedVersion, state)) return refuse("version-mismatch", { version: state.version });
  const changes = onlyNew(command.changes, state.details);
  if (Object.keys(changes).length === 0) return accept();
  const details = { ...state.details, ...changes };
  return (
    capacityRefusal(details, state.ticketTypes) ??
    datesRefusal(details) ??
    accept({ type: "ListingChanged", data: { changes } })
  );
}

function listTicketTypeCapacity(command: ListTicketTypeCapacity, state: KnownListing): ListingDecision {
  if (isOutdated(command.expectedVersion, state)) return refuse("version-mismatch", { version: state.version });
  const { ticketTypeId, capacity } = command;
  const listed = state.ticketTypes.find((ticketType) => ticketType.ticketTypeId === ticketTypeId);
  if (listed === undefined) return refuse("ticket-type-not-found");
  if (listed.capacity === capacity) return accept();
  const ticketTypes = withCapacity(state.ticketTypes, ticketTypeId, capacity);
  return (
    capacityRefusal(state.details, ticketTypes) ??
    accept({ type: "TicketTypeCapacityListed", data: { ticketTypeId, capacity } })
  );
}

const isOutdated = (expectedVersion: number | null, state: KnownListing): boolean =>
  expectedVersion !== null && expectedVersion !== state.version;

/** The fields whose new value differs from what stands there. */
function onlyNew(changes: Partial<ListingDetails>, details: ListingDetails): Partial<ListingDetails> {
  const entries = Object.entries(changes) as [keyof ListingDetails, unknown][];
  return Object.fromEntries(entries.filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(details[key])));
}

/** Ticket types together never offer more than the event can take. */
function capacityRefusal(details: ListingDetails, ticketTypes: readonly ListedTicketType[]): ListingDecision | null {
  const offered = ticketTypes.reduce((sum, ticketType) => sum + ticketType.capacity, 0);
  if (details.capacity === null || offered <= details.capacity) return null;
  return refuse("capacity-exceeded", { capacity: details.capacity, offered });
}

/** What ends must not end before it begins. */
function datesRefusal(details: ListingDetails): ListingDecision | null {
  const { startsAt, endsAt, saleStartsAt, saleEndsAt } = details;
  if (startsAt !== null && endsAt !== null && Date.parse(endsAt) < Date.parse(startsAt)) {
    return refuse("invalid-dates", { path: "/endsAt", message: "must not be before startsAt" });
  }
  if (saleEndsAt !== null && Date.parse(saleEndsAt) < Date.parse(saleStartsAt)) {
    return refuse("invalid-dates", { path: "/saleEndsAt", message: "must not be before saleStartsAt" });
  }
  return null;
}

/** When the event is over by time: at `endsAt`, else at `startsAt`, else never. */
export const endOf = (details: Pick<ListingDetails, "startsAt" | "endsAt">): string | null =>
  details.endsAt ?? details.startsAt;

/** What inventories need to know of the listing. */
export const eventTermsOf = (details: ListingDetails): EventTerms => ({
  saleStartsAt: details.saleStartsAt,
  saleEndsAt: details.saleEndsAt,
  endsAt: endOf(details),
  holdTtlSeconds: details.holdTtlSeconds,
  guestsAllowed: details.guestsAllowed,
  refunds: { startsAt: details.startsAt, policy: details.refundPolicy },
});

function evolve(state: Listing, event: ListingEvent): Listing {
  if (event.type === "ListingCreated") {
    const { eventId, organizerId, code, draft, details, ticketTypes } = event.data;
    const status = draft ? "draft" : "active";
    return { status, published: !draft, eventId, organizerId, code, version: 1, details, ticketTypes };
  }
  if (state.status === "missing") throw new Error(`${event.type} before ListingCreated`);
  const version = state.version + 1;
  switch (event.type) {
    case "ListingPublished":
      return { ...state, version, status: "active", published: true };
    case "ListingChanged":
      return { ...state, version, details: { ...state.details, ...event.data.changes } };
    case "TicketTypeCapacityListed": {
      const { ticketTypeId, capacity } = event.data;
      return { ...state, version, ticketTypes: withCapacity(state.ticketTypes, ticketTypeId, capacity) };
    }
    case "ListingCancelled":
      return { ...state, version, status: "cancelled" };
    default:
      return event satisfies never;
  }
}

const withCapacity = (
  ticketTypes: readonly ListedTicketType[],
  ticketTypeId: string,
  capacity: number,
): readonly ListedTicketType[] =>
  ticketTypes.map((ticketType) =>
    ticketType.ticketTypeId === ticketTypeId ? { ...ticketType, capacity } : ticketType,
  );
