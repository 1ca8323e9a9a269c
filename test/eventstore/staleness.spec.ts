import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Feed } from "../../src/eventstore/eventstoredb/feed.ts";
import { watchStaleness } from "../../src/eventstore/eventstoredb/staleness.ts";

const EVERY_MS = 100;

let arriving: { reached: bigint; isIdle: boolean; lose: ReturnType<typeof vi.fn<(cause: Error) => void>> };
let head: bigint;
let stop: () => void;
beforeEach(() => {
  vi.useFakeTimers();
  arriving = { reached: 0n, isIdle: true, lose: vi.fn<(cause: Error) => void>() };
  head = 0n;
  stop = watchStaleness(arriving as unknown as Feed, async () => head, EVERY_MS);
});
afterEach(() => {
  stop();
  vi.useRealTimers();
});

const look = () => vi.advanceTimersByTimeAsync(EVERY_MS);

it("a subscription that nothing comes from is given up, a whole interval after the log went on", async () => {
  await look();
  head = 10n;
  await look();
  expect(arriving.lose).not.toHaveBeenCalled();
  await look();
  expect(arriving.lose).toHaveBeenCalledOnce();
});

it("one that has all of it is not", async () => {
  head = 10n;
  arriving.reached = 10n;
  for (let looks = 0; looks < 5; looks += 1) await look();
  expect(arriving.lose).not.toHaveBeenCalled();
});

it("one that is catching up is not, though it is idle whenever it is looked at", async () => {
  head = 1_000n;
  for (let looks = 0; looks < 9; looks += 1) {
    await look();
    arriving.reached += 100n;
  }
  expect(arriving.lose).not.toHaveBeenCalled();
});
