import { beforeEach, describe, expect, it } from "vitest";
import type { BookingEvent } from "../../../src/domain/booking-events.ts";
import type { CartEvent } from "../../../src/domain/cart-events.ts";
import type { InventoryEvent } from "../../../src/domain/inventory-events.ts";
import { encode, eventHash } from "../../../src/eventstore/envelope.ts";
import type { StoredEvent } from "../../../src/eventstore/port.ts";
import { LogRecord } from "./log-record.ts";
import type { ProviderCharge, ProviderRecord } from "./provider-record.ts";
import type { Told } from "./told.ts";
import { verdict } from "./verdict.ts";

const EUR = (amount: number) => ({ amount, currency: "EUR" });
const AT = "2026-01-01T12:00:00.000Z";
const LATER = "2026-01-01T12:15:00.000Z";

/** A sale of two tickets at 45.00, bought with cart `cart` as booking `b`, in which nothing is wrong. */
class Sale {
  readonly inventory: InventoryEvent[] = [
    opened(10),
    {
      type: "TicketsReserved",
      data: { reservationId: "r", accountId: "ada", quantity: 2, unitPrice: EUR(4_500), expiresAt: LATER },
    },
    { type: "ReservationConfirmed", data: { reservationId: "r", bookingId: "b", accountId: "ada", quantity: 2 } },
  ];
  readonly booking: BookingEvent[] = [
    bookingOpened,
    { type: "PaymentRequested", data: { attemptId: "a", provider: "sandbox", method: "ok", amount: EUR(9_000) } },
    { type: "PaymentAuthorized", data: { attemptId: "a", chargeId: "c" } },
    { type: "BookingConfirmed", data: {} },
    { type: "PaymentCaptured", data: { attemptId: "a", chargeId: "c" } },
  ];
  readonly cart: CartEvent[] = [
    { type: "CartOpened", data: { cartId: "cart", accountId: "ada", currency: "EUR", expiresAt: LATER } },
    { type: "CartCheckedOut", data: { cartId: "cart", bookingId: "b" } },
    { type: "CartCompleted", data: { cartId: "cart", bookingId: "b" } },
  ];
  readonly charges: ProviderCharge[] = [charge()];
  readonly refunds: ProviderRecord["refunds"][number][] = [];
  readonly told: { purchases: Told["purchases"]; cancellations: Told["cancellations"]; surprises: string[] } = {
    purchases: [{ key: "k", bookingId: "b", status: "PAID" }],
    cancellations: [],
    surprises: [],
  };

  /** One ticket is cancelled, and its price is back. */
  cancelOne(): void {
    const refund = { refundId: "f", amount: EUR(4_500) };
    const tickets = [{ reservationId: "r", ordinals: [1] }];
    this.booking.push(
      { type: "TicketsCancelled", data: { cancellationId: "x", tickets, cause: "customer", refund } },
      { type: "CancelledTicketsReturned", data: { cancellationId: "x" } },
      { type: "RefundSucceeded", data: { refundId: "f", providerRefundId: "re" } },
    );
    this.inventory.push({ type: "TicketsReturned", data: { reservationId: "r", bookingId: "b", ordinals: [1] } });
    this.charges[0] = charge({ refunded: 4_500 });
    this.refunds.push({ refundId: "f", attemptId: "a", amount: 4_500 });
    this.told.cancellations = [{ bookingId: "b", tickets: [{ reservationId: "r", ordinal: 1 }] }];
  }

  log(): LogRecord {
    const log = new LogRecord();
    const streams = { "inventory-e.t": this.inventory, "booking-b": this.booking, "cart-ada": this.cart };
    for (const [stream, events] of Object.entries(streams)) for (const one of stored(stream, events)) log.take(one);
    return log;
  }

  /** What is found wrong. */
  wrongs(log = this.log()): string[] {
    const { charges, refunds, told } = this;
    return verdict({ charges, refunds }, log, told).flatMap(({ what, violations }) =>
      violations.length === 0 ? [] : [what],
    );
  }
}

let sale: Sale;
beforeEach(() => {
  sale = new Sale();
});

it("finds nothing where nothing is wrong, with tickets cancelled too", () => {
  expect(sale.wrongs()).toEqual([]);
  sale.cancelOne();
  expect(sale.wrongs()).toEqual([]);
});

describe("finds", () => {
  it("a charge whose tickets are not there", () => {
    sale.inventory.push({ type: "TicketsReturned", data: { reservationId: "r", bookingId: "b", ordinals: [0] } });
    expect(sale.wrongs()).toEqual(["charges without tickets or refund"]);
  });

  it("tickets that nobody has paid for", () => {
    sale.charges[0] = charge({ status: "voided" });
    expect(sale.wrongs()).toEqual(["tickets without charge", "payments that the provider and the log differ on"]);
  });

  it("tickets of a booking that has not bought them", () => {
    const reserved = { reservationId: "s", accountId: "bob", quantity: 1, unitPrice: EUR(0), expiresAt: LATER };
    sale.inventory.push(
      { type: "TicketsReserved", data: reserved },
      { type: "ReservationConfirmed", data: { reservationId: "s", bookingId: "b", accountId: "bob", quantity: 1 } },
    );
    expect(sale.wrongs()).toEqual(["tickets without charge"]);
  });

  it("a second charge for the booking, refunded or not", () => {
    sale.charges.push(charge({ attemptId: "a2", refunded: 9_000 }));
    sale.refunds.push({ refundId: "f", attemptId: "a2", amount: 9_000 });
    expect(sale.wrongs()).toEqual([
      "double charges",
      "charges that no booking asked for",
      "refunds that the provider and the log differ on",
    ]);
  });

  it("a charge that no booking knows", () => {
    sale.charges.push(charge({ attemptId: "a2", bookingId: "nobody" }));
    expect(sale.wrongs()).toEqual(["charges without tickets or refund", "charges that no booking asked for"]);
  });

  it("money that is still set aside", () => {
    sale.charges.push(charge({ attemptId: "a2", bookingId: null, status: "authorized" }));
    expect(sale.wrongs()).toEqual([
      "charges that no booking asked for",
      "money set aside, neither taken nor given back",
    ]);
  });

  it("a refund that was promised and not made, and one that was made and not promised", () => {
    sale.cancelOne();
    sale.refunds.pop();
    expect(sale.wrongs()).toEqual(["refunds that the provider and the log differ on"]);
    sale.refunds.push({ refundId: "f", attemptId: "a", amount: 4_500 }, { refundId: "g", attemptId: "a", amount: 1 });
    expect(sale.wrongs()).toEqual(["refunds that the provider and the log differ on"]);
  });

  it("nothing in what was given back out of goodwill, and a refund that was nobody's will", () => {
    sale.booking.push(
      { type: "RefundRequested", data: { refundId: "g", amount: EUR(500), cause: "goodwill" } },
      { type: "RefundSucceeded", data: { refundId: "g", providerRefundId: "re" } },
    );
    sale.charges[0] = charge({ refunded: 500 });
    sale.refunds.push({ refundId: "g", attemptId: "a", amount: 500 });
    expect(sale.wrongs()).toEqual([]);
    sale.charges[0] = charge({ refunded: 700 });
    sale.refunds[0] = { refundId: "g", attemptId: "a", amount: 700 };
    expect(sale.wrongs()).toEqual(["tickets without charge", "refunds that the provider and the log differ on"]);
  });

  it("a booking with something left to do", () => {
    sale.booking.pop();
    sale.told.purchases = [];
    expect(sale.wrongs()).toEqual(["payments that the provider and the log differ on", "bookings not in an end state"]);
  });

  it("more tickets than there are, and tickets that nobody lets go of", () => {
    sale.inventory[0] = opened(1);
    const reserved = { reservationId: "s", accountId: "bob", quantity: 1, unitPrice: EUR(0), expiresAt: LATER };
    sale.inventory.push({ type: "TicketsReserved", data: reserved });
    expect(sale.wrongs()).toEqual(["tickets held for nobody", "inventories wrong at some revision"]);
  });

  it("what a buyer was told and is not so", () => {
    sale.told.purchases = [{ key: "k", bookingId: "b", status: "DECLINED" }];
    sale.told.cancellations = [{ bookingId: "b", tickets: [{ reservationId: "r", ordinal: 0 }] }];
    sale.told.surprises.push("500");
    expect(sale.wrongs()).toEqual([
      "purchases told otherwise than on record",
      "cancellations told and not on record",
      "answers that nobody should get",
    ]);
    sale.told.purchases = [{ key: "k", bookingId: "lost", status: "PENDING_PAYMENT" }];
    sale.told.cancellations = [{ bookingId: "b", tickets: null }];
    sale.told.surprises.pop();
    expect(sale.wrongs()).toEqual(["purchases told otherwise than on record", "cancellations told and not on record"]);
  });

  it("the cart of a paid booking that is its owner's again", () => {
    sale.cart[2] = { type: "CartReopened", data: { cartId: "cart", bookingId: "b" } };
    expect(sale.wrongs()).toEqual(["carts of paid bookings not completed, or left in checkout"]);
    sale.cart.pop();
    expect(sale.wrongs()).toEqual(["carts of paid bookings not completed, or left in checkout"]);
  });

  it("an event that was changed afterwards", () => {
    const log = new LogRecord();
    const events = stored("cart-ada", sale.cart);
    events[1] = { ...(events[1] as StoredEvent), data: JSON.stringify({ cartId: "cart", bookingId: "another" }) };
    for (const one of events) log.take(one);
    expect(log.broken).toEqual(["cart-ada: the chain breaks at revision 2"]);
  });
});

const charge = (changed: Partial<ProviderCharge> = {}): ProviderCharge => ({
  attemptId: "a",
  bookingId: "b",
  amount: 9_000,
  method: "ok",
  status: "captured",
  refunded: 0,
  ...changed,
});

const opened = (capacity: number): InventoryEvent => ({
  type: "InventoryOpened",
  data: {
    eventId: "e",
    ticketTypeId: "t",
    organizerId: "olga",
    ordinal: 0,
    capacity,
    draft: false,
    terms: {
      name: "Regular",
      description: null,
      price: EUR(4_500),
      saleStartsAt: null,
      saleEndsAt: null,
      maxPerUser: null,
      maxPerOrder: 100,
    },
    eventTerms: { saleStartsAt: AT, saleEndsAt: null, endsAt: null, holdTtlSeconds: 600, guestsAllowed: true },
  },
});

const bookingOpened: BookingEvent = {
  type: "BookingOpened",
  data: {
    bookingId: "b",
    accountId: "ada",
    cartId: "cart",
    lines: [{ reservationId: "r", eventId: "e", ticketTypeId: "t", quantity: 2, unitPrice: EUR(4_500) }],
    events: [],
    total: EUR(9_000),
    createdAt: AT,
    expiresAt: LATER,
  },
};

function stored(stream: string, events: readonly (BookingEvent | InventoryEvent | CartEvent)[]): StoredEvent[] {
  const log: StoredEvent[] = [];
  for (const [revision, event] of events.entries()) {
    const before = log.at(-1);
    const envelope = {
      schemaVersion: 1,
      at: AT,
      actor: { process: "spec" },
      commandId: "command",
      correlationId: "request",
      causationId: null,
      requestId: null,
      keyHash: null,
      bodyHash: null,
      previousHash: before === undefined ? null : eventHash(before),
    };
    const encoded = encode(`${stream}/${revision}`, event, envelope);
    log.push({ ...encoded, stream, revision, position: BigInt(revision) });
  }
  return log;
}
