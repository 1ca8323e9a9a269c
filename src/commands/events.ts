import { type Refused, refuse } from "../domain/decision.ts";
import type { InventoryCommand } from "../domain/inventory.ts";
import type { InventoryEvent, InventoryOpened, TicketTypeTerms } from "../domain/inventory-events.ts";
import type { Inventory } from "../domain/inventory-state.ts";
import { eventTermsOf, type KnownListing, type Listing, type ListingCommand, listing } from "../domain/listing.ts";
import type { ListedTicketType, ListingCreated, ListingDetails, ListingEvent } from "../domain/listing-events.ts";
import { decode } from "../eventstore/envelope.ts";
import type { EventStore, Position } from "../eventstore/port.ts";
import { inventoryStream, listingStream } from "../eventstore/streams.ts";
import type { Clock } from "../ports.ts";
import { forEachOf } from "./a-few-at-a-time.ts";
import { unkeyed } from "./aggregate.ts";
import type { CommandRunner } from "./command-runner.ts";
import { derivedId } from "./derived-id.ts";
import type { EventCodes } from "./event-codes.ts";
import type { CommandContext } from "./outcome.ts";
import { replay } from "./replay.ts";

export type ListingRunner = CommandRunner<Listing, ListingCommand, ListingEvent>;
export type InventoryRunner = CommandRunner<Inventory, InventoryCommand, InventoryEvent>;

/** An event as its organizer first describes it; what is not said is null here and takes its default. */
export interface NewEventOnSale {
  readonly organizerId: string;
  readonly code: string | null;
  readonly currency: string;
  readonly draft: boolean;
  /** `saleStartsAt: null` is from now on. */
  readonly details: Omit<ListingDetails, "saleStartsAt"> & { readonly saleStartsAt: string | null };
  readonly ticketTypes: readonly { readonly capacity: number; readonly terms: TicketTypeTerms }[];
}

export type EventOutcome<Value> = (Value & { readonly accepted: true; readonly position: Position }) | Refused;

/** What was done, and whether this is the first answer again. */
export interface Done {
  readonly replayed: boolean;
}

export interface CreatedEvent extends Done {
  readonly listing: ListingCreated["data"];
  readonly inventories: readonly InventoryOpened["data"][];
  readonly createdAt: string;
}

export interface EventCommandsDependencies {
  readonly store: EventStore;
  readonly listings: ListingRunner;
  readonly inventories: InventoryRunner;
  readonly codes: EventCodes;
  readonly clock: Clock;
  readonly newId: () => string;
}

/** How many events one `Idempotency-Key` can have made in its life, one every 24 hours at the most. */
const MAX_GENERATIONS = 1_000;
const CLOSED_AT_ONCE = 16;

const MISSING: Listing = { status: "missing" };

/** What organizers do with events: each spans the listing and its inventories, in an order that a crash can't spoil. */
export class EventCommands {
  readonly #deps: EventCommandsDependencies;

  constructor(deps: EventCommandsDependencies) {
    this.#deps = deps;
  }

  /** The event as the log has it; `missing` when there is none. */
  find(eventId: string): Promise<Listing> {
    return replay(this.#deps.store, listingStream(eventId), listing);
  }

  /**
   * Puts an event on sale: the inventories first and the listing last, so that whoever sees the event can buy.
   *
   * With an `Idempotency-Key` all ids derive from it, so that a repetition finds what a crash left half made and
   * completes it. 24 hours later the same key makes another event, under ids of the next generation.
   *
   * Refusals: `capacity-exceeded`, `invalid-dates`, `code-taken`.
   * @throws KeyReused, Busy, StoreUnavailable, OutcomeUnknown, ClockLost
   */
  async create(wish: NewEventOnSale, context: CommandContext): Promise<EventOutcome<CreatedEvent>> {
    const keyHash = context.idempotency?.keyHash;
    if (keyHash === undefined) return this.#createAs(this.#deps.newId(), wish, context);
    for (let generation = 0; generation < MAX_GENERATIONS; generation += 1) {
      const outcome = await this.#createAs(derivedId(`event/${keyHash}/${generation}`), wish, context);
      if (outcome.accepted || outcome.code !== "already-exists") return outcome;
    }
    return refuse("already-exists");
  }

  async #createAs(eventId: string, wish: NewEventOnSale, context: CommandContext): Promise<EventOutcome<CreatedEvent>> {
    // Whoever repeats what was done gets the first answer, whatever would be decided today.
    const known = context.idempotency === null ? MISSING : await this.find(eventId);
    const data = await this.#listingOf(eventId, wish, context);
    if (known.status === "missing") {
      const atMs = this.#deps.clock.nowMs();
      const decision = listing.decide({ type: "CreateListing", data, atMs }, known);
      if (!decision.accepted) return decision;
      if (!(await this.#claimCode(wish, eventId))) return refuse("code-taken");
    }
    const opened = await this.#openInventories(data, wish, context);
    if (!opened.accepted) return opened;
    // Once more, because opening may have taken longer than a claim stands.
    if (known.status === "missing" && !(await this.#claimCode(wish, eventId))) return refuse("code-taken");
    const created = await this.#deps.listings.run(listingStream(eventId), { type: "CreateListing", data }, context);
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
  async #listingOf(eventId: string, wish: NewEventOnSale, context: CommandContext): Promise<ListingCreated["data"]> {
    const { organizerId, code, currency, draft } = wish;
    const ticketTypes = wish.ticketTypes.map(({ capacity, terms: { name } }, ordinal) => ({
      ticketTypeId: derivedId(`ticket-type/${eventId}/${ordinal}`),
      name,
      capacity,
    }));
    const begun = context.idempotency === null ? null : await this.#firstOpened(eventId, ticketTypes[0]?.ticketTypeId);
    const now = new Date(this.#deps.clock.nowMs()).toISOString();
    const saleStartsAt = wish.details.saleStartsAt ?? begun?.eventTerms.saleStartsAt ?? now;
    const details = { ...wish.details, saleStartsAt };
    return { eventId, organizerId, code, currency, draft, details, ticketTypes };
  }

  async #firstOpened(eventId: string, ticketTypeId = ""): Promise<InventoryOpened["data"] | null> {
    const stream = inventoryStream(eventId, ticketTypeId);
    const [first] = await this.#deps.store.read(stream, { from: "start", direction: "forwards", maxCount: 1 });
    return first === undefined ? null : decode<InventoryOpened>(first).event.data;
  }

  async #claimCode({ organizerId, code }: NewEventOnSale, eventId: string): Promise<boolean> {
    if (code === null) return true;
    return this.#deps.codes.claim(organizerId, code, eventId, async (other) => {
      const known = await this.find(other);
      return known.status !== "missing" && known.organizerId === organizerId && known.code === code;
    });
  }

  async #openInventories(
    data: ListingCreated["data"],
    wish: NewEventOnSale,
    context: CommandContext,
  ): Promise<{ readonly accepted: true; readonly inventories: readonly InventoryOpened["data"][] } | Refused> {
    const { eventId, organizerId, draft } = data;
    const eventTerms = eventTermsOf(data.details);
    const inventories: InventoryOpened["data"][] = [];
    for (const [ordinal, { ticketTypeId }] of data.ticketTypes.entries()) {
      const { capacity, terms } = wish.ticketTypes[ordinal] as NewEventOnSale["ticketTypes"][number];
      const opening = { eventId, ticketTypeId, organizerId, ordinal, capacity, draft, terms, eventTerms };
      const command = { type: "OpenInventory", data: opening } as const;
      const outcome = await this.#deps.inventories.run(inventoryStream(eventId, ticketTypeId), command, context);
      if (!outcome.accepted) return outcome;
      const event = outcome.events[0]?.event;
      if (event?.type !== "InventoryOpened") throw new Error("a new inventory was not answered by InventoryOpened");
      inventories.push(event.data);
    }
    return { accepted: true, inventories };
  }

  /**
   * Changes what the event says. Inventories follow with the terms that concern them before the reply.
   *
   * Refusals: `event-not-found`, `event-cancelled`, `version-mismatch`, `capacity-exceeded`, `invalid-dates`.
   * @throws Busy, StoreUnavailable, OutcomeUnknown, ClockLost
   */
  async change(
    eventId: string,
    changes: Partial<ListingDetails>,
    expectedVersion: number | null,
    context: CommandContext,
  ): Promise<EventOutcome<Done>> {
    const command = { type: "ChangeListing", changes, expectedVersion } as const;
    const outcome = await this.#deps.listings.run(listingStream(eventId), command, context);
    if (!outcome.accepted) return outcome;
    const followed = await this.bringInventoriesUpToDate(eventId, context);
    return { accepted: true, position: later(outcome.position, followed), replayed: outcome.replayed };
  }

  /**
   * Makes a draft public: inventories first, the listing last.
   * Refusals: `event-not-found`, `event-cancelled`.
   */
  async publish(eventId: string, context: CommandContext): Promise<EventOutcome<Done>> {
    const known = await this.find(eventId);
    if (known.status === "missing") return refuse("event-not-found");
    if (known.status === "cancelled") return refuse("event-cancelled");
    for (const { ticketTypeId } of known.ticketTypes) {
      const stream = inventoryStream(eventId, ticketTypeId);
      const outcome = await this.#deps.inventories.run(stream, { type: "PublishInventory" }, unkeyed(context));
      if (!outcome.accepted) return outcome;
    }
    const outcome = await this.#deps.listings.run(listingStream(eventId), { type: "PublishListing" }, context);
    return outcome.accepted ? { accepted: true, position: outcome.position, replayed: outcome.replayed } : outcome;
  }

  /**
   * Calls the event off: the listing first, so that nothing of it is opened or published after, then every inventory is
   * closed, so that nothing is sold or confirmed from the reply on. Again: nothing more happens. A crash in between is
   * made good by {@link bringInventoriesUpToDate}.
   *
   * Refusals: `event-not-found`.
   * @throws KeyReused, Busy, StoreUnavailable, OutcomeUnknown, ClockLost
   */
  async cancel(eventId: string, context: CommandContext): Promise<EventOutcome<Done>> {
    const outcome = await this.#deps.listings.run(listingStream(eventId), { type: "CancelListing" }, context);
    if (!outcome.accepted) return outcome;
    const closed = await this.bringInventoriesUpToDate(eventId, context);
    return { accepted: true, position: later(outcome.position, closed), replayed: outcome.replayed };
  }

  /**
   * Changes how many tickets of a type there are. The listing bounds the sum and the inventory what is committed, so
   * whichever can refuse goes first: the listing for more tickets, the inventory for fewer. In the end the inventory
   * goes by the listing, also when two changes pass each other.
   *
   * Refusals: `event-not-found`, `event-cancelled`, `ticket-type-not-found`, `version-mismatch`, `capacity-exceeded`,
   * `capacity-below-commitments`.
   */
  async changeCapacity(
    eventId: string,
    ticketTypeId: string,
    capacity: number,
    expectedVersion: number | null,
    context: CommandContext,
  ): Promise<EventOutcome<Done>> {
    const known = await this.find(eventId);
    if (known.status === "missing") return refuse("event-not-found");
    if (known.status === "cancelled") return refuse("event-cancelled");
    const listed = known.ticketTypes.find((ticketType) => ticketType.ticketTypeId === ticketTypeId);
    if (listed === undefined) return refuse("ticket-type-not-found");
    if (expectedVersion !== null && expectedVersion !== known.version) {
      return refuse("version-mismatch", { version: known.version });
    }
    if (capacity < listed.capacity) {
      const stream = inventoryStream(eventId, ticketTypeId);
      const changed = await this.#deps.inventories.run(stream, { type: "ChangeCapacity", capacity }, context);
      if (!changed.accepted) return changed;
    }
    const command = { type: "ListTicketTypeCapacity", ticketTypeId, capacity, expectedVersion } as const;
    const outcome = await this.#deps.listings.run(listingStream(eventId), command, context);
    const followed = await this.bringInventoriesUpToDate(eventId, context);
    return outcome.accepted
      ? { accepted: true, position: later(outcome.position, followed), replayed: false }
      : outcome;
  }

  /**
   * Has every inventory go by what the listing says now: the event's terms, and how many tickets there are, or that it is
   * cancelled. Changes at the same time may pass each other on the way, so it looks again whether the listing is still
   * what it told.
   *
   * Where an inventory can't go below what is committed, the listing takes the inventory's number instead.
   */
  async bringInventoriesUpToDate(eventId: string, context: CommandContext): Promise<Position> {
    let position: Position = 0n;
    for (let told: KnownListing | null = null; ; ) {
      const known = await this.find(eventId);
      if (known.status === "missing") throw new Error(`listing ${eventId} is gone`);
      if (known.status === "cancelled") return later(position, await this.#closeInventories(known, context));
      if (told !== null && told.version === known.version) return position;
      for (const ticketType of known.ticketTypes) {
        const followed = await this.#bringUpToDate(known, ticketType, context);
        if (followed === null) break; // closed, so by now the listing says so
        position = later(position, followed);
      }
      told = known;
    }
  }

  /** @returns null when the event was cancelled meanwhile */
  async #bringUpToDate(
    { eventId, details }: KnownListing,
    { ticketTypeId, capacity }: ListedTicketType,
    context: CommandContext,
  ): Promise<Position | null> {
    const run = (command: Parameters<InventoryRunner["run"]>[1]) =>
      this.#deps.inventories.run(inventoryStream(eventId, ticketTypeId), command, unkeyed(context));
    const terms = await run({ type: "ChangeEventTerms", eventTerms: eventTermsOf(details) });
    if (!terms.accepted) return cancelledOr(terms, `inventory ${ticketTypeId} refused the event's terms`);
    const tickets = await run({ type: "ChangeCapacity", capacity });
    if (tickets.accepted) return tickets.position;
    if (typeof tickets.details.capacity !== "number") {
      return cancelledOr(tickets, `inventory ${ticketTypeId} refused its capacity`);
    }
    const command = {
      type: "ListTicketTypeCapacity",
      ticketTypeId,
      capacity: tickets.details.capacity,
      expectedVersion: null,
    } as const;
    const listed = await this.#deps.listings.run(listingStream(eventId), command, unkeyed(context));
    if (!listed.accepted) return cancelledOr(listed, `listing ${eventId} refused what inventory ${ticketTypeId} has`);
    return terms.position;
  }

  /** A few at a time; ahead of who wants to buy. */
  async #closeInventories({ eventId, ticketTypes }: KnownListing, context: CommandContext): Promise<Position> {
    let position: Position = 0n;
    await forEachOf(ticketTypes, CLOSED_AT_ONCE, async ({ ticketTypeId }) => {
      const stream = inventoryStream(eventId, ticketTypeId);
      const command = { type: "CloseInventory", reason: "event-cancelled" } as const;
      const closed = await this.#deps.inventories.run(stream, command, unkeyed(context), "first");
      if (!closed.accepted) throw new Error(`inventory ${ticketTypeId} refused to close: ${closed.code}`);
      position = later(position, closed.position);
    });
    return position;
  }
}

/** Of what is refused because the event was cancelled meanwhile; nothing else is expected. */
function cancelledOr({ code }: Refused, failure: string): null {
  if (code !== "event-cancelled") throw new Error(`${failure}: ${code}`);
  return null;
}

const later = (a: Position, b: Position): Position => (a > b ? a : b);
