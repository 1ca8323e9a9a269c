import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { type Charge, ProviderUnavailable } from "../../src/payments/port.ts";
import { reconcile } from "../../src/processes/reconciliation.ts";
import { PAYMENT_WINDOW_MS } from "./box-office.ts";
import { type ReconciliationBench, reconciliationBench } from "./reconciliation-bench.ts";

let bench: ReconciliationBench;
beforeEach(async () => {
  await bench?.[Symbol.asyncDispose]();
  bench = await reconciliationBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

const provider = () => bench.shop.provider;
const charge = (attemptId: string) => provider().charges.get(attemptId) as Charge;
/** What changed something at the provider, or may have. */
const changing = () => provider().calls.filter((call) => call !== "lookUp");

/** Reconciles. @returns what was found; a second run finds no more than the same reports, and changes nothing */
async function differences() {
  const first = await bench.reconcile();
  const before = structuredClone([provider().charges, provider().refunds]);
  const second = await bench.reconcile();
  const left = first.differences.filter(({ done }) => done === "reported");
  expect(second.differences).toEqual(left);
  expect([provider().charges, provider().refunds]).toEqual(before);
  return first.differences;
}

/** A charge of a booking that the log does not know. */
const stray = (status: Charge["status"], more: Partial<Charge> = {}) =>
  provider().add({ attemptId: randomUUID(), bookingId: randomUUID(), status, ...more });

describe("nothing is found or done", () => {
  it("where all agree: paid, free, declined, never paid, cancelled, refunded in part, paid too late", async () => {
    await bench.buy();
    await bench.buy(null, "picnic");
    await bench.buy("decline");
    await bench.buy("charge");
    const cancelled = await bench.buy();
    await bench.cancel(cancelled.bookingId);
    const goodwill = await bench.buy();
    await bench.shop.commands.refund(goodwill.bookingId, 1_000, bench.shop.context());
    const withdrawn = await bench.buy("pending");
    await bench.cancel(withdrawn.bookingId);
    await bench.buy("pending"); // times out
    const late = await bench.buy("unstoppable");
    await bench.rest(PAYMENT_WINDOW_MS);
    provider().decide(late.attemptId, "authorized");
    await bench.rest(60_000);
    expect((await bench.shop.booking(late.bookingId)).status).toBe("paid");
    const calls = changing().length;
    const report = await bench.reconcile();
    expect(report).toEqual({ charges: 8, bookings: 5, differences: [], found: 0 });
    expect(changing().length).toBe(calls);
  });

  it("while a buyer still has time to pay, or his bank takes its own", async () => {
    await bench.buy("pending");
    await bench.buy("action");
    await bench.buy("unstoppable");
    expect(await differences()).toEqual([]);
    await bench.rest(PAYMENT_WINDOW_MS);
    expect(await differences()).toEqual([]);
  });

  it("about what something was recorded of within the last minute: its process is at it", async () => {
    provider().fail("capture");
    const { attemptId } = await bench.buy();
    await bench.shop.surroundings.advance(59_999);
    expect((await reconcile(bench.options, 0)).differences).toEqual([]);
    expect(charge(attemptId).status).toBe("authorized");
    expect(await differences()).toMatchObject([{ attemptId, done: "driven" }]);
  });

  it("when bookings go on while the list of charges is walked through", async () => {
    await bench.buy();
    const cancelled = await bench.buy();
    provider().fail("capture");
    const captured = await bench.buy();
    await bench.shop.surroundings.advance(120_000);
    let isFirst = true;
    provider().whileListing = async () => {
      if (!isFirst) return;
      isFirst = false; // the list is made: it says "nothing refunded" and "not captured" whatever happens now
      await bench.cancel(cancelled.bookingId);
      await bench.shop.process.drive(captured.bookingId, bench.shop.context());
      await bench.shop.surroundings.advance(120_000);
    };
    expect((await reconcile(bench.options, 0)).differences).toEqual([]);
  });
});

describe("a charge that no booking knows", () => {
  it.each(["pending", "requires-action", "authorized"] as const)("is voided while it is %s", async (status) => {
    const { attemptId, bookingId } = stray(status);
    expect(await differences()).toEqual([{ kind: "charge-without-booking", bookingId, attemptId, done: "voided" }]);
    expect(charge(attemptId).status).toBe("voided");
  });

  it("is refunded when it was captured: what is left of it", async () => {
    const whole = stray("captured");
    const part = stray("captured", { refundedMinor: 1_500 });
    stray("captured", { refundedMinor: 4_500 });
    const found = { kind: "charge-without-booking", done: "refunded" };
    expect(await differences()).toMatchObject([
      { ...found, attemptId: whole.attemptId },
      { ...found, attemptId: part.attemptId },
    ]);
    expect([...provider().refunds.values()].map(({ amount }) => amount.amount)).toEqual([4_500, 3_000]);
    expect(charge(part.attemptId).refundedMinor).toBe(4_500);
  });

  it("that came to nothing is nothing", async () => {
    stray("declined");
    stray("voided", { bookingId: "" });
    expect(await differences()).toEqual([]);
  });

  it("is reported when the provider won't give it back", async () => {
    provider().refundsBecome = "failed";
    stray("captured");
    const unstoppable = { ...stray("pending"), method: "unstoppable" };
    provider().charges.set(unstoppable.attemptId, unstoppable);
    const reported = { kind: "charge-without-booking", done: "reported" };
    expect((await bench.reconcile()).differences).toMatchObject([reported, reported]);
    provider().refundsBecome = "impossible";
    expect((await bench.reconcile()).differences).toMatchObject([reported, reported]);
  });

  it("is one of another attempt than the booking's, or of a purchase that was given up, too", async () => {
    const { bookingId, attemptId } = await bench.buy();
    const second = stray("captured", { bookingId });
    const abandoned = randomUUID();
    await bench.shop.process.seeTo(abandoned, bench.shop.context());
    const third = stray("authorized", { bookingId: abandoned });
    expect(await differences()).toMatchObject([
      { attemptId: second.attemptId, done: "refunded" },
      { attemptId: third.attemptId, done: "voided" },
    ]);
    expect(charge(attemptId)).toMatchObject({ status: "captured", refundedMinor: 0 });
    expect(await bench.shop.booking(bookingId)).toMatchObject({ status: "paid", refunds: [] });
  });
});

describe("a charge of a booking that came to nothing", () => {
  it.each([
    ["authorized", "voided"],
    ["captured", "refunded"],
  ] as const)("and is %s after all is %s", async (status, done) => {
    const { bookingId, attemptId } = await bench.buy("pending");
    await bench.cancel(bookingId);
    expect(charge(attemptId).status).toBe("voided");
    provider().decide(attemptId, status);
    expect(await differences()).toEqual([{ kind: "charge-of-ended-booking", bookingId, attemptId, done }]);
    expect(await bench.shop.booking(bookingId)).toMatchObject({ status: "withdrawn", payment: { status: "voided" } });
  });

  it("and was declined, but is taken after all, is refunded", async () => {
    const { attemptId } = await bench.buy("decline");
    provider().decide(attemptId, "captured");
    expect(await differences()).toMatchObject([{ kind: "charge-of-ended-booking", done: "refunded" }]);
    expect(charge(attemptId).refundedMinor).toBe(4_500);
  });
});

describe("a booking that is not at rest", () => {
  it("though its payment is there is driven on", async () => {
    const { bookingId, attemptId } = await bench.buy("pending");
    provider().decide(attemptId, "authorized");
    expect(await differences()).toEqual([{ kind: "booking-not-at-rest", bookingId, attemptId, done: "driven" }]);
    expect((await bench.shop.booking(bookingId)).status).toBe("paid");
  });

  it("after its deadline is ended", async () => {
    const { bookingId } = await bench.buy("pending");
    await bench.shop.surroundings.advance(PAYMENT_WINDOW_MS);
    expect(await differences()).toMatchObject([{ kind: "booking-not-at-rest", done: "driven" }]);
    expect((await bench.shop.booking(bookingId)).status).toBe("timed-out");
  });

  it("with a refund that nobody made any more gets it made", async () => {
    const { bookingId, attemptId } = await bench.buy();
    await bench.shop.commands.cancel(bookingId, null, null, bench.shop.context());
    expect(await differences()).toMatchObject([{ kind: "booking-not-at-rest", done: "driven" }]);
    expect(charge(attemptId).refundedMinor).toBe(4_500);
  });

  it("and can't be finished either is reported", async () => {
    provider().fail("capture");
    const { bookingId, attemptId } = await bench.buy();
    provider().fail("capture");
    expect((await bench.reconcile()).differences).toEqual([
      { kind: "booking-not-at-rest", bookingId, attemptId, done: "reported" },
    ]);
  });
});

describe("a paid booking", () => {
  it("without a charge is reported; it is asked for by the provider's own id", async () => {
    const { bookingId, attemptId } = await bench.buy();
    const { chargeId } = charge(attemptId);
    provider().charges.delete(attemptId);
    expect(await differences()).toEqual([{ kind: "booking-without-charge", bookingId, attemptId, done: "reported" }]);
    expect(provider().lookedUp).toContain(chargeId);
  });

  it.each(["voided", "declined", "authorized"] as const)(
    "whose charge is %s is reported, not charged",
    async (status) => {
      const { attemptId } = await bench.buy();
      provider().decide(attemptId, status);
      expect(await differences()).toMatchObject([{ kind: "booking-without-charge", done: "reported" }]);
      expect(charge(attemptId).status).toBe(status);
    },
  );

  it.each([
    { amount: 4_400, currency: "EUR" },
    { amount: 4_500, currency: "CHF" },
  ])("of another amount than its charge, %j, is reported", async (amount) => {
    const { attemptId } = await bench.buy();
    provider().charges.set(attemptId, { ...charge(attemptId), amount, method: "ok" });
    expect(await differences()).toMatchObject([{ kind: "amounts-differ", attemptId, done: "reported" }]);
  });

  it("is reported when somebody gave money back at the provider", async () => {
    const { attemptId } = await bench.buy();
    provider().giveBack(attemptId, 500);
    expect(await differences()).toMatchObject([{ kind: "refunds-differ", attemptId, done: "reported" }]);
  });

  it("is reported when the provider does not know a refund any more that it had confirmed", async () => {
    const { bookingId, attemptId } = await bench.buy();
    await bench.cancel(bookingId);
    provider().giveBack(attemptId, -4_500);
    expect(await differences()).toMatchObject([{ kind: "refunds-differ", attemptId, done: "reported" }]);
  });

  it("is found by its capture where its charge is older than what is listed", async () => {
    const { attemptId } = await bench.buy();
    provider().giveBack(attemptId, 500);
    await bench.shop.surroundings.advance(120_000);
    provider().chargesSince = async function* () {};
    expect(await reconcile(bench.options, 0)).toMatchObject({
      charges: 0,
      bookings: 1,
      differences: [{ kind: "refunds-differ", attemptId }],
    });
  });
});

describe("a refund that the provider won't make", () => {
  it("is reported once it was asked for an hour ago, and is not asked for more often by that", async () => {
    const { bookingId, attemptId } = await bench.buy();
    provider().refundsBecome = "failed";
    await bench.cancel(bookingId);
    expect((await bench.reconcile()).differences).toEqual([]);
    await bench.rest(3_600_000);
    const { refunds } = await bench.shop.booking(bookingId);
    expect(await differences()).toEqual([
      { kind: "refund-outstanding", bookingId, attemptId, refundId: refunds[0]?.refundId, done: "reported" },
    ]);
    provider().refundsBecome = "succeeded";
    await bench.rest(4 * 3_600_000);
    expect(await differences()).toEqual([]);
  });
});

describe("a run", () => {
  it("keeps its report, for 30 days", async () => {
    const { attemptId } = stray("captured");
    await bench.reconcile();
    expect(await bench.reports()).toMatchObject([
      { since: new Date(0), charges: 1, bookings: 0, differences: [{ attemptId, done: "refunded" }] },
    ]);
    await bench.shop.surroundings.advance(30 * 24 * 3_600_000);
    await bench.reconcile();
    expect(await bench.reports()).toMatchObject([{ differences: [] }]);
  });

  it("keeps and logs a thousand differences and counts the rest", async () => {
    for (let n = 0; n < 1_002; n += 1) stray("authorized");
    const report = await bench.reconcile();
    expect(report).toMatchObject({ charges: 1_002, found: 1_002 });
    expect(report.differences).toHaveLength(1_000);
    expect(bench.shop.log.warnings).toHaveLength(1_000);
    expect((await bench.reconcile()).found).toBe(0);
  });

  it("that the provider does not answer ends without a report", async () => {
    stray("captured");
    provider().isAway = true;
    await expect(bench.reconcile()).rejects.toThrow(ProviderUnavailable);
    expect(await bench.reports()).toEqual([]);
  });
});
