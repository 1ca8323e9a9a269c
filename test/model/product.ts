import { processContext } from "../../src/commands/aggregate.ts";
import { EventCancellation } from "../../src/commands/event-cancellation.ts";
import type { NewEventOnSale } from "../../src/commands/events.ts";
import type { CommandContext } from "../../src/commands/outcome.ts";
import { ReservationLocator } from "../../src/commands/recent-reservations.ts";
import { sha256 } from "../../src/eventstore/envelope.ts";
import type { EventStore } from "../../src/eventstore/port.ts";
import { commandSide } from "../../src/node/command-side.ts";
import type { PaymentProvider } from "../../src/payments/port.ts";
import type { Surroundings } from "../../src/ports.ts";
import { BookingProcess } from "../../src/processes/bookings.ts";
import { cartTimers } from "../../src/processes/cart-timers.ts";
import { memorySnapshots } from "../commands/running.ts";
import { START_MS } from "../support/surroundings.ts";
import type { ReadModels } from "./read-models.ts";
import { OFFER_TTL_SECONDS, PAYMENT_WINDOW_SECONDS, type World, type WorldEvent } from "./world.ts";

/** Fewer than a run makes, so that the read models are asked, too. */
const MAX_REMEMBERED = 5;

const ORGANIZER = "olga";

/** One node as it is wired in production, on a store and a provider that are given. */
export type Node = ReturnType<typeof node>;

export function node(
  store: EventStore,
  provider: PaymentProvider,
  surroundings: Surroundings,
  readModels: () => ReadModels,
) {
  const { clock, newId } = surroundings;
  const log = { info() {}, warn() {}, error() {} };
  const locator = new ReservationLocator(async (id) => readModels().locate(id), MAX_REMEMBERED);
  const commands = commandSide({
    store,
    surroundings,
    log,
    snapshots: memorySnapshots(),
    codes: { claim: async () => true },
    reservationQueries: { findByKey: async () => [] },
    locator,
    paymentWindowSeconds: PAYMENT_WINDOW_SECONDS,
    offerTtlSeconds: OFFER_TTL_SECONDS,
  });
  const { bookings, inventories, carts, events } = commands;
  const claimsOf = async (bookingId: string) => readModels().claimsOf(bookingId);
  const process = new BookingProcess({ bookings, inventories, carts, provider, claimsOf, clock, log });
  const context = (key: Key | null = null): CommandContext => ({
    ...processContext("model", newId),
    idempotency: key === null ? null : { keyHash: sha256(key.key), bodyHash: sha256(key.body) },
  });
  return {
    ...commands,
    process,
    cartTimer: cartTimers(carts, process, context),
    cancellation: new EventCancellation({ store, inventories, events }),
    context,
  };
}

/** What a client sends along so that a repetition is known. */
export interface Key {
  readonly key: string;
  readonly body: string;
}

/** An event that is on sale, with the ids that it got. */
export interface Opened {
  readonly eventId: string;
  readonly ticketTypeIds: readonly string[];
}

/** Puts the world's events on sale. */
export async function openWorld(on: Node, { events }: World): Promise<readonly Opened[]> {
  const opened: Opened[] = [];
  for (const event of events) {
    const created = await on.events.create(newEvent(event), on.context());
    if (!created.accepted) throw new Error(`the world can't be made: ${created.code}`);
    const { eventId, ticketTypes } = created.listing;
    opened.push({ eventId, ticketTypeIds: ticketTypes.map(({ ticketTypeId }) => ticketTypeId) });
  }
  return opened;
}

export const timeIn = (ms: number | null): string | null =>
  ms === null ? null : new Date(START_MS + ms).toISOString();

export const policyOf = (policy: WorldEvent["policy"]) =>
  policy?.map(({ untilInMs, percent }) => ({ until: timeIn(untilInMs) as string, percent })) ?? null;

const newEvent = (event: WorldEvent): NewEventOnSale => ({
  organizerId: ORGANIZER,
  code: null,
  currency: event.currency,
  draft: event.isDraft,
  details: {
    name: "Concert",
    description: null,
    venue: null,
    performers: [],
    startsAt: timeIn(event.startsInMs),
    endsAt: null,
    timeZone: null,
    saleStartsAt: null,
    saleEndsAt: timeIn(event.saleEndsInMs),
    capacity: null,
    additionalInfo: null,
    holdTtlSeconds: event.holdTtlSeconds,
    guestsAllowed: event.guestsAllowed,
    refundPolicy: policyOf(event.policy),
  },
  ticketTypes: event.types.map(({ capacity, price, maxPerUser, maxPerOrder }, ordinal) => ({
    capacity,
    terms: {
      name: `Class ${ordinal}`,
      description: null,
      price: { amount: price, currency: event.currency },
      saleStartsAt: null,
      saleEndsAt: null,
      maxPerUser,
      maxPerOrder,
    },
  })),
});
