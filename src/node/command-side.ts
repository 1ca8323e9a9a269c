import { BookingCommands } from "../commands/bookings.ts";
import { CartCommands } from "../commands/carts.ts";
import { CommandRunner, type SnapshotTerms } from "../commands/command-runner.ts";
import type { EventCodes } from "../commands/event-codes.ts";
import { EventCommands } from "../commands/events.ts";
import { peopleIn, weightOf } from "../commands/inventory-weight.ts";
import type { MailboxLimits } from "../commands/mailbox.ts";
import { PurchaseCommands } from "../commands/purchases.ts";
import type { ReservationLocator } from "../commands/recent-reservations.ts";
import { ReservationCommands } from "../commands/reservations.ts";
import type { SnapshotStore } from "../commands/snapshots.ts";
import type { StreamTurns } from "../commands/stream-turns.ts";
import { WaitingRoomCommands } from "../commands/waiting-rooms.ts";
import { WaitlistCommands } from "../commands/waitlist.ts";
import { booking } from "../domain/booking.ts";
import { cart } from "../domain/cart.ts";
import { inventory } from "../domain/inventory.ts";
import {
  INVENTORY_SNAPSHOT_VERSION,
  readInventory,
  type WrittenInventory,
  writeInventory,
} from "../domain/inventory-snapshot.ts";
import { listing } from "../domain/listing.ts";
import { waitingRoom } from "../domain/waiting-room.ts";
import type { EventStore } from "../eventstore/port.ts";
import { inventoryOf } from "../eventstore/streams.ts";
import type { Log, Surroundings } from "../ports.ts";
import type { ReservationQueries } from "../projections/reservations/queries.ts";

export interface CommandSideOptions {
  readonly store: EventStore;
  readonly surroundings: Surroundings;
  readonly log: Log;
  readonly snapshots: SnapshotStore;
  readonly codes: EventCodes;
  readonly reservationQueries: Pick<ReservationQueries, "findByKey">;
  readonly locator: ReservationLocator;
  readonly paymentWindowSeconds: number;
  readonly offerTtlSeconds: number;
  /** Between nodes that sell the same tickets; a simulation does without. */
  readonly turns?: StreamTurns;
  readonly bounds?: CommandSideBounds;
}

/** Smaller ones than usual have what is rare in practice happen often: full batches, evicted aggregates, snapshots. */
export interface CommandSideBounds {
  readonly limits: Partial<MailboxLimits>;
  readonly snapshotTerms: SnapshotTerms;
  /** Of each kind of aggregate; see {@link CommandRunner}. */
  readonly maxCachedEntries: number;
}

export type CommandSide = ReturnType<typeof commandSide>;

/** Bookings, carts and listings are small and immutable; an entry stands for about 100 bytes. */
const ENTRIES_OF_A_BOOKING = 10;
const ENTRIES_OF_A_CART = 5;
const ENTRIES_OF_A_ROOM = 10;
const CACHED_ENTRIES = 200_000;
const SNAPSHOTS_WITHIN_MS = 5_000;

/** Everything that decides and records: a runner for each kind of aggregate, and the commands that span them. */
export function commandSide(options: CommandSideOptions) {
  const { store, surroundings, log, snapshots, codes, locator, bounds } = options;
  const { clock, newId } = surroundings;
  const everywhere = { store, surroundings, log, limits: bounds?.limits };
  const common = { ...everywhere, maxCachedEntries: bounds?.maxCachedEntries ?? CACHED_ENTRIES };
  const listings = new CommandRunner({
    ...common,
    decider: listing,
    entriesOf: (state) => JSON.stringify(state).length / 100,
  });
  const inventories = new CommandRunner({
    ...everywhere,
    decider: inventory,
    housekeeping: { type: "LapseDue" },
    snapshots: { store: snapshots, format: inventorySnapshots, terms: bounds?.snapshotTerms },
    maxCachedEntries: bounds?.maxCachedEntries,
    entriesOf: weightOf,
    findOlderKey: olderKeys(store, options.reservationQueries),
    turns: options.turns,
  });
  const cartRunner = new CommandRunner({ ...common, decider: cart, entriesOf: () => ENTRIES_OF_A_CART });
  const bookings = new CommandRunner({ ...common, decider: booking, entriesOf: () => ENTRIES_OF_A_BOOKING });
  const waitingRooms = new CommandRunner({ ...common, decider: waitingRoom, entriesOf: () => ENTRIES_OF_A_ROOM });

  const events = new EventCommands({ store, listings, inventories, codes, clock, newId });
  const carts = new CartCommands({ carts: cartRunner, inventories, surroundings });
  const findListing = (eventId: string) => events.find(eventId);
  const paymentWindowMs = options.paymentWindowSeconds * 1_000;
  const reservations = locator;
  const purchases = { bookings, inventories, findListing, carts, reservations, clock, newId, paymentWindowMs };
  return {
    inventories,
    bookings,
    events,
    carts,
    reservations: new ReservationCommands(inventories, newId, locator),
    waitingRooms: new WaitingRoomCommands(waitingRooms),
    waitlist: new WaitlistCommands(inventories, newId, options.offerTtlSeconds),
    purchases: new PurchaseCommands(purchases),
    bookingCommands: new BookingCommands({ bookings, findListing, newId }),
    figures: () => ({
      listing: listings.figures(),
      inventory: inventories.figures(),
      cart: cartRunner.figures(),
      booking: bookings.figures(),
    }),
    /** Finishes what is under way; bookings first, because they use the others. */
    async close() {
      await Promise.all([bookings.close(SNAPSHOTS_WITHIN_MS), cartRunner.close(SNAPSHOTS_WITHIN_MS)]);
      await Promise.all([listings.close(SNAPSHOTS_WITHIN_MS), inventories.close(SNAPSHOTS_WITHIN_MS)]);
      await waitingRooms.close(SNAPSHOTS_WITHIN_MS);
    },
  };
}

const inventorySnapshots = {
  version: INVENTORY_SNAPSHOT_VERSION,
  write: writeInventory,
  read: (written: unknown) => readInventory(written as WrittenInventory),
  size: peopleIn,
};

/** Keys that an inventory had to forget are asked of the reservations, once they have passed what was forgotten. */
const olderKeys =
  (store: EventStore, reservations: Pick<ReservationQueries, "findByKey">) =>
  async (stream: string, keyHash: string, upTo: number): Promise<number | null> => {
    const [last] = await store.read(stream, { from: upTo, direction: "forwards", maxCount: 1 });
    const found = await reservations.findByKey(inventoryOf(stream), keyHash, last?.position ?? null);
    return found.find(({ revision }) => revision <= upTo)?.revision ?? null;
  };
