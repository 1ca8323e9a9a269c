import { expect, it } from "vitest";
import { openAccount, request } from "./stripe-account.ts";

const start = Date.parse("2026-03-01T10:00:00Z");
const HOUR = 3_600_000;

it("lists what was made since, the oldest first, over days and pages", async () => {
  const { stripe, provider } = await openAccount({ nowMs: () => start + 72 * HOUR });
  const at = (ms: number) => {
    stripe.payments.nowMs = () => ms;
  };
  at(start - 1_000);
  await provider.authorize(request());
  const made: string[] = [];
  for (let count = 0; count < 130; count += 1) {
    at(start + Math.floor(count / 50) * 26 * HOUR); // 50, 50 and 30 of one second each
    made.push((await provider.authorize(request())).attemptId);
  }
  const listed = await Array.fromAsync(provider.chargesSince(start));
  expect(listed.map(({ attemptId }) => attemptId)).toEqual(made);
});

it("holds no more at once than it turns round, however many were made", async () => {
  const { stripe, provider } = await openAccount({ nowMs: () => start + HOUR });
  const made: string[] = [];
  for (let count = 0; count < 1_500; count += 1) {
    stripe.payments.nowMs = () => start + count * 1_000;
    const { attemptId, bookingId } = request();
    stripe.payments.add({ amount: 100, currency: "eur", metadata: { attemptId, bookingId } });
    made.push(attemptId);
  }
  const listed = await Array.fromAsync(provider.chargesSince(start));
  expect(listed.map(({ attemptId }) => attemptId)).toEqual(made);
});

it("asks for years in a few requests when little was made", async () => {
  const { stripe, provider } = await openAccount({ nowMs: () => start });
  expect(await Array.fromAsync(provider.chargesSince(0))).toEqual([]);
  expect(stripe.requests.length).toBeLessThan(25);
});

it("leaves out what others do with the account", async () => {
  const { stripe, provider } = await openAccount();
  stripe.payments.add({ amount: 100, currency: "eur", metadata: { order: "of a shop" } });
  expect(await Array.fromAsync(provider.chargesSince(Date.now() - HOUR))).toEqual([]);
});
