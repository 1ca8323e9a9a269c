import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { captured, EUR, ofBooking, recordAll } from "./given-events.ts";
import { addressOf, bookingFacts, EVENT } from "./given-facts.ts";
import { type Installation, installation } from "./notices-node.ts";

const until = (seen: () => Promise<void> | void) => vi.waitFor(seen, { timeout: 10_000, interval: 20 });

let given: Installation;
beforeEach(async () => {
  given = await installation();
});
afterEach(() => given[Symbol.asyncDispose]());

/** Somebody buys. @returns the buyer's address */
async function bought(accountId: string = randomUUID()): Promise<string> {
  const bookingId = randomUUID();
  given.facts.bookings.set(bookingId, bookingFacts(bookingId, { accountId }));
  await recordAll(given.store, captured(bookingId));
  return addressOf(accountId);
}

const rowOf = async (address: string) => {
  const accountId = address.replace("@example.org", "");
  const [bookingId] = [...given.facts.bookings.values()].filter((booking) => booking.accountId === accountId);
  const { rows } = await given.pool.query("select * from processes.notices where about ->> 'bookingId' = $1", [
    bookingId?.bookingId,
  ]);
  return rows[0] as { outcome: string | null; attempts: number; refusals: number; due_at: Date } | undefined;
};

describe("a mail that the server does not take", () => {
  it.each(["recipient", "content"] as const)(
    "for now (%s) is tried again after growing pauses, and arrives",
    async (at) => {
      const address = await bought();
      given.mails.answer = () => ({ at, code: 451 });
      given.start();
      for (const [attempts, pauseMs] of [10_000, 20_000, 40_000].entries()) {
        await until(async () => expect(await rowOf(address)).toMatchObject({ outcome: null, attempts: attempts + 1 }));
        expect((await rowOf(address))?.due_at.getTime()).toBe(given.clock.ms + pauseMs);
        given.clock.ms += pauseMs;
      }
      given.mails.answer = () => null;
      await until(async () => expect(given.mails.received).toHaveLength(1));
      await until(async () =>
        expect(await rowOf(address)).toMatchObject({ outcome: "sent", attempts: expect.any(Number) }),
      );
    },
  );

  it("for good is given up after three tries, and holds up nobody", async () => {
    const poison = await bought();
    given.mails.answer = (to) => (to === poison ? { at: "recipient", code: 550 } : null);
    const notices = given.start();
    const others = await Promise.all(Array.from({ length: 30 }, () => bought()));
    for (let tries = 1; tries <= 3; tries += 1) {
      await until(() => expect(given.mails.tries.get(poison)).toBe(tries));
      await until(async () => expect((await rowOf(poison))?.attempts).toBe(tries));
      given.clock.ms += 60_000;
    }
    await until(async () => expect(await rowOf(poison)).toMatchObject({ outcome: "given-up", refusals: 3 }));
    await until(() => expect(given.mails.received.map(({ to }) => to).toSorted()).toEqual(others.toSorted()));
    await until(() => expect(notices.counts()).toEqual({ sent: 30, skipped: 0, givenUp: 1 }));
    given.clock.ms += 3_600_000;
    await bought();
    await until(() => expect(given.mails.received).toHaveLength(31));
    expect(given.mails.tries.get(poison), "it is not tried any more").toBe(3);
  });

  it("because it breaks the connection holds up nobody, and is not taken for the server's being away", async () => {
    const poison = await bought();
    given.mails.answer = (to) => (to === poison ? "hang-up" : null);
    given.start();
    const others = await Promise.all(Array.from({ length: 20 }, () => bought()));
    await until(() =>
      expect([...new Set(given.mails.received.map(({ to }) => to))].toSorted()).toEqual(others.toSorted()),
    );
    const row = await rowOf(poison);
    expect(row).toMatchObject({ outcome: null, refusals: 0 });
    expect(row?.due_at.getTime(), "after a pause of its own").toBeGreaterThan(given.clock.ms);
  });
});

describe("a mail server that is away", () => {
  it("costs no mail, however long", async () => {
    const addresses = [await bought(), await bought()];
    await given.mails.close();
    given.start();
    for (let hour = 0; hour < 6; hour += 1) {
      const attempts = async () => Math.max(...(await given.rows()).map((row) => row.attempts), 0);
      const before = await attempts();
      await until(async () => expect(await attempts()).toBeGreaterThan(before));
      given.clock.ms += 3_600_000;
    }
    for (const row of await given.rows()) expect(row).toMatchObject({ outcome: null, refusals: 0 });
    await given.mails.open();
    given.clock.ms += 3_600_000;
    await until(() => expect(given.mails.received.map(({ to }) => to).toSorted()).toEqual(addresses.toSorted()));
  });

  it("or refuses its sender is asked by a few mails, not by all that wait", async () => {
    for (let n = 0; n < 50; n += 1) await bought();
    given.mails.answer = () => ({ at: "sender", code: 550 });
    given.start({ awayMs: 60_000 });
    await until(async () => expect((await given.rows()).some(({ attempts }) => attempts > 0)).toBe(true));
    await new Promise((resolve) => setTimeout(resolve, 200)); // what is under way ends; nothing new begins
    expect((await given.rows()).filter(({ attempts }) => attempts > 0).length).toBeLessThanOrEqual(10);
  });
});

it("what cannot be written about is tried again, and holds up nobody", async () => {
  const broken = await bought();
  const event = given.facts.events.get(EVENT);
  given.facts.events.clear();
  given.start();
  await until(async () => expect(await rowOf(broken)).toMatchObject({ outcome: null, refusals: 1 }));
  if (event !== undefined) given.facts.events.set(EVENT, event);
  const other = await bought();
  await until(() => expect(given.mails.received.map(({ to }) => to)).toEqual([other]));
  given.clock.ms += 10_000;
  await until(() => expect(given.mails.received.map(({ to }) => to)).toEqual([other, broken]));
});

it("what a booking's owner is told comes in the order in which it happened", async () => {
  const bookingId = randomUUID();
  given.facts.bookings.set(bookingId, bookingFacts(bookingId));
  const amounts = Array.from({ length: 15 }, (_, n) => (n + 1) * 100);
  const refunds = amounts.map((amount) =>
    ofBooking(bookingId, {
      type: "RefundRequested",
      data: { refundId: randomUUID(), amount: EUR(amount), cause: "goodwill" },
    }),
  );
  await recordAll(given.store, ...refunds);
  given.start();
  await until(() => expect(given.mails.received).toHaveLength(15));
  expect(given.mails.received.map(({ subject }) => subject)).toEqual(
    amounts.map((amount) => `You get EUR ${amount / 100}.00 back: Winter Songs`),
  );
});

it("a process that stops settles what is under way", async () => {
  const gate = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  given.mails.beforeTaking = async () => {
    reached.resolve();
    await gate.promise;
  };
  await bought();
  const notices = given.start();
  await reached.promise;
  const stopped = notices.stop();
  gate.resolve();
  await stopped;
  expect(await given.outcomes()).toEqual([["booking-confirmed", "sent"]]);
});
