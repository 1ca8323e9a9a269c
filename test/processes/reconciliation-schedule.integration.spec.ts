import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  FAR_BACK_MS,
  RECONCILIATION_LEASE,
  type ScheduleOptions,
  startReconciliation,
} from "../../src/processes/reconciliation-schedule.ts";
import { type ReconciliationBench, reconciliationBench } from "./reconciliation-bench.ts";

const HOUR_MS = 3_600_000;

let bench: ReconciliationBench;
const nodes: { stop(): Promise<void> }[] = [];
beforeEach(async () => {
  bench = await reconciliationBench();
});
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.stop()));
  await bench[Symbol.asyncDispose]();
});

/** A node that reconciles by the machine's clock; every ten minutes unless it is said otherwise. */
function node(changes: Partial<ScheduleOptions> = {}) {
  const clock = { nowMs: () => Date.now() };
  const started = startReconciliation({ ...bench.options, clock, holder: randomUUID(), ...changes });
  nodes.push(started);
  return started;
}

const reports = (count: number) =>
  vi.waitFor(
    async () => {
      const found = await bench.reports();
      expect(found.length).toBeGreaterThanOrEqual(count);
      return found;
    },
    { timeout: 10_000 },
  );
/** Whoever has the lease, once it is not the one who had it before. */
const holder = (before?: string) =>
  vi.waitFor(
    async () => {
      const { rows } = await bench.pool.query("select holder from processes.leases where name = $1 and until > now()", [
        RECONCILIATION_LEASE,
      ]);
      expect(rows[0]?.holder ?? before).not.toBe(before);
      return rows[0].holder as string;
    },
    { timeout: 10_000 },
  );

describe("reconciliation", () => {
  it("is done once by two nodes, also when the second takes over", async () => {
    const chargesSince = vi.spyOn(bench.shop.provider, "chargesSince");
    const first = node();
    const before = await holder();
    node();
    await reports(1);
    await first.stop();
    await holder(before);
    await bench.pool.query("select pg_sleep(0.2)");
    expect(chargesSince).toHaveBeenCalledTimes(1);
    expect(await bench.reports()).toHaveLength(1);
  });

  it("is done again after its time, also on another node", async () => {
    const first = node({ everyMs: 50 });
    const done = await reports(3);
    await first.stop();
    node({ everyMs: 50 });
    await reports(done.length + 2);
    const began = (await bench.reports()).map(({ began_at }) => began_at.getTime());
    for (const [index, ms] of began.entries()) expect(ms - (began[index - 1] ?? 0)).toBeGreaterThanOrEqual(50);
  });

  it("repairs what it finds", async () => {
    const attemptId = randomUUID();
    bench.shop.provider.add({ attemptId, bookingId: randomUUID(), status: "captured" });
    node();
    const [report] = await reports(1);
    expect(report).toMatchObject({ differences: [{ attemptId, done: "refunded" }] });
  });

  it("is begun anew by another node when one is killed in the middle; the frozen one does nothing any more", async () => {
    const { provider } = bench.shop;
    const attempts = [randomUUID(), randomUUID()];
    for (const attemptId of attempts) provider.add({ attemptId, bookingId: randomUUID(), status: "authorized" });
    const frozen = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    let listed = 0;
    provider.whileListing = async () => {
      listed += 1;
      if (listed !== 2) return;
      reached.resolve();
      await frozen.promise;
    };
    const killed = node({ validMs: 300, renewMs: 1e9 });
    await reached.promise;
    expect(await bench.reports()).toEqual([]);
    node();
    expect(await reports(1)).toMatchObject([{ charges: 2, differences: [{ attemptId: attempts[1] }] }]);
    const refunds = provider.calls.length;
    frozen.resolve();
    await killed.stop();
    expect(await bench.reports()).toHaveLength(1);
    expect(provider.calls.length).toBe(refunds);
  });

  it("is tried again while the provider is away", async () => {
    const { provider, log } = bench.shop;
    provider.isAway = true;
    node({ retryMs: 20 });
    await vi.waitFor(() => expect(log.warnings.length).toBeGreaterThan(2));
    expect(new Set(log.warnings)).toEqual(new Set(["charges and bookings could not be compared"]));
    expect(await bench.reports()).toEqual([]);
    provider.isAway = false;
    await reports(1);
  });

  it("looks back two days four times a day, else two hours", async () => {
    const { clock, setClock } = bench.shop.surroundings;
    const beganMs = clock.nowMs();
    const one = node({ clock, everyMs: 10 });
    await reports(1);
    setClock(beganMs + 6 * HOUR_MS - 10);
    await reports(2);
    setClock(beganMs + 6 * HOUR_MS);
    await reports(3);
    await one.stop();
    const back = (await bench.reports()).map(({ began_at, since }) => began_at.getTime() - since.getTime());
    expect(back).toEqual([FAR_BACK_MS, 2 * HOUR_MS, FAR_BACK_MS]);
  });
});
