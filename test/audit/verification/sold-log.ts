import { type Actor, encode, eventHash } from "../../../src/eventstore/envelope.ts";
import type { StoredEvent } from "../../../src/eventstore/port.ts";
import { commitmentTo } from "../../../src/waiting-room/draw.ts";

/** An event before it is chained to those before it in its stream. */
export interface Planned {
  readonly stream: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Minutes from the beginning. */
  readonly minute: number;
}

const BEGUN_MS = Date.parse("2026-05-01T10:00:00.000Z");
const ACTOR: Actor = { process: "spec" };

export const timeAt = (minute: number): string => new Date(BEGUN_MS + minute * 60_000).toISOString();

/** The log that these events are, with ids, revisions, positions and a chain that holds. */
export function chained(planned: readonly Planned[]): readonly StoredEvent[] {
  const last = new Map<string, StoredEvent>();
  return planned.map(({ stream, type, data, minute }, n) => {
    const before = last.get(stream);
    const id = `019f0000-0000-7000-8000-${String(n).padStart(12, "0")}`;
    const event = encode(
      id,
      { type, data },
      {
        schemaVersion: 1,
        at: timeAt(minute),
        actor: ACTOR,
        commandId: id,
        correlationId: id,
        causationId: null,
        requestId: null,
        keyHash: null,
        bodyHash: null,
        previousHash: before === undefined ? null : eventHash(before),
      },
    );
    const stored = { ...event, stream, revision: (before?.revision ?? -1) + 1, position: BigInt(n + 1) };
    last.set(stream, stored);
    return stored;
  });
}

export const REGULAR = "inventory-e1.regular";
export const SEATED = "inventory-e1.seated";
export const ROOM = "waitingroom-e1";
export const SEEDS = { draw: "a".repeat(64), later: "b".repeat(64) };

const price = { amount: 1_000, currency: "EUR" };
const terms = {
  name: "Regular",
  description: null,
  price,
  saleStartsAt: null,
  saleEndsAt: null,
  maxPerUser: null,
  maxPerOrder: 100,
};
const eventTerms = {
  saleStartsAt: timeAt(-10),
  saleEndsAt: null,
  endsAt: null,
  holdTtlSeconds: 600,
  guestsAllowed: true,
};

export const opened = (stream: string, capacity: number, more: object = {}): Planned => ({
  stream,
  type: "InventoryOpened",
  minute: 0,
  data: {
    eventId: "e1",
    ticketTypeId: stream.slice(stream.indexOf(".") + 1),
    organizerId: "olga",
    ordinal: 0,
    capacity,
    draft: false,
    terms,
    eventTerms,
    ...more,
  },
});

export const reserved = (
  minute: number,
  reservationId: string,
  accountId: string,
  quantity: number,
  more: object = {},
  stream = REGULAR,
): Planned => ({
  stream,
  type: "TicketsReserved",
  minute,
  data: { reservationId, accountId, quantity, unitPrice: price, expiresAt: timeAt(minute + 10), ...more },
});

export const on = (stream: string, minute: number, type: string, data: Planned["data"] = {}): Planned => ({
  stream,
  type,
  minute,
  data,
});

/** A purchase of one reservation, from the claim to the money. */
function bought(minute: number, bookingId: string, reservationId: string, accountId: string, quantity: number) {
  const stream = `booking-${bookingId}`;
  const of = { reservationId, bookingId, accountId, quantity };
  const deadline = timeAt(minute + 15);
  const charge = { attemptId: `attempt-${bookingId}`, chargeId: `charge-${bookingId}` };
  const total = { amount: quantity * 1_000, currency: "EUR" };
  const line = { reservationId, eventId: "e1", ticketTypeId: "regular", quantity, unitPrice: price };
  const events = [{ eventId: "e1", organizerId: "olga", startsAt: null, refundPolicy: null }];
  return [
    on(REGULAR, minute, "ReservationClaimed", { ...of, unitPrice: price, deadline, claimedUntil: timeAt(minute + 16) }),
    on(stream, minute, "BookingOpened", {
      ...{ bookingId, accountId, cartId: null, lines: [line], events, total },
      ...{ createdAt: timeAt(minute), expiresAt: deadline },
    }),
    on(stream, minute, "PaymentRequested", { ...charge, provider: "sandbox", method: "card", amount: total }),
    on(REGULAR, minute + 1, "ReservationConfirmed", of),
    on(stream, minute + 1, "PaymentAuthorized", charge),
    on(stream, minute + 1, "BookingConfirmed"),
    on(stream, minute + 2, "PaymentCaptured", charge),
  ];
}

const joined = (minute: number, entryId: string, accountId: string, place: number) =>
  on(REGULAR, minute, "WaitlistJoined", { entryId, accountId, quantity: 1, offerTtlSeconds: 300, place });

export const offer = (minute: number, entryId: string, accountId: string) => ({
  ...{ entryId, accountId, quantity: 1 },
  expiresAt: timeAt(minute + 5),
});

const roomTerms = { opensAt: timeAt(5), admitPerMinute: 60, paused: false, classes: [], beacon: null };

/** A small sale in which all happens that a verification looks at, and nothing is wrong. */
export const SOLD: readonly Planned[] = [
  opened(REGULAR, 4),
  opened(SEATED, 4, { seatMap: { sections: [{ name: "STALLS", rows: [{ name: "A", seats: "1-5", blocked: "5" }] }] } }),
  on(ROOM, 0, "WaitingRoomSetUp", {
    ...{ round: 1, commitment: commitmentTo(SEEDS.draw), laterCommitment: commitmentTo(SEEDS.later) },
    terms: roomTerms,
  }),
  reserved(1, "r1", "ada", 2),
  reserved(1, "r2", "bob", 2),
  joined(2, "w1", "cyd", 1),
  joined(2, "w2", "dan", 2),
  ...bought(3, "b1", "r1", "ada", 2),
  on(ROOM, 5, "SeedRevealed", { round: 1, of: "draw", seed: SEEDS.draw }),
  on(REGULAR, 6, "ReservationReleased", { reservationId: "r2", quantity: 2 }),
  on(REGULAR, 6, "TicketsOffered", { unitPrice: price, offers: [offer(6, "w1", "cyd"), offer(6, "w2", "dan")] }),
  ...bought(7, "b2", "w1", "cyd", 1),
  reserved(
    7,
    "s1",
    "fay",
    2,
    { seats: ["STALLS-A-1", "STALLS-A-2"], admission: { id: "a1", expiresAt: timeAt(20) } },
    SEATED,
  ),
  reserved(8, "s2", "gil", 1, { seats: ["STALLS-A-3"], admission: { id: "a2", expiresAt: timeAt(20) } }, SEATED),
  on("cart-ada", 8, "CartOpened", { cartId: "c1", accountId: "ada", currency: "EUR", expiresAt: timeAt(18) }),
  on("cart-ada", 8, "CartLineTouched", { cartId: "c1", eventId: "e1", ticketTypeId: "regular" }),
  on(REGULAR, 12, "ReservationsExpired", { reservations: [{ reservationId: "w2", quantity: 1 }] }),
  reserved(13, "r3", "eve", 1),
  on("booking-b1", 14, "TicketsCancelled", {
    ...{ cancellationId: "k1", cause: "customer", tickets: [{ reservationId: "r1", ordinals: [0] }] },
    refund: { refundId: "f1", amount: price },
  }),
  on(REGULAR, 14, "TicketsReturned", { reservationId: "r1", bookingId: "b1", ordinals: [0] }),
  on("booking-b1", 14, "CancelledTicketsReturned", { cancellationId: "k1" }),
  on("booking-b1", 15, "RefundSucceeded", { refundId: "f1", providerRefundId: "p1" }),
  on("cart-ada", 18, "CartExpired", { cartId: "c1" }),
  on(ROOM, 60, "WaitingRoomClosed", { round: 1 }),
  on(ROOM, 60, "SeedRevealed", { round: 1, of: "later", seed: SEEDS.later }),
  opened("inventory-e2.regular", 1),
  reserved(3 * 24 * 60, "r4", "hal", 1, {}, "inventory-e2.regular"),
];
