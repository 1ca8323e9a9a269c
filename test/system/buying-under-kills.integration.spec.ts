import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { freshDatabase } from "../support/postgres.ts";
import { buyUnderKills } from "./buying/buy-under-kills.ts";
import { plannedKills } from "./buying/kills.ts";

const PURCHASES = 300;
/** Three starts of nodes, the payment window, and the provider's delays; more where other specs run beside. */
const WITHIN_MS = 300_000;

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).toReversed()) await undo();
});

it("300 purchases, three kill -9 and a failing provider: charges and tickets agree", {
  timeout: WITHIN_MS,
}, async () => {
  const database = await freshDatabase();
  cleanUp.push(() => database.drop());
  const dataDir = await mkdtemp(join(tmpdir(), "boxoffice-system-"));
  cleanUp.push(() => rm(dataDir, { recursive: true, force: true }));

  const report = await buyUnderKills({
    databaseUrl: database.url,
    dataDir,
    purchases: PURCHASES,
    buyers: 24,
    paymentWindowSeconds: 12,
    faults: { failPercent: 10, delayPercent: 10, delayMs: 1_500, answerLostPercent: 5 },
    killer: plannedKills([
      { victim: "node 1", bought: 50 },
      { victim: "provider", bought: 120 },
      { victim: "node 2", bought: 200 },
    ]),
    killPostgres: null,
    say: () => {},
  });

  for (const { what, violations } of report.findings) expect(violations, what).toEqual([]);
  expect(report.reconciled.filter((line) => line.startsWith("at the end"))).toEqual([]);
  // Kills that met nothing under way, or a provider that charged nobody, would prove nothing.
  expect(Object.fromEntries(report.killed)).toEqual({ "node 1": 1, provider: 1, "node 2": 1 });
  expect(report.lost).toBeGreaterThan(3);
  expect(report.charges.get("captured") ?? 0).toBeGreaterThan(PURCHASES / 2);
  expect(report.refunds).toBeGreaterThan(0);
});
