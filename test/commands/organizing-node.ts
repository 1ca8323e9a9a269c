import { CommandRunner } from "../../src/commands/command-runner.ts";
import { EventCommands, type NewEventOnSale } from "../../src/commands/events.ts";
import { replay } from "../../src/commands/replay.ts";
import { inventory } from "../../src/domain/inventory.ts";
import type { OpenedInventory } from "../../src/domain/inventory-state.ts";
import { type KnownListing, listing } from "../../src/domain/listing.ts";
import type { EventStore } from "../../src/eventstore/port.ts";
import { inventoryStream, listingStream } from "../../src/eventstore/streams.ts";
import { MemoryEventStore } from "../support/memory-event-store.ts";
import { controlledSurroundings } from "../support/surroundings.ts";
import { wish } from "./event-wish.ts";
import { collectedLog, context } from "./running.ts";

const BUYER = { accountId: "7d9f5f0e-0000-4000-8000-000000000002", guest: false };

/** Organizers' and buyers' commands of one node. */
export function organizingNode(store: EventStore, seed: number) {
  const surroundings = controlledSurroundings(seed);
  const log = collectedLog();
  const listings = new CommandRunner({ store, surroundings, log, decider: listing });
  const inventories = new CommandRunner({ store, surroundings, log, decider: inventory });
  const codes = { claim: async () => true };
  const { clock, newId } = surroundings;
  const events = new EventCommands({ store, listings, inventories, codes, clock, newId });
  const plain = (key?: string, body?: string) =>
    context(surroundings, { ...(key === undefined ? {} : { key }), ...(body === undefined ? {} : { body }) });
  const on = (eventId: string, ticketTypeId: string, command: Parameters<typeof inventories.run>[1]) =>
    inventories.run(inventoryStream(eventId, ticketTypeId), command, plain());
  return {
    events,
    plain,
    toListing: (eventId: string, command: Parameters<typeof listings.run>[1]) =>
      listings.run(listingStream(eventId), command, plain()),
    on,
    reserve: (eventId: string, ticketTypeId: string) =>
      on(eventId, ticketTypeId, {
        type: "Reserve",
        reservationId: newId(),
        ...BUYER,
        quantity: 1,
        holdTtlSeconds: null,
      }),
  };
}

/** An event of two ticket types on a store in memory, and two nodes. */
export async function eventOnSale(event: NewEventOnSale = wish()) {
  const store = new MemoryEventStore();
  const [one, two] = [organizingNode(store, 1), organizingNode(store.elsewhere, 2)];
  const created = await one.events.create(event, one.plain());
  if (!created.accepted) throw new Error(created.code);
  const { eventId } = created.listing;
  const [vip, regular] = created.listing.ticketTypes.map(({ ticketTypeId }) => ticketTypeId) as [string, string];
  return {
    store,
    one,
    two,
    eventId,
    vip,
    regular,
    known: async () => (await one.events.find(eventId)) as KnownListing,
    inventory: async (ticketTypeId: string) =>
      (await replay(store, inventoryStream(eventId, ticketTypeId), inventory)) as OpenedInventory,
  };
}
