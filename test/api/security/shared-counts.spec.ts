import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Counted, createOwnCounts } from "../../../src/api/security/rate-counts.ts";
import { type CountingLink, openSharedCounts, type SharedCounts } from "../../../src/api/security/shared-counts.ts";

const WINDOW_MS = 60_000;
const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
let counts: SharedCounts | undefined;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  counts?.close();
  vi.useRealTimers();
  vi.clearAllMocks();
});

/** All nodes' counts, and how they are reached. */
function shared() {
  const together = new Map<string, number>();
  const state = { reachable: true, answers: true, opened: 0, dropped: 0 };
  const open = async (): Promise<CountingLink> => {
    if (!state.reachable) throw new Error("connect ECONNREFUSED");
    state.opened += 1;
    return {
      async count(key): Promise<Counted> {
        if (!state.answers) await new Promise(() => {});
        together.set(key, (together.get(key) ?? 0) + 1);
        return { count: together.get(key) ?? 0, endsInMs: WINDOW_MS };
      },
      drop() {
        state.dropped += 1;
      },
    };
  };
  const start = async () => {
    counts = await openSharedCounts({
      own: createOwnCounts(WINDOW_MS, () => performance.now()),
      open,
      log,
      answersWithinMs: 100,
      opensWithinMs: 1_000,
      tryAgainAfterMs: 1_000,
    });
    return counts;
  };
  return { together, state, start };
}

describe("a count of this process", () => {
  it("goes on from the first request until its window is over", () => {
    let nowMs = 0;
    const own = createOwnCounts(1_000, () => nowMs);
    expect([own.count("a"), own.count("a")]).toEqual([
      { count: 1, endsInMs: 1_000 },
      { count: 2, endsInMs: 1_000 },
    ]);
    nowMs = 999;
    expect([own.count("a"), own.count("b")]).toEqual([
      { count: 3, endsInMs: 1 },
      { count: 1, endsInMs: 1_000 },
    ]);
    nowMs = 1_000;
    expect(own.count("a")).toEqual({ count: 1, endsInMs: 1_000 });
  });
});

describe("counts of all nodes", () => {
  it("have those of the others in them", async () => {
    const { together, start } = shared();
    const counts = await start();
    together.set("a", 7);
    expect(await counts.count("a", 10)).toEqual({ count: 8, endsInMs: WINDOW_MS });
  });

  it("ask nobody about a caller that is known to have had too much", async () => {
    const { together, start } = shared();
    const counts = await start();
    together.set("a", 10);
    expect(await counts.count("a", 10)).toMatchObject({ count: 11 });
    expect(counts.count("a", 10)).toMatchObject({ count: 12 }); // at once
    expect(together.get("a")).toBe(11);
    await vi.advanceTimersByTimeAsync(WINDOW_MS);
    together.delete("a");
    expect(await counts.count("a", 10)).toMatchObject({ count: 1 });
  });

  it("go on from what was known when they can't be had, and make no request wait twice", async () => {
    const { state, together, start } = shared();
    const counts = await start();
    together.set("a", 7);
    await counts.count("a", 10);
    state.answers = false;
    const waiting = [counts.count("a", 10), counts.count("a", 10)];
    await vi.advanceTimersByTimeAsync(100);
    expect(await Promise.all(waiting)).toMatchObject([{ count: 9 }, { count: 10 }]);
    expect(counts.shared).toBe(false);
    expect(counts.count("a", 10)).toMatchObject({ count: 11 }); // at once
    expect([log.warn.mock.calls.length, state.dropped]).toEqual([1, 1]);
  });

  it("are had again by themselves, and both is said once", async () => {
    const { state, together, start } = shared();
    state.reachable = false;
    const counts = await start();
    expect(counts.count("a", 10)).toMatchObject({ count: 1 });
    await vi.advanceTimersByTimeAsync(10_000);
    expect([log.warn.mock.calls.length, log.info.mock.calls.length]).toEqual([1, 0]);
    state.reachable = true;
    await vi.advanceTimersByTimeAsync(1_000);
    together.set("a", 7);
    expect(await counts.count("a", 10)).toMatchObject({ count: 8 });
    expect([log.warn.mock.calls.length, log.info.mock.calls.length]).toEqual([1, 1]);
  });

  it("look for no connection any more once they are closed", async () => {
    const { state, start } = shared();
    state.reachable = false;
    const counts = await start();
    counts.close();
    state.reachable = true;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(state.opened).toBe(0);
  });
});
