import type { Refused } from "../domain/decision.ts";
import type { InventoryCommand } from "../domain/inventory.ts";
import type { InventoryEvent } from "../domain/inventory-events.ts";
import type { Inventory } from "../domain/inventory-state.ts";
import { type Listing, type ListingCommand, listing } from "../domain/listing.ts";
import type { ListingEvent } from "../domain/listing-events.ts";
import type { EventStore, Position } from "../eventstore/port.ts";
import { listingStream } from "../eventstore/streams.ts";
import type { Clock } from "../ports.ts";
import type { CommandRunner } from "./command-runner.ts";
import type { EventCodes } from "./event-codes.ts";
import { replay } from "./replay.ts";

export type ListingRunner = CommandRunner<Listing, ListingCommand, ListingEvent>;
export type InventoryRunner = CommandRunner<Inventory, InventoryCommand, InventoryEvent>;

/** What commands on an event need: it spans a listing and its inventories. */
export interface EventCommandsDependencies {
  readonly store: EventStore;
  readonly listings: ListingRunner;
  readonly inventories: InventoryRunner;
  readonly codes: EventCodes;
  readonly clock: Clock;
  readonly newId: () => string;
}

export type EventOutcome<Value> = (Value & { readonly accepted: true; readonly position: Position }) | Refused;

/** What was done, and whether this is the first answer again. */
export interface Done {
  readonly replayed: boolean;
}

/** The event as the log has it; `missing` when there is none. */
export const findEvent = ({ store }: Pick<EventCommandsDependencies, "store">, eventId: string): Promise<Listing> =>
  replay(store, listingStream(eventId), listing);

export const later = (a: Position, b: Position): Position => (a > b ? a : b);
