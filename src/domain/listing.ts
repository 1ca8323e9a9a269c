import { accept, type Decider, refuse } from "./decision.ts";
import type { EventTerms } from "./inventory-events.ts";
import type {
  ChangeListing,
  CreateListing,
  ListingCommand,
  ListingDecision,
  SetListingPaused,
} from "./listing-commands.ts";
import type { ListingChanged, ListingDetails, ListingEvent } from "./listing-events.ts";
import { evolve } from "./listing-evolve.ts";
import { capacityRefusal, datesRefusal, onlyNew, versionRefusal } from "./listing-rules.ts";
import type { KnownListing, Listing } from "./listing-state.ts";
import {
  addTicketType,
  changeTicketType,
  listTicketTypeCapacity,
  removeTicketType,
  restoreTicketType,
} from "./listing-ticket-types.ts";

export type * from "./listing-commands.ts";
export type * from "./listing-state.ts";

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
    case "SetListingPaused":
      return setPaused(command, state);
    case "AddTicketType":
      return addTicketType(command, state);
    case "ChangeTicketType":
      return changeTicketType(command, state);
    case "ListTicketTypeCapacity":
      return listTicketTypeCapacity(command, state);
    case "RemoveTicketType":
      return removeTicketType(command, state);
    case "RestoreTicketType":
      return restoreTicketType(command, state);
    default:
      return command satisfies never;
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
  const outdated = versionRefusal(command, state);
  if (outdated !== null) return outdated;
  const { code, currency } = state;
  const {
    code: newCode,
    currency: newCurrency,
    ...said
  } = onlyNew(command.changes, { ...state.details, code, currency });
  const data: ListingChanged["data"] = {
    changes: said,
    ...(newCode === undefined ? {} : { code: newCode }),
    ...(newCurrency === undefined ? {} : { currency: newCurrency }),
  };
  if (newCurrency !== undefined && state.status !== "draft") return refuse("currency-fixed", { currency });
  if (Object.keys(said).length === 0 && newCode === undefined && newCurrency === undefined) return accept();
  const details = { ...state.details, ...said };
  return (
    capacityRefusal(details, state.ticketTypes) ?? datesRefusal(details) ?? accept({ type: "ListingChanged", data })
  );
}

/** Of one ticket type, or of all together: one that is paused by itself stays so when the event is resumed. */
function setPaused(command: SetListingPaused, state: KnownListing): ListingDecision {
  const { ticketTypeId, paused } = command;
  const known = state.ticketTypes.find((one) => one.ticketTypeId === ticketTypeId);
  if (ticketTypeId !== null && known === undefined) return refuse("ticket-type-not-found");
  const outdated = versionRefusal(command, state);
  if (outdated !== null) return outdated;
  if ((known ?? state).paused === paused) return accept();
  if (ticketTypeId === null) return accept({ type: paused ? "ListingPaused" : "ListingResumed", data: {} });
  return accept({ type: paused ? "TicketTypePaused" : "TicketTypeResumed", data: { ticketTypeId } });
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
