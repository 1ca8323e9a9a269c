import { randomUUID } from "node:crypto";
import type { BookingEvent } from "../src/domain/booking-events.ts";
import type { InventoryEvent } from "../src/domain/inventory-events.ts";
import { encode } from "../src/eventstore/envelope.ts";
import type { StoredEvent } from "../src/eventstore/port.ts";
import { bookingStream, inventoryStream } from "../src/eventstore/streams.ts";
import { READ_MODELS } from "../src/projections/read-models.ts";
import { measure } from "./projections.ts";

const BOOKINGS = 20_000;
/** Purchases that are under way at once; their events stand mixed in the log. */
const AT_ONCE = 100;
/** Reserved, claimed, confirmed; opened, requested, authorized, confirmed, captured. */
const EVENTS_PER_BOOKING = 8;
const PRICE = { amount: 4500, currency: "EUR" };

interface Happened {
  readonly stream: string;
  readonly event: InventoryEvent | BookingEvent;
}

/** Purchases of one reservation each, from the hold to the captured payment. */
export function generatePurchases(bookings: number): readonly StoredEvent[] {
  const inventory = inventoryStream(randomUUID(), randomUUID());
  const startMs = Date.parse("2026-03-01T09:00:00Z");
  const happened: Happened[] = [];
  for (let from = 0; from < bookings; from += AT_ONCE) {
    const lives = Array.from({ length: AT_ONCE }, () => purchase(inventory, startMs + from));
    for (let step = 0; step < EVENTS_PER_BOOKING; step += 1) {
      for (const life of lives) happened.push(life[step] as Happened);
    }
  }
  const revisions = new Map<string, number>();
  return happened.map(({ stream, event }, index) => {
    const revision = revisions.get(stream) ?? 0;
    revisions.set(stream, revision + 1);
    const bytes = encode(randomUUID(), event, {
      schemaVersion: 1,
      at: new Date(startMs + Math.floor(index / 40)).toISOString(),
      actor: { account: randomUUID(), role: "customer" },
      commandId: randomUUID(),
      correlationId: randomUUID(),
      causationId: null,
      requestId: `req-${index.toString(36)}`,
      keyHash: null,
      bodyHash: null,
      previousHash: null,
    });
    return { ...bytes, stream, revision, position: BigInt(index + 1) };
  });
}

function purchase(inventory: string, atMs: number): readonly Happened[] {
  const [reservationId, bookingId, accountId, attemptId] = Array.from({ length: 4 }, () => randomUUID());
  const ids = { reservationId: reservationId as string, accountId: accountId as string };
  const booked = { bookingId: bookingId as string, quantity: 1 };
  const [expiresAt, deadline, claimedUntil] = [600, 900, 960].map((s) => new Date(atMs + s * 1_000).toISOString());
  const times = { deadline: deadline as string, claimedUntil: claimedUntil as string };
  const charge = { attemptId: attemptId as string, chargeId: `ch_${attemptId}` };
  const [eventId, ticketTypeId] = inventory.slice("inventory-".length).split(".") as [string, string];
  const line = { reservationId: ids.reservationId, eventId, ticketTypeId, quantity: 1, unitPrice: PRICE };
  const paying = { attemptId: charge.attemptId, provider: "sandbox", method: "sandbox-ok", amount: PRICE };
  const ofInventory = (event: InventoryEvent) => ({ stream: inventory, event });
  const ofBooking = (event: BookingEvent) => ({ stream: bookingStream(booked.bookingId), event });
  return [
    ofInventory({
      type: "TicketsReserved",
      data: { ...ids, quantity: 1, unitPrice: PRICE, expiresAt: expiresAt as string },
    }),
    ofInventory({ type: "ReservationClaimed", data: { ...ids, ...booked, ...times, unitPrice: PRICE } }),
    ofBooking({
      type: "BookingOpened",
      data: {
        bookingId: booked.bookingId,
        accountId: ids.accountId,
        cartId: null,
        lines: [line],
        events: [{ eventId, organizerId: ids.accountId, startsAt: null, refundPolicy: null }],
        total: PRICE,
        createdAt: new Date(atMs).toISOString(),
        expiresAt: times.deadline,
      },
    }),
    ofBooking({ type: "PaymentRequested", data: paying }),
    ofInventory({ type: "ReservationConfirmed", data: { ...ids, ...booked } }),
    ofBooking({ type: "PaymentAuthorized", data: charge }),
    ofBooking({ type: "BookingConfirmed", data: {} }),
    ofBooking({ type: "PaymentCaptured", data: charge }),
  ];
}

if (import.meta.main) {
  const url = process.argv[2] ?? process.env.DATABASE_URL;
  if (url === undefined) throw new Error("name a Postgres: node bench/projected-purchases.ts postgres://...");
  const log = generatePurchases(BOOKINGS);
  for (const batch of [2_000, 300]) {
    const figures = await measure(url, log, READ_MODELS, batch);
    console.table({ ...figures, bookingsPerSecond: Math.round(figures.eventsPerSecond / EVENTS_PER_BOOKING) });
  }
}
