import type { BookingEvent } from "../../src/domain/booking-events.ts";
import type { CartEvent } from "../../src/domain/cart-events.ts";
import type { InventoryEvent } from "../../src/domain/inventory-events.ts";
import { bookingStream, cartStream, inventoryStream } from "../../src/eventstore/streams.ts";
import type { MemoryEventStore } from "../support/memory-event-store.ts";
import type { ScriptedProvider } from "../support/scripted-provider.ts";
import { mapped, type Picture } from "./picture.ts";
import { RecordedBooking } from "./recorded-booking.ts";
import { RecordedType } from "./recorded-type.ts";

interface Followed<One> {
  readonly stream: string;
  readonly one: One;
  next: number;
}

/**
 * What stands in the log, read by what its events mean and nothing else: the product's own state is not looked at, since
 * a look would have it do what is due.
 */
export class OnRecord {
  readonly #store: MemoryEventStore;
  readonly #provider: ScriptedProvider;
  readonly #types = new Map<string, Followed<RecordedType>>();
  readonly #bookings = new Map<string, Followed<RecordedBooking>>();
  readonly #carts = new Map<string, Followed<RecordedCart>>();

  constructor(
    store: MemoryEventStore,
    provider: ScriptedProvider,
    types: readonly { readonly eventId: string; readonly ticketTypeId: string }[],
    accounts: readonly string[],
  ) {
    this.#store = store;
    this.#provider = provider;
    for (const type of types) this.#followType(type);
    for (const account of accounts) {
      this.#carts.set(account, { stream: cartStream(account), one: { cart: null }, next: 0 });
    }
  }

  /** Takes in what was recorded since. @returns what must never stand in a log */
  catchUp(): readonly string[] {
    const faults: string[] = [];
    for (const [id, followed] of this.#types) {
      this.#follow<InventoryEvent>(followed, (event) => {
        for (const booking of followed.one.take(event)) this.#know(booking);
        faults.push(...followed.one.faults().map((fault) => `${id}: ${fault} after ${event.type}`));
      });
    }
    for (const [id, followed] of this.#bookings) {
      this.#follow<BookingEvent>(followed, (event) => {
        followed.one.take(event);
        faults.push(...followed.one.faults().map((fault) => `booking ${id}: ${fault} after ${event.type}`));
      });
    }
    for (const followed of this.#carts.values()) {
      this.#follow<CartEvent>(followed, (event) => takeInto(followed.one, event));
    }
    return faults;
  }

  /** A ticket type that was added: what is recorded of it already is taken in. @returns as {@link catchUp} does */
  addType(type: { readonly eventId: string; readonly ticketTypeId: string }): readonly string[] {
    this.#followType(type);
    return this.catchUp();
  }

  #followType({ eventId, ticketTypeId }: { readonly eventId: string; readonly ticketTypeId: string }): void {
    const stream = inventoryStream(eventId, ticketTypeId);
    this.#types.set(ticketTypeId, { stream, one: new RecordedType(), next: 0 });
  }

  /** A booking that something was claimed for. */
  #know(id: string): void {
    if (this.#bookings.has(id)) return;
    this.#bookings.set(id, { stream: bookingStream(id), one: new RecordedBooking(), next: 0 });
  }

  #follow<E>(followed: Followed<unknown>, take: (event: E) => void): void {
    const events = this.#store.eventsOf(followed.stream);
    for (; followed.next < events.length; followed.next += 1) {
      const { type, data } = events[followed.next] as (typeof events)[number];
      take({ type, data: JSON.parse(data) } as E);
    }
  }

  get types(): ReadonlyMap<string, RecordedType> {
    return new Map([...this.#types].map(([id, { one }]) => [id, one]));
  }

  /** Those that were opened. */
  get bookings(): ReadonlyMap<string, RecordedBooking> {
    return new Map([...this.#bookings].filter(([, { one }]) => one.isOpened).map(([id, { one }]) => [id, one]));
  }

  /** The account's last cart. */
  cartOf(account: string): string | null {
    return this.#carts.get(account)?.one.cart?.id ?? null;
  }

  /** Lines that hold tickets for carts that are not their owners' any more. */
  strayLines(nowMs: number): readonly string[] {
    return [...this.#types.values()].flatMap(({ one }) =>
      one.lines(nowMs).flatMap(({ id, account, cart }) => {
        const current = this.#carts.get(account)?.one.cart;
        const isCurrent = current?.id === cart && (current.status === "active" || current.status === "checkout");
        return isCurrent ? [] : [`${id} holds tickets for a cart that ${account} has no more`];
      }),
    );
  }

  cartStatusOf(account: string): string | null {
    return this.#carts.get(account)?.one.cart?.status ?? null;
  }

  picture(): Picture {
    const carts = [...this.#carts].filter(([, { one }]) => one.cart !== null);
    const bookingOf = new Map([...this.bookings].map(([id, { attempt }]) => [attempt, id]));
    const charges = [...this.#provider.charges.values()].map((charge) => {
      const { status, amount, refundedMinor: refunded, attemptId } = charge;
      return [
        bookingOf.get(attemptId) ?? `nobody's ${attemptId}`,
        { status, amount: amount.amount, refunded },
      ] as const;
    });
    return {
      types: mapped(this.types, (one) => one.picture()),
      carts: Object.fromEntries(carts.map(([account, { one }]) => [account, one.cart])),
      bookings: mapped(this.bookings, (one) => one.picture()),
      charges: Object.fromEntries(charges),
    };
  }
}

interface RecordedCart {
  cart: { id: string; status: string; endsAtMs: number; currency: string; types: string[] } | null;
}

const STATUS = {
  CartCheckedOut: "checkout",
  CartReopened: "active",
  CartCompleted: "completed",
  CartCleared: "cleared",
  CartExpired: "expired",
} as const;

function takeInto(recorded: RecordedCart, event: CartEvent): void {
  if (event.type === "CartOpened") {
    const { cartId: id, expiresAt, currency } = event.data;
    recorded.cart = { id, status: "active", endsAtMs: Date.parse(expiresAt), currency, types: [] };
  } else if (recorded.cart !== null) {
    if (event.type === "CartLineTouched") recorded.cart.types.push(event.data.ticketTypeId);
    else recorded.cart.status = STATUS[event.type];
  }
}
