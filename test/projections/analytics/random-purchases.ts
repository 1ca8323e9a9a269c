import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { type BookingCommand, booking } from "../../../src/domain/booking.ts";
import type { BookingEvent } from "../../../src/domain/booking-events.ts";
import { bookingStream } from "../../../src/eventstore/streams.ts";
import type { Fact } from "../recorded.ts";

const DAY_MS = 24 * 3_600_000;
const BEGIN_MS = Date.parse("2026-03-01T09:00:00.000Z");

/** Two events of different organizers, one of which gives nothing back in the last days. */
const EVENTS = [
  { organizer: "018f0000-0000-7000-8000-0000000000c1", policy: null, startsInDays: 9 },
  {
    organizer: "018f0000-0000-7000-8000-0000000000c2",
    policy: [
      { inDays: 2, percent: 75 },
      { inDays: 4, percent: 33 },
    ],
    startsInDays: 20,
  },
] as const;

const tickets = fc.record({
  event: fc.constantFrom(0, 1),
  type: fc.constantFrom(0, 1),
  quantity: fc.integer({ min: 1, max: 3 }),
  price: fc.constantFrom(0, 1, 999, 4_500, 10_000_001),
  seated: fc.boolean(),
});

const step = fc.record({
  passHours: fc.constantFrom(0, 0, 1, 26),
  what: fc.constantFrom(
    "confirm",
    "confirm",
    "capture",
    "capture",
    "charge",
    "decline",
    "time-out",
    "revive",
    "withdraw",
  ),
  afterwards: fc.constantFrom(
    "cancel",
    "cancel-some",
    "call-off",
    "goodwill",
    "goodwill-of-all",
    "refunded",
    "refunded",
  ),
  number: fc.nat(5),
});

/** Some purchases, each with what becomes of it. */
export const purchases = fc.array(
  fc.record({
    lines: fc.array(tickets, { minLength: 1, maxLength: 3 }),
    steps: fc.array(step, { maxLength: 14, size: "max" }),
  }),
  { minLength: 1, maxLength: 8, size: "max" },
);
type Purchase = (typeof purchases extends fc.Arbitrary<infer Some> ? Some : never) extends readonly (infer One)[]
  ? One
  : never;

/** Who does something, for the record. */
export interface ByWhom extends Fact {
  readonly by: { readonly account: string; readonly role: string };
}

/** What the real decider records when these are bought, in events of their own. */
export function runPurchases(several: readonly Purchase[]): readonly ByWhom[] {
  const ids = EVENTS.map(() => ({ eventId: randomUUID(), types: [randomUUID(), randomUUID()] }));
  return several.flatMap((purchase, index) => runPurchase(purchase, BEGIN_MS + index * 1_000_000, ids));
}

function runPurchase(
  { lines, steps }: Purchase,
  beginMs: number,
  ids: readonly { readonly eventId: string; readonly types: readonly string[] }[],
): readonly ByWhom[] {
  const bookingId = randomUUID();
  const [buyer, attemptId] = [randomUUID(), randomUUID()];
  const facts: ByWhom[] = [];
  let state = booking.initialState();
  let atMs = beginMs;
  const run = (command: BookingCommand, by: ByWhom["by"] = { account: buyer, role: "customer" }) => {
    const decision = booking.decide(command, state);
    if (!decision.accepted) return;
    for (const event of decision.events as readonly BookingEvent[]) {
      state = booking.evolve(state, event);
      facts.push({ stream: bookingStream(bookingId), event, at: new Date(atMs).toISOString(), key: null, by });
    }
  };
  const bought = lines.map(({ event, type, quantity, price, seated }) => ({
    reservationId: randomUUID(),
    eventId: ids[event]?.eventId as string,
    ticketTypeId: ids[event]?.types[type] as string,
    quantity,
    unitPrice: { amount: price, currency: "EUR" },
    ...(seated
      ? { seats: seatsOf(quantity), prices: Array.from({ length: quantity }, (_, n) => price + 100 * n) }
      : {}),
  }));
  const total = bought.reduce(
    (sum, line) => sum + (line.prices?.reduce((all, one) => all + one, 0) ?? line.quantity * line.unitPrice.amount),
    0,
  );
  run({
    type: "OpenBooking",
    atMs,
    booking: {
      bookingId,
      accountId: buyer,
      cartId: null,
      lines: bought,
      events: EVENTS.map(({ organizer, policy, startsInDays }, event) => ({
        eventId: ids[event]?.eventId as string,
        organizerId: organizer,
        startsAt: new Date(BEGIN_MS + startsInDays * DAY_MS).toISOString(),
        refundPolicy:
          policy?.map(({ inDays, percent }) => ({
            until: new Date(BEGIN_MS + inDays * DAY_MS).toISOString(),
            percent,
          })) ?? null,
      })),
      total: { amount: total, currency: "EUR" },
      createdAt: new Date(atMs).toISOString(),
      expiresAt: new Date(atMs + 900_000).toISOString(),
    },
    payment: total === 0 ? null : { attemptId, provider: "sandbox", method: "sandbox-ok" },
  });
  const charge = { attemptId, chargeId: "ch" };
  const safely = (command: BookingCommand, by?: ByWhom["by"]) => {
    try {
      run(command, by);
    } catch {
      // a command that the process would not have sent here
    }
  };
  for (const { passHours, what, afterwards, number } of steps) {
    atMs += passHours * 3_600_000;
    const refundId = randomUUID();
    const before = facts.length;
    if (what === "confirm")
      safely({ type: "ConfirmBooking", atMs, charge: total === 0 ? null : { ...charge, captured: false } });
    if (what === "charge")
      safely({ type: "ConfirmBooking", atMs, charge: total === 0 ? null : { ...charge, captured: true } });
    if (what === "capture") safely({ type: "NoteCaptured", atMs, ...charge, refundId });
    if (what === "decline") safely({ type: "NoteNotPaid", atMs, ...charge, outcome: "declined", reason: "no-money" });
    if (what === "time-out") safely({ type: "TimeOut", atMs });
    if (what === "revive") safely({ type: "Revive", atMs, ...charge });
    if (what === "withdraw") safely({ type: "Withdraw", atMs, cause: "customer" });
    if (facts.length > before || state.status === "missing" || state.status === "abandoned") continue;
    const [cancellationId, organizerId] = [randomUUID(), EVENTS[number % 2]?.organizer as string];
    const cancel = {
      type: "CancelTickets",
      atMs,
      cancellationId,
      refundId,
      cancelledEvents: [],
      expectedTotal: null,
    } as const;
    if (afterwards === "cancel") safely({ ...cancel, tickets: null });
    if (afterwards === "cancel-some") {
      const line = bought[number % bought.length];
      if (line !== undefined)
        safely({ ...cancel, tickets: [{ reservationId: line.reservationId, ordinals: [number % line.quantity] }] });
    }
    if (afterwards === "call-off") {
      safely({
        type: "CancelTicketsOfEvent",
        atMs,
        eventId: ids[number % 2]?.eventId as string,
        cancellationId,
        refundId,
      });
    }
    const goodwill = { type: "RequestRefund", atMs, refundId, amountMinor: 1 + number } as const;
    if (afterwards === "goodwill") safely({ ...goodwill, organizerId }, { account: organizerId, role: "organizer" });
    if (afterwards === "goodwill-of-all") safely(goodwill, { account: randomUUID(), role: "admin" });
    if (afterwards === "refunded") {
      const open = state.refunds.find(({ succeeded }) => !succeeded);
      if (open !== undefined) safely({ type: "NoteRefunded", atMs, refundId: open.refundId, providerRefundId: "re" });
    }
  }
  return facts;
}

const seatsOf = (quantity: number): readonly string[] => Array.from({ length: quantity }, (_, n) => `S-A-${n + 1}`);
