import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { type BuyUnderKillsReport, buyUnderKills } from "../../test/system/buying/buy-under-kills.ts";
import { randomKills } from "../../test/system/buying/kills.ts";
import { rounded } from "../support/figures.ts";
import { startKeptPostgres } from "../support/kept-postgres.ts";
import type { Check, Part, PartResult } from "../support/part.ts";

const PURCHASES = 10_000;
const QUICK_PURCHASES = 500;
const BUYERS = 64;
const PAYMENT_WINDOW_SECONDS = 20;
/** Not done and answered by 500; done late; done, but the connection breaks instead of an answer. */
const FAULTS = { failPercent: 10, delayPercent: 10, delayMs: 1_500, answerLostPercent: 3 };
/** From one kill to the next. */
const LEAST_PAUSE_MS = 2_000;
const MOST_PAUSE_MS = 5_000;
/** Violations that are printed of each kind; all are in the JSON file. */
const SHOWN = 5;

export const buyingUnderKills: Part = {
  name: "buying-under-kills",
  about: "purchases while a random process is killed every few seconds and the provider fails 10 %, delays 10 %",
  async run({ options, workDir, say }) {
    const purchases = options.quick ? QUICK_PURCHASES : PURCHASES;
    const postgres = await startKeptPostgres(await mkdtemp(join(workDir, "postgres-")));
    try {
      const report = await buyUnderKills({
        databaseUrl: postgres.url,
        dataDir: await mkdtemp(join(workDir, "data-")),
        purchases,
        buyers: BUYERS,
        paymentWindowSeconds: PAYMENT_WINDOW_SECONDS,
        faults: FAULTS,
        killer: randomKills(LEAST_PAUSE_MS, MOST_PAUSE_MS, (victim) => say(`kill -9 of ${victim}`)),
        killPostgres: () => postgres.kill(),
        say,
      });
      for (const { what, violations } of report.findings) {
        for (const violation of violations.slice(0, SHOWN)) say(`${what}: ${violation}`);
      }
      return resultOf(report);
    } finally {
      await postgres.stop();
    }
  },
};

function resultOf(report: BuyUnderKillsReport): PartResult {
  const { findings, reconciled, killed, told, outcomes, detours, charges, refused } = report;
  const counts = (of: ReadonlyMap<string, number>) =>
    [...of].map(([what, count]) => `${what} ${rounded(count)}`).join(", ");
  const atTheEnd = reconciled.filter((line) => line.startsWith("at the end"));
  const checks: Check[] = findings.map(({ what, violations }) => ({
    what,
    figure: rounded(violations.length),
    floor: "0",
    met: violations.length === 0,
  }));
  checks.push({
    what: "differences that reconciliation finds at the end",
    figure: rounded(atTheEnd.length),
    floor: "0",
    met: atTheEnd.length === 0,
  });
  return {
    table: [
      ["", ""],
      ["kill -9 of", counts(killed)],
      ["purchases answered", counts(told)],
      ["answers lost or put off, asked again", rounded(report.lost)],
      ["cancellations answered", rounded(report.cancellations)],
      ["refused", counts(refused)],
      ["bookings by the log", counts(outcomes)],
      ["of them on a detour", counts(detours)],
      ["charges at the provider", counts(charges)],
      ["refunds at the provider", rounded(report.refunds)],
      ["events in the log", rounded(report.events)],
      ["seconds of buying", rounded(report.boughtSeconds)],
      ["seconds until all was at rest", rounded(report.recoverySeconds)],
      ["reconciliation met", counts(countedLines(reconciled)) || "nothing"],
    ],
    checks,
    measurements: {
      ...report,
      killed: entries(killed),
      told: entries(told),
      outcomes: entries(outcomes),
      detours: entries(detours),
      charges: entries(charges),
      refused: entries(refused),
    },
  };
}

const entries = (of: ReadonlyMap<string, number>) => Object.fromEntries(of);

function countedLines(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}
