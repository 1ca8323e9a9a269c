import type { ListingCreated, ListingEvent } from "./listing-events.ts";
import type { KnownListing, KnownTicketType, Listing } from "./listing-state.ts";

export function evolve(state: Listing, event: ListingEvent): Listing {
  if (event.type === "ListingCreated") return createdListing(event.data);
  if (state.status === "missing") throw new Error(`${event.type} before ListingCreated`);
  return { ...state, ...changed(state, event), version: state.version + 1 };
}

function changed(state: KnownListing, event: Exclude<ListingEvent, ListingCreated>): Partial<KnownListing> {
  switch (event.type) {
    case "ListingPublished":
      return { status: "active", published: true };
    case "ListingChanged": {
      const { changes, code = state.code, currency = state.currency } = event.data;
      return { details: { ...state.details, ...changes }, code, currency };
    }
    case "ListingPaused":
      return { paused: true };
    case "ListingResumed":
      return { paused: false };
    case "TicketTypePaused":
      return { ticketTypes: changing(state, event.data.ticketTypeId, () => ({ paused: true })) };
    case "TicketTypeResumed":
      return { ticketTypes: changing(state, event.data.ticketTypeId, () => ({ paused: false })) };
    case "TicketTypeAdded": {
      const { ticketTypeId, ordinal, capacity, terms, seatMap } = event.data;
      const added = { ticketTypeId, ordinal, capacity, name: terms.name, opening: terms, paused: false, changes: {} };
      return { ticketTypes: [...state.ticketTypes, seatMap === undefined ? added : { ...added, seatMap }] };
    }
    case "TicketTypeChanged": {
      const { ticketTypeId, changes } = event.data;
      const { capacity: resized, ...terms } = changes;
      const change = ({ capacity, name, changes: before }: KnownTicketType) => ({
        capacity: resized ?? capacity,
        name: terms.name ?? name,
        changes: { ...before, ...terms },
      });
      return { ticketTypes: changing(state, ticketTypeId, change) };
    }
    case "TicketTypeCapacityListed": {
      const { ticketTypeId, capacity } = event.data;
      return { ticketTypes: changing(state, ticketTypeId, () => ({ capacity })) };
    }
    case "TicketTypeRemoved":
      return moved(event.data.ticketTypeId, state, "ticketTypes", "removed");
    case "TicketTypeRestored":
      return moved(event.data.ticketTypeId, state, "removed", "ticketTypes");
    case "ListingCancelled":
      return { status: "cancelled" };
    default:
      return event satisfies never;
  }
}

const createdListing = ({ draft, ticketTypes, ...said }: ListingCreated["data"]): KnownListing => ({
  ...said,
  status: draft ? "draft" : "active",
  published: !draft,
  version: 1,
  paused: false,
  ticketTypes: ticketTypes.map((one, ordinal) => ({ ...one, ordinal, paused: false, opening: null, changes: {} })),
  removed: [],
});

const changing = (
  { ticketTypes }: KnownListing,
  ticketTypeId: string,
  change: (known: KnownTicketType) => Partial<KnownTicketType>,
): readonly KnownTicketType[] =>
  ticketTypes.map((known) => (known.ticketTypeId === ticketTypeId ? { ...known, ...change(known) } : known));

/** Takes one from a list to the other, where it stands in its order. */
function moved(
  ticketTypeId: string,
  state: KnownListing,
  from: "ticketTypes" | "removed",
  to: "ticketTypes" | "removed",
): Partial<KnownListing> {
  const isIt = (one: KnownTicketType) => one.ticketTypeId === ticketTypeId;
  return {
    [from]: state[from].filter((one) => !isIt(one)),
    [to]: [...state[to], ...state[from].filter(isIt)].sort((a, b) => a.ordinal - b.ordinal),
  };
}
