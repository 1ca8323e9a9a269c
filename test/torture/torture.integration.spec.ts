import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { type FaultGroup, GROUPS } from "./faults/fault.ts";
import { type Bout, everythingOnce } from "./faults/plan.ts";
import { reportOf } from "./report/report.ts";
import { type TortureOptions, type TortureResult, torture } from "./run.ts";

const SEED = 6;
/** Half a minute of faults, as much to recover and to check; many times that where other specs run beside. */
const WITHIN_MS = 900_000;

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).toReversed()) await undo();
});

async function tortured(options: Partial<TortureOptions>): Promise<TortureResult> {
  const directory = await mkdtemp(join(tmpdir(), "boxoffice-torture-spec-"));
  cleanUp.push(() => rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }));
  return torture({
    seed: SEED,
    directory,
    population: { api: 2, projector: 2, processes: 1 },
    store: "postgres",
    smallDisk: false,
    clients: 6,
    groups: new Set(),
    plan: () => [],
    withinMs: WITHIN_MS,
    stuckAfterMs: WITHIN_MS / 4,
    say: () => {},
    ...options,
  });
}

it("everything that can happen to processes, connections and the provider happens once: nothing is lost, nobody is stuck", {
  timeout: WITHIN_MS,
}, async () => {
  const groups = new Set<FaultGroup>(GROUPS);
  const result = await tortured({ groups, plan: (faults) => everythingOnce(SEED, faults, 3) });

  expect(result.findings, reportOf(result, "npm test", null)).toEqual([]);
  // Faults that met nothing, and clients that asked for nothing, would prove nothing.
  const struck = new Set(result.injected.map(({ name }) => name));
  expect([...struck].filter((name) => name.startsWith("kill -9"))).toHaveLength(6);
  expect(struck.size).toBeGreaterThan(18);
  expect(result.recoveries).toHaveLength(3);
  expect(result.progress.answered).toBeGreaterThan(50);
  expect(Object.values(result.counted).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(100);
});

it("a node that says that reservations were made and makes none is caught", { timeout: WITHIN_MS }, async () => {
  let granted = 0;
  /** Nothing is broken until enough was asked for. */
  function* calm(): Generator<Bout> {
    for (let number = 1; granted < 30; number += 1) yield { number, faults: [], restMs: 200 };
  }
  const result = await tortured({
    population: { api: 1, projector: 1, processes: 1 },
    preload: { role: "api", file: join(import.meta.dirname, "town", "lying-node.ts") },
    plan: calm,
    onProgress({ reserved }) {
      granted = reserved;
    },
  });

  const found = result.findings.map(({ what }) => what);
  expect(found, reportOf(result, "npm test", null)).not.toContain("the checker itself");
  expect(result.findings.flatMap(({ violations }) => violations).length).toBeGreaterThan(0);
});
