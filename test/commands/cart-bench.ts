import { setImmediate as turn } from "node:timers/promises";
import { cartLineId } from "../../src/commands/cart-lines.ts";
import { CartCommands, type CartRunner } from "../../src/commands/carts.ts";
import { CommandRunner } from "../../src/commands/command-runner.ts";
import type { InventoryRunner } from "../../src/commands/events.ts";
import type { CommandContext } from "../../src/commands/outcome.ts";
import { replay } from "../../src/commands/replay.ts";
import { type Cart, type CartLine, cart } from "../../src/domain/cart.ts";
import { inventory } from "../../src/domain/inventory.ts";
import { decode } from "../../src/eventstore/envelope.ts";
import type { EventStore } from "../../src/eventstore/port.ts";
import { cartStream, inventoryStream } from "../../src/eventstore/streams.ts";
import { opened } from "../domain/inventory-words.ts";
import { MemoryEventStore } from "../support/memory-event-store.ts";
import { type ControlledSurroundings, controlledSurroundings } from "../support/surroundings.ts";
import { collectedLog, context } from "./running.ts";

export const ADA = { accountId: "ada", guest: false };
export const regular: CartLine = { eventId: "concert", ticketTypeId: "regular" };
export const vip: CartLine = { eventId: "concert", ticketTypeId: "vip" };
export const play: CartLine = { eventId: "play", ticketTypeId: "stalls" };
export const HOLD_TTL_MS = 600_000;

/** A process with runners of its own. */
export interface CartNode {
  readonly carts: CartRunner;
  readonly inventories: InventoryRunner;
  readonly commands: CartCommands;
}

/** Carts of Ada on a store in memory, where tickets of {@link regular}, {@link vip} and {@link play} are sold. */
export interface CartBench extends CartNode {
  readonly store: MemoryEventStore;
  readonly surroundings: ControlledSurroundings;
  /** Another process on the same log; `elsewhere` is one that nothing scripted happens to. */
  node(store?: EventStore): CartNode;
  by(): CommandContext;
  /** Types of all events in Ada's cart's stream. */
  noted(): string[];
  /** Types of all events of a ticket type's inventory, its opening left out. */
  sold(line: CartLine): string[];
  cart(): Promise<Cart>;
  /** Quantities of a ticket type by cart; `other` where they are of none of the carts that Ada ever had. */
  held(line: CartLine): Promise<Record<string, number>>;
}

interface BenchOptions {
  /** Awaited by each call of the store. */
  readonly latency?: () => Promise<void>;
  readonly terms?: Parameters<typeof opened>[0];
}

export async function cartBench({ latency, terms = {} }: BenchOptions = {}): Promise<CartBench> {
  const store = new MemoryEventStore(latency);
  const controlled = controlledSurroundings(11);
  // Short pauses, after conflicts, end by themselves; long ones are those of runners that look after their mailboxes.
  const pause = async (ms: number): Promise<void> => void (ms < 100 ? await turn() : await controlled.pause(ms));
  const surroundings: ControlledSurroundings = { ...controlled, pause, random: Math.random };
  const node = (on: EventStore = store): CartNode => {
    const options = { store: on, surroundings, log: collectedLog() };
    const carts = new CommandRunner({ ...options, decider: cart });
    const inventories = new CommandRunner({ ...options, decider: inventory, housekeeping: { type: "LapseDue" } });
    return { carts, inventories, commands: new CartCommands({ carts, inventories, surroundings }) };
  };
  const first = node();
  const by = () => context(surroundings);
  for (const { eventId, ticketTypeId } of [regular, vip, play]) {
    const data = { ...opened({ capacity: 100, ...terms }).data, eventId, ticketTypeId };
    await first.inventories.run(inventoryStream(eventId, ticketTypeId), { type: "OpenInventory", data }, by());
  }
  const events = () => store.eventsOf(cartStream(ADA.accountId)).map((stored) => decode<never>(stored));
  return {
    ...first,
    store,
    surroundings,
    node,
    by,
    noted: () => store.eventsOf(cartStream(ADA.accountId)).map(({ type }) => type),
    sold: ({ eventId, ticketTypeId }) =>
      store.eventsOf(inventoryStream(eventId, ticketTypeId)).flatMap(({ type }, index) => (index === 0 ? [] : [type])),
    cart: () => replay(store.elsewhere, cartStream(ADA.accountId), cart),
    async held({ eventId, ticketTypeId }) {
      const state = await replay(store.elsewhere, inventoryStream(eventId, ticketTypeId), inventory);
      if (state.status === "unopened") return {};
      const cartIds = events().map(({ event }) => (event as { data: { cartId: string } }).data.cartId);
      const named = new Map(cartIds.map((cartId) => [cartLineId(cartId, ticketTypeId), cartId]));
      return Object.fromEntries(
        [...state.tables.reservations.entries()].map(([id, { quantity }]) => [named.get(id) ?? "other", quantity]),
      );
    },
  };
}

/** A latency by chance, so that what runs at the same time meets in many orders. */
export const anyLatency = async (): Promise<void> => {
  for (let turns = Math.floor(Math.random() * 4); turns > 0; turns -= 1) await turn();
};
