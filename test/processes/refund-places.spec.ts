import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RefundPlaces } from "../../src/processes/refund-places.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const places = (most: number) => new RefundPlaces(most, () => Date.now());

/** What has come of it by now. */
async function outcomes(taking: readonly Promise<boolean>[]): Promise<readonly (boolean | "waits")[]> {
  await vi.advanceTimersByTimeAsync(0);
  return Promise.all(taking.map((one) => Promise.race([one, Promise.resolve("waits" as const)])));
}

describe("places for refunds", () => {
  it("are handed on in order while they come free", async () => {
    const refunds = places(2);
    expect(await outcomes([refunds.take(), refunds.take()])).toEqual([true, true]);
    const waiting = [refunds.take(), refunds.take()];
    expect(await outcomes(waiting)).toEqual(["waits", "waits"]);
    refunds.giveBack();
    expect(await outcomes(waiting)).toEqual([true, "waits"]);
    refunds.giveBack();
    expect(await outcomes(waiting)).toEqual([true, true]);
  });

  it("are not waited for when none came free for a second, so that a provider that hangs keeps nobody", async () => {
    const refunds = places(1);
    await refunds.take();
    const waiting = refunds.take();
    await vi.advanceTimersByTimeAsync(999);
    expect(await outcomes([waiting])).toEqual(["waits"]);
    await vi.advanceTimersByTimeAsync(1);
    expect(await waiting).toBe(false);
    expect(await outcomes([refunds.take()])).toEqual([false]);
  });

  it("are there again once one comes free, and whoever gave up takes none away", async () => {
    const refunds = places(1);
    await refunds.take();
    const gaveUp = refunds.take();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await gaveUp).toBe(false);
    refunds.giveBack();
    expect(await refunds.take()).toBe(true);
    expect(await outcomes([refunds.take()])).toEqual(["waits"]);
  });
});
