import { describe, expect, it } from "vitest";
import type { StoredEvent } from "../../../src/eventstore/port.ts";
import { checked } from "./checking.ts";
import { chained, offer, on, opened, type Planned, REGULAR, ROOM, reserved, SEATED, SOLD, timeAt } from "./sold-log.ts";

const placeOf = (stream: string, type: string, nth = 0): number => {
  const places = SOLD.flatMap((one, n) => (one.stream === stream && one.type === type ? [n] : []));
  const place = places[nth];
  if (place === undefined) throw new Error(`there is no ${type} in ${stream}`);
  return place;
};
const without = (stream: string, type: string, nth = 0) => SOLD.toSpliced(placeOf(stream, type, nth), 1);
const after = (stream: string, type: string, nth: number, ...more: Planned[]) =>
  SOLD.toSpliced(placeOf(stream, type, nth) + 1, 0, ...more);
function changed(stream: string, type: string, changes: object, nth = 0, minute?: number): readonly Planned[] {
  const place = placeOf(stream, type, nth);
  const one = SOLD[place] as Planned;
  return SOLD.with(place, { ...one, data: { ...one.data, ...changes }, minute: minute ?? one.minute });
}

/** Whoever planted these wrote the chain anew, so that only what the log says gives them away. */
const FORGED: Readonly<Record<string, readonly [planned: readonly Planned[], code: string]>> = {
  "more tickets are reserved than there are": [
    after(REGULAR, "TicketsReserved", 1, reserved(1, "r9", "zoe", 1)),
    "oversell",
  ],
  "the capacity is set below what is sold": [
    after(REGULAR, "ReservationConfirmed", 0, on(REGULAR, 4, "CapacityChanged", { capacity: 3, previousCapacity: 4 })),
    "oversell",
  ],
  "a seat is given to two": [changed(SEATED, "TicketsReserved", { seats: ["STALLS-A-2"] }, 1), "seat-twice"],
  "a seat is sold that is blocked": [changed(SEATED, "TicketsReserved", { seats: ["STALLS-A-5"] }, 1), "seat-twice"],
  "money was taken, and the tickets were never booked": [
    without(REGULAR, "ReservationConfirmed", 1),
    "charge-without-ticket",
  ],
  "tickets were booked, and the money was never taken": [
    without("booking-b2", "PaymentCaptured"),
    "ticket-without-charge",
  ],
  "tickets were booked without any money set aside": [
    without("booking-b2", "PaymentAuthorized"),
    "ticket-without-charge",
  ],
  "tickets were booked for a booking that there is not": [
    SOLD.filter(({ stream }) => stream !== "booking-b2"),
    "ticket-without-charge",
  ],
  "tickets were booked for a booking that came to nothing": [
    SOLD.filter(({ stream, minute }) => stream !== "booking-b2" || minute < 8).concat([
      on("booking-b2", 3 * 24 * 60, "BookingTimedOut"),
      on("booking-b2", 3 * 24 * 60, "ReservationsLetGo"),
    ]),
    "ticket-without-charge",
  ],
  "somebody who came later is offered tickets first": [
    changed(REGULAR, "TicketsOffered", { offers: [offer(6, "w2", "dan"), offer(6, "w1", "cyd")] }),
    "waitlist-order",
  ],
  "somebody who does not wait gets what others wait for": [
    after(REGULAR, "ReservationReleased", 0, reserved(6, "r9", "zoe", 1)),
    "waitlist-order",
  ],
  "one admission makes two reservations": [
    changed(SEATED, "TicketsReserved", { admission: { id: "a1", expiresAt: timeAt(20) } }, 1),
    "admission-reused",
  ],
  "the seed is another one than was committed to": [
    changed(ROOM, "SeedRevealed", { seed: "c".repeat(64) }),
    "draw-differs",
  ],
  "a second round is drawn by a seed that everybody knows": [
    [
      ...SOLD,
      on(ROOM, 3 * 24 * 60, "WaitingRoomSetUp", {
        ...(SOLD[placeOf(ROOM, "WaitingRoomSetUp")] as Planned).data,
        round: 2,
      }),
    ],
    "draw-differs",
  ],
  "a reservation is confirmed after its claim was over": [
    changed(REGULAR, "ReservationClaimed", { deadline: timeAt(2), claimedUntil: timeAt(3) }),
    "reservation-contradicts",
  ],
  "a reservation expires before its time": [
    changed(REGULAR, "ReservationsExpired", {}, 0, 9),
    "reservation-contradicts",
  ],
  "a ticket comes back twice": [
    after(
      REGULAR,
      "TicketsReturned",
      0,
      on(REGULAR, 15, "TicketsReturned", { reservationId: "r1", bookingId: "b1", ordinals: [0] }),
    ),
    "reservation-contradicts",
  ],
  "a ticket comes back that nobody cancelled": [
    after(
      REGULAR,
      "TicketsReturned",
      0,
      on(REGULAR, 15, "TicketsReturned", { reservationId: "w1", bookingId: "b2", ordinals: [0] }),
    ),
    "booking-contradicts",
  ],
  "more money is given back than was taken": [
    after(
      "booking-b1",
      "RefundSucceeded",
      0,
      on("booking-b1", 16, "RefundRequested", {
        refundId: "f2",
        amount: { amount: 1_001, currency: "EUR" },
        cause: "goodwill",
      }),
    ),
    "refund-exceeds-charge",
  ],
  "the same money is given back twice": [
    after(
      "booking-b1",
      "RefundSucceeded",
      0,
      on("booking-b1", 16, "RefundSucceeded", { refundId: "f1", providerRefundId: "p2" }),
    ),
    "booking-contradicts",
  ],
  "the money is taken twice": [
    after(
      "booking-b2",
      "PaymentCaptured",
      0,
      on("booking-b2", 9, "PaymentCaptured", { attemptId: "attempt-b2", chargeId: "x" }),
    ),
    "booking-contradicts",
  ],
  "a booking costs less than its tickets": [
    changed("booking-b2", "BookingOpened", { total: { amount: 1, currency: "EUR" } }),
    "booking-contradicts",
  ],
  "a reservation is of more tickets than it was": [
    changed(REGULAR, "ReservationReleased", { quantity: 1 }),
    "reservation-contradicts",
  ],
  "a cart that has expired is checked out": [
    after("cart-ada", "CartExpired", 0, on("cart-ada", 19, "CartCheckedOut", { cartId: "c1", bookingId: "b9" })),
    "cart-contradicts",
  ],
  "an event is dated before the one that it follows": [
    changed(REGULAR, "TicketsReturned", {}, 0, 1),
    "order-contradicts",
  ],
  "a ticket type is opened a second time": [
    after(REGULAR, "ReservationReleased", 0, { ...opened(REGULAR, 400), minute: 6 }),
    "reservation-contradicts",
  ],
};

const log = chained(SOLD);

/** Whoever planted these left the chain as it was. */
const CLUMSY: Readonly<Record<string, readonly StoredEvent[]>> = {
  "a payload is changed": log.map((event) =>
    event.type === "ReservationReleased" ? { ...event, data: `${event.data} ` } : event,
  ),
  "who did it is changed": log.map((event) =>
    event.type === "ReservationReleased" ? { ...event, metadata: event.metadata.replace("spec", "else") } : event,
  ),
  "an event is removed": log.filter(({ type }) => type !== "TicketsOffered"),
  "an event is removed, and the revisions behind it moved up": log.flatMap((event) => {
    if (event.stream !== REGULAR || event.revision < 4) return [event];
    return event.revision === 4 ? [] : [{ ...event, revision: event.revision - 1 }];
  }),
  "two events of a stream are swapped": swapped(log, "ReservationReleased", "TicketsOffered"),
  "an event stands there twice": log.flatMap((event) => (event.type === "TicketsOffered" ? [event, event] : [event])),
  "a stream is renamed": log.map((event) =>
    event.stream === "booking-b2" ? { ...event, stream: "booking-b3" } : event,
  ),
};

/** Whoever planted these wrote what no program of ours writes. */
const ODD: Readonly<Record<string, (event: StoredEvent) => Partial<StoredEvent>>> = {
  "its stream's name has a line break": ({ stream }) => ({ stream: `${stream}\nx` }),
  "its type has a line break": ({ type }) => ({ type: `${type}\nx` }),
  "its metadata are no JSON": () => ({ metadata: "x" }),
  "its metadata are JSON of something else": () => ({ metadata: "[null]" }),
  "when it was is not told": withEnvelope({ at: undefined }),
  "when it was is no time": withEnvelope({ at: "2026\n05" }),
  "when it was has a line break behind it": withEnvelope({ at: "2026-05-01T10:04:00.000Z\n1" }),
  "its version is no number": withEnvelope({ schemaVersion: "1\nł" }),
  "the event before it is named with a line break": withEnvelope({ previousHash: "x\ny" }),
  "the event before it is named by a number": withEnvelope({ previousHash: 5 }),
};

function withEnvelope(changes: object): (event: StoredEvent) => Partial<StoredEvent> {
  return ({ metadata }) => ({ metadata: JSON.stringify({ ...(JSON.parse(metadata) as object), ...changes }) });
}

function swapped(events: readonly StoredEvent[], one: string, other: string): readonly StoredEvent[] {
  const [a, b] = [events.findIndex(({ type }) => type === one), events.findIndex(({ type }) => type === other)];
  const [first, second] = [events[a] as StoredEvent, events[b] as StoredEvent];
  const place = ({ position, revision }: StoredEvent) => ({ position, revision });
  return events.with(a, { ...second, ...place(first) }).with(b, { ...first, ...place(second) });
}

describe("verifying", () => {
  it("finds nothing in a sale in which nothing is wrong", () => {
    expect(checked(log)).toEqual({ violations: [], unsettled: 0 });
  });

  it.each(Object.entries(FORGED))("finds it when %s", (_, [planned, code]) => {
    const { violations } = checked(chained(planned));
    expect(violations.map((one) => one.code)).toContain(code);
    expect(violations.every(({ position }) => position !== null)).toBe(true);
    expect(violations.map((one) => one.code)).not.toContain("chain-broken");
  });

  it.each(Object.entries(CLUMSY))("finds it when %s and the hashes are as they were", (_, planted) => {
    expect(checked(planted).violations.map(({ code }) => code)).toContain("chain-broken");
  });

  it.each(Object.entries(ODD))("finds it, and takes it for no other event, when %s", (_, odd) => {
    const place = log.findIndex(({ type }) => type === "ReservationReleased");
    const planted = { ...(log[place] as StoredEvent), ...odd(log[place] as StoredEvent) };
    const { violations } = checked(log.with(place, planted));
    const [first, ...others] = violations;
    const { stream, revision, position } = planted;
    expect(first).toMatchObject({ code: "chain-broken", stream, revision, position: String(position) });
    expect(first?.detail).toMatch(/envelope|line break/);
    for (const other of others) expect(log.map((event) => event.stream)).toContain(other.stream);
    expect(JSON.stringify(others)).not.toMatch(/NaN|undefined|"revision":null/);
  });

  it("tells a purchase that is under way from one that went wrong", () => {
    const underWay = SOLD.filter(({ stream, minute }) => stream !== "booking-b2" || minute < 8).slice(0, -1);
    expect(checked(chained(underWay))).toEqual({ violations: [], unsettled: 1 });
  });
});
