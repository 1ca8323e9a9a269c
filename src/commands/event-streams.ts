import type { Refused } from "../domain/decision.ts";
import type { InventoryCommand } from "../domain/inventory.ts";
import type { InventoryEvent, InventoryOpened } from "../domain/inventory-events.ts";
import type { Inventory } from "../domain/inventory-state.ts";
import { type Listing, type ListingCommand, listing } from "../domain/listing.ts";
import type { ListingEvent } from "../domain/listing-events.ts";
import { decode } from "../eventstore/envelope.ts";
import type { EventStore, Position } from "../eventstore/port.ts";
import { inventoryStream, listingStream } from "../eventstore/streams.ts";
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

/** What an inventory was opened with; null when it is not opened. */
export async function firstOpened(
  { store }: Pick<EventCommandsDependencies, "store">,
  eventId: string,
  ticketTypeId: string,
): Promise<InventoryOpened["data"] | null> {
  const stream = inventoryStream(eventId, ticketTypeId);
  const [first] = await store.read(stream, { from: "start", direction: "forwards", maxCount: 1 });
  return first === undefined ? null : decode<InventoryOpened>(first).event.data;
}

export const later = (a: Position, b: Position): Position => (a > b ? a : b);
