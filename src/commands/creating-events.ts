import { type Refused, refuse } from "../domain/decision.ts";
import type { InventoryOpened, TicketTypeTerms } from "../domain/inventory-events.ts";
import { eventTermsOf, type Listing, listing } from "../domain/listing.ts";
import type { ListingCreated, ListingDetails } from "../domain/listing-events.ts";
import type { ReadMap } from "../domain/seating/reading-maps.ts";
import { inventoryStream, listingStream } from "../eventstore/streams.ts";
import { claimCode } from "./claiming-codes.ts";
import { derivedId } from "./derived-id.ts";
import {
  type Done,
  type EventCommandsDependencies,
  type EventOutcome,
  findEvent,
  firstOpened,
} from "./event-streams.ts";
import { openedWith } from "./opened-with.ts";
import type { CommandContext } from "./outcome.ts";

/** An event as its organizer first describes it; what is not said is null here and takes its default. */
export interface NewEventOnSale {
  readonly organizerId: string;
  readonly code: string | null;
  readonly currency: string;
  readonly draft: boolean;
  /** `saleStartsAt: null` is from now on. */
  readonly details: Omit<ListingDetails, "saleStartsAt"> & { readonly saleStartsAt: string | null };
  readonly ticketTypes: readonly {
    readonly capacity: number;
    readonly terms: TicketTypeTerms;
    readonly seating?: ReadMap | undefined;
  }[];
}

export interface CreatedEvent extends Done {
  readonly listing: ListingCreated["data"];
  readonly inventories: readonly InventoryOpened["data"][];
  readonly createdAt: string;
}

/** How many events one `Idempotency-Key` can have made in its life, one every 24 hours at the most. */
const MAX_GENERATIONS = 1_000;

const MISSING: Listing = { status: "missing" };

/**
 * Puts an event on sale: the inventories first and the listing last, so that whoever sees the event can buy.
 *
 * With an `Idempotency-Key` all ids derive from it, so that a repetition finds what a crash left half made and
 * completes it. 24 hours later the same key makes another event, under ids of the next generation.
 *
 * Refusals: `capacity-exceeded`, `invalid-dates`, `code-taken`.
 * @throws KeyReused, Busy, StoreUnavailable, OutcomeUnknown, ClockLost
 */
export async function createEvent(
  deps: EventCommandsDependencies,
  wish: NewEventOnSale,
  context: CommandContext,
): Promise<EventOutcome<CreatedEvent>> {
  const keyHash = context.idempotency?.keyHash;
  if (keyHash === undefined) return createAs(deps, deps.newId(), wish, context);
  for (let generation = 0; generation < MAX_GENERATIONS; generation += 1) {
    const outcome = await createAs(deps, derivedId(`event/${keyHash}/${generation}`), wish, context);
    if (outcome.accepted || outcome.code !== "already-exists") return outcome;
  }
  return refuse("already-exists");
}

async function createAs(
  deps: EventCommandsDependencies,
  eventId: string,
  wish: NewEventOnSale,
  context: CommandContext,
): Promise<EventOutcome<CreatedEvent>> {
  // Whoever repeats what was done gets the first answer, whatever would be decided today.
  const known = context.idempotency === null ? MISSING : await findEvent(deps, eventId);
  const data = await listingOf(deps, eventId, wish, context);
  if (known.status === "missing") {
    const atMs = deps.clock.nowMs();
    const decision = listing.decide({ type: "CreateListing", data, atMs }, known);
    if (!decision.accepted) return decision;
    if (!(await claimed(deps, wish, eventId))) return refuse("code-taken");
  }
  const opened = await openInventories(deps, data, wish, context);
  if (!opened.accepted) return opened;
  // Once more, because opening may have taken longer than a claim stands.
  if (known.status === "missing" && !(await claimed(deps, wish, eventId))) return refuse("code-taken");
  const created = await deps.listings.run(listingStream(eventId), { type: "CreateListing", data }, context);
  if (!created.accepted) return created;
  const [recorded] = created.events;
  if (recorded?.event.type !== "ListingCreated") throw new Error("a new listing was not answered by ListingCreated");
  const { position, replayed } = created;
  const { event, envelope } = recorded;
  return {
    accepted: true,
    listing: event.data,
    inventories: opened.inventories,
    createdAt: envelope.at,
    replayed,
    position,
  };
}

/**
 * The wish with its defaults. One that says nothing of when the sale starts goes by what a crashed attempt of the same
 * key recorded, so that all of the event agrees on it.
 */
async function listingOf(
  deps: EventCommandsDependencies,
  eventId: string,
  wish: NewEventOnSale,
  context: CommandContext,
): Promise<ListingCreated["data"]> {
  const { organizerId, code, currency, draft } = wish;
  const ticketTypes = wish.ticketTypes.map(({ capacity, terms: { name } }, ordinal) => ({
    ticketTypeId: derivedId(`ticket-type/${eventId}/${ordinal}`),
    name,
    capacity,
  }));
  const begun =
    context.idempotency === null ? null : await firstOpened(deps, eventId, ticketTypes[0]?.ticketTypeId ?? "");
  const now = new Date(deps.clock.nowMs()).toISOString();
  const saleStartsAt = wish.details.saleStartsAt ?? begun?.eventTerms.saleStartsAt ?? now;
  const details = { ...wish.details, saleStartsAt };
  return { eventId, organizerId, code, currency, draft, details, ticketTypes };
}

const claimed = async (deps: EventCommandsDependencies, { organizerId, code }: NewEventOnSale, eventId: string) =>
  code === null || claimCode(deps, organizerId, code, eventId);

async function openInventories(
  deps: EventCommandsDependencies,
  data: ListingCreated["data"],
  wish: NewEventOnSale,
  context: CommandContext,
): Promise<{ readonly accepted: true; readonly inventories: readonly InventoryOpened["data"][] } | Refused> {
  const { eventId, organizerId, draft } = data;
  const eventTerms = eventTermsOf(data.details);
  const inventories: InventoryOpened["data"][] = [];
  for (const [ordinal, { ticketTypeId }] of data.ticketTypes.entries()) {
    const { capacity, terms, seating } = wish.ticketTypes[ordinal] as NewEventOnSale["ticketTypes"][number];
    const of = { eventId, ticketTypeId, organizerId, ordinal };
    const opening = { ...of, draft, terms, eventTerms, ...openedWith(capacity, seating?.map) };
    const command = { type: "OpenInventory", data: opening } as const;
    const outcome = await deps.inventories.run(inventoryStream(eventId, ticketTypeId), command, context);
    if (!outcome.accepted) return outcome;
    const event = outcome.events[0]?.event;
    if (event?.type !== "InventoryOpened") throw new Error("a new inventory was not answered by InventoryOpened");
    inventories.push(event.data);
  }
  return { accepted: true, inventories };
}
