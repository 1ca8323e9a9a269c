import { beforeEach, describe, expect, it } from "vitest";
import { ticketId } from "../../src/commands/tickets.ts";
import { type BoxOffice, bought, boxOffice, PAYMENT_WINDOW_MS } from "./box-office.ts";

let shop: BoxOffice;

beforeEach(async () => {
  shop = boxOffice();
  await shop.onSale();
});

/** What the provider has of the only charge. */
const charge = (of = shop) => [...of.provider.charges.values()][0];

describe("a purchase", () => {
  it("is paid when the tickets are booked and the money is taken, in that order", async () => {
    await shop.reserve("r1", { quantity: 2 });
    const { booking, bookingId, againAtMs } = bought(await shop.buy(["r1"]));
    expect(booking).toMatchObject({ status: "paid", payment: { status: "captured" }, total: { amount: 9_000 } });
    expect(againAtMs).toBeNull();
    expect(shop.life(bookingId)).toEqual([
      "BookingOpened",
      "PaymentRequested",
      "PaymentAuthorized",
      "BookingConfirmed",
      "PaymentCaptured",
    ]);
    expect(shop.provider.calls).toEqual(["authorize", "capture"]);
    expect(charge()).toMatchObject({ status: "captured", amount: { amount: 9_000, currency: "EUR" } });
    expect(await shop.counts()).toEqual({ total: 10, available: 8, held: 0, booked: 2 });
  });

  it("of free tickets asks no provider", async () => {
    await shop.onSale({ eventId: "picnic", price: 0 });
    await shop.reserve("r1", { eventId: "picnic" });
    const { booking, bookingId } = bought(await shop.buy(["r1"], { method: null }));
    expect(booking).toMatchObject({ status: "paid", payment: null });
    expect(shop.life(bookingId)).toEqual(["BookingOpened", "BookingConfirmed"]);
    expect(shop.provider.calls).toEqual([]);
  });

  it("of what has a price needs a payment, and leaves nothing on record without one", async () => {
    await shop.reserve("r1");
    expect(await shop.buy(["r1"], { method: null })).toMatchObject({ refused: "invalid" });
    expect(await shop.counts()).toMatchObject({ held: 1 });
    expect(shop.store.eventsOf("inventory-concert.regular").map(({ type }) => type)).toEqual([
      "InventoryOpened",
      "TicketsReserved",
    ]);
  });

  it("of what was reserved while its price was asked needs a payment all the same", async () => {
    const other = boxOffice(shop);
    shop.located.set("r1", { eventId: "concert", ticketTypeId: "regular", accountId: "ada" });
    shop.store.beforeNextRead(async () => {}); // the look at the price, where there is nothing yet
    shop.store.beforeNextRead(() => other.reserve("r1"));
    expect(await shop.buy(["r1"], { method: null })).toMatchObject({ refused: "invalid" });
    expect(bought(await shop.buy(["r1"])).booking.status).toBe("paid");
  });

  it("over several events is all or nothing: one that can't be claimed leaves the others with their owner", async () => {
    await shop.onSale({ eventId: "opera" });
    await shop.reserve("r1");
    await shop.reserve("r2", { eventId: "opera", by: "bob" });
    await shop.reserve("r3", { eventId: "opera" });
    expect(await shop.buy(["r1", "r2"])).toMatchObject({ refused: "reservation-not-found" });
    await shop.onInventory("opera", "regular", { type: "Release", reservationId: "r3", accountId: "ada" });
    expect(await shop.buy(["r1", "r3"])).toMatchObject({ refused: "reservation-not-held" });
    expect(bought(await shop.buy(["r1"])).booking.status).toBe("paid");
  });

  it("over several events books all of them with one charge", async () => {
    await shop.onSale({ eventId: "opera", price: 10_000 });
    await shop.reserve("r1", { quantity: 2 });
    await shop.reserve("r2", { eventId: "opera" });
    expect(bought(await shop.buy(["r1", "r2"])).booking).toMatchObject({ status: "paid", total: { amount: 19_000 } });
    expect(shop.provider.charges.size).toBe(1);
    expect(await shop.counts("opera")).toMatchObject({ booked: 1, held: 0 });
  });

  it("has one currency", async () => {
    await shop.onSale({ eventId: "opera", currency: "CHF" });
    await shop.reserve("r1");
    await shop.reserve("r2", { eventId: "opera" });
    expect(await shop.buy(["r1", "r2"])).toMatchObject({ refused: "currency-mixed" });
    expect(bought(await shop.buy(["r2"])).booking.total).toEqual({ amount: 4_500, currency: "CHF" });
  });

  it("of more than one booking can have leaves what it wanted with its owner", async () => {
    await shop.onSale({ eventId: "opera", price: 90_000_000_000_000, capacity: 200 });
    await shop.reserve("r1", { eventId: "opera", quantity: 100 });
    await shop.reserve("r2", { eventId: "opera", quantity: 100 });
    expect(await shop.buy(["r1", "r2"], { key: "k" })).toMatchObject({ refused: "limit-exceeded" });
    expect(shop.provider.calls).toEqual([]);
    expect(bought(await shop.buy(["r1"], { key: "k" })).booking.total.amount).toBe(9_000_000_000_000_000);
  });

  it("of something that is being bought is refused, of something bought too", async () => {
    await shop.reserve("r1");
    bought(await shop.buy(["r1"], { method: "pending" }));
    expect(await shop.buy(["r1"])).toMatchObject({ refused: "payment-in-progress" });
    await shop.reserve("r2");
    bought(await shop.buy(["r2"]));
    expect(await shop.buy(["r2"])).toMatchObject({ refused: "reservation-not-held" });
  });

  it("after the reservation's time is refused", async () => {
    await shop.reserve("r1");
    await shop.surroundings.advance(600_000);
    expect((await shop.buy(["r1"])) as object).toMatchObject({ refused: expect.stringMatching(/^reservation-/) });
  });
});

describe("a declined payment", () => {
  it("leaves the reservation held until its own time, for another purchase, three in all", async () => {
    await shop.reserve("r1");
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const { booking, bookingId } = bought(await shop.buy(["r1"], { method: "decline" }));
      expect(booking.status).toBe("declined");
      expect(shop.life(bookingId).slice(-2)).toEqual(["PaymentDeclined", "ReservationsLetGo"]);
      expect(await shop.counts()).toMatchObject({ held: 1 });
    }
    expect(await shop.buy(["r1"])).toMatchObject({ refused: "too-many-attempts" });
    await shop.surroundings.advance(600_000);
    await shop.onInventory("concert", "regular", { type: "LapseDue" });
    expect(await shop.counts()).toMatchObject({ held: 0 });
  });

  it("may be followed by one that succeeds", async () => {
    await shop.reserve("r1");
    bought(await shop.buy(["r1"], { method: "decline" }));
    expect(bought(await shop.buy(["r1"])).booking.status).toBe("paid");
  });
});

describe("the same key again", () => {
  it("finds the booking, and charges once", async () => {
    await shop.reserve("r1");
    const first = bought(await shop.buy(["r1"], { key: "k" }));
    const second = bought(await shop.buy(["r1"], { key: "k" }));
    expect(second).toMatchObject({ bookingId: first.bookingId, replayed: true, booking: { status: "paid" } });
    expect(shop.provider.charges.size).toBe(1);
  });

  it("on another node while the first is under way, too", async () => {
    const other = boxOffice(shop);
    await shop.reserve("r1");
    const release = shop.provider.hold("authorize");
    const first = shop.buy(["r1"], { key: "k" });
    await shop.surroundings.advance(0);
    const second = other.buy(["r1"], { key: "k" });
    await other.surroundings.advance(0);
    release();
    expect(bought(await first).booking.status).toBe("paid");
    expect(bought(await second).booking.status).toBe("paid");
    expect(shop.provider.charges.size).toBe(1);
    expect(await shop.counts()).toMatchObject({ booked: 1 });
  });
});

describe("a node that is behind", () => {
  /** Reads nothing of bookings the first time: what it has seen is from before the other node began. */
  const behind = () => {
    let isBehind = true;
    const store = new Proxy(shop.store, {
      get(target, name) {
        if (name !== "read") return Reflect.get(target, name, target);
        return async (stream: string, options: Parameters<typeof target.read>[1]) => {
          if (isBehind && stream.startsWith("booking-")) {
            isBehind = false;
            return [];
          }
          return target.read(stream, options);
        };
      },
    });
    return boxOffice({ ...shop, store });
  };

  it("finds that the same key has bought meanwhile, and takes nothing back", async () => {
    await shop.reserve("r1");
    const first = bought(await shop.buy(["r1"], { key: "k" }));
    const again = bought(await behind().buy(["r1"], { key: "k" }));
    expect(again).toMatchObject({ bookingId: first.bookingId, replayed: true, booking: { status: "paid" } });
    expect(await shop.counts()).toMatchObject({ booked: 1, available: 9 });
  });

  it("with one of two reservations gone doesn't give back what the same key has bought", async () => {
    await shop.reserve("r1");
    await shop.reserve("r2");
    const first = bought(await shop.buy(["r1", "r2"], { key: "k" }));
    const ticket = await shop.commands.quote(first.bookingId, null);
    const ids = ticket.accepted ? [ticket.tickets[0]?.ticketId ?? ""] : [];
    await shop.commands.cancel(first.bookingId, ids, null, shop.context());
    await shop.process.drive(first.bookingId, shop.context());
    const again = bought(await behind().buy(["r1", "r2"], { key: "k" }));
    expect(again.bookingId).toBe(first.bookingId);
    expect(await shop.counts()).toMatchObject({ booked: 1, available: 9 });
  });

  it("does not open a booking that was given up with another of its reservations refused", async () => {
    await shop.reserve("r1");
    await shop.reserve("r2");
    await shop.onInventory("concert", "regular", { type: "Release", reservationId: "r2", accountId: "ada" });
    expect(await shop.buy(["r1", "r2"], { key: "k" })).toMatchObject({ refused: "reservation-not-held" });
    expect(await shop.counts()).toMatchObject({ held: 1 });
    await shop.reserve("r2");
    const again = bought(await shop.buy(["r1", "r2"], { key: "k" }));
    expect(again).toMatchObject({ replayed: false, booking: { status: "paid" } });
  });
});

describe("a payment that takes its time", () => {
  it("keeps the tickets, and is paid when the provider says so", async () => {
    await shop.reserve("r1");
    const { bookingId, booking, againAtMs } = bought(await shop.buy(["r1"], { method: "pending" }));
    expect(booking.status).toBe("open");
    expect(againAtMs).toBe(shop.surroundings.clock.nowMs() + 5_000);
    await shop.surroundings.advance(700_000); // beyond the reservation's own time
    shop.provider.decide(charge()?.attemptId ?? "", "authorized");
    expect((await shop.process.drive(bookingId, shop.context())).booking.status).toBe("paid");
  });

  it("asks the buyer to act, and is paid when he has", async () => {
    await shop.reserve("r1");
    const { bookingId, clientSecret, booking } = bought(await shop.buy(["r1"], { method: "action" }));
    expect(clientSecret).toBe("secret");
    expect(booking.payment?.status).toBe("action-required");
    expect(
      shop.store
        .eventsOf(`booking-${bookingId}`)
        .map(({ data }) => data)
        .join(),
    ).not.toContain("secret");
    shop.provider.decide(charge()?.attemptId ?? "", "authorized");
    expect((await shop.process.drive(bookingId, shop.context())).booking.status).toBe("paid");
  });

  it("that never comes times out: voided, tickets free", async () => {
    await shop.reserve("r1");
    const { bookingId } = bought(await shop.buy(["r1"], { method: "pending" }));
    await shop.surroundings.advance(PAYMENT_WINDOW_MS);
    const { booking, againAtMs } = await shop.process.drive(bookingId, shop.context());
    expect(booking).toMatchObject({ status: "timed-out", payment: { status: "voided" }, letGo: true });
    expect(againAtMs).toBeNull();
    expect(await shop.counts()).toMatchObject({ held: 0, booked: 0 });
  });

  it("that comes too late takes the tickets again, when they are free", async () => {
    await shop.reserve("r1");
    const { bookingId } = bought(await shop.buy(["r1"], { method: "unstoppable" }));
    await shop.surroundings.advance(PAYMENT_WINDOW_MS);
    expect((await shop.process.drive(bookingId, shop.context())).booking.status).toBe("timed-out");
    await shop.surroundings.advance(60_000);
    await shop.process.drive(bookingId, shop.context());
    expect(await shop.counts()).toMatchObject({ held: 0 });
    shop.provider.decide(charge()?.attemptId ?? "", "authorized");
    expect((await shop.process.drive(bookingId, shop.context())).booking.status).toBe("paid");
    expect(shop.life(bookingId)).toContain("BookingRevived");
    expect(await shop.counts()).toMatchObject({ booked: 1, held: 0 });
  });

  it("that comes too late is given back, when the tickets are gone: all or nothing", async () => {
    await shop.onSale({ eventId: "opera", capacity: 1 });
    await shop.reserve("r1");
    await shop.reserve("r2", { eventId: "opera" });
    const { bookingId } = bought(await shop.buy(["r1", "r2"], { method: "unstoppable" }));
    await shop.surroundings.advance(PAYMENT_WINDOW_MS + 60_000);
    await shop.process.drive(bookingId, shop.context());
    expect((await shop.reserve("r3", { eventId: "opera", by: "bob" })).accepted).toBe(true);
    shop.provider.decide(charge()?.attemptId ?? "", "authorized");
    const { booking, againAtMs } = await shop.process.drive(bookingId, shop.context());
    expect(booking).toMatchObject({ status: "timed-out", payment: { status: "voided" } });
    expect(againAtMs).toBeNull();
    expect(await shop.counts()).toMatchObject({ held: 0, booked: 0 });
  });

  it("that was taken at once and too late is refunded, when the tickets are gone", async () => {
    await shop.onSale({ eventId: "opera", capacity: 1 });
    await shop.reserve("r1", { eventId: "opera" });
    const { bookingId } = bought(await shop.buy(["r1"], { method: "unstoppable" }));
    await shop.surroundings.advance(PAYMENT_WINDOW_MS + 60_000);
    await shop.process.drive(bookingId, shop.context());
    await shop.reserve("r2", { eventId: "opera", by: "bob" });
    shop.provider.decide(charge()?.attemptId ?? "", "captured");
    const { booking } = await shop.process.drive(bookingId, shop.context());
    expect(booking).toMatchObject({ status: "timed-out", payment: { status: "captured" } });
    expect(booking).toMatchObject({ refunds: [{ succeeded: true, amount: { amount: 4_500 } }] });
    expect(charge()?.refundedMinor).toBe(4_500);
  });
});

describe("the provider", () => {
  it.each(["away", "answer-lost"] as const)(
    "when it is %s at authorizing is asked again, and charges once",
    async (fault) => {
      await shop.reserve("r1");
      shop.provider.fail("authorize", fault);
      const { bookingId, booking, againAtMs } = bought(await shop.buy(["r1"]));
      expect(booking.status).toBe("open");
      expect(againAtMs).not.toBeNull();
      expect((await shop.process.drive(bookingId, shop.context())).booking.status).toBe("paid");
      expect(shop.provider.charges.size).toBe(1);
    },
  );

  it.each(["away", "answer-lost"] as const)("when it is %s at capturing is asked again", async (fault) => {
    await shop.reserve("r1");
    shop.provider.fail("capture", fault);
    const { bookingId, booking } = bought(await shop.buy(["r1"]));
    expect(booking.status).toBe("confirmed");
    expect((await shop.process.drive(bookingId, shop.context())).booking.status).toBe("paid");
  });

  it("that gives up what it had set aside before it is taken gets the tickets back on sale", async () => {
    await shop.reserve("r1");
    shop.provider.fail("capture");
    const { bookingId } = bought(await shop.buy(["r1"]));
    shop.provider.decide(charge()?.attemptId ?? "", "voided");
    const { booking } = await shop.process.drive(bookingId, shop.context());
    expect(booking).toMatchObject({ status: "withdrawn", withdrawnBecause: "tickets-gone" });
    expect(await shop.counts()).toMatchObject({ booked: 0, available: 10 });
  });

  it("that takes the money at once is paid in one go", async () => {
    await shop.reserve("r1");
    expect(bought(await shop.buy(["r1"], { method: "charge" })).booking.status).toBe("paid");
    expect(shop.provider.calls).toEqual(["authorize"]);
  });

  it("is not asked to make an attempt again that is older than 12 hours", async () => {
    await shop.reserve("r1");
    shop.provider.fail("authorize");
    const { bookingId } = bought(await shop.buy(["r1"]));
    await shop.surroundings.advance(13 * 3_600_000);
    const { booking } = await shop.process.drive(bookingId, shop.context());
    expect(booking.status).toBe("timed-out");
    expect(shop.provider.calls.filter((call) => call === "authorize")).toHaveLength(1);
  });
});

describe("cancelling", () => {
  it("an open booking charges nothing and frees the tickets", async () => {
    await shop.reserve("r1");
    const { bookingId } = bought(await shop.buy(["r1"], { method: "pending" }));
    expect((await shop.commands.cancel(bookingId, null, null, shop.context())).accepted).toBe(true);
    const { booking } = await shop.process.drive(bookingId, shop.context());
    expect(booking).toMatchObject({ status: "withdrawn", payment: { status: "voided" } });
    expect(await shop.counts()).toMatchObject({ held: 0, available: 10 });
  });

  it("an open booking while its payment succeeds ends without a charge, the tickets back", async () => {
    await shop.reserve("r1");
    const release = shop.provider.hold("authorize");
    const buying = shop.buy(["r1"], { key: "k" });
    await shop.surroundings.advance(0);
    const bookingId = [...shop.store.eventsOf("inventory-concert.regular")]
      .map(({ data }) => JSON.parse(data).bookingId)
      .find((id) => id !== undefined);
    const other = boxOffice(shop);
    expect((await other.commands.cancel(bookingId, null, null, other.context())).accepted).toBe(true);
    release();
    const { booking } = bought(await buying);
    expect(booking.status).toBe("withdrawn");
    expect(charge()?.status).toBe("voided");
    expect(await shop.counts()).toMatchObject({ booked: 0, held: 0 });
  });

  it("gives tickets back once, by the policy, and the money when the provider confirms it", async () => {
    const half = { until: new Date(shop.surroundings.clock.nowMs() + 1_000_000).toISOString(), percent: 50 };
    shop.policies.set("concert", [half]);
    await shop.reserve("r1", { quantity: 3 });
    const { bookingId } = bought(await shop.buy(["r1"]));
    const quote = await shop.commands.quote(bookingId, null);
    expect(quote).toMatchObject({ accepted: true, total: { amount: 6_750 }, validUntil: half.until });
    const ids = quote.accepted ? quote.tickets.map(({ ticketId }) => ticketId) : [];
    shop.provider.fail("refund");
    expect((await shop.commands.cancel(bookingId, ids.slice(0, 1), 2_250, shop.context())).accepted).toBe(true);
    const { booking, againAtMs } = await shop.process.drive(bookingId, shop.context());
    expect(booking).toMatchObject({ status: "paid", refunds: [{ succeeded: false, amount: { amount: 2_250 } }] });
    expect(againAtMs).not.toBeNull();
    expect(await shop.counts()).toMatchObject({ booked: 2, available: 8 });
    await shop.process.drive(bookingId, shop.context());
    expect(charge()?.refundedMinor).toBe(2_250);
    expect(await shop.commands.cancel(bookingId, ids.slice(0, 1), null, shop.context())).toMatchObject({
      code: "ticket-already-cancelled",
      details: { ticketIds: ids.slice(0, 1) },
    });
    expect(await shop.counts()).toMatchObject({ booked: 2 });
  });

  it("tells when the refund is another one by now", async () => {
    await shop.reserve("r1");
    const { bookingId } = bought(await shop.buy(["r1"]));
    expect(await shop.commands.cancel(bookingId, null, 4_000, shop.context())).toMatchObject({
      code: "refund-changed",
      details: { total: { amount: 4_500 } },
    });
  });

  it("twenty times at once has one effect", async () => {
    await shop.reserve("r1", { quantity: 2 });
    const { bookingId } = bought(await shop.buy(["r1"]));
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => shop.commands.cancel(bookingId, null, null, shop.context())),
    );
    expect(outcomes.filter(({ accepted }) => accepted)).toHaveLength(1);
    await Promise.all(outcomes.map(() => shop.process.drive(bookingId, shop.context())));
    expect(charge()?.refundedMinor).toBe(9_000);
    expect(await shop.counts()).toMatchObject({ booked: 0, available: 10 });
    expect(shop.provider.refunds.size).toBe(1);
  });

  it("ticket by ticket while the provider is away gives all of it back when it is there again", async () => {
    await shop.onSale({ eventId: "stadium", capacity: 40 });
    await shop.reserve("r1", { eventId: "stadium", quantity: 40 });
    const { bookingId } = bought(await shop.buy(["r1"]));
    const quote = await shop.commands.quote(bookingId, null);
    for (const { ticketId } of quote.accepted ? quote.tickets : []) {
      shop.provider.fail("refund");
      expect((await shop.commands.cancel(bookingId, [ticketId], null, shop.context())).accepted).toBe(true);
    }
    await shop.process.drive(bookingId, shop.context());
    shop.provider.heal();
    for (let again: number | null = 0; again !== null; ) {
      again = (await shop.process.seeTo(bookingId, shop.context())).againAtMs;
    }
    expect(charge()?.refundedMinor).toBe(40 * 4_500);
    expect(await shop.counts("stadium")).toMatchObject({ booked: 0, available: 40 });
  });

  it("after goodwill never gives back more than was paid", async () => {
    await shop.reserve("r1");
    const { bookingId } = bought(await shop.buy(["r1"]));
    expect((await shop.commands.refund(bookingId, 1_000, shop.context())).accepted).toBe(true);
    expect(await shop.commands.refund(bookingId, 4_000, shop.context())).toMatchObject({
      code: "refund-exceeds-payment",
      details: { refundable: { amount: 3_500 } },
    });
    await shop.commands.cancel(bookingId, null, null, shop.context());
    await shop.process.drive(bookingId, shop.context());
    expect(charge()?.refundedMinor).toBe(4_500);
  });

  it("the event refunds in full, whatever the policy says, and an open booking is not paid any more", async () => {
    shop.policies.set("concert", []);
    await shop.reserve("r1");
    const { bookingId } = bought(await shop.buy(["r1"]));
    await shop.reserve("r2");
    const open = bought(await shop.buy(["r2"], { method: "pending" }));
    await shop.onInventory("concert", "regular", { type: "CloseInventory", reason: "event-cancelled" });
    await shop.commands.cancelForEvent(bookingId, "concert", shop.context());
    await shop.process.drive(bookingId, shop.context());
    expect(charge()?.refundedMinor).toBe(4_500);
    shop.provider.decide(shop.provider.attempts[1] ?? "", "authorized");
    const { booking } = await shop.process.drive(open.bookingId, shop.context());
    expect(booking).toMatchObject({
      status: "withdrawn",
      withdrawnBecause: "event-cancelled",
      payment: { status: "voided" },
    });
    expect(await shop.counts()).toMatchObject({ held: 0, booked: 0 });
  });

  it("single tickets of an open booking leaves it as it is", async () => {
    await shop.reserve("r1", { quantity: 2 });
    const { bookingId } = bought(await shop.buy(["r1"], { method: "pending" }));
    const one = await shop.commands.cancel(bookingId, [ticketId("r1", 0)], null, shop.context());
    expect(one).toMatchObject({ accepted: false, code: "payment-in-progress" });
    expect(await shop.booking(bookingId)).toMatchObject({ status: "open" });
  });

  it("the event ends what timed out with its tickets booked: it is not paid when the provider is back", async () => {
    await shop.reserve("r1");
    const { bookingId } = bought(await shop.buy(["r1"], { method: "pending" }));
    shop.provider.decide(shop.provider.attempts[0] ?? "", "authorized");
    // A process books the tickets, ends before that is on record, and the provider is away beyond the deadline.
    await shop.onInventory("concert", "regular", { type: "Confirm", reservationId: "r1", bookingId });
    shop.provider.isAway = true;
    await shop.surroundings.advance(PAYMENT_WINDOW_MS);
    await shop.process.drive(bookingId, shop.context());
    expect(await shop.booking(bookingId)).toMatchObject({ status: "timed-out" });
    await shop.onInventory("concert", "regular", { type: "CloseInventory", reason: "event-cancelled" });
    await shop.commands.cancelForEvent(bookingId, "concert", shop.context());
    shop.provider.isAway = false;
    const { booking } = await shop.process.drive(bookingId, shop.context());
    expect(booking).toMatchObject({ status: "timed-out", payment: { status: "voided" } });
    expect(await shop.counts()).toMatchObject({ held: 0, booked: 0 });
  });
});

describe("a provider that does not come to it", () => {
  /** Drives the booking as its timer would, for so long. @returns the pauses, in seconds */
  async function pauses(bookingId: string, forMs: number): Promise<number[]> {
    const { clock, advance } = shop.surroundings;
    const untilMs = clock.nowMs() + forMs;
    const seconds: number[] = [];
    while (clock.nowMs() < untilMs) {
      const { againAtMs } = await shop.process.drive(bookingId, shop.context());
      if (againAtMs === null) return seconds;
      seconds.push(Math.round((againAtMs - clock.nowMs()) / 1_000));
      await advance(againAtMs - clock.nowMs());
    }
    return seconds;
  }
  const DAY_MS = 24 * 3_600_000;
  const paidAndCancelled = async () => {
    await shop.reserve("r1");
    const { bookingId } = bought(await shop.buy(["r1"]));
    await shop.commands.cancel(bookingId, null, null, shop.context());
    return bookingId;
  };

  it.each(["failed", "impossible"] as const)(
    "refuses a refund (%s): it stays as it is, and is asked for after a minute, later every four hours",
    async (becomes) => {
      shop.provider.refundsBecome = becomes;
      const bookingId = await paidAndCancelled();
      const waited = await pauses(bookingId, 3 * DAY_MS);
      expect(waited.slice(0, 2)).toEqual([60, 60]);
      expect(waited.slice(-2)).toEqual([4 * 3_600, 4 * 3_600]);
      expect(waited.length).toBeLessThan(40);
      expect(await shop.booking(bookingId)).toMatchObject({ status: "paid", refunds: [{ succeeded: false }] });
      expect(shop.log.warnings).toEqual(waited.map(() => "a refund was refused"));
      expect(shop.provider.refunds.size).toBe(0);
      shop.provider.refundsBecome = "succeeded";
      expect(await pauses(bookingId, DAY_MS)).toEqual([]);
      expect(await shop.booking(bookingId)).toMatchObject({ refunds: [{ succeeded: true }] });
      expect(charge()?.refundedMinor).toBe(4_500);
    },
  );

  it("takes days over a refund: it is asked about every hour at the end", async () => {
    shop.provider.refundsBecome = "pending";
    const bookingId = await paidAndCancelled();
    const waited = await pauses(bookingId, DAY_MS);
    expect([waited[0], waited.at(-1)]).toEqual([5, 3_600]);
    expect(waited.length).toBeLessThan(50);
    expect(shop.log.warnings).toEqual([]);
  });

  it("is away while an authorization has to be given back: it is asked every hour at the end, and gives it back once", async () => {
    await shop.reserve("r1");
    const { bookingId } = bought(await shop.buy(["r1"], { method: "pending" }));
    await shop.commands.cancel(bookingId, null, null, shop.context());
    shop.provider.isAway = true;
    const waited = await pauses(bookingId, DAY_MS);
    expect([waited[0], waited.at(-1)]).toEqual([5, 3_600]);
    expect(waited.length).toBeLessThan(50);
    shop.provider.isAway = false;
    expect(await pauses(bookingId, DAY_MS)).toEqual([]);
    expect(charge()?.status).toBe("voided");
  });

  it("has nobody with tickets wait for more than a minute", async () => {
    await shop.reserve("r1");
    shop.provider.fail("capture");
    const { bookingId } = bought(await shop.buy(["r1"]));
    shop.provider.isAway = true;
    expect(Math.max(...(await pauses(bookingId, DAY_MS / 24)))).toBe(60);
  });

  it("keeps no booking open beyond its deadline, and what was paid in time is found when it is back", async () => {
    await shop.reserve("r1");
    shop.provider.fail("authorize", "answer-lost");
    const { bookingId } = bought(await shop.buy(["r1"]));
    shop.provider.isAway = true;
    await pauses(bookingId, PAYMENT_WINDOW_MS + 1);
    expect(await shop.booking(bookingId)).toMatchObject({ status: "timed-out", payment: { status: "requested" } });
    expect(await shop.counts()).toMatchObject({ held: 1 });
    shop.provider.isAway = false;
    await pauses(bookingId, DAY_MS);
    expect(await shop.booking(bookingId)).toMatchObject({ status: "paid", payment: { status: "captured" } });
    expect(shop.provider.charges.size).toBe(1);
    expect(await shop.counts()).toMatchObject({ held: 0, booked: 1 });
  });

  it("is asked again on another node when it would have been on the first", async () => {
    shop.provider.refundsBecome = "failed";
    const bookingId = await paidAndCancelled();
    await pauses(bookingId, DAY_MS);
    const other = boxOffice(shop);
    other.surroundings.setClock(shop.surroundings.clock.nowMs());
    const { againAtMs } = await other.process.drive(bookingId, other.context());
    expect(againAtMs).toBe(other.surroundings.clock.nowMs() + 4 * 3_600_000);
  });
});

describe("a crash", () => {
  it("between the claims and the booking gives the reservations back to their owner", async () => {
    await shop.reserve("r1");
    const stuck = new Promise<never>(() => {});
    const run = shop.purchases.open.bind(shop.purchases);
    const append = shop.store.append.bind(shop.store);
    shop.store.append = (stream, ...rest) => (stream.startsWith("booking-") ? stuck : append(stream, ...rest));
    void run(
      { accountId: "ada", of: { reservationIds: ["r1"] }, payment: { provider: "scripted", method: "ok" } },
      shop.context(),
    );
    await shop.surroundings.advance(0);
    shop.store.append = append;
    const next = boxOffice(shop);
    const bookingId = JSON.parse(shop.store.eventsOf("inventory-concert.regular").at(-1)?.data ?? "").bookingId;
    await next.process.seeTo(bookingId, next.context());
    expect(shop.life(bookingId)).toEqual(["BookingAbandoned"]);
    expect(bought(await next.buy(["r1"])).booking.status).toBe("paid");
  });

  it.each(["authorize", "capture"] as const)(
    "while the provider is at %s is made good by another node",
    async (call) => {
      await shop.reserve("r1");
      shop.provider.hold(call);
      void shop.buy(["r1"], { key: "k" });
      await shop.surroundings.advance(0);
      const next = boxOffice(shop);
      const again = bought(await next.buy(["r1"], { key: "k" }));
      expect(again.booking.status).toBe("paid");
      expect(shop.provider.charges.size).toBe(1);
      expect(await next.counts()).toMatchObject({ booked: 1, held: 0 });
    },
  );
});
