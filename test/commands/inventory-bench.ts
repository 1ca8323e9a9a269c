import type { CommandRunnerOptions, Untimed } from "../../src/commands/command-runner.ts";
import { CommandRunner } from "../../src/commands/command-runner.ts";
import type { SnapshotFormat } from "../../src/commands/snapshots.ts";
import { type InventoryCommand, inventory } from "../../src/domain/inventory.ts";
import type { InventoryEvent } from "../../src/domain/inventory-events.ts";
import {
  INVENTORY_SNAPSHOT_VERSION,
  readInventory,
  type WrittenInventory,
  writeInventory,
} from "../../src/domain/inventory-snapshot.ts";
import type { Inventory } from "../../src/domain/inventory-state.ts";
import { inventoryStream } from "../../src/eventstore/streams.ts";
import type { MemoryEventStore } from "../support/memory-event-store.ts";
import { type ControlledSurroundings, controlledSurroundings, START_MS } from "../support/surroundings.ts";
import { type CollectedLog, collectedLog } from "./running.ts";

export const INVENTORY = inventoryStream("evt_1", "vip");

export const inventoryFormat: SnapshotFormat<Inventory> = {
  version: INVENTORY_SNAPSHOT_VERSION,
  write: writeInventory,
  read: (written) => readInventory(written as WrittenInventory),
  size: (state) => (state.status === "unopened" ? 0 : state.tables.reservations.size),
};

export interface InventoryNode {
  readonly surroundings: ControlledSurroundings;
  readonly log: CollectedLog;
  readonly runner: CommandRunner<Inventory, InventoryCommand, InventoryEvent>;
}

let nodes = 0;

/** One process that runs inventories; several may share a store. */
export function inventoryNode(
  store: MemoryEventStore,
  options: Partial<CommandRunnerOptions<Inventory, InventoryCommand, InventoryEvent>> = {},
): InventoryNode {
  nodes += 1;
  const surroundings = (options.surroundings as ControlledSurroundings | undefined) ?? controlledSurroundings(nodes);
  const log = collectedLog();
  const housekeeping = { type: "LapseDue" } as const;
  const runner = new CommandRunner({
    decider: inventory,
    log,
    store,
    housekeeping,
    ...options,
    surroundings,
  });
  return { surroundings, log, runner };
}

export const openInventory = (capacity: number, holdTtlSeconds = 600): Untimed<InventoryCommand> => ({
  type: "OpenInventory",
  data: {
    eventId: "evt_1",
    ticketTypeId: "vip",
    organizerId: "acc_o",
    ordinal: 0,
    capacity,
    draft: false,
    terms: {
      name: "VIP",
      description: null,
      price: { amount: 14900, currency: "EUR" },
      saleStartsAt: null,
      saleEndsAt: null,
      maxPerUser: null,
      maxPerOrder: 1_000,
    },
    eventTerms: {
      saleStartsAt: new Date(START_MS - 1_000).toISOString(),
      saleEndsAt: null,
      endsAt: null,
      holdTtlSeconds,
      guestsAllowed: true,
    },
  },
});

export const reserve = (reservationId: string, quantity = 1, accountId = "acc_1"): Untimed<InventoryCommand> => ({
  type: "Reserve",
  reservationId,
  accountId,
  guest: false,
  quantity,
  holdTtlSeconds: null,
});
