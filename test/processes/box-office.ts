import { processContext } from "../../src/commands/aggregate.ts";
import { BookingCommands } from "../../src/commands/bookings.ts";
import { CartCommands } from "../../src/commands/carts.ts";
import { CommandRunner, type Untimed } from "../../src/commands/command-runner.ts";
import type { CommandContext } from "../../src/commands/outcome.ts";
import { PurchaseCommands, type PurchaseWish } from "../../src/commands/purchases.ts";
import { ReservationLocator } from "../../src/commands/recent-reservations.ts";
import { booking } from "../../src/domain/booking.ts";
import type { OpenedBooking } from "../../src/domain/booking-state.ts";
import { cart } from "../../src/domain/cart.ts";
import { type InventoryCommand, inventory } from "../../src/domain/inventory.ts";
import type { OpenedInventory } from "../../src/domain/inventory-state.ts";
import type { KnownListing } from "../../src/domain/listing.ts";
import type { ListingDetails } from "../../src/domain/listing-events.ts";
import { sha256 } from "../../src/eventstore/envelope.ts";
import { bookingStream, inventoryStream } from "../../src/eventstore/streams.ts";
import { BookingProcess } from "../../src/processes/bookings.ts";
import { collectedLog } from "../commands/running.ts";
import { MemoryEventStore } from "../support/memory-event-store.ts";
import { ScriptedProvider } from "../support/scripted-provider.ts";
import { controlledSurroundings, START_MS } from "../support/surroundings.ts";

export const PAYMENT_WINDOW_MS = 900_000;
export const BUYER = "ada";

/** Everything that buying needs in one process, on a store and a provider in memory, with time in the spec's hands. */
export type BoxOffice = ReturnType<typeof boxOffice>;

/** What the nodes of an installation have in common. */
interface Shared {
  readonly store: MemoryEventStore;
  readonly provider: ScriptedProvider;
  /** The read model of reservations, as far as it is asked here. */
  readonly located: Map<string, { eventId: string; ticketTypeId: string; accountId: string }>;
}

let nodes = 0;

/** Another one on the same store and provider is another node. */
export function boxOffice({
  store = new MemoryEventStore(),
  provider = new ScriptedProvider(),
  located = new Map(),
}: Partial<Shared> = {}) {
  nodes += 1;
  const surroundings = controlledSurroundings(100 + nodes);
  const log = collectedLog();
  const inventories = new CommandRunner({
    store,
    surroundings,
    log,
    decider: inventory,
    housekeeping: { type: "LapseDue" },
  });
  const bookings = new CommandRunner({ store, surroundings, log, decider: booking });
  const cartRunner = new CommandRunner({ store, surroundings, log, decider: cart });
  const carts = new CartCommands({ carts: cartRunner, inventories, surroundings });
  const { newId, clock } = surroundings;
  const cancelled = new Set<string>();
  const policies = new Map<string, ListingDetails["refundPolicy"]>();
  const findListing = async (eventId: string) =>
    ({
      status: cancelled.has(eventId) ? "cancelled" : "active",
      eventId,
      organizerId: "olga",
      details: { startsAt: null, refundPolicy: policies.get(eventId) ?? null },
    }) as KnownListing;
  const purchases = new PurchaseCommands({
    bookings,
    inventories,
    findListing,
    carts,
    reservations: new ReservationLocator(async (id) => located.get(id) ?? null),
    clock,
    newId,
    paymentWindowMs: PAYMENT_WINDOW_MS,
  });
  const process = new BookingProcess({
    bookings,
    inventories,
    carts,
    provider,
    claimsOf: async (bookingId) =>
      [...located].flatMap(([reservationId, ref]) =>
        store
          .eventsOf(inventoryStream(ref.eventId, ref.ticketTypeId))
          .filter(({ type }) => type === "ReservationClaimed")
          .map(({ data }) => JSON.parse(data))
          .filter((data) => data.bookingId === bookingId && data.reservationId === reservationId)
          .map(() => ({ reservationId, ...ref })),
      ),
    clock,
    log,
  });
  const commands = new BookingCommands({ bookings, findListing, newId });
  const context = (key?: string): CommandContext => ({
    ...processContext("spec", newId),
    idempotency: key === undefined ? null : { keyHash: sha256(key), bodyHash: sha256("body") },
  });

  async function onInventory(eventId: string, ticketTypeId: string, command: Untimed<InventoryCommand>) {
    return inventories.run(inventoryStream(eventId, ticketTypeId), command, context());
  }

  return {
    store,
    provider,
    located,
    surroundings,
    log,
    carts,
    purchases,
    process,
    commands,
    context,
    cancelled,
    policies,
    onInventory,

    /** Puts tickets on sale, `concert/regular` at 45.00 EUR unless it is said otherwise. */
    async onSale({
      capacity = 10,
      price = 4_500,
      eventId = "concert",
      ticketTypeId = "regular",
      currency = "EUR",
    } = {}) {
      await onInventory(eventId, ticketTypeId, {
        type: "OpenInventory",
        data: {
          eventId,
          ticketTypeId,
          organizerId: "olga",
          ordinal: 0,
          capacity,
          draft: false,
          terms: {
            name: ticketTypeId,
            description: null,
            price: { amount: price, currency },
            saleStartsAt: null,
            saleEndsAt: null,
            maxPerUser: null,
            maxPerOrder: 100,
          },
          eventTerms: {
            saleStartsAt: new Date(START_MS - 1_000).toISOString(),
            saleEndsAt: null,
            endsAt: null,
            holdTtlSeconds: 600,
            guestsAllowed: true,
          },
        },
      });
    },

    async reserve(
      reservationId: string,
      { quantity = 1, by = BUYER, eventId = "concert", ticketTypeId = "regular" } = {},
    ) {
      const outcome = await onInventory(eventId, ticketTypeId, {
        type: "Reserve",
        reservationId,
        accountId: by,
        guest: false,
        quantity,
        holdTtlSeconds: null,
      });
      if (outcome.accepted) located.set(reservationId, { eventId, ticketTypeId, accountId: by });
      return outcome;
    },

    /** Opens a booking and drives it as far as it goes. */
    async buy(
      of: PurchaseWish["of"] | readonly string[],
      { method = "ok", by = BUYER, key }: { method?: string | null; by?: string; key?: string } = {},
    ) {
      const wish: PurchaseWish = {
        accountId: by,
        of: Array.isArray(of) ? { reservationIds: of } : (of as PurchaseWish["of"]),
        payment: method === null ? null : { provider: "scripted", method },
      };
      const opened = await purchases.open(wish, context(key));
      if (!opened.accepted) return { refused: opened.code, details: opened.details };
      const driven = await process.drive(opened.bookingId, context(), opened.recorded);
      return { ...opened, ...driven, booking: driven.booking as OpenedBooking };
    },

    /** The booking as it is on record. */
    async booking(bookingId: string) {
      return bookings.look(bookingStream(bookingId), (state) => state as OpenedBooking);
    },

    /** Types of the booking's events, in order. */
    life: (bookingId: string) => store.eventsOf(bookingStream(bookingId)).map(({ type }) => type),

    async counts(eventId = "concert", ticketTypeId = "regular") {
      return inventories.look(inventoryStream(eventId, ticketTypeId), (state) => {
        const { capacity: total, held, booked } = state as OpenedInventory;
        return { total, available: total - held - booked, held, booked };
      });
    },
  };
}

/** What came of a purchase that was not refused. */
export function bought<Result extends object>(result: Result): Exclude<Result, { readonly refused: string }> {
  if ("refused" in result) throw new Error(`refused: ${String(result.refused)}`);
  return result as Exclude<Result, { readonly refused: string }>;
}
