import { accept, refuse } from "./decision.ts";
import type {
  AddTicketType,
  ChangeTicketType,
  ListingDecision,
  ListTicketTypeCapacity,
  RemoveTicketType,
  RestoreTicketType,
} from "./listing-commands.ts";
import { capacityRefusal, onlyNew, termsRefusal, versionRefusal } from "./listing-rules.ts";
import type { KnownListing } from "./listing-state.ts";
import { sharedSeat } from "./seating/shared-seats.ts";

/** Ticket types that one event has at a time. */
export const MAX_TICKET_TYPES = 100;
/** With those that were deleted: each is looked after with every change of the event. */
export const MAX_TICKET_TYPES_EVER = 300;

/** One more, after all there ever were. */
export function addTicketType(command: AddTicketType, state: KnownListing): ListingDecision {
  const { ticketTypeId, capacity, seatMap } = command;
  const { ticketTypes, removed, details } = state;
  const ordinal = ticketTypes.length + removed.length;
  const free = { amount: 0, currency: state.currency };
  const terms = { ...command.terms, price: command.terms.price ?? free };
  const isFull = ticketTypes.length >= MAX_TICKET_TYPES || ordinal >= MAX_TICKET_TYPES_EVER;
  return (
    versionRefusal(command, state) ??
    (ofId([...ticketTypes, ...removed], ticketTypeId) === undefined ? null : refuse("already-exists")) ??
    (isFull ? refuse("too-many-ticket-types", { atATime: MAX_TICKET_TYPES, ever: MAX_TICKET_TYPES_EVER }) : null) ??
    termsRefusal(terms, terms, state, ticketTypes) ??
    seatMapRefusal(command, state) ??
    capacityRefusal(details, [...ticketTypes, { capacity }]) ??
    accept({
      type: "TicketTypeAdded",
      data: { ticketTypeId, ordinal, capacity, terms, ...(seatMap === undefined ? {} : { seatMap }) },
    })
  );
}

/** Seats have ids that are unique in their event, and cost what is in its currency. Of types that were deleted they are free. */
function seatMapRefusal({ seatMap, firstMaps = [] }: AddTicketType, state: KnownListing): ListingDecision | null {
  if (seatMap === undefined) return null;
  const path = "/seatMap/sections";
  const foreign = seatMap.sections.findIndex(({ price }) => price !== undefined && price.currency !== state.currency);
  if (foreign >= 0) {
    const message = `takes the event's, ${state.currency}`;
    return refuse("invalid", { path: `${path}/${foreign}/price/currency`, message });
  }
  const others = [...firstMaps, ...state.ticketTypes.flatMap(({ seatMap: other }) => other ?? [])];
  const shared = sharedSeat([...others, seatMap]);
  return shared === null
    ? null
    : refuse("invalid", { path, message: `${shared.seat} is a seat of another ticket type too` });
}

/** What it is and costs, and how many there are; the inventory decides whether there can be so few. */
export function changeTicketType(command: ChangeTicketType, state: KnownListing): ListingDecision {
  const { ticketTypeId, openedWith } = command;
  const known = ofId(state.ticketTypes, ticketTypeId);
  if (known === undefined) return refuse("ticket-type-not-found");
  const opened = { ...openedWith, price: { ...openedWith.price, currency: state.currency } };
  const now = { ...opened, ...known.changes, capacity: known.capacity };
  const changes = onlyNew(command.changes, now);
  const outdated = versionRefusal(command, state);
  if (outdated !== null || Object.keys(changes).length === 0) return outdated ?? accept();
  const { capacity, ...terms } = { ...now, ...changes };
  const others = state.ticketTypes.filter((other) => other !== known);
  return (
    termsRefusal(terms, changes, state, others) ??
    (changes.capacity === undefined ? null : capacityRefusal(state.details, [...others, { capacity }])) ??
    accept({ type: "TicketTypeChanged", data: { ticketTypeId, changes } })
  );
}

export function listTicketTypeCapacity(command: ListTicketTypeCapacity, state: KnownListing): ListingDecision {
  const { ticketTypeId, capacity } = command;
  const known = ofId(state.ticketTypes, ticketTypeId);
  const outdated = versionRefusal(command, state);
  if (outdated !== null) return outdated;
  if (known === undefined) return refuse("ticket-type-not-found");
  if (known.capacity === capacity) return accept();
  const others = state.ticketTypes.filter((other) => other !== known);
  return (
    capacityRefusal(state.details, [...others, { capacity }]) ??
    accept({ type: "TicketTypeCapacityListed", data: { ticketTypeId, capacity } })
  );
}

/** What is deleted already stays so. An event always has something that could be sold. */
export function removeTicketType(command: RemoveTicketType, state: KnownListing): ListingDecision {
  const { ticketTypeId, isClosed } = command;
  if (ofId(state.removed, ticketTypeId) !== undefined) return accept();
  if (ofId(state.ticketTypes, ticketTypeId) === undefined) return refuse("ticket-type-not-found");
  return (
    versionRefusal(command, state) ??
    (state.ticketTypes.length === 1 && !isClosed ? refuse("last-ticket-type") : null) ??
    accept({ type: "TicketTypeRemoved", data: { ticketTypeId } })
  );
}

/** Whatever has come in its place meanwhile: it has tickets, and is there. */
export function restoreTicketType({ ticketTypeId }: RestoreTicketType, state: KnownListing): ListingDecision {
  if (ofId(state.removed, ticketTypeId) === undefined) return accept();
  return accept({ type: "TicketTypeRestored", data: { ticketTypeId } });
}

const ofId = <One extends { readonly ticketTypeId: string }>(all: readonly One[], id: string): One | undefined =>
  all.find(({ ticketTypeId }) => ticketTypeId === id);
