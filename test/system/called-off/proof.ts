import type { BookingEvent } from "../../../src/domain/booking-events.ts";
import type { InventoryEvent } from "../../../src/domain/inventory-events.ts";
import { decode, eventHash } from "../../../src/eventstore/envelope.ts";
import type { EventStore, StoredEvent } from "../../../src/eventstore/port.ts";
import { BOOKING_PREFIX, bookingOf, INVENTORY_PREFIX, inventoryOf } from "../../../src/eventstore/streams.ts";
import type { Charge } from "../../../src/payments/port.ts";
import { BookingAccount } from "./booking-account.ts";
import { InventoryAccount } from "./inventory-account.ts";
import type { ProvidersRefund } from "./provider-record.ts";

/** What log and provider together prove about an event that was called off. */
export interface CalledOffProof {
  readonly events: number;
  /** Bookings with tickets of the event that were paid, all of them paid back. */
  readonly paidBookings: number;
  /** Those of them that keep tickets of other events. */
  readonly mixedBookings: number;
  /** Purchases that were still open and came to nothing. */
  readonly withdrawnBookings: number;
  readonly refunds: number;
  readonly refundedMinor: number;
  readonly reservationsWithdrawn: number;
  readonly waitlistEnded: number;
  /** Tickets of other events that are still booked. */
  readonly otherTickets: number;
  /** When each ticket cancellation and each refund of the event was recorded, epoch milliseconds, in the log's order. */
  readonly cancelledAtMs: readonly number[];
  readonly refundedAtMs: readonly number[];
}

export interface ProvidersSide {
  readonly charges: readonly Charge[];
  readonly refunds: readonly ProvidersRefund[];
}

/**
 * Replays the log as an auditor would who has not seen the code that wrote it, and holds the provider's own record against
 * it: every paid booking got the price of its tickets of this event back, once and in full, and keeps what it has of
 * others; nothing of the event is held, booked or waited for; nobody was charged or refunded beside that.
 * @throws Error naming the first violation
 */
export async function proveCalledOff(
  store: EventStore,
  provider: ProvidersSide,
  eventId: string,
): Promise<CalledOffProof> {
  const audit = new Audit(eventId);
  const streamPrefixes = [INVENTORY_PREFIX, BOOKING_PREFIX];
  const head = (await store.head(streamPrefixes)) ?? 0n;
  const ended = new AbortController();
  for await (const { events, checkpoint } of store.subscribe({
    after: null,
    streamPrefixes,
    maxBatch: 2_000,
    signal: ended.signal,
  })) {
    for (const stored of events) audit.take(stored);
    if (checkpoint >= head) break;
  }
  ended.abort();
  return audit.conclude(provider);
}

class Audit {
  readonly #eventId: string;
  readonly #bookings = new Map<string, BookingAccount>();
  readonly #inventories = new Map<string, InventoryAccount>();
  readonly #lastHash = new Map<string, string>();
  readonly #cancelledAtMs: number[] = [];
  readonly #refundedAtMs: number[] = [];
  #events = 0;

  constructor(eventId: string) {
    this.#eventId = eventId;
  }

  take(stored: StoredEvent): void {
    const { stream } = stored;
    const { envelope, event } = decode<BookingEvent | InventoryEvent>(stored);
    if (envelope.previousHash !== (this.#lastHash.get(stream) ?? null)) throw new Error(`${stream}: the chain breaks`);
    this.#lastHash.set(stream, eventHash(stored));
    this.#events += 1;
    if (stream.startsWith(INVENTORY_PREFIX)) {
      const account = this.#inventories.get(stream) ?? new InventoryAccount(stream);
      this.#inventories.set(stream, account);
      account.take(event as InventoryEvent);
      return;
    }
    const account = this.#bookings.get(stream) ?? new BookingAccount(bookingOf(stream));
    this.#bookings.set(stream, account);
    account.take(event as BookingEvent);
    const isOfCancelling = event.type === "TicketsCancelled" && event.data.cause === "event-cancelled";
    if (isOfCancelling) this.#cancelledAtMs.push(Date.parse(envelope.at));
    if (event.type === "RefundSucceeded") this.#refundedAtMs.push(Date.parse(envelope.at));
  }

  conclude(provider: ProvidersSide): CalledOffProof {
    const ofEvent = [...this.#bookings.values()].filter(({ lines }) =>
      lines.some(({ eventId }) => eventId === this.#eventId),
    );
    const paid = ofEvent.filter(({ isPaid }) => isPaid);
    for (const booking of paid) booking.proveOf(this.#eventId);
    for (const { bookingId, isPaid, isWithdrawn, isLetGo } of ofEvent) {
      if (!isPaid && !(isWithdrawn && isLetGo)) throw new Error(`booking ${bookingId} is neither paid nor withdrawn`);
    }
    const closed = [...this.#inventories.values()].filter(
      ({ stream }) => inventoryOf(stream).eventId === this.#eventId,
    );
    const others = [...this.#inventories.values()].filter((inventory) => !closed.includes(inventory));
    for (const inventory of closed) inventory.proveEmpty();
    this.#compareWith(provider);
    const sum = <Item>(items: readonly Item[], of: (item: Item) => number) =>
      items.reduce((total, item) => total + of(item), 0);
    return {
      events: this.#events,
      paidBookings: paid.length,
      mixedBookings: paid.filter(({ lines }) => lines.some(({ eventId }) => eventId !== this.#eventId)).length,
      withdrawnBookings: ofEvent.length - paid.length,
      refunds: sum(paid, ({ promised }) => promised.size),
      refundedMinor: sum(paid, ({ refundedMinor }) => refundedMinor),
      reservationsWithdrawn: sum(closed, ({ withdrawn }) => withdrawn),
      waitlistEnded: sum(closed, ({ waitlistEnded }) => waitlistEnded),
      otherTickets: sum(others, ({ bookedTickets }) => bookedTickets),
      cancelledAtMs: this.#cancelledAtMs,
      refundedAtMs: this.#refundedAtMs,
    };
  }

  /** The same money on both sides, refund by refund. */
  #compareWith({ charges, refunds }: ProvidersSide): void {
    const chargeOf = new Map(charges.map((charge) => [charge.attemptId, charge]));
    if (chargeOf.size !== charges.length) throw new Error("the provider has an attempt twice");
    const refundOf = new Map(refunds.map((refund) => [refund.refundId, refund]));
    if (refundOf.size !== refunds.length) throw new Error("the provider made a refund twice");
    for (const { bookingId, attemptId, isPaid, totalMinor, refundedMinor, promised } of this.#bookings.values()) {
      if (attemptId === null) continue;
      const charge = chargeOf.get(attemptId);
      chargeOf.delete(attemptId);
      const takenMinor = charge?.status === "captured" ? charge.amount.amount : 0;
      if (takenMinor !== (isPaid ? totalMinor : 0)) throw new Error(`the provider took ${takenMinor} of ${bookingId}`);
      if ((charge?.refundedMinor ?? 0) !== refundedMinor) {
        throw new Error(`the provider gave ${charge?.refundedMinor} back of ${bookingId}, not ${refundedMinor}`);
      }
      for (const [refundId, minor] of promised) {
        const refund = refundOf.get(refundId);
        if (refund?.attemptId !== attemptId || refund.amount.amount !== minor) {
          throw new Error(`the provider has not made refund ${refundId} of ${bookingId}`);
        }
        refundOf.delete(refundId);
      }
    }
    if (refundOf.size > 0) throw new Error(`the provider made ${refundOf.size} refunds that the log knows nothing of`);
    for (const { attemptId, status } of chargeOf.values()) {
      if (status === "captured")
        throw new Error(`the provider took money for ${attemptId}, of which the log knows nothing`);
    }
  }
}
