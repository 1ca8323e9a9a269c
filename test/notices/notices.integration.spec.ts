import { randomUUID } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { messageIdOf } from "../../src/notices/planning.ts";
import {
  bookingOpened,
  captured,
  declined,
  EUR,
  moved,
  NOON,
  ofBooking,
  ofCart,
  offered,
  ofInventory,
  ofListing,
  recordAll,
  revived,
  timedOut,
} from "./given-events.ts";
import { ANN, addressOf, bookingFacts, EVENT, entryFacts, REGULAR, RESERVATION } from "./given-facts.ts";
import { type Installation, installation } from "./notices-node.ts";

const LATER = { timeout: 10_000, interval: 20 };
const until = (seen: () => Promise<void> | void) => vi.waitFor(seen, LATER);
const received = ({ mails }: Installation, count: number) => until(() => expect(mails.received).toHaveLength(count));
const atMs = (time: string) => Date.parse(time);

describe("notices", () => {
  it("of all kinds reach whom they concern", async () => {
    await using given = await installation();
    const { facts, store, clock } = given;
    const booking = (change: Parameters<typeof bookingFacts>[1] = {}) => {
      const bookingId = randomUUID();
      facts.bookings.set(bookingId, bookingFacts(bookingId, { accountId: randomUUID(), ...change }));
      return bookingId;
    };
    const entry = (status: "WAITING" | "OFFERED" | "LAPSED" | "ENDED") => {
      const entryId = randomUUID();
      facts.entries.set(entryId, entryFacts(entryId, { status }));
      return { entryId, accountId: randomUUID() };
    };
    const bookings = {
      "booking-confirmed": booking(),
      free: booking({ total: EUR(0) }),
      "paid-late": booking(),
      "payment-returned": booking({ status: "TIMED_OUT" }),
      "payment-declined": booking({ status: "DECLINED" }),
      "booking-timed-out": booking({ status: "TIMED_OUT" }),
      "tickets-cancelled": booking({ status: "CANCELLED" }),
      "event-cancelled": booking({ status: "CANCELLED" }),
      "refund-requested": booking(),
      "refund-succeeded": booking({ refunds: [{ refundId: "r", amount: EUR(9000) }] }),
    };
    const entries = {
      "waitlist-joined": entry("WAITING"),
      "offer-made": entry("OFFERED"),
      "waitlist-ended": entry("ENDED"),
    };
    const cartId = randomUUID();
    facts.carts.set(cartId, { status: "ACTIVE", items: [{ eventId: EVENT, ticketTypeId: REGULAR, quantity: 1 }] });
    facts.holders = [randomUUID()];
    const refund = { refundId: "r", amount: EUR(9000) };
    const tickets = [{ reservationId: RESERVATION, ordinals: [0] }];
    const cancelled = { cancellationId: "c", tickets, refund };
    const { accountId, entryId } = entries["offer-made"];
    await recordAll(
      store,
      captured(bookings["booking-confirmed"]),
      bookingOpened(bookings.free, 0),
      revived(bookings["paid-late"]),
      captured(bookings["paid-late"]),
      ofBooking(bookings["payment-returned"], { type: "RefundRequested", data: { ...refund, cause: "unconfirmed" } }),
      declined(bookings["payment-declined"]),
      timedOut(bookings["booking-timed-out"]),
      ofBooking(bookings["tickets-cancelled"], { type: "TicketsCancelled", data: { ...cancelled, cause: "customer" } }),
      ofBooking(bookings["event-cancelled"], {
        type: "TicketsCancelled",
        data: { ...cancelled, cause: "event-cancelled" },
      }),
      ofBooking(bookings["refund-requested"], { type: "RefundRequested", data: { ...refund, cause: "goodwill" } }),
      ofBooking(bookings["refund-succeeded"], {
        type: "RefundSucceeded",
        data: { refundId: "r", providerRefundId: "p" },
      }),
      ofCart({
        type: "CartOpened",
        data: { cartId, accountId: ANN, currency: "EUR", expiresAt: "2026-02-01T12:10:00.000Z" },
      }),
      ofInventory({
        type: "WaitlistJoined",
        data: { ...entries["waitlist-joined"], quantity: 1, offerTtlSeconds: 3600, place: 3 },
      }),
      offered(entryId, "2026-02-01T16:00:00.000Z", accountId),
      ofInventory({ type: "WaitlistEnded", data: { reason: "sale-closed", entries: [entries["waitlist-ended"]] } }),
      moved("2026-03-02T20:00:00.000Z"),
    );
    given.start();
    await received(given, 11); // the others are due later
    clock.ms = atMs("2026-02-01T12:08:00.000Z");
    await received(given, 15);
    clock.ms = atMs("2026-02-01T15:00:00.000Z");
    await received(given, 16);
    facts.entries.set(entryId, entryFacts(entryId, { status: "LAPSED" }));
    clock.ms = atMs("2026-02-01T16:00:05.000Z");
    await received(given, 17);

    const owner = (bookingId: string) => addressOf(facts.bookings.get(bookingId)?.accountId ?? "");
    const told = given.mails.received.map(({ to, subject }) => `${to} ${subject}`).toSorted();
    expect(told).toEqual(
      [
        `${owner(bookings["booking-confirmed"])} Your tickets: Winter Songs`,
        `${owner(bookings.free)} Your tickets: Winter Songs`,
        `${owner(bookings["paid-late"])} Your tickets: Winter Songs`,
        `${owner(bookings["payment-returned"])} No tickets, and your money goes back: Winter Songs`,
        `${owner(bookings["payment-declined"])} Your payment was declined: Winter Songs`,
        `${owner(bookings["booking-timed-out"])} Your booking was not paid in time: Winter Songs`,
        `${owner(bookings["tickets-cancelled"])} Tickets cancelled: Winter Songs`,
        `${owner(bookings["event-cancelled"])} Cancelled: Winter Songs`,
        `${owner(bookings["refund-requested"])} You get EUR 90.00 back: Winter Songs`,
        `${owner(bookings["refund-succeeded"])} EUR 90.00 is on its way to you: Winter Songs`,
        `${addressOf(ANN)} Your cart is kept a little longer: Winter Songs`,
        `${addressOf(entries["waitlist-joined"].accountId)} You are on the waitlist: Winter Songs`,
        `${addressOf(accountId)} Tickets for you: Winter Songs`,
        `${addressOf(accountId)} Your tickets are kept only until Sunday 1 February 2026 at 17:00 (Europe/Berlin)`,
        `${addressOf(accountId)} Your offer has lapsed: Winter Songs`,
        `${addressOf(entries["waitlist-ended"].accountId)} The waitlist has ended: Winter Songs`,
        `${addressOf(facts.holders[0] ?? "")} Changed: Winter Songs`,
      ].toSorted(),
    );
    const text = (to: string) => given.mails.received.find((mail) => mail.to === to)?.text ?? "";
    expect(text(owner(bookings["booking-confirmed"]))).toMatch(/\n {2}code-one\n {2}code-two\n/);
    expect(text(owner(bookings["paid-late"]))).toMatch(/came after the time[\s\S]*\n {2}code-one\n {2}code-two\n/);
    expect(text(owner(bookings["event-cancelled"]))).toMatch(/1 x Regular[\s\S]*EUR 90\.00/);
    await until(async () => expect((await given.rows()).filter(({ outcome }) => outcome !== "sent")).toEqual([]));
  });

  it("are sent once by two processes, and by the other when one ends", async () => {
    await using given = await installation();
    const owners = new Map<string, string>();
    const buy = async (count: number) => {
      for (let n = 0; n < count; n += 1) {
        const bookingId = randomUUID();
        owners.set(bookingId, randomUUID());
        given.facts.bookings.set(bookingId, bookingFacts(bookingId, { accountId: owners.get(bookingId) ?? "" }));
        await recordAll(given.store, captured(bookingId));
      }
    };
    const first = given.start();
    given.start();
    await buy(60);
    await received(given, 60);
    await buy(20);
    await first.stop();
    await buy(20);
    await received(given, 100);
    expect(new Set(given.mails.received.map(({ to }) => to)).size).toBe(100);
    await until(async () => expect((await given.outcomes()).every(([, outcome]) => outcome === "sent")).toBe(true));
    expect(given.mails.received).toHaveLength(100);
  });

  it("wait until the read models know of what happened", async () => {
    await using given = await installation();
    given.facts.reached = null;
    const bookingId = randomUUID();
    given.start();
    const position = await recordAll(given.store, captured(bookingId));
    await until(async () => expect(await given.rows()).toHaveLength(1));
    given.facts.reached = position - 1n;
    await new Promise((resolve) => setTimeout(resolve, 100)); // ten looks at the outbox
    expect(await given.outcomes()).toEqual([["booking-confirmed", null]]);
    given.facts.bookings.set(bookingId, bookingFacts(bookingId));
    given.facts.reached = position;
    await received(given, 1);
  });

  it("of a free booking wait until its tickets are booked", async () => {
    await using given = await installation();
    const bookingId = randomUUID();
    given.facts.bookings.set(bookingId, bookingFacts(bookingId, { status: "PENDING_PAYMENT", total: EUR(0) }));
    given.start();
    await recordAll(given.store, bookingOpened(bookingId, 0));
    given.clock.ms += 1_000;
    await until(async () =>
      expect((await given.rows())[0]).toMatchObject({ problem: "too early to tell", attempts: 0 }),
    );
    given.facts.bookings.set(bookingId, bookingFacts(bookingId, { total: EUR(0) }));
    given.clock.ms += 5_000;
    await received(given, 1);
  });

  it("are about what is so when they are sent", async () => {
    await using given = await installation();
    const { facts, store, clock } = given;
    const [paid, declinedThenPaid] = [randomUUID(), randomUUID()];
    facts.bookings.set(paid, bookingFacts(paid)); // a late payment revived it
    facts.bookings.set(declinedThenPaid, bookingFacts(declinedThenPaid, { status: "TIMED_OUT" }));
    const [taken, bought, cartId] = [randomUUID(), randomUUID(), randomUUID()];
    facts.entries.set(taken, entryFacts(taken, { status: "TAKEN" }));
    facts.carts.set(cartId, { status: "COMPLETED", items: [] });
    const expiresAt = "2026-02-01T13:00:00.000Z";
    await recordAll(
      store,
      timedOut(paid),
      captured(declinedThenPaid),
      captured(bought),
      offered(taken, expiresAt),
      ofCart({ type: "CartOpened", data: { cartId, accountId: ANN, currency: "EUR", expiresAt } }),
    );
    given.start();
    await until(async () => expect(await given.rows()).toHaveLength(7));
    clock.ms = atMs("2026-02-01T12:59:00.000Z");
    await until(async () => expect((await given.outcomes()).filter(([, outcome]) => outcome === null)).toHaveLength(1));
    clock.ms = atMs("2026-02-01T13:00:05.000Z");
    await until(async () =>
      expect((await given.rows()).map(({ outcome }) => outcome)).toEqual(Array(7).fill("skipped")),
    );
    expect(given.mails.received).toEqual([]);
    expect((await given.rows()).map(({ kind, problem }) => `${kind}: ${problem}`).toSorted()).toEqual([
      "booking-confirmed: no such booking",
      "booking-confirmed: the booking is TIMED_OUT",
      "booking-timed-out: the booking is PAID",
      "cart-expiring: no such cart any more",
      "offer-expiring: the entry is TAKEN",
      "offer-lapsed: the entry is TAKEN",
      "offer-made: the entry is TAKEN",
    ]);
  });

  it("of an offer that was given back are not sent, and of one that was withdrawn at once", async () => {
    await using given = await installation();
    const { facts, store, clock } = given;
    const [returned, withdrawn] = [randomUUID(), randomUUID()];
    for (const entryId of [returned, withdrawn]) facts.entries.set(entryId, entryFacts(entryId, { status: "LAPSED" }));
    const expiresAt = "2026-02-01T16:00:00.000Z";
    await recordAll(
      store,
      offered(returned, expiresAt),
      ofInventory({ type: "ReservationReleased", data: { reservationId: returned, quantity: 1 } }),
      offered(withdrawn, expiresAt),
      ofInventory(
        {
          type: "ReservationsWithdrawn",
          data: { reason: "event-cancelled", reservations: [{ reservationId: withdrawn, quantity: 1 }] },
        },
        "2026-02-01T12:30:00.000Z",
      ),
    );
    clock.ms = atMs("2026-02-01T12:30:00.000Z");
    given.start();
    await received(given, 1);
    expect(given.mails.received[0]?.subject).toBe("Your offer has lapsed: Winter Songs");
    clock.ms = atMs("2026-02-01T17:00:00.000Z");
    await until(async () => expect((await given.outcomes()).every(([, outcome]) => outcome !== null)).toBe(true));
    expect(given.mails.received).toHaveLength(1);
  });

  it("wait for an offer that is being paid for beyond its time", async () => {
    await using given = await installation();
    const entryId = randomUUID();
    given.facts.entries.set(entryId, entryFacts(entryId, { status: "OFFERED" }));
    await recordAll(given.store, offered(entryId, "2026-02-01T12:04:00.000Z"));
    given.clock.ms = atMs("2026-02-01T12:05:00.000Z");
    given.start();
    const lapsed = async () => (await given.rows()).find(({ kind }) => kind === "offer-lapsed");
    await until(async () => expect((await lapsed())?.due_at).toEqual(new Date("2026-02-01T12:05:30.000Z")));
    given.facts.entries.set(entryId, entryFacts(entryId, { status: "TAKEN" }));
    given.clock.ms = atMs("2026-02-01T12:05:30.000Z");
    await until(async () => expect((await lapsed())?.outcome).toBe("skipped"));
  });

  it("to those who were erased or gave no address are skipped, and nothing of an address is kept", async () => {
    await using given = await installation();
    const [erased, guest, buyer] = [randomUUID(), randomUUID(), randomUUID()];
    given.accounts.erased.add(erased);
    given.accounts.withoutAddress.add(guest);
    for (const accountId of [erased, guest, buyer]) {
      given.facts.bookings.set(accountId, bookingFacts(accountId, { accountId }));
      await recordAll(given.store, captured(accountId));
    }
    given.mails.answer = () => ({ at: "recipient", code: 550 });
    given.start();
    const problems = async () => (await given.rows()).map(({ problem }) => problem).toSorted();
    const expected = ["MailRefused: 550 at RCPT TO", "a guest without an address", "the account was erased"];
    await until(async () => expect(await problems()).toEqual(expected));
    const { rows } = await given.pool.query("select n::text as row from processes.notices n");
    expect(JSON.stringify(rows)).not.toContain("example.org");
  });

  it("begin with what happens from now on where there is a history, and with the first event where there is none", async () => {
    const [before, after] = [randomUUID(), randomUUID()];
    await using old = await installation((store) => recordAll(store, captured(before)));
    await using young = await installation();
    for (const { facts, store, start } of [old, young]) {
      facts.bookings.set(after, bookingFacts(after));
      await recordAll(store, captured(after));
      start();
    }
    await received(old, 1);
    await received(young, 1);
    expect((await old.rows()).map(({ message_id }) => message_id)).toEqual([messageIdOf("booking-confirmed", after)]);
  });

  it("that nobody could send for a week are not sent any more", async () => {
    await using given = await installation();
    const bookingId = randomUUID();
    given.facts.bookings.set(bookingId, bookingFacts(bookingId));
    await recordAll(given.store, captured(bookingId, NOON));
    given.clock.ms = atMs("2026-02-08T12:00:00.000Z");
    given.start();
    await until(async () => expect(await given.outcomes()).toEqual([["booking-confirmed", "skipped"]]));
    expect(given.mails.received).toEqual([]);
  });

  it("of a renamed draft concern nobody", async () => {
    await using given = await installation();
    await recordAll(given.store, ofListing({ type: "ListingChanged", data: { changes: { name: "New" } } }));
    given.clock.ms += 60_000;
    given.start();
    await until(async () => {
      const { rows } = await given.pool.query("select ended_at from processes.notice_announcements");
      expect(rows).toEqual([{ ended_at: new Date(given.clock.ms) }]);
    });
    expect(await given.rows()).toEqual([]);
  });
});
